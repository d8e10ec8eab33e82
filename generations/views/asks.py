"""Credits given to a member, asked for by one, and the answer."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods

from generations import ledger
from generations.forms.credits import Ask, Give, Reply
from generations.models import CreditAsk, Member
from generations.queries.allowances import fill_of
from generations.queries.asks import effect_of
from generations.queries.statement import account_for
from generations.services import asking, proving
from generations.views import sheets
from generations.views.proving import for_proven
from generations.views.request import StudioRequest, for_manager, for_member


@require_http_methods(["GET", "HEAD", "POST"])
@for_manager
@for_proven(back="team", weighs=True)
def member_credits(request: StudioRequest, pk: int) -> HttpResponse:
    """Give credits from the pool to somebody in the team."""
    present = Member.objects.present().select_related("person", "team")
    row = get_object_or_404(present, pk=pk, team=request.member.team)
    form = Give(request.POST if request.method == "POST" else None, initial=_wished(request))
    if request.method != "POST" or not form.is_valid():
        return _give_sheet(request, form, row)
    facts = form.cleaned_data
    try:
        asking.give(
            by=request.member, member=row, amount=facts["amount"], reason=facts["reason"], key=facts["request_key"]
        )
    except asking.CreditsRefused as refusal:
        form.add_error("amount", str(refusal))
        return _give_sheet(request, form, row)
    except ledger.KeyReused:
        form.add_error(None, "This form was sent before with other words. Close it and open it again.")
        return _give_sheet(request, form, row)
    return sheets.done(request, f"{row.called} has {facts['amount']:,} credits more.", "team")


@require_http_methods(["GET", "HEAD", "POST"])
@for_member
def asks(request: StudioRequest) -> HttpResponse:
    """Ask for credits."""
    form = Ask(request.POST if request.method == "POST" else None, initial=_wished(request))
    if request.method != "POST" or not form.is_valid():
        return _ask_sheet(request, form)
    try:
        asking.ask(member=request.member, amount=form.cleaned_data["amount"], reason=form.cleaned_data["reason"])
    except asking.AskedAlready as refusal:
        form.add_error(None, str(refusal))
        return _ask_sheet(request, form)
    return sheets.said(request, "Asked. You are told in your inbox when somebody answers.", "credits")


@require_http_methods(["GET", "HEAD", "POST"])
@for_manager
@for_proven(back="inbox", weighs=True, keeps=("amount", "words"))
def ask(request: StudioRequest, pk: int) -> HttpResponse:
    """One member's question for credits, and the answer to it."""
    parts = CreditAsk.objects.select_related("member__person", "answered_by__person")
    row = get_object_or_404(parts, pk=pk, team=request.member.team)
    typed = {} if request.method == "POST" else proving.take_kept(request.session, place=request.path)
    form = Reply(request.POST if request.method == "POST" else None, initial={"amount": row.amount, **typed})
    if request.method != "POST" or not form.is_valid():
        return _page(request, row, form)
    facts = form.cleaned_data
    try:
        if facts["decision"] == "approve":
            asking.approve(by=request.member, ask=row, amount=facts["amount"], words=facts["words"])
        else:
            asking.decline(by=request.member, ask=row, words=facts["words"])
    except asking.CreditsRefused as refusal:
        form.add_error("amount", str(refusal))
        return _page(request, row, form)
    messages.success(request, "Answered.")
    return redirect("inbox")


def _wished(request: StudioRequest) -> dict[str, int]:
    """The amount a link named, where it is one: what was missing for an order."""
    amount = _amount(request.GET.get("amount", ""))
    return {} if amount is None else {"amount": amount}


def _amount(word: object) -> int | None:
    """As somebody wrote it, where it can be given."""
    text = str(word)
    plain = text.isascii() and text.isdigit() and len(text) <= len(str(asking.AMOUNT_MAX))
    return int(text) if plain and 1 <= int(text) <= asking.AMOUNT_MAX else None


def _give_sheet(request: StudioRequest, form: Give, row: Member) -> HttpResponse:
    pool = account_for(request.member, "pool")
    lede = f"From the team’s pool, which has {pool.available if pool else 0:,} credits."
    if fill := fill_of(row):
        lede += (
            f" On {fill.day} ({fill.zone}) the monthly credits of {row.called} fill the account up to {fill.most:,};"
        )
        lede += " what is left of these by then counts towards it."
    return sheets.over(request, form, title=f"Give {row.called} credits", act="Give", lede=lede, back="team")


def _ask_sheet(request: StudioRequest, form: Ask) -> HttpResponse:
    lede = "The owners and admins of your team are told, and you hear in your inbox what they say."
    return sheets.over(request, form, title="Ask for credits", act="Ask", lede=lede, back="credits")


def _page(request: StudioRequest, row: CreditAsk, form: Reply) -> HttpResponse:
    amount = form.cleaned_data.get("amount") if form.is_bound else _amount(form["amount"].value())
    context = {"ask": row, "form": form, "effect": effect_of(row, amount=amount)}
    return render(request, "generations/ask.html", context, status=422 if form.is_bound else 200)
