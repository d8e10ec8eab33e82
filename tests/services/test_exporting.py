"""One's own data as a file: whole, one's own alone, made slice by slice, gone after a day."""

import hashlib
import io
import json
import os
import time
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django_q.models import OrmQ

from generations import storage
from generations.models import AuditEntry, Export, Person
from generations.services import boards, exporting, marking, notifying, reviewing, teams, trashing
from tests.archives import pack
from tests.cases import decide, make_moderator, report
from tests.conftest import Cast
from tests.making import fail_one, finish_one, make_waiting
from tests.prompts import stop_prompts
from tests.running import run_jobs
from tests.services.boards.hanging import begin
from tests.services.teams.people import kinds

CANARY = "a lamp only Ada knows of"


@pytest.fixture
def ben(cast: Cast) -> Person:
    assert cast.ben.person is not None
    return cast.ben.person


def ask(person: Person) -> Export:
    """With nothing else in the queue: what drew the pictures is not what is tested."""
    OrmQ.objects.all().delete()
    return exporting.ask(person)


def fetched(person: Person) -> zipfile.ZipFile:
    """Ask, let the queue work, and open what came of it."""
    ask(person)
    run_jobs()
    path = exporting.file_of(person)
    assert path is not None
    return zipfile.ZipFile(io.BytesIO(path.read_bytes()))


def read(archive: zipfile.ZipFile, name: str) -> Any:
    return json.loads(archive.read(name))


def files(settings: Any) -> list[Path]:
    return sorted(settings.EXPORT_DIR.iterdir())


class TestTheFile:
    def test_holds_what_is_theirs(self, cast: Cast, ben: Person) -> None:
        image = finish_one(cast.ben, 'a lamp / ../ with a "name"')
        fail_one(cast.ben)
        make_waiting(cast.ben, "a lamp in line")
        notifying.tell(ben, notifying.Word(kind="test", subject="The lamp is lit"))
        pack(cast.ben, [image])
        archive = fetched(ben)

        assert archive.testzip() is None
        assert read(archive, "profile.json")[0]["email"] == "ben@studio.test"
        assert [one["team"] for one in read(archive, "memberships.json")] == ["North"]
        orders = {one["prompt"]: one["state"] for one in read(archive, "orders.json")}
        assert orders["a lamp in line"] == "queued"
        assert orders['a lamp / ../ with a "name"'] == "succeeded"
        moves = [
            (one["from"], one["to"]) for one in read(archive, "events.json") if one["order"] == str(image.generation_id)
        ]
        assert (moves[0], moves[-1]) == (("", "queued"), ("fetching", "succeeded"))
        assert {line["kind"] for line in read(archive, "credits.json")} >= {"transfer_in", "hold", "settle", "release"}
        assert [one["subject"] for one in read(archive, "notices.json")] == ["The lamp is lit"]
        assert [(one["pictures"], one["state"]) for one in read(archive, "archives.json")] == [(1, "ready")]
        [listed] = read(archive, "manifest.json")[0]["pictures"]
        assert listed["file"] == f"pictures/a-lamp-with-a-name-{image.pk}.jpg"
        assert hashlib.sha256(archive.read(listed["file"])).hexdigest() == listed["sha256"] == image.sha256

    def test_holds_what_rules_stopped_and_what_was_said_about_it(self, cast: Cast, ben: Person) -> None:
        stop_prompts(cast.ben)
        archive = fetched(ben)

        hits = {one["prompt"]: one for one in read(archive, "prompt_rules.json")}
        assert {one["action"] for one in hits.values()} == {"block", "hold"}
        assert hits["an emblem in the snow"]["appeal"]["said"] == "It is our own."
        [held] = read(archive, "held_orders.json")
        assert (held["prompt"], held["state"], held["count"]) == ("a brand on a lamp", "waiting", 2)

    def test_holds_what_they_said_about_pictures(self, cast: Cast, ben: Person) -> None:
        image = finish_one(cast.ada)
        marking.favor(member=cast.ben, images=[image], is_favorite=True)
        marking.pick(member=cast.ben, images=[image], is_picked=True)
        marking.tag(member=cast.ben, images=[image], names=["brass"])
        marking.note(member=cast.ben, image=image, text="For the hallway")
        marking.note(member=cast.ada, image=image, text=CANARY)
        archive = fetched(ben)

        [mark], [pick] = read(archive, "marks.json"), read(archive, "picks.json")
        assert (mark["picture"], mark["favorite"], mark["stars"]) == (str(image.pk), True, None)
        assert pick["picture"] == str(image.pk)
        assert [one["tag"] for one in read(archive, "tags.json")] == ["brass"]
        assert [one["text"] for one in read(archive, "notes.json")] == ["For the hallway"]

    def test_holds_the_boards_they_made_with_their_own_pictures(self, cast: Cast, ben: Person) -> None:
        own, others = finish_one(cast.ben), finish_one(cast.ada)
        begin(cast.ben, "Mine", is_private=True, images=[own, others])
        begin(cast.ada, CANARY, images=[own])
        boards.make(member=cast.ben, name="Kept", is_private=False, search="q=lamp")

        mine, kept = read(fetched(ben), "boards.json")
        assert (mine["name"], mine["private"], mine["pictures"]) == ("Mine", True, [str(own.pk)])
        assert (kept["name"], kept["search"], kept["pictures"]) == ("Kept", "q=lamp", [])

    def test_holds_nothing_of_anybody_else(self, cast: Cast, ben: Person) -> None:
        finish_one(cast.ada, CANARY)
        finish_one(cast.mallory, CANARY)
        left = finish_one(cast.ada, CANARY)
        left.generation.__class__.objects.filter(pk=left.generation_id).update(kept_by=cast.ben)
        archive = fetched(ben)

        text = b"".join(archive.read(name) for name in archive.namelist())
        for word in (CANARY, "ada@", "mallory@", "vera@", "South"):
            assert word.encode() not in text, word
        assert not [name for name in archive.namelist() if name.startswith("pictures/")]

    def test_holds_nothing_of_a_team_they_left_but_that_they_were_there(self, cast: Cast, ben: Person) -> None:
        finish_one(cast.ben, CANARY)
        teams.leave(member=cast.ben, heir=None)
        archive = fetched(ben)
        assert read(archive, "memberships.json")[0]["left_at"]
        assert (read(archive, "orders.json"), read(archive, "credits.json")) == ([], [])

    def test_names_a_picture_whose_file_is_gone(self, cast: Cast, ben: Person) -> None:
        image = finish_one(cast.ben)
        storage.original_path(image).unlink()
        manifest = read(fetched(ben), "manifest.json")[0]
        assert ([one["file"][-40:-4] for one in manifest["missing"]], manifest["pictures"]) == ([str(image.pk)], [])

    def test_keeps_private_and_same_named_pictures_apart(self, cast: Cast, ben: Person) -> None:
        private, _ = finish_one(cast.ben), finish_one(cast.ben)
        private.generation.share(private=True)
        names = [name for name in fetched(ben).namelist() if name.startswith("pictures/")]
        assert len(set(names)) == 2

    def test_has_what_is_in_the_trash_and_nothing_that_is_gone(self, cast: Cast, ben: Person) -> None:
        thrown, gone = finish_one(cast.ben), finish_one(cast.ben)
        trashing.trash(member=cast.ben, images=[thrown, gone])
        trashing.purge(member=cast.ben, images=[gone])
        names = [name for name in fetched(ben).namelist() if name.startswith("pictures/")]
        assert [name[-40:-4] for name in names] == [str(thrown.pk)]


class TestTheWork:
    def test_goes_on_in_slices(self, cast: Cast, ben: Person, monkeypatch: pytest.MonkeyPatch) -> None:
        for _ in range(3):
            finish_one(cast.ben)
        monkeypatch.setattr(exporting, "SLICE_SECONDS", 0)
        ask(ben)
        assert run_jobs() == ["export"] * 3

        mine = exporting.find(ben)
        assert mine is not None
        assert mine.pictures == 3
        assert kinds(cast.ben) == ["export"]

    def test_is_asked_for_once_while_it_lasts(self, cast: Cast, ben: Person) -> None:
        assert exporting.ask(ben) == exporting.ask(ben)
        assert run_jobs() == ["export"]
        assert AuditEntry.objects.filter(action="data_exported").count() == 1

    def test_begins_anew_when_a_slice_died(
        self,
        cast: Cast,
        ben: Person,
        settings: Any,
        monkeypatch: pytest.MonkeyPatch,
        pass_time: Callable[[float], None],
    ) -> None:
        finish_one(cast.ben)
        finish_one(cast.ben)
        monkeypatch.setattr(exporting, "SLICE_SECONDS", 0)
        row = ask(ben)
        exporting.go_on(export=row.token)
        [part] = files(settings)
        part.write_bytes(b"half a file")
        exporting.keep_house()
        pass_time(3601)
        exporting.keep_house()
        run_jobs()

        path = exporting.file_of(ben)
        assert path is not None
        with zipfile.ZipFile(path) as archive:
            assert archive.testzip() is None
            assert len([name for name in archive.namelist() if name.startswith("pictures/")]) == 2

    def test_never_goes_on_with_a_file_that_a_dead_slice_left(
        self, cast: Cast, ben: Person, settings: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Its message comes back from the queue before housekeeping looks."""
        finish_one(cast.ben)
        finish_one(cast.ben)
        monkeypatch.setattr(exporting, "SLICE_SECONDS", 0)
        row = ask(ben)
        exporting.go_on(export=row.token)
        [part] = files(settings)
        with part.open("r+b") as file:
            file.seek(-30, os.SEEK_END)
            file.truncate()
        run_jobs()

        path = exporting.file_of(ben)
        assert path is not None
        with zipfile.ZipFile(path) as archive:
            assert len([name for name in archive.namelist() if name.startswith("pictures/")]) == 2
        assert files(settings) == [path]

    def test_by_a_late_message_changes_nothing(self, cast: Cast, ben: Person) -> None:
        row = exporting.ask(ben)
        run_jobs()
        path = exporting.file_of(ben)
        assert path is not None
        before = path.read_bytes()
        exporting.go_on(export=row.token)
        exporting.go_on(export="0" * 32)
        assert path.read_bytes() == before

    def test_is_refused_where_the_disk_has_no_room(
        self, cast: Cast, ben: Person, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(exporting, "SPARE_BYTES", 1 << 60)
        exporting.ask(ben)
        run_jobs()
        assert exporting.find(ben) is None
        [notice] = ben.notices.all()
        assert "no room" in notice.words


class TestTheEnd:
    def test_comes_after_a_day(self, ben: Person, settings: Any, pass_time: Callable[[float], None]) -> None:
        fetched(ben)
        pass_time(24 * 3600 - 60)
        assert exporting.file_of(ben) is not None
        pass_time(120)
        assert (exporting.file_of(ben), exporting.find(ben)) == (None, None)
        assert exporting.keep_house() == 1
        assert (files(settings), Export.objects.count()) == ([], 0)

    def test_of_an_older_file_comes_with_a_new_wish(self, ben: Person, settings: Any) -> None:
        fetched(ben)
        [old] = files(settings)
        exporting.ask(ben)
        assert not old.exists()

    def test_of_a_file_without_a_row_comes_when_it_is_a_day_old(self, cast: Cast, settings: Any) -> None:
        lost = settings.EXPORT_DIR / f"{'0' * 32}.part"
        lost.write_bytes(b"")
        assert exporting.keep_house() == 0
        day_ago = time.time() - 25 * 3600
        os.utime(lost, (day_ago, day_ago))
        assert (exporting.keep_house(), files(settings)) == (1, [])


def test_a_person_has_their_own_file_alone(cast: Cast, ben: Person) -> None:
    assert cast.vera.person is not None
    fetched(ben)
    assert exporting.file_of(cast.vera.person) is None


def test_it_holds_what_moderation_knows_about_them_and_names_nobody(cast: Cast, ben: Person) -> None:
    mine, hers = finish_one(cast.ben), finish_one(cast.ada)
    case = report(cast.vera, mine, words="Vera thinks it is copied")
    decide(case, cast.ada, words="The emblem is not ours")
    report(cast.ben, hers, reason="copied", words="from the museum")
    reviewing.suspend_person(person=ben, by=make_moderator(), reason="Insulting pictures", until=None)
    archive = fetched(ben)

    [decided] = read(archive, "decisions.json")
    assert (decided["order"], decided["decision"], decided["reason"]) == (str(mine.generation_id), "hide", "hateful")
    assert decided["words"] == "The emblem is not ours"
    [told] = read(archive, "reports.json")
    assert (told["reason"], told["words"], told["outcome"]) == ("copied", "from the museum", "")
    [suspended] = read(archive, "suspensions.json")
    assert (suspended["reason"], suspended["until"], suspended["lifted_at"]) == ("Insulting pictures", None, None)
    text = "".join(archive.read(name).decode() for name in ("decisions.json", "reports.json", "suspensions.json"))
    for word in ("Vera", "vera@", "Ada", "Mo@", "mo@studio"):
        assert word not in text


def test_what_a_moderator_notes_for_others_is_not_in_it(cast: Cast, ben: Person) -> None:
    decide(report(cast.vera, finish_one(cast.ben)), cast.ada, "keep", reason="fine", words="Vera reports a lot")
    [decided] = read(fetched(ben), "decisions.json")
    assert (decided["decision"], decided["words"]) == ("keep", "")
