"""What a person can do with all that is theirs: take it along as one file, and delete their account."""

from allauth.decorators import rate_limit
from django.contrib import messages
from django.contrib.auth import logout
from django.http import FileResponse, Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_safe

from generations.forms.closing import Closing
from generations.services import closing, exporting, teams
from generations.views.proving import for_proven
from generations.views.request import StudioRequest

FILE_NAME = "imagine-studio-my-data.zip"


@require_http_methods(["GET", "HEAD", "POST"])
def account_export(request: StudioRequest) -> HttpResponse:
    """Ask for one's own data, see how far it is, fetch it."""
    if request.method == "POST":
        return _asked(request)
    return render(request, "generations/account_export.html", {"export": exporting.find(request.user)})


@for_proven(back="account_export")
def _asked(request: StudioRequest) -> HttpResponse:
    exporting.ask(request.user)
    return redirect("account_export")


@require_safe
@for_proven(back="account_export")
def account_export_file(request: StudioRequest) -> HttpResponse:
    """One's own file, and nobody else's: there is no number to guess."""
    path = exporting.file_of(request.user)
    if path is None:
        raise Http404
    response = FileResponse(path.open("rb"), as_attachment=True, filename=FILE_NAME, content_type="application/zip")
    response["Cache-Control"] = "private, no-store"
    response["X-Content-Type-Options"] = "nosniff"
    return response  # type: ignore[return-value]  # a file streams; Django serves any response


@sensitive_post_parameters("password")
@require_http_methods(["GET", "HEAD", "POST"])
@rate_limit(action="reauthenticate")  # type: ignore[untyped-decorator]  # the library ships no types
def account_deletion(request: StudioRequest) -> HttpResponse:
    """By the password; who has none shows in another way who they are."""
    return _deletion(request) if request.user.has_usable_password() else _deletion_by_the_proven(request)


def _deletion(request: StudioRequest) -> HttpResponse:
    person = request.user
    sent = request.POST if request.method == "POST" else None
    form = Closing(sent, person=person, partings=closing.partings(person))
    if request.method != "POST" or not form.is_valid():
        return _page(request, form)
    try:
        closing.close(person, fates=form.fates())
    except (closing.StillNeeded, teams.TeamRefusal) as refusal:
        form.add_error(None, str(refusal))
        return _page(request, form)
    logout(request)
    messages.success(request, "Your account is deleted.")
    response = redirect("account_login")
    response["Clear-Site-Data"] = '"cache", "storage"'
    return response


def _page(request: StudioRequest, form: Closing) -> HttpResponse:
    context = {"form": form, "refusal": closing.refusal_for(request.user)}
    return render(request, "generations/account_deletion.html", context, status=422 if form.is_bound else 200)


_deletion_by_the_proven = for_proven(back="account_deletion")(_deletion)
