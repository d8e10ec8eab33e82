"""The page behind an invitation: open to whoever holds its link."""

from allauth.core import ratelimit
from django.contrib import messages
from django.contrib.auth import login
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from generations.forms.team import Joining
from generations.models import Invitation, Person, Role
from generations.services import teams

BACKEND = "allauth.account.auth_backends.AuthenticationBackend"


@sensitive_post_parameters("password")
@require_http_methods(["GET", "HEAD", "POST"])
@login_not_required
def invitation(request: HttpRequest, token: str) -> HttpResponse:
    """Who invites to what; joining spends the link, opening it does not."""
    row = _found(token)
    if row.accepted_at or row.revoked_at or row.has_ended():
        return _page(request, row, token, status=410)
    if request.method == "POST" and (too_many := ratelimit.consume_or_429(request, action="invitation", key=token)):
        return too_many  # type: ignore[no-any-return]  # the library ships no types
    if isinstance(request.user, Person):
        return _join(request, row, request.user, token)
    form = Joining(request.POST if request.method == "POST" else None, email=row.email)
    if request.method != "POST" or not form.is_valid():
        return _page(request, row, token, form)
    facts = form.cleaned_data
    try:
        person = teams.join_as_new(invitation=row, email=facts["email"], name=facts["name"], password=facts["password"])
    except ValidationError as weak:
        form.add_error("password", weak)
        return _page(request, row, token, form)
    except teams.AddressTaken as refusal:
        form.add_error("email", str(refusal))
        return _page(request, row, token, form)
    except teams.InvitationGone:
        return _page(request, _found(token), token, status=410)
    login(request, person, backend=BACKEND)
    messages.success(request, f"Welcome to {row.team}.")
    return redirect("studio")


@require_POST
@login_not_required
def invitation_question(request: HttpRequest, token: str) -> HttpResponse:
    """Ask for a new link in place of one that has ended."""
    row = _found(token)
    teams.ask_again(invitation=row)
    return redirect("invitation", token)


def _join(request: HttpRequest, row: Invitation, person: Person, token: str) -> HttpResponse:
    if request.method != "POST":
        return _page(request, row, token)
    try:
        teams.join(invitation=row, person=person)
    except teams.AlreadyMember as refusal:
        messages.info(request, str(refusal))
        return redirect("studio")
    except (teams.NotForYou, teams.NotNow):
        return _page(request, row, token, status=403)
    except teams.InvitationGone:
        return _page(request, _found(token), token, status=410)
    messages.success(request, f"Welcome to {row.team}.")
    return redirect("studio")


def _found(token: str) -> Invitation:
    row = teams.find(token=token)
    if row is None:
        raise Http404
    return row


def _page(
    request: HttpRequest, row: Invitation, token: str, form: Joining | None = None, *, status: int = 200
) -> HttpResponse:
    context = {
        "invitation": row,
        "host": row.invited_by.called if row.invited_by else "",
        "role": Role(row.role).label,
        "token": token,
        "form": form,
        "has_ended": row.has_ended(),
        "refusal": _refusal(request, row),
    }
    bound = form is not None and form.is_bound
    return render(request, "generations/invitation.html", context, status=422 if bound else status)


def _refusal(request: HttpRequest, row: Invitation) -> str:
    """Why somebody who is signed in cannot use it, or not now; "" where they can."""
    person = request.user
    if not isinstance(person, Person):
        return ""
    return teams.waiting_words(person) if teams.is_for(row, person) else str(teams.NotForYou(row))
