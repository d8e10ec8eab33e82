"""What people and teams are called: one line, however it was pasted, for it stands in headings and in e-mail."""

from typing import Any

from django import forms


class NameField(forms.CharField):
    def to_python(self, value: Any) -> str:
        """Without line breaks, and with single blanks."""
        return " ".join((super().to_python(value) or "").split())
