"""How the studio looks to one person, whether keys act in it, what it calls them, and in which zone it tells time."""

from django import forms

from generations.forms.names import NameField
from generations.forms.team import zones
from generations.models import Theme


class Appearance(forms.Form):
    theme = forms.ChoiceField(choices=Theme.choices)


class Keys(forms.Form):
    uses_keys = forms.BooleanField(label="Keys act on pages", required=False)


class Profile(forms.Form):
    name = NameField(
        label="Name",
        max_length=120,
        help_text="What others read beside your pictures.",
        widget=forms.TextInput({"autocomplete": "name"}),
    )
    time_zone = forms.ChoiceField(label="Time zone", required=False)
    notify_by_mail = forms.BooleanField(label="Also tell me by e-mail what is in my inbox", required=False)

    def __init__(self, *args: object, **options: object) -> None:
        super().__init__(*args, **options)  # type: ignore[arg-type]  # handed on as they came
        field = self.fields["time_zone"]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101  # declared above
        field.choices = [("", "As the team"), *zones()]
