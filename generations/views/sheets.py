"""A small form about credits: a sheet over the page it belongs to, or without script a page of its own."""

from django.contrib import messages
from django.forms import Form
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django_htmx.http import HttpResponseClientRefresh

from generations.views.request import StudioRequest


def over(request: StudioRequest, form: Form, *, title: str, act: str, lede: str, back: str) -> HttpResponse:
    """The form under its title, `act` on its button; `back` names the page it stands over. Nothing typed is lost."""
    context = {"form": form, "title": title, "act": act, "lede": lede, "back": back}
    status = 422 if form.is_bound else 200
    if not request.htmx:
        return render(request, "generations/credits_sheet.html", context, status=status)
    response = render(request, "generations/_credits_form.html", context, status=status)
    response["HX-Retarget"], response["HX-Reswap"] = "#dialog", "innerHTML"
    return response


def done(request: StudioRequest, words: str, back: str) -> HttpResponse:
    """Say so on the page, read anew."""
    messages.success(request, words)
    return HttpResponseClientRefresh() if request.htmx else redirect(back)


def said(request: StudioRequest, words: str, back: str) -> HttpResponse:
    """Say so where the person is: the page under the sheet stays as it was, with all that was typed there."""
    messages.success(request, words)
    return render(request, "_toasts.html", {"oob": True}) if request.htmx else redirect(back)
