"""Rules about prompts at the desk: moderators write those of the installation, and see what all of them found.

A team's rules are its own: they are only looked at here. What a rule would have found is seen before it is saved.
"""

from typing import Any, cast

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from generations.admin.lists import Calendar
from generations.admin.records import Desk, Long
from generations.forms.prompt_rule import RuleForm
from generations.models import Person, PromptRule, RuleHit
from generations.queries.finding import hits_about
from generations.queries.prompt_rules import Trial, dry_run
from generations.services import prompting

ONLY_TRIED = "Only tried: nothing was saved. What it would have found stands below."
PROMPT_SHOWN = 300
PRIVATE = "A private prompt"
SHOWN = ("team", "version", "created_by", "created_at", "changed_at")
FORM = ("name", "kind", "words", "pattern", "action", "message", "is_on", "trial", "version")


class DeskForm(RuleForm):
    """With the button beside "Save" nothing is saved: the rule is tried, and the page says what it finds."""

    tried: Trial | None = None
    dry: object | None = None

    def clean(self) -> dict[str, Any]:
        facts = super().clean()
        others = PromptRule.objects.of_installation().exclude(pk=self.instance.pk)
        if others.filter(name=facts.get("name")).exists():
            self.add_error("name", "Another rule has this name.")
        if "_trial" in self.data and not self.untried:
            draft, prompt = self.draft(), facts.get("trial") or ""
            self.dry = dry_run(draft, viewer=None)
            if prompt:
                self.tried = Trial(prompt=prompt, rules=[draft] if draft.finds(prompt) else [])
            self.add_error(None, ONLY_TRIED)
        return facts


@admin.register(PromptRule)
class PromptRuleDesk(Desk):
    form = DeskForm
    list_display = ("name", "whose", "kind", "action", "is_on", "changed_at")
    list_filter = ("action", "is_on", ("team", admin.EmptyFieldListFilter))
    list_select_related = ("team",)
    search_fields = ("name", "words", "pattern", "team__name")
    ordering = ("team", "pk")
    actions = None
    change_form_template = "admin/prompt_rule.html"

    def has_change_permission(self, request: HttpRequest, obj: PromptRule | None = None) -> bool:
        return super().has_change_permission(request, obj) and (obj is None or obj.is_for_everybody)

    def has_delete_permission(self, request: HttpRequest, obj: PromptRule | None = None) -> bool:
        return super().has_delete_permission(request, obj) and obj is not None and obj.is_for_everybody

    def get_fields(self, request: HttpRequest, obj: PromptRule | None = None) -> tuple[str, ...]:
        if obj is None or self.has_change_permission(request, obj):
            return FORM
        return ("name", "kind", "words", "pattern", "action", "message", "is_on", *SHOWN)

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        return {"is_on": True}

    def changeform_view(self, request: HttpRequest, *args: Any, **more: Any) -> HttpResponse:
        """What somebody else changed meanwhile stays, and they read why."""
        try:
            answer: HttpResponse = super().changeform_view(request, *args, **more)
        except prompting.PromptingRefused as refusal:
            messages.error(request, str(refusal))
            return redirect("admin:generations_promptrule_changelist")
        return answer

    @admin.display(description="Whose", ordering="team")
    def whose(self, rule: PromptRule) -> str:
        return rule.team.name if rule.team else "Everybody’s"

    def save_model(self, request: HttpRequest, obj: PromptRule, form: Any, change: bool) -> None:
        """By the service, which notes who it was."""
        author = prompting.Author(person=cast(Person, request.user))
        if not change:
            obj.pk = prompting.make(by=author, facts=form.cleaned_data).pk
            return
        found = PromptRule.objects.get(pk=obj.pk)
        found.version = form.cleaned_data["version"] or found.version
        prompting.change(found, by=author, facts=form.cleaned_data)

    def delete_model(self, request: HttpRequest, obj: PromptRule) -> None:
        prompting.remove(obj, by=prompting.Author(person=cast(Person, request.user)))


@admin.register(RuleHit)
class RuleHitDesk(Long):
    list_display = ("at", "rule_name", "action", "member", "team", "times", "said")
    list_filter = ("action", "is_for_everybody")
    list_select_related = ("team", "member__person", "member__team")
    fields = ("at", "last_at", "times", "rule_name", "message", "action", "member", "team", "said")
    readonly_fields = ("said",)
    date_hierarchy = "at"
    ordering = ("-at", "-pk")
    search_fields = ("rule_name",)
    search_help_text = "One whole name of a rule or a team, or the e-mail of a person."

    def get_queryset(self, request: HttpRequest) -> QuerySet[RuleHit]:
        return Calendar(RuleHit)

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[RuleHit], search_term: str
    ) -> tuple[QuerySet[RuleHit], bool]:
        return hits_about(search_term.strip(), queryset), False

    @admin.display(description="Prompt")
    def said(self, hit: RuleHit) -> str:
        """What somebody keeps to themselves is read by its reviewer alone."""
        if hit.is_private:
            return PRIVATE
        return hit.prompt if len(hit.prompt) <= PROMPT_SHOWN else f"{hit.prompt[:PROMPT_SHOWN]}…"
