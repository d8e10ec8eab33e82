"""How much storage somebody may take. Never saves."""

from decimal import Decimal

from django import forms

GIGABYTE = 1_000_000_000
GIGABYTES_MAX = 1_000_000


def _gigabytes(label: str, hint: str) -> forms.DecimalField:
    return forms.DecimalField(
        label=label,
        min_value=0,
        max_value=GIGABYTES_MAX,
        decimal_places=3,
        help_text=hint,
        widget=forms.NumberInput({"inputmode": "decimal", "autocomplete": "off", "step": "any"}),
    )


class MemberSpace(forms.Form):
    gigabytes = _gigabytes("Gigabytes", "0 for as much as the team has.")
    pictures = forms.IntegerField(
        label="Pictures", min_value=0, max_value=1_000_000_000, help_text="0 for as many as fit. The trash counts, too."
    )

    def bytes_max(self) -> int | None:
        return in_bytes(self.cleaned_data["gigabytes"])

    def pictures_max(self) -> int | None:
        return self.cleaned_data["pictures"] or None


def in_bytes(gigabytes: Decimal) -> int | None:
    """None for 0: no limit of its own."""
    return int(gigabytes * GIGABYTE) or None


def in_gigabytes(size_bytes: int | None) -> Decimal:
    return Decimal(size_bytes or 0) / GIGABYTE
