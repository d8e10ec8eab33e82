"""What staff write when they close something or hang words over every page. Refuses; never saves.

Times are typed as the desk's clock shows them, in UTC.
"""

from datetime import UTC
from typing import Any

from django import forms

from generations.models import Mood, clock
from generations.models.closure import REASON_CHARACTERS_MAX, WORDS_CHARACTERS_MAX

UNREADABLE = "\ufffd"
SEEN_MAX = 64
FORMATS = ["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M", "%Y-%m-%d %H:%M:%S"]


class Moment(forms.DateTimeField):
    """A day and a time in UTC, or nothing."""

    def __init__(self, **options: Any) -> None:
        widget = forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")
        wrong = {"invalid": "Write a day and a time as 2026-03-01 14:30."}
        super().__init__(required=False, widget=widget, input_formats=FORMATS, error_messages=wrong, **options)

    def prepare_value(self, value: Any) -> Any:
        return value.astimezone(UTC) if hasattr(value, "astimezone") else value


class Words(forms.CharField):
    """One line that everybody reads; what did not arrive as characters is refused."""

    def clean(self, value: Any) -> str:
        text: str = super().clean(value)
        if UNREADABLE in text:
            raise forms.ValidationError("Some of this could not be read: write it anew.")
        return text


class Closing(forms.Form):
    """`instead_of` is what stood when the page was made: who pressed first has closed it."""

    reason = Words(
        max_length=REASON_CHARACTERS_MAX,
        label="Why",
        help_text="Everybody who meets it reads this.",
        error_messages={"required": "Write why: everybody who meets it reads your words."},
        widget=forms.Textarea(attrs={"rows": 2, "maxlength": REASON_CHARACTERS_MAX}),
    )
    begins_at = Moment(label="Begins", help_text="UTC. Empty: now.")
    ends_at = Moment(label="Ends by itself", help_text="UTC. Empty: when somebody opens it again.")
    instead_of = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def clean(self) -> dict[str, Any]:
        facts = super().clean() or {}
        begins, ends = facts.get("begins_at"), facts.get("ends_at")
        moment = clock.now()
        if ends is not None and ends <= moment:
            self.add_error("ends_at", "That has passed already. Choose a later time, or leave it open.")
        elif ends is not None and begins is not None and ends <= begins:
            self.add_error("ends_at", "It would end before it begins.")
        return facts


class Maintenance(Closing):
    told_at = Moment(label="Announced from", help_text="UTC. Empty: a day before it begins.")
    field_order = ("reason", "begins_at", "ends_at", "told_at")

    def clean(self) -> dict[str, Any]:
        facts = super().clean()
        told, begins = facts.get("told_at"), facts.get("begins_at")
        if told is not None and begins is not None and told > begins:
            self.add_error("told_at", "It would be announced only after it begins.")
        return facts


class Posting(forms.Form):
    """`seen` tells which state of the banner the page showed: who pressed first has changed it."""

    words = Words(
        max_length=WORDS_CHARACTERS_MAX,
        help_text="Every page shows this.",
        error_messages={"required": "Write what every page should say."},
        widget=forms.Textarea(attrs={"rows": 2, "maxlength": WORDS_CHARACTERS_MAX}),
    )
    mood = forms.ChoiceField(
        choices=Mood, label="Kind", help_text="Information can be put away by who read it; a warning stays."
    )
    begins_at = Moment(label="From", help_text="UTC. Empty: now.")
    ends_at = Moment(label="Until", help_text="UTC. Empty: until somebody takes it down.")
    seen = forms.CharField(required=False, max_length=SEEN_MAX, widget=forms.HiddenInput)

    def clean(self) -> dict[str, Any]:
        facts = super().clean() or {}
        begins, ends = facts.get("begins_at") or clock.now(), facts.get("ends_at")
        if ends is not None and ends <= begins:
            self.add_error("ends_at", "It would end before it begins.")
        return facts
