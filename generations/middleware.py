"""The member and the name of a request, the headers no library sets, and the poll that is answered before all else."""

import re
import secrets
from collections.abc import Callable
from functools import cache
from http import HTTPStatus
from typing import Any

from allauth.account.adapter import get_adapter
from allauth.account.internal.flows.login import get_authentication_records
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import SESSION_KEY
from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.contrib.auth.signals import user_logged_in
from django.contrib.sessions.backends.base import SessionBase
from django.core.exceptions import PermissionDenied
from django.db import Error, connection
from django.dispatch import receiver
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseNotAllowed
from django.http.request import HttpHeaders
from django.http.response import ResponseHeaders
from django.shortcuts import redirect, resolve_url
from django.urls import reverse
from django.utils.cache import patch_cache_control
from django.utils.functional import SimpleLazyObject
from django.utils.http import urlencode
from django_htmx.http import HttpResponseClientRedirect
from django_htmx.middleware import HtmxDetails

from generations import tracing
from generations.models import Member, Person, clock
from generations.queries.pulse import TEAM_HEADER, Pass, pulse_by
from generations.services import devices, factors, organizations, proving, witnessing

Answer = Callable[[HttpRequest], HttpResponse]
View = Callable[..., HttpResponseBase]

METHODS = ("GET", "HEAD", "POST")
BEGUN, RENEWED, SEEN = "begun", "renewed", devices.SEEN
RENEW_SECONDS = 24 * 3600
SEEN_SECONDS = 3600
TEAM_VARIABLE = HttpHeaders.to_wsgi_name(TEAM_HEADER)
ID_HEADER = "X-Request-ID"
WEIGHTY = ("credential", "creditentry", "price", "person")
"""Pages of the desk about keys, credits, prices and who is on the staff."""
FORMS_THAT_WEIGH = ("/add/", "/adjustment/", "/refund/")
GIVEN_ID = re.compile(r"[A-Za-z0-9-]{1,32}")


class RequestIds:
    """Gives each request a name, which its answer, its lines in the log and those in the audit log carry (S56, S74).

    A proxy that is trusted may have given it one already; nobody else chooses what stands in our logs.
    """

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        given = request.headers.get(ID_HEADER, "") if settings.TRUSTED_PROXY_COUNT else ""
        name = given if GIVEN_ID.fullmatch(given) else secrets.token_hex(16)
        request.request_id = name  # type: ignore[attr-defined]  # for lines that are logged after the answer
        with tracing.traced(name, find_address=lambda: _address_of(request)):
            response = self.get_response(request)
        response.headers[ID_HEADER] = name
        return response


class QuietPoll:
    """Answers an open page that nothing is new, without working out again who asks.

    The first poll of a session goes the full way and brings home a pass (queries/pulse.py). From then on the same
    answer, with the headers it had, costs one statement; whatever is not that answer goes the full way each time.
    """

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response
        self.headers: dict[str | None, ResponseHeaders] = {}
        """Of the full way's answer of nothing new, by scheme: what holds on https is not said elsewhere."""

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path_info != _poll_path() or request.method != "GET":
            return self.get_response(request)
        headers = self.headers.get(request.scheme)
        passed = _passed(request)
        if headers is not None and passed and _is_quiet(request, passed):
            quiet = HttpResponse(status=HTTPStatus.NO_CONTENT)
            quiet.headers = headers
            return quiet
        response = self.get_response(request)
        if response.status_code == HTTPStatus.NO_CONTENT:
            headers = ResponseHeaders(response.headers)
            del headers[ID_HEADER]  # a quiet answer has no lines anywhere, and so no name
            self.headers[request.scheme] = headers
            _give_pass(request, response)
        return response


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


class KnownMethods:
    """Refuses what no page uses, everywhere: the libraries' views take a PUT for a post, or for a look (S61)."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request) if request.method in METHODS else HttpResponseNotAllowed(METHODS)


class RollingSession:
    """Lets a session that is used live on, up to its absolute age, which is shorter for the staff's desk.

    It is written again at most once a day, and where it is used at most once an hour: a page asks every few seconds,
    and a poll must not cost a write.
    """

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        session = request.session
        oldest = settings.DESK_SESSION_AGE_MAX if request.path.startswith(_desk()) else settings.SESSION_AGE_MAX
        if settings.SESSION_COOKIE_NAME in request.COOKIES and _age(session, BEGUN) > oldest:
            session.flush()
        response = self.get_response(request)
        if session.accessed and SESSION_KEY in session:
            if request.path_info != _poll_path() and _is_due(session, SEEN, SEEN_SECONDS):
                _note(request, getattr(request, "user", None))
            if _is_due(session, RENEWED, RENEW_SECONDS):
                _stamp(session)
        return response


class Desk:
    """The staff's desk opens for who signed in with a second factor; others are led to setting one up (S17).

    What weighs there is done by who showed a moment ago who they are, as in the studio (S25), and who is refused
    something is written down (S56).
    """

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not request.path.startswith(_desk()) or request.path == reverse("admin:logout"):
            return self.get_response(request)
        response = self._answer(request)
        if response.status_code == HTTPStatus.FORBIDDEN and isinstance(request.user, Person):
            witnessing.was_refused(request.user, path=request.path)
        return response

    def _answer(self, request: HttpRequest) -> HttpResponse:
        person = request.user
        if not isinstance(person, Person) or not person.is_active or not person.is_staff:
            return self.get_response(request)  # the admin itself turns them away
        if not factors.has_factor(person):
            messages.info(request, "The desk opens with a second way to show who you are. Set one up first.")
            return redirect("factors")
        if not proving.used_a_factor(request.session):
            return redirect(proving.way(person, to=request.get_full_path(), by_factor=True))
        if _weighs(request) and not proving.is_fresh(request.session):
            if request.method == "POST":
                messages.info(request, proving.AGAIN)
            return redirect(proving.way(person, to=request.get_full_path(), by_factor=True))
        return self.get_response(request)


def _weighs(request: HttpRequest) -> bool:
    """Whether it changes keys, credits, prices or roles; also to open a form, so that none is filled in vain (S25)."""
    if request.method != "POST" and not request.path.endswith(FORMS_THAT_WEIGH):
        return False
    return request.path.startswith(_weighty())


@cache
def _weighty() -> tuple[str, ...]:
    return tuple(reverse(f"admin:generations_{name}_changelist") for name in WEIGHTY)


@cache
def _desk() -> str:
    """Where a login must be younger: looked up once, because every request asks."""
    return reverse("admin:index")


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
        query = urlencode({"next": _page_asking(htmx)})
        return HttpResponseClientRedirect(f"{resolve_url(self.get_login_url(view_func))}?{query}")


def _page_asking(htmx: HtmxDetails) -> str:
    """The path of the page of ours a request came from; of the studio where it named none."""
    try:
        return htmx.current_url_abs_path or "/"
    except ValueError:  # whatever calls itself htmx may send anything
        return "/"


@cache
def _poll_path() -> str:
    return reverse("feed")


def _passed(request: HttpRequest) -> Pass | None:
    return Pass.parse(request.COOKIES.get(settings.POLL_COOKIE_NAME, ""))


def _is_quiet(request: HttpRequest, passed: Pass) -> bool:
    """Whether all is as the page knows it, and nothing waits for a pump to be called."""
    try:
        pulse = pulse_by(passed, request.COOKIES.get(settings.SESSION_COOKIE_NAME, ""))
    except Error:
        connection.close()
        return False  # the full way begins with a fresh connection, and says what is wrong
    return (
        pulse is not None
        and f"cursor={pulse.cursor}" in request.META["QUERY_STRING"].split("&")
        and request.META.get(TEAM_VARIABLE, str(pulse.team)) == str(pulse.team)
        and not pulse.needs_a_pump(settings.PUMP_SHARDS)
    )


def _give_pass(request: HttpRequest, response: HttpResponse) -> None:
    """Good until the session must be written or ends; nothing for one of another kind."""
    session = request.session
    if not isinstance(request.user, Person) or not session.session_key or RENEWED not in session:
        return
    until = int(min(session[RENEWED] + RENEW_SECONDS, session[BEGUN] + settings.SESSION_AGE_MAX))
    response.set_cookie(
        settings.POLL_COOKIE_NAME,
        str(Pass.for_session(session.session_key, request.user, until=until)),
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )


@receiver(user_logged_in)
def _begin(*, request: HttpRequest, user: Person, **_: Any) -> None:
    """Each login counts anew, also in a session that was there already."""
    for known in (BEGUN, proving.BY_FACTOR):
        request.session.pop(known, None)
    _stamp(request.session)
    _note(request, user)
    records = get_authentication_records(request, user)
    shown = {record.get("method"): record.get("uid") for record in records}
    if shown.keys() == {"socialaccount"}:
        asked_at = organizations.asked_at(user, uid=str(shown["socialaccount"]))
        proving.record_at(request.session, asked_at)
        return
    proving.record(request.session, by_factor="mfa" in shown)


def _note(request: HttpRequest, person: object) -> None:
    """Keep where and when this session is used, for its person to see."""
    request.session[SEEN] = clock.now().timestamp()
    key = request.session.session_key
    if not key or not isinstance(person, Person):
        return
    agent = request.headers.get("User-Agent", "")
    devices.note(person=person, session_key=key, address=_address_of(request), agent=agent)


def _address_of(request: HttpRequest) -> str:
    """Where it comes from, as far as the proxies in front of us say; "" where none is known."""
    try:
        return str(get_adapter().get_client_ip(request))
    except PermissionDenied:
        return ""


def _stamp(session: SessionBase) -> None:
    moment = clock.now().timestamp()
    session.setdefault(BEGUN, moment)
    session[RENEWED] = moment


def _age(session: SessionBase, since: str) -> float:
    """Seconds since that moment of the session; 0 when it has none."""
    begun = session.get(since)
    return clock.now().timestamp() - begun if begun is not None else 0.0


def _is_due(session: SessionBase, stamp: str, seconds: float) -> bool:
    return stamp not in session or _age(session, stamp) > seconds


def _member_of(request: HttpRequest) -> Member | None:
    if not request.user.is_authenticated:
        return None
    member: Member | None = Member.objects.of(request.user).first()
    return member
