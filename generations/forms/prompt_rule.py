"""A rule about prompts as somebody writes it, a prompt to try it with, and what is said about one. Never saves."""

from typing import Any

from django import forms

from generations.forms.drawing import Prompt
from generations.forms.names import NameField
from generations.models import PromptRule, RuleKind
from generations.models.prompting import matching
from generations.models.prompting.reach import WORDS_CHARACTERS_MAX
from generations.models.prompting.rule import MESSAGE_CHARACTERS_MAX, NAME_CHARACTERS_MAX
from generations.queries.composer import PROMPT_MAX

KEPT = ("name", "kind", "words", "pattern", "action", "message", "is_on")


class Tried(Prompt):
    """A prompt that nobody orders."""

    def __init__(self, **options: Any) -> None:
        area = forms.Textarea({"rows": 2, "maxlength": PROMPT_MAX})
        words = {"required": "Write a prompt to try."}
        super().__init__(max_length=PROMPT_MAX, widget=area, error_messages=words, **options)


class Trial(forms.Form):
    prompt = Tried(label="A prompt to try", help_text="Nothing is ordered and nothing is kept.")


class RuleForm(forms.ModelForm):  # type: ignore[type-arg]  # Django's own class takes no type at run time
    """`trial` is a prompt to try it with before it is saved; `version` is of the rule as the page showed it."""

    name = NameField(
        label="Name",
        max_length=NAME_CHARACTERS_MAX,
        help_text="Whose order it stops reads it.",
        error_messages={"required": "Give the rule a name."},
    )
    message = NameField(
        label="What the person reads",
        max_length=MESSAGE_CHARACTERS_MAX,
        widget=forms.Textarea({"rows": 2}),
        help_text="Why, and what they could do instead.",
        error_messages={"required": "Write what the person reads."},
    )
    words = forms.CharField(
        label="Words",
        required=False,
        widget=forms.Textarea({"rows": 5}),
        help_text=f"One word or phrase a line, {matching.LINES_MAX} at most. Only whole words count; capitals and "
        "accents do not.",
    )
    pattern = forms.CharField(
        label="Pattern",
        required=False,
        widget=forms.TextInput({"class": "mono", "spellcheck": "false", "autocapitalize": "off"}),
        help_text="A regular expression as RE2 reads it, without look-around. Capitals do not count. "
        f"{matching.PATTERN_CHARACTERS_MAX} characters at most.",
    )
    trial = Tried(label="A prompt to try it with", required=False)
    version = forms.IntegerField(required=False, min_value=1, max_value=2**31 - 1, widget=forms.HiddenInput)

    class Meta:
        model = PromptRule
        fields = KEPT
        widgets = {"kind": forms.RadioSelect, "action": forms.RadioSelect}  # noqa: RUF012  # Django's own way
        labels = {"kind": "Looks for", "action": "What happens", "is_on": "On"}  # noqa: RUF012
        error_messages = {"kind": {"required": "Choose what it looks for."}}  # noqa: RUF012

    def clean(self) -> dict[str, Any]:
        """What it does not look for is not kept."""
        facts = super().clean() or {}
        if "words" in self.errors or "pattern" in self.errors:
            return facts
        is_pattern = facts.get("kind") == RuleKind.PATTERN
        field = "pattern" if is_pattern else "words"
        try:
            text = facts.get(field) or ""
            kept = matching.check_pattern(text) if is_pattern else "\n".join(matching.read_lines(text))
        except matching.Unusable as refusal:
            self.add_error(field, str(refusal))
            return facts
        facts |= {"words": "", "pattern": "", field: kept}
        return facts

    @property
    def untried(self) -> list[str]:
        """Why the rule cannot be tried as it is written; a name and a message may come later."""
        needed = ("kind", "words", "pattern", "action", "trial")
        return [str(error) for name in needed for error in self.errors.get(name, [])]

    def draft(self) -> PromptRule:
        """The rule as it was written, not saved and of no team. Where nothing is `untried`."""
        facts = {"name": "This rule", "message": "", **self.cleaned_data}
        return PromptRule(**{name: facts[name] for name in KEPT})


def _said(label: str, hint: str, *, required: bool) -> forms.CharField:
    area = forms.Textarea({"rows": 3})
    words = {"required": "Write why this prompt is all right: a reviewer reads it."}
    return forms.CharField(
        label=label,
        help_text=hint,
        required=required,
        max_length=WORDS_CHARACTERS_MAX,
        widget=area,
        error_messages=words,
    )


class Appeal(forms.Form):
    words = _said("Why it is all right", "Whoever reviews it reads this, and the prompt.", required=True)


class Answer(forms.Form):
    """`verdict` is yes where the person may go on."""

    verdict = forms.ChoiceField(choices=[("yes", "Yes"), ("no", "No")])
    words = _said("Note", "The person reads it. Needed when you say no.", required=False)
