"""What owners and admins send: addresses as people paste them, and choices nobody forges."""

from typing import ClassVar

import pytest

from generations.forms.team import Invite, Joining, Parting, TeamSettings, roles_of
from generations.models import Reach, Role
from tests.conftest import Cast, join


def invited(cast: Cast, words: str) -> Invite:
    return Invite({"emails": words, "role": "creator"}, by=cast.ada)


@pytest.mark.parametrize(
    "words",
    [
        "a@x.test, B@x.test",
        "a@x.test b@x.test a@x.test",
        "a@x.test\nb@x.test\n\n",
        "Ann Lee <a@x.test>; Bo <b@x.test>,",
        " a@x.test;b@x.test ",
    ],
)
def test_addresses_are_read_as_people_paste_them(cast: Cast, words: str) -> None:
    form = invited(cast, words)
    assert form.is_valid(), form.errors
    assert form.cleaned_data["emails"] == ["a@x.test", "b@x.test"]


def test_no_address_is_a_wish_for_a_link(cast: Cast) -> None:
    form = invited(cast, " ,\n")
    assert form.is_valid()
    assert form.cleaned_data["emails"] == []


def test_what_is_no_address_is_named(cast: Cast) -> None:
    form = invited(cast, "a@x.test, nonsense, b@")
    assert not form.is_valid()
    assert "nonsense, b@" in str(form.errors)


def test_a_role_above_ones_own_is_no_choice(cast: Cast) -> None:
    ana = join(cast.team, "Ana", Role.ADMIN, credits=0)
    assert [value for value, _ in roles_of(ana)] == ["admin", "creator", "viewer"]
    assert not Invite({"emails": "a@x.test", "role": "owner"}, by=ana).is_valid()
    assert Invite({"emails": "a@x.test", "role": "owner"}, by=cast.ada).is_valid()


def test_pictures_go_to_somebody_present_in_the_same_team(cast: Cast) -> None:
    for heir, fits in ((cast.ada, True), (cast.vera, True), (cast.ben, False), (cast.mallory, False)):
        form = Parting({"heir": str(heir.pk)}, member=cast.ben)
        assert form.is_valid() is fits, heir
    form = Parting({"heir": ""}, member=cast.ben)
    assert form.is_valid()
    assert form.cleaned_data["heir"] is None


class TestSettings:
    FACTS: ClassVar = {
        "name": "Norden",
        "time_zone": "Europe/Berlin",
        "starting_credits": "7",
        "upscaling_demo": "nobody",
    }

    def form(self, cast: Cast, **facts: str) -> TeamSettings:
        base = TeamSettings(team=cast.team)
        rules = {name: "everyone" for name in base.fields if name.startswith("upscaling_")}
        return TeamSettings(rules | self.FACTS | facts, team=cast.team)

    def test_say_for_each_vendor_who_upscales(self, cast: Cast) -> None:
        form = self.form(cast)
        assert form.is_valid(), form.errors
        assert form.reaches()["demo"] is Reach.NOBODY
        assert form.cleaned_data["private_by_default"] is False

    @pytest.mark.parametrize(
        ("field", "value"),
        [
            ("name", ""),
            ("name", "x" * 81),
            ("time_zone", "Moon/Base"),
            ("starting_credits", "-1"),
            ("starting_credits", "1000001"),
            ("upscaling_demo", "me"),
        ],
    )
    def test_refuse_nonsense(self, cast: Cast, field: str, value: str) -> None:
        form = self.form(cast, **{field: value})
        assert not form.is_valid()
        assert list(form.errors) == [field]


def test_an_invitation_by_mail_brings_its_own_address() -> None:
    facts = {"name": "Nia", "email": "other@x.test", "password": "nine lamps on a sill"}
    form = Joining(facts, email="named@x.test")
    assert form.is_valid()
    assert form.cleaned_data["email"] == "named@x.test"
    assert not Joining(facts | {"email": "nonsense"}, email="").is_valid()
