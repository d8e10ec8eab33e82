"""A member's own prompts that rules stopped: what waits can be taken back, what was blocked can be appealed."""

import uuid

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from generations.forms.prompt_rule import Appeal
from generations.models import HeldOrder, RuleAction, RuleHit
from generations.queries.prompt_pages import own_prompts
from generations.services import prompting
from generations.views.request import StudioRequest, for_member

APPEALED = "Your appeal is sent. You are told in your inbox what comes of it."
WITHDRAWN = "Taken back. Nothing was ordered, and nothing was charged."


@require_safe
@for_member
def prompts(request: StudioRequest) -> HttpResponse:
    """What waits, what was decided, what was blocked."""
    held, blocked = own_prompts(request.member)
    return render(request, "generations/prompts.html", {"held": held, "blocked": blocked})


@require_POST
@for_member
def held_withdrawal(request: StudioRequest, pk: uuid.UUID) -> HttpResponse:
    """Take back an order that waits for review."""
    held = get_object_or_404(HeldOrder.objects.of(request.member), pk=pk)
    try:
        prompting.withdraw(held=held, member=request.member)
    except prompting.PromptingRefused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, WITHDRAWN)
    return redirect("prompts")


@require_http_methods(["GET", "HEAD", "POST"])
@for_member
def hit_appeal(request: StudioRequest, pk: int) -> HttpResponse:
    """Ask to have another look at a prompt that was blocked."""
    mine = RuleHit.objects.of(request.member).filter(action=RuleAction.BLOCK).exclude(prompt="")
    hit = get_object_or_404(mine.select_related("team"), pk=pk)
    sent = request.method == "POST"
    form = Appeal(request.POST if sent else None)
    if sent and form.is_valid():
        try:
            prompting.appeal(hit=hit, member=request.member, words=form.cleaned_data["words"])
        except prompting.PromptingRefused as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, APPEALED)
            return redirect("prompts")
    return render(request, "generations/appeal.html", {"form": form, "hit": hit}, status=422 if sent else 200)
