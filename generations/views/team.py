"""The people of a team and what it has decided: seen by all of them, changed by its owners and admins."""

from django.contrib import messages
from django.contrib.auth import logout
from django.forms import Form
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST
from django_htmx.http import HttpResponseClientRedirect, HttpResponseClientRefresh

from generations.forms.team import Invite, Parting, RoleChoice, TeamSettings
from generations.models import Invitation, Member, Role, Team
from generations.queries.permissions import PERMISSIONS
from generations.queries.rail import BELONGS, KEPT
from generations.queries.team import team_page
from generations.services import notifying, teams
from generations.views import errors
from generations.views.proving import for_proven
from generations.views.request import StudioRequest, for_manager, for_member

FOR_MANAGERS = ("credentials", "report")
"""Places for who manages a team: anybody else comes to the one they belong to."""


@require_GET
@for_member
def team(request: StudioRequest) -> HttpResponse:
    """Who is in the team, with what role, and who is still to come."""
    hands_links = request.member.role == Role.OWNER and not notifying.sends_mail()
    page = team_page(request.member, start=request.GET.get("from", ""))
    return render(request, "generations/team.html", {"page": page, "hands_links": hands_links})


@require_GET
@for_member
def roles(request: StudioRequest) -> HttpResponse:
    """What each role can do."""
    context = {"roles": list(Role), "permissions": PERMISSIONS, "member": request.member}
    return render(request, "generations/roles.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@for_manager
def team_settings(request: StudioRequest) -> HttpResponse:
    """Name, time zone, who sees new pictures, who upscales with whom."""
    form = TeamSettings(request.POST if request.method == "POST" else None, team=request.member.team)
    if request.method != "POST" or not form.is_valid():
        return _sheet(request, "settings", form)
    facts = form.cleaned_data
    decision = teams.Decision(
        name=facts["name"],
        time_zone=facts["time_zone"],
        private_by_default=facts["private_by_default"],
        starting_credits=facts["starting_credits"],
        may_take_down=facts["may_take_down"],
        reaches=form.reaches(),
    )
    try:
        teams.decide(by=request.member, decision=decision)
    except teams.TeamRefusal as refusal:
        form.add_error(None, str(refusal))
        return _sheet(request, "settings", form)
    return _done(request, "Saved.")


@require_http_methods(["GET", "HEAD", "POST"])
@for_manager
def invitations(request: StudioRequest) -> HttpResponse:
    """Invite addresses, or make a link to hand over."""
    form = Invite(request.POST if request.method == "POST" else None, by=request.member)
    if request.method != "POST" or not form.is_valid():
        return _sheet(request, "invite", form)
    role = Role(form.cleaned_data["role"])
    try:
        if form.cleaned_data["emails"]:
            invited = teams.invite(by=request.member, emails=form.cleaned_data["emails"], role=role)
        else:
            invited = [teams.Invited("", "sent", teams.make_link(by=request.member, role=role))]
    except teams.TeamRefusal as refusal:
        form.add_error(None, str(refusal))
        return _sheet(request, "invite", form)
    return _invited(request, invited)


@require_POST
@for_manager
def invitation_renewal(request: StudioRequest, pk: int) -> HttpResponse:
    """Send it again: a new link, seven more days."""
    row = get_object_or_404(Invitation.objects.waiting(), pk=pk, team=request.member.team)
    try:
        invited = teams.renew(by=request.member, invitation=row)
    except teams.TeamRefusal as refusal:
        messages.error(request, str(refusal))
        return _back(request)
    return _invited(request, [invited])


@require_POST
@for_manager
def invitation_removal(request: StudioRequest, pk: int) -> HttpResponse:
    """Take it back: its link is worthless from now on."""
    row = get_object_or_404(Invitation.objects.waiting(), pk=pk, team=request.member.team)
    try:
        teams.take_back(by=request.member, invitation=row)
    except teams.TeamRefusal as refusal:
        messages.error(request, str(refusal))
        return _back(request)
    return _done(request, "The invitation is taken back. Its link no longer works.")


@require_POST
@for_manager
def member_role(request: StudioRequest, pk: int) -> HttpResponse:
    """Give somebody another role."""
    row = _member(request, pk)
    form = RoleChoice(request.POST, by=request.member)
    if not form.is_valid():
        messages.error(request, "Choose a role you may give.")
        return _back(request)
    role = Role(form.cleaned_data["role"])
    try:
        teams.change_role(by=request.member, member=row, role=role)
    except teams.TeamRefusal as refusal:
        messages.error(request, str(refusal))
        return _back(request)
    return _done(request, f"{row.called} is now {role.label.lower()}.")


@require_http_methods(["GET", "HEAD", "POST"])
@for_member
def member_removal(request: StudioRequest, pk: int) -> HttpResponse:
    """Ask what becomes of the pictures, then take somebody out of the team, or leave it oneself."""
    row = _member(request, pk)
    leaving = row.pk == request.member.pk
    if not leaving and not request.member.may_manage:
        raise Http404
    form = Parting(request.POST if request.method == "POST" else None, member=row)
    if request.method != "POST" or not form.is_valid():
        return _sheet(request, "parting", form, member=row, departure=teams.departure_of(row), leaving=leaving)
    try:
        teams.remove(by=request.member, member=row, heir=form.cleaned_data["heir"])
    except teams.TeamRefusal as refusal:
        form.add_error(None, str(refusal))
        return _sheet(request, "parting", form, member=row, departure=teams.departure_of(row), leaving=leaving)
    if leaving:
        return _left(request, row.team)
    return _done(request, f"{row.called} is no longer in the team.")


@require_http_methods(["GET", "HEAD", "POST"])
@for_manager
@for_proven(back="team")
def member_password(request: StudioRequest, pk: int) -> HttpResponse:
    """A link to a new password for somebody of the team, where no e-mail brings it."""
    row = _member(request, pk)
    if request.member.role != Role.OWNER:
        return errors.forbidden(request)
    form = Form(request.POST if request.method == "POST" else None)
    if request.method != "POST":
        return _sheet(request, "password", form, member=row)
    try:
        path = teams.make_reset_link(by=request.member, member=row)
    except teams.TeamRefusal as refusal:
        form.add_error(None, str(refusal))
        return _sheet(request, "password", form, member=row)
    context: dict[str, object] = {
        "called": row.called,
        "link": request.build_absolute_uri(path),
        "title": "Hand over this link",
    }
    return _over_the_page(request, "_reset_link", context, status=200)


def _left(request: StudioRequest, team: Team) -> HttpResponse:
    """On to another team of theirs; out, as every session of who is in none has ended."""
    out = not Member.objects.of(request.user).exists()
    if out:
        logout(request)
    messages.success(
        request, f"You left {team}.{' Your account is still there: sign in to it any time.' if out else ''}"
    )
    to = reverse("account_login" if out else "studio")
    return HttpResponseClientRedirect(to) if request.htmx else redirect(to)


@require_POST
def team_choice(request: StudioRequest, pk: int) -> HttpResponse:
    """Be in another one of one's teams, in the same place there."""
    member = teams.choose_team(person=request.user, team=pk)
    if member is None:
        raise Http404
    place = request.POST.get("place", "")
    if place in FOR_MANAGERS and not member.may_manage:
        place = BELONGS[place]
    return redirect(place if place in KEPT else "studio")


def _member(request: StudioRequest, pk: int) -> Member:
    return get_object_or_404(Member.objects.present().select_related("person", "team"), pk=pk, team=request.member.team)


SHEETS = {
    "settings": ("Team settings", "Save"),
    "invite": ("Invite people", "Invite"),
    "parting": ("Remove {name}?", "Remove from the team"),
    "password": ("A new password for {name}?", "Make the link"),
    "leaving": ("Leave {team}?", "Leave the team"),
}
"""What stands over each form and on its button."""


def _sheet(request: StudioRequest, kind: str, form: Form, *, leaving: bool = False, **facts: object) -> HttpResponse:
    """The form as a sheet over the page, or as a page of its own; nothing typed is lost."""
    row = facts.get("member")
    title, act = SHEETS["leaving" if leaving else kind]
    named = title.format(name=row.called if isinstance(row, Member) else "", team=request.member.team)
    context = {"kind": kind, "form": form, "title": named, "act": act, "leaving": leaving, **facts}
    return _over_the_page(request, "_team_form", context, status=422 if form.is_bound else 200)


OUTCOMES = {
    "member": "In the team already: {}.",
    "owners": "Invited as owner already, which only owners change: {}.",
}
"""Of who was not invited."""


def _invited(request: StudioRequest, invited: list[teams.Invited]) -> HttpResponse:
    """What became of each address, with the links that nobody sends for us."""
    links = [(one, request.build_absolute_uri(one.path) if one.path else "") for one in invited]
    if not any(link for _, link in links):
        return _done(request, _words_for(invited))
    title = "Hand over this link" if len(links) == 1 else "Hand over these links"
    context = {"links": links, "title": title, "sends_mail": notifying.sends_mail()}
    return _over_the_page(request, "_invited", context, status=200)


def _words_for(invited: list[teams.Invited]) -> str:
    """What became of all of them, each named."""
    named = {outcome: ", ".join(one.email for one in invited if one.outcome == outcome) for outcome in OUTCOMES}
    new = ", ".join(one.email for one in invited if one.outcome not in OUTCOMES)
    left = [words.format(named[outcome]) for outcome, words in OUTCOMES.items() if named[outcome]]
    return " ".join([f"Invited: {new or 'nobody new'}.", *left])


def _over_the_page(request: StudioRequest, name: str, context: dict[str, object], *, status: int) -> HttpResponse:
    if not request.htmx:
        return render(request, "generations/team_sheet.html", {**context, "fragment": name}, status=status)
    response = render(request, f"generations/{name}.html", context, status=status)
    response["HX-Retarget"], response["HX-Reswap"] = "#dialog", "innerHTML"
    return response


def _done(request: StudioRequest, words: str) -> HttpResponse:
    messages.success(request, words)
    return _back(request)


def _back(request: StudioRequest) -> HttpResponse:
    """To the page of the team, read anew."""
    return HttpResponseClientRefresh() if request.htmx else redirect("team")
