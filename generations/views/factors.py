"""Passkeys, the app and recovery codes: set up, shown and taken away by who just showed who they are."""

from allauth.mfa.adapter import get_adapter
from allauth.mfa.base.internal.flows import delete_and_cleanup
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.flows import auto_generate_recovery_codes, generate_recovery_codes
from allauth.mfa.webauthn.internal import auth as webauthn
from allauth.mfa.webauthn.internal import flows as webauthn_flows
from django.contrib import messages
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from generations.forms.factors import WAITING, NewAuthenticator, NewPasskey
from generations.services import factors, proving, warning
from generations.vault import Unreadable
from generations.views.proving import for_proven
from generations.views.request import StudioRequest

TYPE = Authenticator.Type
NO_KEY = "This studio has no key to seal secrets with, so nothing can be set up. Its operator sets FIELD_KEYS."


@require_GET
def factors_offered(request: StudioRequest) -> HttpResponse:
    """What there is beside a password, for who wants one or must have one to enter the desk."""
    return render(request, "mfa/index.html", {"has_factor": factors.has_factor(request.user)})


@require_http_methods(["GET", "HEAD", "POST"])
@for_proven(back="authenticator_new")
def authenticator_new(request: StudioRequest) -> HttpResponse:
    """Show an app the secret, and take its first code for proof."""
    if _own(request).filter(type=TYPE.TOTP).exists() or not _may_seal(request):
        return redirect("account")
    form = NewAuthenticator(request.POST if request.method == "POST" else None, user=request.user)
    if request.method != "POST" or not form.is_valid():
        url = get_adapter().build_totp_url(request.user, form.secret)
        context = {"form": form, "url": url, "secret": form.secret}
        return render(request, "mfa/totp/activate_form.html", context, status=422 if form.is_bound else 200)
    with transaction.atomic():
        sealed = factors.seal(form.secret, person=request.user)
        Authenticator.objects.create(
            user=request.user, type=TYPE.TOTP, data={"secret": sealed, factors.USED: form.period}
        )
        warning.warn(request.user, "An authenticator app was added to your account")
        made = auto_generate_recovery_codes(request)
    del request.session[WAITING]
    return _added(request, "The app is set up: its codes are asked for after your password.", with_codes=bool(made))


@require_POST
@for_proven()
def authenticator_removal(request: StudioRequest) -> HttpResponse:
    """Ask for no codes of an app any more."""
    row = get_object_or_404(_own(request), type=TYPE.TOTP)
    delete_and_cleanup(request, row)
    warning.warn(request.user, "The authenticator app was removed from your account")
    messages.success(request, "The app is no longer asked for.")
    return redirect("account")


@require_http_methods(["GET", "HEAD", "POST"])
@for_proven(back="passkey_new")
def passkey_new(request: StudioRequest) -> HttpResponse:
    """Have the browser make a passkey for this studio, and keep its public half."""
    if not _may_seal(request):
        return redirect("account")
    form = NewPasskey(request.POST if request.method == "POST" else None, user=request.user)
    if request.method != "POST" or not form.is_valid():
        options = webauthn.begin_registration(request.user, True)
        context = {"form": form, "options": options}
        return render(request, "mfa/webauthn/add_form.html", context, status=422 if form.is_bound else 200)
    name, credential = form.cleaned_data["name"], form.cleaned_data["credential"]
    with transaction.atomic():
        _, made = webauthn_flows.add_authenticator(request, name=name, credential=credential)
    return _added(request, f"{name}: you can sign in with it from now on.", with_codes=bool(made))


@require_POST
@for_proven()
def passkey_removal(request: StudioRequest, pk: int) -> HttpResponse:
    """Take it away here; the browser may go on showing it."""
    row = get_object_or_404(_own(request), type=TYPE.WEBAUTHN, pk=pk)
    webauthn_flows.remove_authenticator(request, row)
    messages.success(request, "The passkey opens nothing here any more.")
    return redirect("account")


@require_http_methods(["GET", "HEAD", "POST"])
@for_proven(back="recovery_codes")
def recovery_codes(request: StudioRequest) -> HttpResponse:
    """Show the codes that are left, or make new ones, which ends the old."""
    if not factors.has_factor(request.user):
        return redirect("account")
    if request.method == "POST" and _may_seal(request):
        generate_recovery_codes(request)
        warning.warn(request.user, "New recovery codes were made for your account")
        messages.success(request, "These are new. The codes from before no longer work.")
        return redirect("recovery_codes")
    row = _own(request).filter(type=TYPE.RECOVERY_CODES).first()
    try:
        codes = row.wrap().get_unused_codes() if row else []
    except Unreadable:
        codes = []
    return render(request, "mfa/recovery_codes/index.html", {"codes": codes})


def _may_seal(request: StudioRequest) -> bool:
    """The recovery codes that come with everything are sealed."""
    if factors.can_seal():
        return True
    messages.error(request, NO_KEY)
    return False


def _own(request: StudioRequest) -> "QuerySet[Authenticator]":
    rows: QuerySet[Authenticator] = Authenticator.objects.filter(user=request.user)
    return rows


def _added(request: HttpRequest, words: str, *, with_codes: bool) -> HttpResponse:
    """Whoever set it up has it in hand, so this session counts as signed in with it."""
    proving.record(request.session, by_factor=True)
    messages.success(request, words)
    return redirect("recovery_codes" if with_codes else "account")
