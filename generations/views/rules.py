"""The rules of a team about prompts: its owners and admins write them, and try them before they hold."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods

from generations.forms.prompt_rule import RuleForm, Trial
from generations.models import PromptRule
from generations.queries.prompt_pages import rule_lines
from generations.queries.prompt_rules import Trial as Tried
from generations.queries.prompt_rules import dry_run, rules_finding
from generations.services import prompting
from generations.services.prompting import Author
from generations.views.request import StudioRequest, for_manager

SAVE = "save"


@require_http_methods(["GET", "HEAD", "POST"])
@for_manager
def rules(request: StudioRequest) -> HttpResponse:
    """All rules that reach the team; a prompt that is sent is only tried on them."""
    sent = request.method == "POST"
    form = Trial(request.POST if sent else None)
    context: dict[str, object] = {"form": form, "trial": None}
    if sent and form.is_valid():
        prompt = form.cleaned_data["prompt"]
        context["trial"] = Tried(prompt=prompt, rules=rules_finding(prompt, team=request.member.team))
    status = 422 if sent and form.errors else 200
    if request.htmx:
        return render(request, "generations/_rule_trial.html", context)
    context["own"], context["shared"] = rule_lines(request.member.team)
    return render(request, "generations/rules.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@for_manager
def rule_new(request: StudioRequest) -> HttpResponse:
    """Write a new one, or see what it would have found."""
    return _form(request, None)


@require_http_methods(["GET", "HEAD", "POST"])
@for_manager
def rule(request: StudioRequest, pk: int) -> HttpResponse:
    """Change one of the team's."""
    return _form(request, get_object_or_404(PromptRule, pk=pk, team=request.member.team_id))


@require_http_methods(["GET", "HEAD", "POST"])
@for_manager
def rule_removal(request: StudioRequest, pk: int) -> HttpResponse:
    """Remove one of the team's, after a question."""
    found = get_object_or_404(PromptRule, pk=pk, team=request.member.team_id)
    if request.method != "POST":
        return render(request, "generations/rule_removal.html", {"rule": found})
    try:
        prompting.remove(found, by=Author.of_member(request.member))
    except prompting.PromptingRefused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, f"“{found.name}” is removed. What it found stays written down.")
    return redirect("rules")


def _form(request: StudioRequest, found: PromptRule | None) -> HttpResponse:
    sent = request.method == "POST"
    first = {"version": found.version} if found else {}
    form = RuleForm(request.POST if sent else None, instance=_copy(found), initial=first)
    if sent and request.POST.get("act") != SAVE:
        return _tried(request, form, found)
    if sent and form.is_valid():
        try:
            _keep(request, form, found)
        except prompting.PromptingRefused as refusal:
            form.add_error(getattr(refusal, "field", None), str(refusal))
        else:
            messages.success(request, f"“{form.cleaned_data['name']}” is saved. It holds from now on.")
            return redirect("rules")
    return _page(request, form, found, status=422 if sent else 200)


def _keep(request: StudioRequest, form: RuleForm, found: PromptRule | None) -> None:
    author, facts = Author.of_member(request.member), form.cleaned_data
    if found is None:
        prompting.make(by=author, facts=facts)
        return
    found.version = facts["version"] or found.version
    prompting.change(found, by=author, facts=facts)


def _tried(request: StudioRequest, form: RuleForm, found: PromptRule | None) -> HttpResponse:
    """What the rule as it is written would do: to the prompt beside it, and to those of the last weeks."""
    context: dict[str, object] = {"form": form, "rule": found, "untried": form.untried}
    if not form.untried:
        draft, prompt = form.draft(), form.cleaned_data["trial"]
        context["dry"] = dry_run(draft, viewer=request.member)
        if prompt:
            context["trial"] = Tried(prompt=prompt, rules=[draft] if draft.finds(prompt) else [])
    if request.htmx:
        return render(request, "generations/_rule_dry_run.html", context)
    return render(request, "generations/rule.html", context, status=422 if form.untried else 200)


def _page(request: StudioRequest, form: RuleForm, found: PromptRule | None, *, status: int) -> HttpResponse:
    return render(request, "generations/rule.html", {"form": form, "rule": found}, status=status)


def _copy(found: PromptRule | None) -> PromptRule | None:
    """A form writes what was typed to its row, also what is not kept."""
    return PromptRule.objects.get(pk=found.pk) if found else None
