"""What a reviewer decides about a picture, and the word that goes with taking it back or deleting it. Never saves."""

from datetime import datetime, timedelta
from typing import Any

from django import forms

from generations.models import Action, Concern, ReviewDecision, clock
from generations.models.moderation.suspension import REASON_CHARACTERS_MAX

SUSPENSION_WORDS_MAX = REASON_CHARACTERS_MAX - max(len(label) for label in Concern.labels) - len(". ")
"""What is read by who is suspended begins with the reason, and both have to fit."""
VERSION_MAX = 2**31 - 1
ACTIONS = (Action.KEEP, Action.HIDE, Action.ESCALATE, Action.SUSPEND)
SPANS = (("1", "1 day"), ("7", "7 days"), ("30", "30 days"), ("none", "Until lifted"))
"""Days of a suspension."""


def _words(label: str, hint: str = "") -> forms.CharField:
    most = ReviewDecision._meta.get_field("words").max_length
    area = forms.Textarea({"rows": 2})
    return forms.CharField(label=label, help_text=hint, required=False, max_length=most, widget=area)


class Decide(forms.Form):
    """`version` is of the case as the page showed it, `shown` whether its picture was uncovered there."""

    action = forms.ChoiceField(choices=[(word.value, word.label) for word in ACTIONS])
    reason = forms.ChoiceField(
        label="Reason",
        choices=Concern.choices,
        widget=forms.RadioSelect,
        error_messages={"required": "Choose a reason first. Nothing was decided yet."},
    )
    words = _words("Note")
    span = forms.ChoiceField(label="For how long", choices=SPANS, required=False, widget=forms.RadioSelect)
    version = forms.IntegerField(min_value=1, max_value=VERSION_MAX, widget=forms.HiddenInput)
    shown = forms.BooleanField(required=False, widget=forms.HiddenInput)

    def clean(self) -> dict[str, Any]:
        """Nobody is suspended for an unsaid time, and nothing is hidden because it is within the rules."""
        facts = super().clean() or {}
        action = facts.get("action")
        if action == Action.SUSPEND and not facts.get("span") and "span" not in self.errors:
            self.add_error("span", "Choose for how long. Nobody was suspended yet.")
        if action == Action.SUSPEND and len(facts.get("words") or "") > SUSPENSION_WORDS_MAX:
            self.add_error("words", f"At most {SUSPENSION_WORDS_MAX} characters go with a suspension.")
        if facts.get("reason") == Concern.FINE and action in {Action.HIDE, Action.SUSPEND}:
            self.add_error("reason", "Within the rules is no reason to hide a picture. Choose another one.")
        return facts

    @property
    def until(self) -> datetime | None:
        """When a suspension ends; None where it does not."""
        span = self.cleaned_data["span"]
        return clock.now() + timedelta(days=int(span)) if span.isdigit() else None


class Word(forms.Form):
    words = _words("Note")
