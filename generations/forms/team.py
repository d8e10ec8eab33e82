"""What owners and admins send about the people of a team, and about the team itself. Never saves."""

import re
import zoneinfo
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from generations import providers
from generations.forms.names import NameField
from generations.models import Member, Reach, Role, Team, UpscaleRule
from generations.providers.base import Operation

BETWEEN_ADDRESSES = re.compile(r"[\s,;]+")
NAMED = re.compile(r"^.*<([^<>]+)>$")
UPSCALING = "upscaling_"


def zones() -> list[tuple[str, str]]:
    """Every time zone of the world by its name, UTC first."""
    names = sorted(name for name in zoneinfo.available_timezones() if "/" in name and not name.startswith("Etc/"))
    return [("UTC", "UTC"), *((name, name.replace("_", " ")) for name in names)]


def roles_of(by: Member) -> list[tuple[str, str]]:
    """The roles this member may give: none above their own."""
    return [(role.value, role.label) for role in Role if role is not Role.OWNER or by.role == Role.OWNER]


class Invite(forms.Form):
    """Many addresses, or none for a link to hand over."""

    emails = forms.CharField(
        label="Email addresses",
        required=False,
        max_length=20_000,
        widget=forms.Textarea({"rows": 3, "autocomplete": "off", "spellcheck": "false"}),
        help_text="Separated by commas, blanks or new lines. Leave it empty for a link you hand over yourself.",
    )
    role = forms.ChoiceField(label="Role", initial=Role.CREATOR)

    def __init__(self, *args: Any, by: Member, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["role"].choices = roles_of(by)  # type: ignore[attr-defined]  # a ChoiceField

    def clean_emails(self) -> list[str]:
        """Each address once, in lower case. What is none is named."""
        addresses, wrong = [], []
        lines = [NAMED.sub(r"\1", line.strip()) for line in re.split(r"[,;\n]", self.cleaned_data["emails"])]
        for word in BETWEEN_ADDRESSES.split(" ".join(lines).strip()):
            try:
                validate_email(word)
            except ValidationError:
                wrong += [word] if word else []
            else:
                addresses.append(word.lower())
        if wrong:
            shown = ", ".join(word[:60] for word in wrong[:3])
            raise ValidationError(f"This is no email address: {shown}. Correct it or take it out.")
        return list(dict.fromkeys(addresses))


class RoleChoice(forms.Form):
    role = forms.ChoiceField()

    def __init__(self, *args: Any, by: Member, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["role"].choices = roles_of(by)  # type: ignore[attr-defined]  # a ChoiceField


class Parting(forms.Form):
    """What becomes of the pictures of somebody who goes."""

    heir = forms.ChoiceField(label="Their pictures", required=False)

    def __init__(self, *args: Any, member: Member, **options: Any) -> None:
        super().__init__(*args, **options)
        others = Member.objects.present().filter(team=member.team_id).exclude(pk=member.pk).select_related("person")
        self.others = {str(one.pk): one for one in others.order_by("joined_at", "pk")}
        named = [(pk, f"Hand over to {one.called}") for pk, one in self.others.items()]
        self.fields["heir"].choices = [("", "Keep under “Former member”"), *named]  # type: ignore[attr-defined]

    def clean_heir(self) -> Member | None:
        return self.others.get(self.cleaned_data["heir"])


class TeamSettings(forms.Form):
    """The name, the clock, who sees new pictures, and who may upscale with which vendor."""

    name = NameField(label="Name", max_length=80)
    time_zone = forms.ChoiceField(label="Time zone", choices=zones)
    starting_credits = forms.IntegerField(
        label="Credits for who joins",
        min_value=0,
        max_value=1_000_000,
        help_text="Moved from the pool when somebody joins, as far as it reaches.",
    )
    private_by_default = forms.BooleanField(label="New pictures are private", required=False)
    may_take_down = forms.BooleanField(label="Who deletes their account may delete their pictures", required=False)

    def __init__(self, *args: Any, team: Team, **options: Any) -> None:
        fields = ("name", "time_zone", "starting_credits", "private_by_default", "may_take_down")
        options["initial"] = {field: getattr(team, field) for field in fields}
        super().__init__(*args, **options)
        rules = dict(UpscaleRule.objects.filter(team=team).values_list("provider", "reach"))
        for key, label in upscalers():
            self.fields[UPSCALING + key] = forms.ChoiceField(
                label=label, choices=Reach.choices, initial=rules.get(key, Reach.EVERYONE)
            )

    @property
    def rules(self) -> list[forms.BoundField]:
        """The fields that say who may upscale, one for each vendor."""
        return [self[name] for name in self.fields if name.startswith(UPSCALING)]

    def reaches(self) -> dict[str, Reach]:
        """Of a valid form: who may upscale, by provider."""
        named = {name: value for name, value in self.cleaned_data.items() if name.startswith(UPSCALING)}
        return {name.removeprefix(UPSCALING): Reach(value) for name, value in named.items()}


def upscalers() -> list[tuple[str, str]]:
    """Key and name of every vendor that enlarges pictures."""
    sellers = {provider.key: provider.label for provider, _ in providers.offers(Operation.UPSCALE)}
    return sorted(sellers.items(), key=lambda one: one[1])


class Joining(forms.Form):
    """A new account for somebody with an invitation. An invitation by e-mail brings its own address."""

    name = NameField(label="Your name", max_length=120, widget=forms.TextInput({"autocomplete": "name"}))
    email = forms.EmailField(label="Email", max_length=254, widget=forms.EmailInput({"autocomplete": "email"}))
    password = forms.CharField(
        label="Password",
        strip=False,
        max_length=128,
        widget=forms.PasswordInput({"autocomplete": "new-password"}),
        help_text="At least 12 characters. A sentence is fine.",
    )

    def __init__(self, *args: Any, email: str, **options: Any) -> None:
        super().__init__(*args, **options)
        if email:
            self.fields["email"] = forms.EmailField(
                label="Email", initial=email, disabled=True, widget=forms.EmailInput({"autocomplete": "username"})
            )
