"""What the account library asks us: its sentences, who may come in by their organization, and where secrets lie.

Nobody registers by themselves, people are found by their address, and whatever happens to somebody's sign-in is told
to them.
"""

import logging
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.internal.flows.login import get_authentication_records
from allauth.core import context
from allauth.core.exceptions import ImmediateHttpResponse, ReauthenticationRequired
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.models import SocialAccount, SocialLogin
from django.conf import settings
from django.contrib import messages
from django.core.exceptions import ImproperlyConfigured, ValidationError
from django.core.validators import validate_email
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect
from django.urls import reverse

from generations.models import Person
from generations.services import factors, organizations, proving, proxying, warning, witnessing

log = logging.getLogger(__name__)

ORGANIZATION = "organization"
"""The name of the one provider in its own addresses."""
SWITCHED_OFF = "This account was switched off. Ask whoever runs this studio to let you in again."
NOTICES = {
    "account/email/password_reset": "Your password was set anew by a link",
    "mfa/email/webauthn_added": "A passkey was added to your account",
    "mfa/email/webauthn_removed": "A passkey was removed from your account",
    "socialaccount/email/account_connected": "You can now sign in with the account of your organization",
}
"""Told to the person; what else the library would tell, our own views do or nobody needs."""
AGAIN = {
    "reauthenticate": "Use your password",
    "mfa_reauthenticate": "Use a code",
    "mfa_reauthenticate:webauthn": "Use a passkey",
}
ASKED_AT = {
    "mfa_authenticate": "login",
    "mfa_login_webauthn": "passkey",
    "mfa_reauthenticate": "again",
    "mfa_reauthenticate_webauthn": "again",
}
"""Where somebody shows who they are by a code or a passkey, and what the audit log calls it."""


class Adapter(DefaultAccountAdapter):  # type: ignore[misc]  # the library ships no types
    error_messages = DefaultAccountAdapter.error_messages | {
        "email_password_mismatch": "This email and password do not belong together. Check both and try again.",
        "too_many_login_attempts": "Too many tries for this address. Wait five minutes and try again.",
        "rate_limited": "Too many tries. Wait five minutes and try again.",
        "incorrect_password": "That is not your password.",
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Accounts are made by an owner, never by a passer-by."""
        return False

    def add_message(
        self, request: HttpRequest, level: int, message_template: str | None = None, *args: Any, **options: Any
    ) -> None:
        """Only what our views say; the library's own sentences tell people what they can see."""
        if options.get("message"):
            messages.add_message(request, level, options["message"])

    def send_notification_mail(self, template_prefix: str, user: Person, *_: Any, **__: Any) -> None:
        """To the inbox, and by e-mail where the studio sends any."""
        if subject := NOTICES.get(template_prefix):
            warning.warn(user, subject)

    def is_reauthentication_required(self, *, app: str, **_: Any) -> bool:
        """Ask again when that is some minutes ago, also those whom the library would never ask (S25)."""
        if not proving.is_fresh(context.request.session):
            raise ReauthenticationRequired
        return False

    def get_reauthentication_methods(self, user: Person) -> list[dict[str, str]]:
        """Each with `id`, `description` and `url`; those with no password and no factor go by their organization."""
        methods: list[dict[str, str]] = super().get_reauthentication_methods(user)
        for method in methods:
            method["description"] = AGAIN[method["id"]]
        if not methods and settings.OIDC_ON and SocialAccount.objects.filter(user=user).exists():
            url = reverse("organization_login")
            methods = [{"id": ORGANIZATION, "description": settings.OIDC_NAME, "url": url}]
        return methods

    def get_client_ip(self, request: HttpRequest) -> str:
        """Of who asks; a proxy that says less than it should is logged, and is then itself who asks (S24)."""
        proxying.look(peer=request.META.get("REMOTE_ADDR", ""), forwarded=request.headers.get("X-Forwarded-For", ""))
        try:
            return str(super().get_client_ip(request))
        except ImproperlyConfigured:
            log.warning("X-Forwarded-For names fewer proxies than TRUSTED_PROXY_COUNT: login limits count the proxy")
            return str(request.META["REMOTE_ADDR"])

    def post_login(self, request: HttpRequest, user: Person, **options: Any) -> HttpResponse:
        """Write down who came in, and how (S56)."""
        ways = [str(record.get("method")) for record in get_authentication_records(request, user)]
        witnessing.came_in(user, by=ways)
        answer: HttpResponse = super().post_login(request, user, **options)
        return answer

    def authentication_failed(self, request: HttpRequest, **credentials: Any) -> None:
        """Write down that somebody could not; as much work for a name that nobody has (S19)."""
        witnessing.could_not(email=str(credentials.get("email") or ""))

    def respond_user_inactive(self, request: HttpRequest, user: Person) -> HttpResponse:
        """By passkey or organization, which prove who it is, so that this tells nobody else anything."""
        witnessing.was_turned_away(user, because="switched_off")
        messages.error(request, SWITCHED_OFF)
        return redirect("account_login")


class Factors(DefaultMFAAdapter):  # type: ignore[misc]  # the library ships no types
    error_messages = DefaultMFAAdapter.error_messages | {
        "incorrect_code": "This is not right, or it was used already. Try the next code.",
    }

    def validation_error(self, code: str, *args: Any) -> ValidationError:
        """Write down a wrong answer where people show who they are; one at setting it up opens nothing (S56)."""
        request = context.request
        place = request.resolver_match.url_name if request.resolver_match else ""
        if code == "incorrect_code" and place in ASKED_AT:
            witnessing.could_not_prove(_who_is_asked(request), by=ASKED_AT[place])
        wrong: ValidationError = super().validation_error(code, *args)
        return wrong

    def encrypt(self, text: str) -> str:
        """Sealed for the person who is setting it up."""
        return factors.seal(text, person=context.request.user)

    def decrypt(self, encrypted_text: str) -> str:
        return factors.open_sealed(encrypted_text)

    def generate_authenticator_name(self, user: Person, type: Authenticator.Type) -> str:
        count = Authenticator.objects.filter(user=user, type=type).count()
        return f"Passkey {count + 1}" if count else "Passkey"

    def _get_site_name(self) -> str:
        return "Imagine Studio"

    def get_public_key_credential_user_entity(self, user: Person) -> dict[str, Any]:
        entity: dict[str, Any] = super().get_public_key_credential_user_entity(user)
        return entity | {"display_name": user.called}


class Organization(DefaultSocialAccountAdapter):  # type: ignore[misc]  # the library ships no types
    """Signing in by OpenID Connect: only with a verified address of the one domain, each time anew."""

    def pre_social_login(self, request: HttpRequest, sociallogin: SocialLogin) -> None:
        """Find the person, or make one without a team. Refuses everybody else with a sentence on the login page."""
        told = sociallogin.account.extra_data
        claims = told.get("userinfo") or told.get("id_token") or {}
        email = str(claims.get("email") or "").strip().lower()
        person = _owner_of(email)
        if told.get("id_token", claims).get("sub") != claims.get("sub"):
            self._refuse(request, "answered with two different accounts", "two_accounts", person)
        if claims.get("email_verified") not in (True, "true"):
            self._refuse(request, "did not say that it knows this address to be yours", "unverified", person)
        if not _is_of(settings.OIDC_DOMAIN, email):
            because = f"is asked for addresses of {settings.OIDC_DOMAIN} only, and yours is another one"
            self._refuse(request, because, "other_domain", person)
        if sociallogin.is_existing:
            return
        if person is None:
            person = Person.objects.create_user(email, name=_one_line(str(claims.get("name") or ""))[:120])
        organizations.claim(person)
        sociallogin.connect(request, person)

    def populate_user(self, request: HttpRequest, sociallogin: SocialLogin, data: dict[str, Any]) -> Person:
        """Nothing: a person has a name of their own here, which they may change."""
        person: Person = sociallogin.user
        return person

    def on_authentication_error(self, request: HttpRequest, provider: Any, **_: Any) -> None:
        self._refuse(request, "did not confirm who you are", "unconfirmed", None)

    def send_notification_mail(self, *args: Any, **options: Any) -> None:
        Adapter(context.request).send_notification_mail(*args, **options)

    def _refuse(self, request: HttpRequest, because: str, word: str, person: Person | None) -> None:
        witnessing.was_turned_away(person, because=word)
        messages.error(request, f"{_capital(settings.OIDC_NAME)} {because}. Sign in another way, or ask your owner.")
        raise ImmediateHttpResponse(HttpResponseRedirect(reverse("account_login")))


def _who_is_asked(request: HttpRequest) -> Person | None:
    """Who is half way in, or is in and asked again; nobody where a passkey is to say who it is."""
    stage = getattr(request, "_login_stage", None)
    person = stage.login.user if stage else request.user
    return person if isinstance(person, Person) else None


def _is_of(domain: str, email: str) -> bool:
    return _is_address(email) and email.rpartition("@")[2] == domain


def _owner_of(email: str) -> Person | None:
    """Whose account has this address; nobody's where it is none, for it may be anything at all."""
    found: Person | None = Person.objects.filter(email=email).first() if _is_address(email) else None
    return found


def _is_address(email: str) -> bool:
    try:
        validate_email(email)
    except ValidationError:
        return False
    return True


def _one_line(name: str) -> str:
    return " ".join(name.split())


def _capital(name: str) -> str:
    return name[:1].upper() + name[1:]
