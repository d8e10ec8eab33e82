"""What staff write when they suspend somebody: why, and until when. Refuses; never saves."""

from datetime import datetime

from django import forms

from generations.forms.closure import Moment, Words
from generations.models import clock
from generations.models.moderation.suspension import REASON_CHARACTERS_MAX


class Suspending(forms.Form):
    reason = Words(
        max_length=REASON_CHARACTERS_MAX,
        label="Why",
        help_text="Who is suspended reads this.",
        error_messages={"required": "Write why: who is suspended reads your words."},
        widget=forms.Textarea(attrs={"rows": 2, "maxlength": REASON_CHARACTERS_MAX}),
    )
    until = Moment(label="Until", help_text="UTC. Empty: until the studio’s staff lift it.")

    def clean_until(self) -> datetime | None:
        until: datetime | None = self.cleaned_data["until"]
        if until is not None and until <= clock.now():
            raise forms.ValidationError("That has passed already. Choose a later time, or leave it open.")
        return until
