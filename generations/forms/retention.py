"""What a team decides about keeping its pictures. Never saves."""

from typing import Any

from django import forms

from generations.models import Retention, Team
from generations.queries.retention import KEEPERS

Choices = tuple[tuple[int, str], ...]
DAYS: Choices = ((0, "Not at all"), (7, "7 days"), (30, "30 days"), (90, "90 days"), (365, "A year"))
MONTHS: Choices = (
    (0, "Keep everything"),
    (1, "Older than a month"),
    (3, "Older than 3 months"),
    (6, "Older than 6 months"),
    (12, "Older than a year"),
    (24, "Older than 2 years"),
)


class Keeping(forms.Form):
    """For how long the trash is, and what goes there by itself."""

    trash_days = forms.TypedChoiceField(label="What is deleted can come back for", choices=DAYS, coerce=int)
    months = forms.TypedChoiceField(label="Goes to the trash by itself", choices=MONTHS, coerce=int)
    keeps = forms.MultipleChoiceField(
        label="But not what",
        required=False,
        choices=[(keeper.name, keeper.label) for keeper in KEEPERS],
        widget=forms.CheckboxSelectMultiple,
    )

    def __init__(self, *args: Any, team: Team, **options: Any) -> None:
        rule = Retention.objects.filter(team=team).first()
        takes = rule.takes if rule else []
        options["initial"] = {
            "trash_days": team.trash_days,
            "months": rule.months if rule else 0,
            "keeps": [keeper.name for keeper in KEEPERS if keeper.name not in takes],
        }
        super().__init__(*args, **options)
        known = options["initial"]
        self.fields["trash_days"].choices = _with(DAYS, known["trash_days"], "days")  # type: ignore[attr-defined]
        self.fields["months"].choices = _with(MONTHS, known["months"], "months")  # type: ignore[attr-defined]

    @property
    def takes(self) -> list[str]:
        """Of a valid form: what speaks for a picture elsewhere, and not here."""
        return [keeper.name for keeper in KEEPERS if keeper.name not in self.cleaned_data["keeps"]]


def _with(choices: Choices, value: int, unit: str) -> Choices:
    """A value that was set in another way stays a choice."""
    return choices if value in dict(choices) else (*choices, (value, f"{value} {unit}"))
