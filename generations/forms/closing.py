"""The deletion of an account: by its password, or by a tick for whoever has none and just showed who they are."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from generations.forms.password import CHARACTERS_MAX
from generations.models import Member, Person
from generations.services.closing import Fate, Parting

KEEP, TAKE_DOWN = "keep", "delete"
PICTURES = "pictures_"


class Closing(forms.Form):
    """For each team with others in it, what becomes of the pictures; then the password."""

    password = forms.CharField(
        label="Your password",
        strip=False,
        max_length=CHARACTERS_MAX,
        widget=forms.PasswordInput({"autocomplete": "current-password"}),
    )
    sure = forms.BooleanField(label="Delete my account", error_messages={"required": "Tick it if you mean it."})

    def __init__(self, *args: Any, person: Person, partings: Iterable[Parting], **options: Any) -> None:
        super().__init__(*args, **options)
        self.person = person
        del self.fields["sure" if person.has_usable_password() else "password"]
        self.heirs: dict[str, Member] = {}
        self.teams: list[tuple[Parting, str]] = []
        for parting in partings:
            name = f"{PICTURES}{parting.member.team_id}"
            if not parting.is_last:
                self.fields[name] = forms.ChoiceField(
                    label="What you made here", required=False, choices=self._choices(parting)
                )
            self.teams.append((parting, name if not parting.is_last else ""))

    def clean_password(self) -> str:
        password: str = self.cleaned_data["password"]
        if not self.person.check_password(password):
            raise ValidationError("That is not your password. Nothing was deleted.")
        return password

    @property
    def partings(self) -> list[tuple[Parting, forms.BoundField | None]]:
        """What is at stake in each team, and the field that asks what becomes of it."""
        return [(parting, self[name] if name else None) for parting, name in self.teams]

    def fates(self) -> dict[int, Fate]:
        """Of a valid form: what becomes of the pictures, by the number of the team."""
        chosen = {parting.member.team_id: self.cleaned_data.get(name, "") for parting, name in self.teams}
        return {
            team: Fate(heir=self.heirs.get(choice), takes_down=choice == TAKE_DOWN) for team, choice in chosen.items()
        }

    def _choices(self, parting: Parting) -> list[tuple[str, str]]:
        member = parting.member
        others = Member.objects.present().filter(team=member.team_id).exclude(pk=member.pk).select_related("person")
        named = {str(one.pk): one for one in others.order_by("joined_at", "pk")}
        self.heirs |= named
        gone = [(TAKE_DOWN, "Delete it, with the words you typed")] if parting.may_take_down else []
        heirs = [(pk, f"Hand it over to {one.called}") for pk, one in named.items()]
        return [(KEEP, "Keep it under “Former member”"), *gone, *heirs]
