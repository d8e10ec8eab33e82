"""How the studio looks to one person."""

from django import forms

from generations.models import Theme


class Appearance(forms.Form):
    theme = forms.ChoiceField(choices=Theme.choices)
