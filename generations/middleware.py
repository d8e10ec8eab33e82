"""The member a request speaks for, and the headers no library sets."""

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.contrib.auth.signals import user_logged_in
from django.contrib.sessions.backends.base import SessionBase
from django.dispatch import receiver
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import resolve_url
from django.urls import reverse
from django.utils.cache import patch_cache_control
from django.utils.functional import SimpleLazyObject
from django.utils.http import urlencode
from django_htmx.http import HttpResponseClientRedirect

from generations.models import Member, clock

Answer = Callable[[HttpRequest], HttpResponse]
View = Callable[..., HttpResponseBase]

BEGUN, RENEWED = "begun", "renewed"
RENEW_SECONDS = 24 * 3600


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


class RollingSession:
    """Lets a session that is used live on, up to its absolute age, which is shorter for the staff's desk.

    It is written again at most once a day: a page asks every few seconds, and a poll must not cost a write.
    """

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        session = request.session
        at_the_desk = request.path.startswith(reverse("admin:index"))
        oldest = settings.DESK_SESSION_AGE_MAX if at_the_desk else settings.SESSION_AGE_MAX
        if settings.SESSION_COOKIE_NAME in request.COOKIES and _age(session, BEGUN) > oldest:
            session.flush()
        response = self.get_response(request)
        if (
            session.accessed
            and SESSION_KEY in session
            and (RENEWED not in session or _age(session, RENEWED) > RENEW_SECONDS)
        ):
            _stamp(session)
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


@receiver(user_logged_in)
def _begin(*, request: HttpRequest, **_: Any) -> None:
    """Each login counts anew, also in a session that was there already."""
    request.session.pop(BEGUN, None)
    _stamp(request.session)


def _stamp(session: SessionBase) -> None:
    moment = clock.now().timestamp()
    session.setdefault(BEGUN, moment)
    session[RENEWED] = moment


def _age(session: SessionBase, since: str) -> float:
    """Seconds since that moment of the session; 0 when it has none."""
    begun = session.get(since)
    return clock.now().timestamp() - begun if begun is not None else 0.0


def _member_of(request: HttpRequest) -> Member | None:
    if not request.user.is_authenticated:
        return None
    member: Member | None = Member.objects.of(request.user).first()
    return member
