"""The member a request speaks for, and the headers no library sets."""

from collections.abc import Callable

from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import resolve_url
from django.utils.cache import patch_cache_control
from django.utils.functional import SimpleLazyObject
from django.utils.http import urlencode
from django_htmx.http import HttpResponseClientRedirect

from generations.models import Member

Answer = Callable[[HttpRequest], HttpResponse]
View = Callable[..., HttpResponseBase]


class SecurityHeaders:
    """Keeps other origins out of our answers, and our pages out of every cache (S6, S10)."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        response.headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        response.headers.setdefault("Cross-Origin-Embedder-Policy", "require-corp")
        if "Cache-Control" not in response.headers:
            patch_cache_control(response, private=True, no_store=True)
        return response


class CurrentMember:
    """Sets `request.member`, found when first asked for: the person's membership, or None."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.member = SimpleLazyObject(lambda: _member_of(request))  # type: ignore[attr-defined]  # views/request.py types it
        return self.get_response(request)


class SignedIn(LoginRequiredMiddleware):
    """Login by default; a fragment asked for by a page whose session ended sends that page to the login."""

    # The page is sent on by a header of a 200, which is no redirect to the library's types.
    def handle_no_permission(self, request: HttpRequest, view_func: View) -> HttpResponseBase:  # type: ignore[override]
        answer = super().handle_no_permission(request, view_func)
        htmx = getattr(request, "htmx", None)
        if not htmx:
            return answer
        query = urlencode({"next": htmx.current_url_abs_path or "/"})
        return HttpResponseClientRedirect(f"{resolve_url(self.get_login_url(view_func))}?{query}")


def _member_of(request: HttpRequest) -> Member | None:
    if not request.user.is_authenticated:
        return None
    member: Member | None = Member.objects.of(request.user).first()
    return member
