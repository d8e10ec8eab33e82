"""What a team decides: who sees new pictures, who upscales with whom, and which team a person is in."""

import uuid

import pytest

from generations import providers
from generations.models import AuditEntry, Generation, Image, Member, Reach, Role, Team
from generations.queries.fits import fits_for
from generations.services import ordering, teams
from tests.conftest import Cast, join
from tests.making import finish_one, make_waiting

TWICE = providers.offer("demo", "enlarge-2x")


def decide(by: Member, **changes: object) -> None:
    facts = {"name": "North", "time_zone": "UTC", "private_by_default": False, "starting_credits": 100, "reaches": {}}
    facts["may_take_down"] = True
    teams.decide(by=by, decision=teams.Decision(**(facts | changes)))  # type: ignore[arg-type]


def reload(member: Member) -> Member:
    return Member.objects.select_related("team", "person").get(pk=member.pk)


def enlarge(member: Member, image: Image) -> Generation:
    batch = ordering.order_upscale(
        member=member, image=image, provider="demo", offer=TWICE, request_key=uuid.uuid4().hex
    )
    made: Generation = batch.generations.get()
    return made


class TestADecision:
    def test_is_kept_and_only_what_changed_is_written_down(self, cast: Cast) -> None:
        decide(cast.ada, name="Norden", time_zone="Europe/Berlin", reaches={"demo": Reach.MANAGERS})

        team = Team.objects.get(pk=cast.team.pk)
        assert (team.name, team.time_zone) == ("Norden", "Europe/Berlin")
        line = AuditEntry.objects.get(action="team_changed")
        assert line.before == {"name": "North", "time_zone": "UTC", "upscaling": {}}
        assert line.after == {"name": "Norden", "time_zone": "Europe/Berlin", "upscaling": {"demo": "managers"}}

    def test_that_changes_nothing_leaves_no_line(self, cast: Cast) -> None:
        decide(cast.ada)
        assert not AuditEntry.objects.exists()

    @pytest.mark.parametrize("name", ["ben", "vera"])
    def test_is_for_who_manages(self, cast: Cast, name: str) -> None:
        with pytest.raises(teams.NotAllowed):
            decide(getattr(cast, name), name="Mine")

    def test_is_not_taken_by_who_was_demoted_since_their_page_was_made(self, cast: Cast) -> None:
        Member.objects.filter(pk=cast.ada.pk).update(role=Role.CREATOR)
        with pytest.raises(teams.NotAllowed):
            decide(cast.ada, name="Mine")


class TestPrivacy:
    def test_of_a_new_picture_is_the_teams_unless_its_maker_says(self, cast: Cast) -> None:
        assert make_waiting(cast.ben).is_private is False
        decide(cast.ada, private_by_default=True)
        ben = reload(cast.ben)
        assert make_waiting(ben).is_private is True

        words = {"provider": "demo", "prompt": "a lamp", "shape": "1:1", "count": 1}
        offer = providers.offer("demo", "painter")
        for private in (True, False):
            key = uuid.uuid4().hex
            batch = ordering.order_drawing(member=ben, offer=offer, request_key=key, private=private, **words)  # type: ignore[arg-type]
            assert batch.generations.get().is_private is private

    def test_of_an_upscale_is_its_sources(self, cast: Cast) -> None:
        image = finish_one(cast.ben)
        assert enlarge(cast.ben, image).is_private is False
        teams.choose_privacy(by=cast.ben, generation=image.generation, private=True)
        decide(cast.ada, private_by_default=False)
        assert enlarge(cast.ben, image).is_private is True

    def test_is_its_makers_or_its_heirs_choice_alone(self, cast: Cast) -> None:
        image = finish_one(cast.ben)
        for other in (cast.ada, cast.vera, cast.mallory):
            with pytest.raises(teams.NotAllowed):
                teams.choose_privacy(by=other, generation=image.generation, private=True)
        teams.choose_privacy(by=cast.ben, generation=image.generation, private=True)
        assert not Image.objects.visible_to(cast.ada).exists()

        teams.remove(by=cast.ada, member=cast.ben, heir=cast.vera)
        image = Image.objects.select_related("generation").get()
        teams.choose_privacy(by=cast.vera, generation=image.generation, private=False)
        assert Image.objects.visible_to(cast.ada).exists()


class TestWhoUpscales:
    @pytest.mark.parametrize(
        ("reach", "may"),
        [
            (Reach.EVERYONE, {"owner": True, "admin": True, "creator": True}),
            (Reach.MANAGERS, {"owner": True, "admin": True, "creator": False}),
            (Reach.NOBODY, {"owner": False, "admin": False, "creator": False}),
        ],
    )
    def test_is_the_same_at_the_sheet_and_at_the_order(self, cast: Cast, reach: Reach, may: dict[str, bool]) -> None:
        image = finish_one(cast.ada)
        decide(cast.ada, reaches={"demo": reach})
        ana = join(cast.team, "Ana", Role.ADMIN)
        for member in (cast.ada, ana, cast.ben):
            possible = {fit.possible for fit in fits_for(image, member=member) if fit.provider.key == "demo"}
            assert (True in possible) is may[member.role]
            if may[member.role]:
                enlarge(member, image)
            else:
                with pytest.raises(ordering.OfferUnavailable, match="does not let you upscale"):
                    enlarge(member, image)

    def test_of_one_team_is_nothing_to_another(self, cast: Cast) -> None:
        decide(cast.ada, reaches={"demo": Reach.NOBODY})
        image = finish_one(cast.mallory)
        assert enlarge(cast.mallory, image).team == cast.mallory.team


class TestTheTeamAPersonIsIn:
    def test_is_one_of_theirs(self, cast: Cast) -> None:
        person = cast.ben.person
        assert person is not None
        assert teams.choose_team(person=person, team=cast.mallory.team_id) is None
        Member.objects.create(team=cast.mallory.team, person=person, role=Role.VIEWER)
        assert teams.choose_team(person=person, team=cast.mallory.team_id) is not None
        assert Member.objects.of(person)[0].team == cast.mallory.team
