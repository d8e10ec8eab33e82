"""Passwords: changed by who knows them, set anew by a link for who does not."""

from typing import Any

from allauth.account.views import PasswordResetFromKeyView
from allauth.core import ratelimit
from allauth.decorators import rate_limit
from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse_lazy
from django.utils.decorators import method_decorator
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from generations import queue
from generations.forms.password import ChangedPassword, Forgotten
from generations.services import devices, notifying, proving, warning
from generations.views.request import StudioRequest


@sensitive_post_parameters("current", "password")
@require_http_methods(["GET", "HEAD", "POST"])
@rate_limit(action="change_password")  # type: ignore[untyped-decorator]  # the library ships no types
def password(request: StudioRequest) -> HttpResponse:
    """Change it. Every other session ends at once; this one goes on under a new key."""
    if not request.user.has_usable_password():
        return redirect("account")
    form = ChangedPassword(request.POST if request.method == "POST" else None, person=request.user)
    if request.method != "POST" or not form.is_valid():
        return render(request, "account/password_change.html", {"form": form}, status=422 if form.is_bound else 200)
    request.user.set_password(form.cleaned_data["password"])
    request.user.save(update_fields=["password"])
    ended = devices.end_all(request.user, but=request.session.session_key)
    update_session_auth_hash(request, request.user)
    request.session.pop(devices.SEEN, None)  # the new key is noted with this answer, or it could not be ended
    proving.record(request.session)
    warning.warn(request.user, "Your password was changed")
    messages.success(request, f"Your password is changed. {_ended(ended)}")
    return redirect("account")


@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def forgotten(request: HttpRequest) -> HttpResponse:
    """Ask for a link. The answer is the same for every address; without e-mail, say who can make one."""
    form = Forgotten(request.POST if request.method == "POST" else None)
    if request.method != "POST" or not form.is_valid() or not notifying.sends_mail():
        context = {"form": form, "sends_mail": notifying.sends_mail()}
        return render(request, "account/password_reset.html", context, status=422 if form.errors else 200)
    email = form.cleaned_data["email"]
    if too_many := ratelimit.consume_or_429(request, action="reset_password", key=email):
        return too_many  # type: ignore[no-any-return]  # the library ships no types
    queue.later("reset_link", email=email)
    return render(request, "account/password_reset_done.html", {"email": email})


@method_decorator(sensitive_post_parameters("password1"), name="dispatch")
class NewPassword(PasswordResetFromKeyView):  # type: ignore[misc]  # the library ships no types
    """Behind the link. Every session ends, and the password is the first thing asked for afterwards."""

    success_url = reverse_lazy("account_login")

    def form_valid(self, form: Any) -> HttpResponse:
        response: HttpResponse = super().form_valid(form)
        devices.end_all(self.reset_user)
        messages.success(self.request, "Your new password is set. Sign in with it.")
        return response


new_password = login_not_required(NewPassword.as_view())


def _ended(number: int) -> str:
    if not number:
        return "You were signed in nowhere else."
    return "Another session was signed out." if number == 1 else f"{number} other sessions were signed out."
