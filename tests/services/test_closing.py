"""A deleted account: gone at once, nameless in what stays, and refused where others would be left without an owner."""

import os
import time
import uuid
from collections import Counter
from collections.abc import Callable
from io import StringIO
from typing import Any

import pytest
from django.apps import apps
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.contenttypes.models import ContentType
from django.core.management import call_command
from django.test import Client
from django.urls import reverse

from generations import providers
from generations.models import (
    AuditEntry,
    Credential,
    CredentialState,
    CreditAccount,
    CreditEntry,
    Generation,
    Image,
    Invitation,
    Member,
    Person,
    Role,
    State,
    Team,
)
from generations.queries.library import wall_for
from generations.services import closing, exporting, housekeeping, ordering, prompting, teams
from tests.conftest import PASSWORD, Cast
from tests.engines import Engine, engine, template
from tests.making import fail_one, finish, finish_one, hand_over, make_waiting
from tests.prompts import block, hold, make_rule
from tests.running import run_jobs
from tests.services.teams.people import kinds, token_of

__all__ = ["engine", "template"]

CANARY = "a canary on a lamp"
TAKEN = closing.Fate(takes_down=True)
SignIn = Callable[[Member], Client]


@pytest.fixture
def ben(cast: Cast) -> Person:
    assert cast.ben.person is not None
    return cast.ben.person


def rows_with(words: list[str]) -> list[str]:
    """Every row of the database that has one of these words in it, as table and column."""
    found = []
    for model in apps.get_models():
        for field in model._meta.concrete_fields:
            for value in model._default_manager.values_list(field.attname, flat=True):
                if any(word in str(value).lower() for word in words):
                    found.append(f"{model._meta.label}.{field.name}: {value}")
    return found


def enlarge(member: Member, image: Image) -> Generation:
    twice = providers.offer("demo", "enlarge-2x")
    batch = ordering.order_upscale(
        member=member, image=image, provider="demo", offer=twice, request_key=uuid.uuid4().hex
    )
    made: Generation = batch.generations.get()
    return made


def wall_ids(member: Member) -> list[object]:
    return list(Image.objects.visible_to(member).order_by("pk").values_list("pk", flat=True))


def age_the_shelf(settings: Any) -> None:
    """Two days pass for every file."""
    then = time.time() - 2 * 24 * 3600
    for file in settings.MEDIA_ROOT.rglob("*"):
        os.utime(file, (then, then))


def clean() -> bool:
    out = StringIO()
    call_command("studio_audit", "--strict", stdout=out)
    return "0 findings" in out.getvalue()


class TestWhatStays:
    def test_is_the_ledger_and_the_pictures_without_a_name(self, cast: Cast, ben: Person) -> None:
        image, running, waiting = finish_one(cast.ben), hand_over(make_waiting(cast.ben)), make_waiting(cast.ben)
        entries = CreditEntry.objects.filter(account__member=cast.ben).count()
        closing.close(ben)

        assert not Person.objects.filter(pk=ben.pk).exists()
        member = Member.objects.get(pk=cast.ben.pk)
        assert (member.called, member.left_at is not None) == ("Former member", True)
        states = [Generation.objects.get(pk=row.pk).state for row in (running, waiting)]
        assert states == [State.RUNNING, State.CANCELED]
        assert CreditEntry.objects.filter(account__member=cast.ben).count() > entries
        assert CreditAccount.objects.get(member=cast.ben).available == 0
        [hung] = wall_for(cast.ada).images
        assert (Image.objects.get().pk, hung.maker) == (image.pk, "Former member")
        out = StringIO()
        call_command("studio_audit", "--strict", stdout=out)

    def test_names_nobody(self, cast: Cast) -> None:
        """S66: a canary in every place an address can be."""
        teams.invite(by=cast.ada, emails=["canary@studio.test"], role=Role.ADMIN)
        row = Invitation.objects.select_related("team", "invited_by__person").get()
        person = teams.join_as_new(invitation=row, email="", name="Kanari", password="nine lamps on a sill")
        kind = ContentType.objects.get_for_model(Person)
        staff = cast.ada.person
        assert staff is not None
        LogEntry.objects.create(
            user=staff, content_type=kind, object_id=str(person.pk), object_repr=str(person), action_flag=CHANGE
        )
        exporting.ask(person)
        run_jobs()
        staff.notices.all().delete()  # what an inbox holds of them is pruned within 30 days
        number = person.pk
        closing.close(person)

        assert rows_with(["canary", "kanari"]) == []
        assert AuditEntry.objects.filter(action="account_deleted", target=f"person:{number}").count() == 1

    def test_is_no_file_of_their_data(self, ben: Person, settings: Any) -> None:
        exporting.ask(ben)
        run_jobs()
        assert list(settings.EXPORT_DIR.iterdir())
        closing.close(ben)
        assert list(settings.EXPORT_DIR.iterdir()) == []

    def test_is_told_to_who_manages_without_a_name(self, cast: Cast, ben: Person) -> None:
        closing.close(ben)
        assert kinds(cast.ada) == ["member_left"]
        assert cast.ada.person is not None
        assert "Ben" not in cast.ada.person.notices.get().subject


class TestTheLastOwner:
    def test_of_a_team_with_others_stays(self, cast: Cast) -> None:
        ada = cast.ada.person
        assert ada is not None
        make_waiting(cast.ada)
        with pytest.raises(closing.StillNeeded, match="the only owner of North"):
            closing.close(ada)
        assert Person.objects.filter(pk=ada.pk).exists()
        assert Generation.objects.open().count() == 1

    def test_goes_after_somebody_else_became_owner(self, cast: Cast) -> None:
        assert cast.ada.person is not None
        teams.change_role(by=cast.ada, member=cast.ben, role=Role.OWNER)
        closing.close(cast.ada.person)
        assert list(Member.objects.present().filter(team=cast.team, role=Role.OWNER)) == [cast.ben]

    def test_of_a_team_of_their_own_goes(self, cast: Cast) -> None:
        mallory = cast.mallory.person
        assert mallory is not None
        make_waiting(cast.mallory)
        closing.close(mallory)
        assert (
            Member.objects.present().filter(team=cast.mallory.team_id).count(),
            Generation.objects.open().count(),
        ) == (0, 0)

    def test_of_one_team_keeps_the_others_too(self, cast: Cast) -> None:
        """All or nothing."""
        ada = cast.ada.person
        assert ada is not None
        south = Member.objects.create(team=cast.mallory.team, person=ada, role=Role.CREATOR)
        with pytest.raises(closing.StillNeeded):
            closing.close(ada)
        south.refresh_from_db()
        assert south.left_at is None

    def test_of_a_team_of_their_own_leaves_no_key_and_no_way_in(self, cast: Cast) -> None:
        """Nobody could ever take the key out again, or read what an invitation led to."""
        mallory = cast.mallory.person
        assert mallory is not None
        finish_one(cast.mallory, CANARY)
        key = Credential.objects.get(team=cast.mallory.team)
        Credential.objects.filter(pk=key.pk).update(sealed_key="sealed", sealed_webhook_key="sealed")
        token = token_of(teams.make_link(by=cast.mallory, role=Role.CREATOR))
        closing.close(mallory)

        key.refresh_from_db()
        assert (key.state, key.sealed_key, key.sealed_webhook_key) == (CredentialState.RETIRED, "", "")
        link = teams.find(token=token)
        assert link is not None
        assert link.revoked_at is not None
        assert rows_with([CANARY]) == []
        assert Credential.objects.get(team=cast.team).state == CredentialState.ACTIVE


class TestWhatRulesStopped:
    """Whether or not the pictures stay, what was never made goes with its words."""

    @pytest.mark.parametrize("fates", [False, True])
    def test_goes_with_what_was_typed_and_said(self, cast: Cast, ben: Person, fates: bool) -> None:
        make_rule(cast.ada, "block", words="canary", name="Block")
        hit = block(cast.ben, CANARY)
        prompting.appeal(hit=hit, member=cast.ben, words=CANARY)
        make_rule(cast.ada, "hold", words="gull", name="Hold")
        held = hold(cast.ben, f"gull, {CANARY.replace('canary', 'finch')}")
        closing.close(ben, fates={cast.team.pk: TAKEN} if fates else None)

        held.refresh_from_db()
        assert (held.state, held.prompt) == ("withdrawn", "")
        assert rows_with([CANARY, "finch"]) == []
        assert clean()

    def test_goes_with_whose_words_somebody_else_asked_for_again(self, cast: Cast, ben: Person) -> None:
        failed = fail_one(cast.ben)
        Generation.objects.filter(pk=failed.pk).update(prompt=CANARY)
        failed.refresh_from_db()
        make_rule(cast.ada, "hold", words="canary", name="Hold")
        with pytest.raises(ordering.PromptHeld):
            ordering.retry(member=cast.ada, generation=failed, request_key="again")
        closing.close(ben, fates={cast.team.pk: TAKEN})

        assert [one for one in rows_with([CANARY]) if "PromptRule" not in one] == []


class TestWhoRunsTheStudio:
    def test_alone_stays(self, cast: Cast, ben: Person) -> None:
        Person.objects.filter(pk=ben.pk).update(is_superuser=True)
        Person.objects.create_superuser("gone@studio.test", is_active=False)
        ben.refresh_from_db()
        with pytest.raises(closing.StillNeeded, match="only superuser"):
            closing.close(ben)
        assert Member.objects.present().filter(pk=cast.ben.pk).exists()

    def test_goes_when_somebody_else_may(self, cast: Cast, ben: Person) -> None:
        Person.objects.filter(pk=ben.pk).update(is_superuser=True)
        Person.objects.create_superuser("root@studio.test")
        ben.refresh_from_db()
        closing.close(ben)
        assert not Person.objects.filter(pk=ben.pk).exists()


class TestTheirPictures:
    def test_go_with_their_words_and_files_when_they_say_so(
        self, cast: Cast, ben: Person, settings: Any, pass_time: Callable[[float], None]
    ) -> None:
        """S66: a canary in every prompt; the database and the shelf are searched, and the ledger still adds up."""
        image, failed = finish_one(cast.ben, CANARY), fail_one(cast.ben)
        Generation.objects.filter(pk=failed.pk).update(prompt=CANARY, vendor_text=CANARY)
        failed.attempts.update(detail=CANARY)
        running = hand_over(make_waiting(cast.ben, CANARY))
        others = finish_one(cast.ada, "a quiet lamp")
        waiting = make_waiting(cast.ben, CANARY)
        entries = CreditEntry.objects.count()
        closing.close(ben, fates={cast.team.pk: TAKEN})

        assert wall_ids(cast.ada) == [others.pk]
        assert rows_with([CANARY]) == [f"generations.Generation.prompt: {CANARY}"]
        assert Generation.objects.get(pk=running.pk).is_private
        assert Generation.objects.get(pk=waiting.pk).state == State.CANCELED

        late = finish(running)
        assert wall_ids(cast.vera) == [others.pk]
        age_the_shelf(settings)
        housekeeping.keep_house(Counter())
        assert rows_with([CANARY]) == []
        assert not Image.objects.with_file().filter(pk__in=[image.pk, late.pk]).exists()
        assert sorted(file.stem for file in settings.MEDIA_ROOT.glob("originals/*/*")) == [others.sha256]
        assert CreditEntry.objects.filter(account__member=cast.ben).exists()
        assert CreditEntry.objects.count() > entries
        assert clean()

    def test_are_nobodys_in_no_page_afterwards(self, cast: Cast, ben: Person, signed_in: SignIn) -> None:
        image = finish_one(cast.ben, CANARY)
        client = signed_in(cast.ada)
        closing.close(ben, fates={cast.team.pk: TAKEN})

        assert client.get(reverse("image", args=[image.pk])).status_code == 404
        assert client.get(reverse("image_original", args=[image.pk])).status_code == 404
        for place in ("studio", "library", "credits", "team"):
            answer = client.get(reverse(place))
            assert (answer.status_code, CANARY in answer.content.decode()) == (200, False), place
        assert "This picture was removed" in client.get("/").content.decode()

    def test_leave_what_others_made_of_them_without_their_words(self, cast: Cast, ben: Person) -> None:
        drawn = finish_one(cast.ben, CANARY)
        larger = finish(enlarge(cast.ada, drawn))
        largest = finish(enlarge(cast.ada, larger))
        repeated = ordering.retry(member=cast.ada, generation=fail_one(cast.ben), request_key="again").generations.get()
        Generation.objects.filter(pk=repeated.pk).update(prompt=CANARY)
        finish(repeated)
        closing.close(ben, fates={cast.team.pk: TAKEN})

        assert {larger.pk, largest.pk} < set(wall_ids(cast.ada))
        assert rows_with([CANARY]) == []
        assert clean()

    def test_cannot_be_tried_again_without_words(self, cast: Cast, ben: Person) -> None:
        failed = fail_one(cast.ben)
        closing.close(ben, fates={cast.team.pk: TAKEN})
        failed.refresh_from_db()
        with pytest.raises(ordering.NothingToRetry):
            ordering.retry(member=cast.ada, generation=failed, request_key="again")

    def test_go_to_an_heir_or_stay_as_they_say(self, cast: Cast, ben: Person) -> None:
        image = finish_one(cast.ben)
        image.generation.share(private=True)
        closing.close(ben, fates={cast.team.pk: closing.Fate(heir=cast.vera)})
        assert wall_ids(cast.vera) == [image.pk]
        assert wall_ids(cast.ada) == []

    def test_stay_where_the_team_keeps_what_was_made(self, cast: Cast, ben: Person) -> None:
        image = finish_one(cast.ben)
        Team.objects.filter(pk=cast.team.pk).update(may_take_down=False)
        with pytest.raises(teams.TeamRefusal, match="keeps what was made"):
            closing.close(ben, fates={cast.team.pk: TAKEN})
        assert Person.objects.filter(pk=ben.pk).exists()
        assert wall_ids(cast.ada) == [image.pk]

    def test_of_a_part_are_still_worth_their_part(self, cast: Cast, ben: Person) -> None:
        """What it cost is reckoned by how many the vendor named."""
        finish_one(cast.ben, CANARY)
        row = Generation.objects.get(prompt=CANARY)
        Generation.objects.filter(pk=row.pk).update(result_urls=["https://a.test/1", "https://a.test/2"], missing=1)
        row.refresh_from_db()
        before = row.charged
        closing.close(ben, fates={cast.team.pk: TAKEN})
        row.refresh_from_db()
        assert (row.charged, row.result_urls) == (before, ["", ""])


@pytest.mark.parametrize(("race", "left"), [("delete_together", 0), ("delete_both_superusers", 1)])
def test_two_who_go_at_once(engine: Engine, race: str, left: int) -> None:
    """The teams they share are locked in one order; of the last two superusers one stays."""
    told = engine.ask("tests.services.teams", race)
    assert (told["left"], told["seen"].count("done")) == (left, 2 - left), told
    assert told["audit"] == 0


def test_where_they_came_from_is_forgotten_and_what_they_did_is_not(cast: Cast, ben: Person) -> None:
    for name in ("ben", "ada"):
        facts = {"login": f"{name}@studio.test", "password": PASSWORD}
        Client().post(reverse("account_login"), facts, REMOTE_ADDR=f"192.0.2.{len(name)}")
    number = ben.pk
    closing.close(ben)

    mine = AuditEntry.objects.filter(actor=f"person:{number}").order_by("pk")
    assert [(line.action, line.address) for line in mine] == [("signed_in", ""), ("account_deleted", "")]
    assert AuditEntry.objects.filter(action="signed_in", person=cast.ada.person, address="192.0.2.3").exists()
