"""Orders that a rule holds and appeals against rules, for those who review pictures, too."""

import uuid
from collections.abc import Callable

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST, require_safe

from generations.forms.prompt_rule import Answer
from generations.models import HeldOrder, Reviewer, RuleAppeal
from generations.queries.prompt_pages import waiting_prompts
from generations.services import prompting
from generations.views.request import StudioRequest
from generations.views.review import for_reviewer


@require_safe
@for_reviewer
def review_prompts(request: StudioRequest, reviewer: Reviewer) -> HttpResponse:
    """What waits for this reviewer."""
    return _page(request, reviewer)


@require_POST
@for_reviewer
def held_decision(request: StudioRequest, reviewer: Reviewer, pk: uuid.UUID) -> HttpResponse:
    """Let an order through, which places it, or refuse it."""
    held = get_object_or_404(HeldOrder.objects.within(reviewer), pk=pk)

    def act(says_yes: bool, words: str) -> str:
        if not says_yes:
            prompting.refuse(held=held, reviewer=reviewer, words=words)
            return "Refused. Its member reads why."
        passed = prompting.let_through(held=held, reviewer=reviewer, words=words)
        return f"Let through, but not ordered: {passed.trouble}" if passed.trouble else "Let through and ordered."

    return _decided(request, reviewer, str(pk), act)


@require_POST
@for_reviewer
def appeal_decision(request: StudioRequest, reviewer: Reviewer, pk: int) -> HttpResponse:
    """Grant an appeal, or let the rule stand."""
    appeal = get_object_or_404(RuleAppeal.objects.within(reviewer), pk=pk)

    def act(says_yes: bool, words: str) -> str:
        prompting.answer(appeal=appeal, reviewer=reviewer, overturns=says_yes, words=words)
        return "Granted. This prompt passes the rule from now on." if says_yes else "The rule stands. They read why."

    return _decided(request, reviewer, str(pk), act)


def _decided(request: StudioRequest, reviewer: Reviewer, pk: str, act: Callable[[bool, str], str]) -> HttpResponse:
    """Back to what waits; what was not decided stands there with what was typed."""
    form, status = Answer(request.POST), 422
    if form.is_valid():
        try:
            said = act(form.cleaned_data["verdict"] == "yes", form.cleaned_data["words"])
        except prompting.WordsMissing as refusal:
            form.add_error("words", str(refusal))
        except prompting.PromptingRefused as refusal:
            form.add_error(None, str(refusal))
            status = 409
        else:
            messages.success(request, said)
            return redirect("review_prompts")
    return _page(request, reviewer, form=form, pk=pk, status=status)


def _page(
    request: StudioRequest, reviewer: Reviewer, *, form: Answer | None = None, pk: str = "", status: int = 200
) -> HttpResponse:
    held, appeals = waiting_prompts(reviewer)
    context = {
        "held": held,
        "appeals": appeals,
        "where": reviewer.team.name if reviewer.team else "The whole studio",
        "form": form,
        "at": pk,
    }
    return render(request, "generations/review_prompts.html", context, status=status)
