"""A person's own page: who they are here, and how the studio looks to them."""

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from generations.forms.appearance import Appearance
from generations.views.request import StudioRequest, for_member


@require_http_methods(["GET", "HEAD", "POST"])
@for_member
def account(request: StudioRequest) -> HttpResponse:
    """Show it, or change the theme."""
    form = Appearance(request.POST if request.method == "POST" else None, initial={"theme": request.user.theme})
    if request.method == "POST" and form.is_valid():
        request.user.prefer(theme=form.cleaned_data["theme"])
        return redirect("account")
    status = 422 if form.is_bound else 200
    return render(request, "generations/account.html", {"form": form, "member": request.member}, status=status)
