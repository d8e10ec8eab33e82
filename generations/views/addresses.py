"""A new address for one's account: asked for by its owner, confirmed where it arrives."""

from allauth.decorators import rate_limit
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from generations.forms.address import NewAddress
from generations.services import moving, notifying
from generations.views.proving import for_proven
from generations.views.request import StudioRequest


@require_http_methods(["GET", "HEAD", "POST"])
@rate_limit(action="manage_email")  # type: ignore[untyped-decorator]  # the library ships no types
@for_proven(back="address")
def address(request: StudioRequest) -> HttpResponse:
    """Have a link sent to the new address; until it is opened nothing changes."""
    form = NewAddress(request.POST if request.method == "POST" else None, person=request.user)
    if request.method != "POST" or not form.is_valid() or not notifying.sends_mail():
        context = {"form": form, "sends_mail": notifying.sends_mail()}
        return render(request, "account/email_change.html", context, status=422 if form.errors else 200)
    moving.ask(request.user, email=form.cleaned_data["email"])
    messages.success(request, f"A link is on its way to {form.cleaned_data['email']}. Open it to confirm the address.")
    return redirect("account")


@require_http_methods(["GET", "HEAD", "POST"])
@login_not_required
def address_confirmation(request: HttpRequest, token: str) -> HttpResponse:
    """Ask, then make it theirs. Whoever opens it need not be signed in here: the link came to the address itself."""
    try:
        email = moving.address_of(token)
        if request.method != "POST":
            return render(request, "account/email_confirm.html", {"email": email})
        moving.move(token)
    except moving.LinkSpent:
        return render(request, "account/email_confirm.html", {"spent": True}, status=404)
    messages.success(request, f"From now on you sign in with {email}.")
    return redirect("account" if request.user.is_authenticated else "account_login")
