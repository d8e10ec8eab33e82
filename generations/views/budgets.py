"""What a member gets each month, decided by who manages the team, and the brake a member sets for themselves."""

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_http_methods

from generations.forms.credits import BrakeForm, Monthly
from generations.models import Allowance, Brake, Member, clock
from generations.queries.months import Month
from generations.services import allowing
from generations.views import sheets
from generations.views.proving import for_proven
from generations.views.request import StudioRequest, for_manager, for_member


@require_http_methods(["GET", "HEAD", "POST"])
@for_manager
@for_proven(back="team", weighs=True)
def member_allowance(request: StudioRequest, pk: int) -> HttpResponse:
    """So many credits from the pool each month."""
    present = Member.objects.present().select_related("person", "team")
    row = get_object_or_404(present, pk=pk, team=request.member.team)
    known = Allowance.objects.filter(member=row).first()
    facts = {"amount": known.amount, "rollover": known.rollover} if known else {}
    form = Monthly(request.POST if request.method == "POST" else None, initial=facts)
    if request.method != "POST" or not form.is_valid():
        lede = f"Paid from the pool on the first of the month in the team’s time zone, {_since(row)}."
        title = f"Monthly credits for {row.called}"
        return sheets.over(request, form, title=title, act="Save", lede=lede, back="team")
    amount, rollover = form.cleaned_data["amount"], form.cleaned_data["rollover"]
    since = _since(row)
    allowing.allow(by=request.member, member=row, amount=amount, rollover=rollover)
    words = (
        f"{row.called} gets {amount:,} credits a month, {since}."
        if amount
        else f"{row.called} gets no monthly credits."
    )
    return sheets.done(request, words, "team")


def _since(member: Member) -> str:
    """From when on a decision made now counts, in words."""
    month = allowing.begins(member)
    is_this = month == Month.of(clock.now(), member.team.time_zone)
    return "beginning with this month" if is_this else f"from 1 {month.name}"


@require_http_methods(["GET", "HEAD", "POST"])
@for_member
def brake(request: StudioRequest) -> HttpResponse:
    """Stop me at so many credits a day, a week or a month."""
    known = Brake.objects.filter(member=request.member).first()
    facts = {"amount": known.amount, "period": known.period} if known else {}
    form = BrakeForm(request.POST if request.method == "POST" else None, initial=facts)
    if request.method != "POST" or not form.is_valid():
        lede = "You stop yourself there, whatever you were given. Only you see it, and you can change it at any time."
        return sheets.over(request, form, title="Your own brake", act="Save", lede=lede, back="credits")
    amount = form.cleaned_data["amount"]
    Brake.set_for(request.member, amount=amount, period=form.cleaned_data["period"])
    words = f"You are stopped at {amount:,} credits." if amount else "Nothing stops you but your balance."
    return sheets.done(request, words, "credits")
