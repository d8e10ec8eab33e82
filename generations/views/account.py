"""A person's own page: who they are here, how the studio looks to them, and how and where they sign in."""

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from generations.forms.appearance import Appearance, Keys, Profile
from generations.forms.password import ChangedPassword
from generations.models import Person
from generations.queries.security import security_of
from generations.queries.space import standing_of
from generations.services import notifying, proxying
from generations.views.request import StudioRequest


@require_http_methods(["GET", "HEAD", "POST"])
def account(request: StudioRequest) -> HttpResponse:
    """Show it, change the theme, or save the profile. Open to people without a team, too."""
    person = request.user
    is_profile = "name" in request.POST
    form = Appearance(request.POST if request.method == "POST" and not is_profile else None, initial=_known(person))
    profile = Profile(request.POST if is_profile else None, initial=_known(person))
    if form.is_bound and form.is_valid():
        person.prefer(theme=form.cleaned_data["theme"])
        return redirect("account")
    if profile.is_bound and profile.is_valid():
        person.introduce(**profile.cleaned_data)
        messages.success(request, "Your profile is saved.")
        return redirect("account")
    context = {
        "form": form,
        "profile": profile,
        "password": ChangedPassword(person=person),
        "member": request.member,
        "security": security_of(person, session_key=request.session.session_key),
        "storage": standing_of(request.member) if request.member else None,  # type: ignore[truthy-bool]  # as in request.py
        "sends_mail": notifying.sends_mail(),
        "organization": settings.OIDC_NAME,
        "doubt": proxying.standing_doubt() if person.is_superuser else "",
    }
    status = 422 if form.is_bound or profile.is_bound else 200
    return render(request, "generations/account.html", context, status=status)


@require_POST
def account_keys(request: StudioRequest) -> HttpResponse:
    """Have single keys act on this person's pages, or none."""
    form = Keys(request.POST)
    if form.is_valid():
        request.user.use_keys(form.cleaned_data["uses_keys"])
    return redirect("account")


def _known(person: Person) -> dict[str, object]:
    return {name: getattr(person, name) for name in ("theme", "name", "time_zone", "notify_by_mail")}
