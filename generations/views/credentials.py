"""The keys of a team's vendors, for its owners and admins. Keys come in by these forms; none goes out."""

from django.contrib import messages
from django.forms import Form
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods, require_POST
from django_htmx.http import HttpResponseClientRefresh

from generations import providers
from generations.forms.credential import KeyDetails, KeyReplacement, NewKey, WithKeys
from generations.models import Credential, clock
from generations.queries import credentials as shown
from generations.queries.reach import losses, unseen_address
from generations.services import credentials as keys
from generations.views.proving import for_proven
from generations.views.request import StudioRequest, for_manager

FORMS = {
    "new": ("Add a key", "Add the key"),
    "details": ("{name}", "Save"),
    "replacement": ("Replace the key of {name}", "Use the new key"),
    "removal": ("Remove {name}?", "Remove the key"),
}
"""What stands over each form and on its button."""
LIMITS = ("running_max", "hourly_max")


@require_GET
@for_manager
def credentials(request: StudioRequest) -> HttpResponse:
    """A card for each key, in the order in which work goes to them."""
    context = {"page": _page(request), "losses": losses(), "unseen_address": unseen_address()}
    return render(request, "generations/credentials.html", context)


@require_GET
@for_manager
def credential(request: StudioRequest, pk: int) -> HttpResponse:
    """One card, for the page that waits for a test; 204 while there is nothing new to say."""
    row = get_object_or_404(Credential, pk=pk, team=request.member.team)
    if not request.htmx:
        return redirect("credentials")
    page = _page(request)
    card = page.card(pk)
    if card is None:
        return HttpResponse()  # given up meanwhile: the card goes
    if card.is_tested:
        return HttpResponse(status=204)
    row.refresh_from_db(fields=["proved", "proved_words"])  # it was read before the test ended
    tell = messages.success if row.proved and not card.is_unanswered else messages.error
    tell(request, f"{card.name}: {card.proof or row.proved_words}")
    return render(request, "generations/_credential_news.html", {"card": card, "page": page})


@require_GET
@for_manager
def credential_calls(request: StudioRequest, pk: int) -> HttpResponse:
    """What was sent on it lately, and what came of it: a sheet over the page, or a page of its own."""
    row = _own(request, pk)
    context = {"name": _name(row), "calls": shown.calls_of(row), "as_page": not request.htmx}
    return render(request, f"generations/{'_' if request.htmx else ''}credential_calls.html", context)


@sensitive_post_parameters("key", "webhook_key")
@require_http_methods(["GET", "HEAD", "POST"])
@for_manager
@for_proven(back="credentials", weighs=True)
def credential_new(request: StudioRequest) -> HttpResponse:
    """The form for a first or a further key."""
    form = NewKey(request.POST if request.method == "POST" else None, initial={"label": "Main"})
    if request.method != "POST" or not form.is_valid():
        return _form(request, "new", form)
    try:
        made = keys.add(team=request.member.team, actor=_actor(request), **form.cleaned_data)
    except keys.LabelTaken as refusal:
        form.refuse("label", str(refusal))
        return _form(request, "new", form)
    except keys.CredentialRefused as refusal:
        form.refuse(None, str(refusal))
        return _form(request, "new", form)
    return _done(request, f"{_vendor(made)} is set up. Its key is being tested.")


@sensitive_post_parameters("webhook_key")
@require_http_methods(["GET", "HEAD", "POST"])
@for_manager
@for_proven(back="credentials", weighs=True)
def credential_details(request: StudioRequest, pk: int) -> HttpResponse:
    """Its name and its own limits."""
    row = _own(request, pk)
    facts = {"label": row.label, "running_max": row.running_max, "hourly_max": row.hourly_max}
    form = KeyDetails(request.POST if request.method == "POST" else None, initial=facts, announces=_announces(row))
    if request.method != "POST" or not form.is_valid():
        return _form(request, "details", form, row)
    try:
        keys.change(credential=row, actor=_actor(request), **form.cleaned_data)
    except keys.LabelTaken as refusal:
        form.refuse("label", str(refusal))
        return _form(request, "details", form, row)
    except keys.CredentialRefused as refusal:
        form.refuse(None, str(refusal))
        return _form(request, "details", form, row)
    return _done(request, f"{_vendor(row)}, {form.cleaned_data['label']}: saved.")


@sensitive_post_parameters("key", "webhook_key")
@require_http_methods(["GET", "HEAD", "POST"])
@for_manager
@for_proven(back="credentials", weighs=True)
def credential_replacement(request: StudioRequest, pk: int) -> HttpResponse:
    """Another key from now on; what runs on the old one is finished with it."""
    row = _own(request, pk)
    form = KeyReplacement(request.POST if request.method == "POST" else None, announces=_announces(row))
    if request.method != "POST" or not form.is_valid():
        return _form(request, "replacement", form, row)
    try:
        keys.replace(credential=row, actor=_actor(request), **form.cleaned_data)
    except keys.CredentialRefused as refusal:
        form.refuse("key" if isinstance(refusal, keys.SameKey) else None, str(refusal))
        return _form(request, "replacement", form, row)
    return _done(request, f"{_name(row)}: the new key is in use, and is being tested.")


@require_http_methods(["GET", "HEAD", "POST"])
@for_manager
@for_proven(back="credentials", weighs=True)
def credential_removal(request: StudioRequest, pk: int) -> HttpResponse:
    """Ask whether the key shall go, and what becomes of what needs it."""
    row = _own(request, pk)
    if request.method != "POST":
        return _form(request, "removal", Form(), row)
    try:
        gone = keys.remove(credential=row, actor=_actor(request))
    except keys.CredentialRefused as refusal:
        messages.error(request, str(refusal))
        return _back(request)
    end = (
        "is removed and its key erased." if gone else "takes nothing new. Its key is erased when its last work is done."
    )
    return _done(request, f"{_name(row)} {end}")


@require_POST
@for_manager
def credential_proof(request: StudioRequest, pk: int) -> HttpResponse:
    """Have the key tested by a worker; the card waits for the answer."""
    row = _own(request, pk)
    if not row.takes_work:
        messages.error(request, str(keys.KeyGone()))
        return _listed(request)
    keys.ask_for_proof(row)
    if not request.htmx:
        messages.success(request, f"{_name(row)}: being tested. Reload the page in a few seconds.")
    return _listed(request)


@require_POST
@for_manager
@for_proven(back="credentials", weighs=True)
def credential_place(request: StudioRequest, pk: int) -> HttpResponse:
    """One place earlier or later."""
    keys.move(credential=_own(request, pk), up=request.POST.get("direction") != "down")
    return _listed(request)


@require_POST
@for_manager
@for_proven(back="credentials", weighs=True)
def credential_pause(request: StudioRequest, pk: int) -> HttpResponse:
    """Switch it off, or with `on=1` on again."""
    row = _own(request, pk)
    act = keys.resume if request.POST.get("on") == "1" else keys.pause
    try:
        act(credential=row, actor=_actor(request))
    except keys.CredentialRefused as refusal:
        messages.error(request, str(refusal))
    return _listed(request)


def _own(request: StudioRequest, pk: int) -> Credential:
    """One of the team's; of one that was given up the services say so. The installation's are not touched from here."""
    return get_object_or_404(Credential, pk=pk, team=request.member.team)


def _page(request: StudioRequest) -> shown.Page:
    asked = keys.tests_of(request.member.team)
    moment, rows = clock.now(), shown.rows_for(request.member.team)
    standings = keys.standing_of(rows.all, moment=moment, asked=asked)
    return shown.page_of(rows, viewer=request.member, standings=standings, now=moment)


def _form(request: StudioRequest, kind: str, form: Form, row: Credential | None = None) -> HttpResponse:
    """The form as a sheet over the page, or as a page of its own; nothing typed is lost but keys, and it says so.

    For a key that was given up there is none.
    """
    if row is not None and not row.takes_work:
        messages.error(request, str(keys.KeyGone()))
        return _back(request)
    status = 422 if form.is_bound else 200
    if isinstance(form, WithKeys) and form.is_bound:
        form.dress()
    context = {
        "kind": kind,
        "form": form,
        "title": FORMS[kind][0].format(name=_name(row) if row else ""),
        "act": FORMS[kind][1],
        "limits_open": kind == "details" or any(form[name].value() for name in LIMITS if name in form.fields),
        "vendors": shown.vendors() if kind == "new" else [],
        "waiting": shown.waiting_for(row) if row and kind == "removal" else 0,
    }
    if not request.htmx:
        return render(request, "generations/credential.html", context, status=status)
    response = render(request, "generations/_credential_form.html", context, status=status)
    response["HX-Retarget"], response["HX-Reswap"] = "#dialog", "innerHTML"
    return response


def _done(request: StudioRequest, words: str) -> HttpResponse:
    messages.success(request, words)
    return _back(request)


def _back(request: StudioRequest) -> HttpResponse:
    """To the list, read anew."""
    return HttpResponseClientRefresh() if request.htmx else redirect("credentials")


def _listed(request: StudioRequest) -> HttpResponse:
    """The list as it is now, with what there is to say."""
    if not request.htmx:
        return redirect("credentials")
    return render(request, "generations/_credentials_news.html", {"page": _page(request)})


def _actor(request: StudioRequest) -> str:
    return f"member:{request.member.pk}"


def _name(row: Credential) -> str:
    return f"{_vendor(row)}, {row.label}"


def _vendor(row: Credential) -> str:
    vendor = providers.PROVIDERS.get(row.provider)
    return vendor.label if vendor else row.provider


def _announces(row: Credential) -> bool:
    vendor = providers.PROVIDERS.get(row.provider)
    return vendor is not None and vendor.announces
