"""Asking again who somebody is, before something that matters: by password, passkey, code or organization (S25)."""

from collections.abc import Callable
from functools import wraps
from typing import Any, ParamSpec, cast

from allauth.account.internal.flows.reauthentication import STATE_SESSION_KEY
from allauth.account.views import ReauthenticateView
from allauth.mfa.base.views import ReauthenticateView as CodeView
from allauth.mfa.webauthn.views import ReauthenticateWebAuthnView as PasskeyView
from django.contrib import messages
from django.contrib.auth import REDIRECT_FIELD_NAME
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django_htmx.http import HttpResponseClientRedirect

from generations.services import factors, proving
from generations.views.request import StudioRequest, View

Rest = ParamSpec("Rest")


def for_proven(
    *, back: str = "account", keeps: tuple[str, ...] = (), weighs: bool = False
) -> Callable[[View[Rest]], View[Rest]]:
    """Let in who showed a moment ago who they are; send others to show it, and from there to where they were.

    What was sent is not kept, since it may hold secrets: after it people come to `back`, a URL name. A form without any
    names in `keeps` the fields that are: people come back to it, and its view finds them by `proving.take_kept`.
    What `weighs`, keys and credits, is changed by the site's staff only with a second factor in their session (S17).
    """

    def guard(view: View[Rest]) -> View[Rest]:
        @wraps(view)
        def guarded(request: StudioRequest, /, *args: Rest.args, **kwargs: Rest.kwargs) -> HttpResponse:
            by_factor = weighs and request.user.is_staff and not proving.used_a_factor(request.session)
            if by_factor and not factors.has_factor(request.user):
                return _lead_to_a_factor(request)
            if proving.is_fresh(request.session) and not by_factor:
                return view(request, *args, **kwargs)
            if request.method in {"GET", "HEAD"}:
                return _ask(request, to=request.get_full_path(), by_factor=by_factor)
            if keeps:
                fields = {name: request.POST.get(name, "") for name in keeps}
                proving.keep(request.session, place=request.path, fields=fields)
                messages.info(request, proving.AGAIN_AS_TYPED)
                return _ask(request, to=request.path, by_factor=by_factor)
            messages.info(request, proving.AGAIN)
            return _ask(request, to=reverse(back), by_factor=by_factor)

        return guarded

    return guard


def _ask(request: StudioRequest, *, to: str, by_factor: bool) -> HttpResponse:
    return _lead(request, proving.way(request.user, to=to, by_factor=by_factor))


def _lead_to_a_factor(request: StudioRequest) -> HttpResponse:
    words = (
        "Whoever may use the admin changes keys and credits with a second way to show who they are. Set one up first."
    )
    messages.info(request, words)
    return _lead(request, reverse("factors"))


def _lead(request: StudioRequest, to: str) -> HttpResponse:
    return HttpResponseClientRedirect(to) if request.htmx else HttpResponseRedirect(to)


class _Again:
    """What the three have in common: where it leads, what counts, and which other ways there are."""

    request: HttpRequest
    by_factor = False

    def form_valid(self, form: Any) -> HttpResponse:
        self.request.session.pop(STATE_SESSION_KEY, None)  # what the library kept of a post is not sent for people
        proving.record(self.request.session, by_factor=self.by_factor)
        return cast("HttpResponse", super().form_valid(form))  # type: ignore[misc]  # the library's view is beside it

    def get_reauthentication_alternatives(self) -> list[dict[str, str]]:
        to = self.request.GET.get(REDIRECT_FIELD_NAME, "")
        ways: list[dict[str, str]] = super().get_reauthentication_alternatives()  # type: ignore[misc]  # likewise
        staff = getattr(self.request.user, "is_staff", False)  # who was led to a factor, was for a reason
        by_factor = to.startswith(reverse("admin:index")) or (self.by_factor and staff)
        return [one for one in ways if proving.suits(one, by_factor=by_factor)]


class PasswordAgain(_Again, ReauthenticateView):  # type: ignore[misc]  # the library ships no types
    pass


class CodeAgain(_Again, CodeView):  # type: ignore[misc]  # the library ships no types
    by_factor = True


class PasskeyAgain(_Again, PasskeyView):  # type: ignore[misc]  # the library ships no types
    by_factor = True

    def form_invalid(self, form: Any) -> HttpResponse:
        for words in form.errors.get("credential", []):
            messages.error(self.request, words)
        return HttpResponseRedirect(self.request.get_full_path())


password_again = PasswordAgain.as_view()
code_again = CodeAgain.as_view()
passkey_again = PasskeyAgain.as_view()
