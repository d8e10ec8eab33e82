"""What somebody says is wrong with a picture. Never saves."""

from django import forms

from generations.models import Concern
from generations.models.moderation.case import WORDS_CHARACTERS_MAX


class Report(forms.Form):
    reason = forms.ChoiceField(
        label="What is wrong with it",
        choices=Concern.reportable,
        widget=forms.RadioSelect,
        error_messages={"required": "Choose what is wrong with it.", "invalid_choice": "Choose one of these."},
    )
    words = forms.CharField(
        label="What should a moderator know?",
        required=False,
        max_length=WORDS_CHARACTERS_MAX,
        widget=forms.Textarea({"rows": 3}),
        help_text="If you like. Moderators read it; who made the picture does not, nor do they learn who reported it.",
    )
