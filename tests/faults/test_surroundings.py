"""What the studio stands on gives way under work: the clock, its keys, the database, the disk; or who asked for it.

F36, F38, F39, F41 to F44 and F64. F37, which needs a database server of its own, is `test_restart.py`.
"""

import resource
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager

import httpx
import pytest

from generations.services.pumping.claims import REST_SECONDS_UNREADABLE
from tests.faults.stage import LEASES_SECONDS, PRICE, Stage, form_of
from tests.simulators.vendor import Task, picture

WAY = ["queued", "submitting", "running", "fetching", "succeeded"]
HOUR = 3600
DAY = 24 * HOUR
QUARTER = 15 * 60
"""The vendor's time for a picture."""
RESPITE_SECONDS = 600
FULL_BYTES = 4096
"""On a disk that is full, no file grows beyond so much."""


class Held:
    """The vendor works on everything until it is let go."""

    def __init__(self, stage: Stage) -> None:
        self.go = threading.Event()
        stage.vendor.script.status = lambda task: None if self.go.is_set() else {"state": "working"}


def unreadable(task: Task) -> dict[str, str]:
    """Done, it says, and does not say where the picture is."""
    return {"state": "done"}


def state_of(stage: Stage, prompt: str) -> str:
    state: str = stage.rows()[prompt]["state"]
    return state


def money(stage: Stage) -> list[int]:
    posted_and_held: list[int] = stage.hands.ask("money", member=stage.member)
    return posted_and_held


class TestTheClock:
    """F36."""

    def test_that_goes_back_an_hour_only_delays(self, kept: Stage) -> None:
        held, [posted, _] = Held(kept), money(kept)
        assert kept.worker.poll() is None
        kept.order("an hour ago")
        kept.wait_for(lambda: state_of(kept, "an hour ago") == "running")
        kept.pass_time(-HOUR)
        held.go.set()
        assert kept.hands.ask("audit") == []
        assert money(kept) == [posted, PRICE]
        kept.pass_time(HOUR + LEASES_SECONDS)
        kept.wait_until_closed()

        assert kept.rows()["an hour ago"]["way"] == WAY
        assert kept.vendor.creates["an hour ago"] == 1
        assert money(kept) == [posted - PRICE, 0]

    def test_that_jumps_a_day_gives_the_credits_back_and_the_picture_too(self, kept: Stage) -> None:
        held, [posted, _] = Held(kept), money(kept)
        assert kept.worker.poll() is None
        kept.order("tomorrow")
        kept.wait_for(lambda: state_of(kept, "tomorrow") == "running")
        kept.pass_time(DAY)
        # Nobody was asked at the deadline, so whoever looks first, pump or sweep, gives it a little longer, once.
        kept.wait_for(lambda: kept.rows()["tomorrow"]["had_respite"] or state_of(kept, "tomorrow") == "lapsed")
        kept.pass_time(RESPITE_SECONDS)
        kept.wait_for(lambda: state_of(kept, "tomorrow") == "lapsed")
        assert money(kept) == [posted, 0]
        held.go.set()
        kept.kill_cluster()  # a fresh one looks with the new clock alone
        kept.pass_time(HOUR)  # who is late is not asked all the time
        kept.wait_for(lambda: state_of(kept, "tomorrow") == "recovered")

        assert kept.rows()["tomorrow"]["images"] == 1
        assert kept.vendor.creates["tomorrow"] == 1
        assert money(kept) == [posted, 0]


class TestAVendorThatFallsSilent:
    """F34: nothing it says at the end can be used."""

    def test_has_its_fifteen_minutes_and_hardly_one_more(self, kept: Stage) -> None:
        before, respites = money(kept), kept.told().count("'respited'")
        kept.vendor.script.status = unreadable
        assert kept.worker.poll() is None
        kept.order("never readable")
        kept.wait_for(lambda: state_of(kept, "never readable") == "running")
        kept.pass_time(QUARTER - 60)
        looks = looks_at(kept, "never readable")
        kept.wait_for(lambda: looks_at(kept, "never readable") > looks)
        assert state_of(kept, "never readable") == "running"
        kept.pass_time(60)
        kept.wait_for(lambda: kept.rows()["never readable"]["was_asked"])
        assert money(kept) == [before[0], PRICE]
        kept.pass_time(45)
        kept.wait_for(lambda: state_of(kept, "never readable") == "lapsed")

        assert kept.told().count("'respited'") == respites
        assert money(kept) == before

    def test_while_the_studio_was_off_is_asked_a_while_longer(self, stage: Stage) -> None:
        """What was finished meanwhile comes home and is paid for; what is not is released all the same."""
        Held(stage)
        before = money(stage)
        worker = stage.start_brisk_worker()
        stage.order("finished meanwhile")
        stage.order("silent")
        stage.wait_for(lambda: stage.hands.ask("states") == {"running": 2})
        stage.kill(worker)
        stage.pass_time(2 * QUARTER)
        stage.vendor.script.status = lambda task: unreadable(task) if task.prompt == "silent" else None
        stage.start_brisk_worker()
        stage.wait_for(lambda: state_of(stage, "finished meanwhile") == "succeeded")
        looks = looks_at(stage, "silent")
        stage.wait_for(lambda: "'respited'" in stage.told() or looks_at(stage, "silent") > looks)
        assert state_of(stage, "silent") == "running"
        assert money(stage) == [before[0] - PRICE, PRICE]
        stage.pass_time(RESPITE_SECONDS)
        stage.wait_for(lambda: state_of(stage, "silent") == "lapsed")

        assert stage.rows()["finished meanwhile"]["way"] == WAY
        assert stage.rows()["silent"]["reason"] == "timeout"
        assert money(stage) == [before[0] - PRICE, 0]


def looks_at(stage: Stage, prompt: str) -> int:
    """How often what was said of it was written down."""
    looks: int = stage.rows()[prompt]["looks"]
    return looks


class TestAKey:
    def test_that_signs_may_change_while_work_waits_in_the_queue(self, stage: Stage) -> None:
        """F38: the messages of before are lost, their pictures are not, and nobody has to sign in again."""
        cookies = stage.hands.ask("session", member=stage.member)
        stage.order("ordered before", count=3)
        assert stage.hands.ask("due") >= 1
        stage.env["SECRET_KEY_FALLBACKS"] = stage.env["SECRET_KEY"]
        stage.env["SECRET_KEY"] = "another key, which nobody has seen before and which is long enough"
        stage.pass_time(LEASES_SECONDS)
        stage.start_brisk_worker()
        web = stage.start_web()
        web.cookies = cookies
        with web.browser() as browser:
            assert browser.get("/").status_code == 200
            assert browser.post("/batches/", data=form_of(browser, "ordered after")).status_code == 302
        stage.wait_until_closed()

        assert [row["way"] for row in stage.hands.ask("rows")] == [WAY] * 4
        assert stage.vendor.creates == {"ordered before": 3, "ordered after": 1}
        assert stage.hands.ask("due") == 0

    def test_that_seals_is_missed_without_a_loss(self, stage: Stage) -> None:
        """F39: what needs it waits and costs nothing, everything else goes on, and with the key it is made."""
        stage.order("sealed")
        worker = stage.start_brisk_worker(FIELD_KEYS="")
        web = stage.start_web(FIELD_KEYS="")
        with web.browser() as browser:
            page = browser.get("/")
            assert page.status_code == 200
        stage.wait_for(lambda: stage.hands.ask("resting") == 1)
        assert stage.hands.ask("states") == {"queued": 1}
        assert stage.vendor.calls == []
        assert worker.poll() is None
        stage.kill(worker)
        stage.pass_time(REST_SECONDS_UNREADABLE + LEASES_SECONDS)
        stage.start_brisk_worker()
        stage.wait_until_closed()

        assert stage.rows()["sealed"]["way"] == WAY
        assert stage.vendor.creates == {"sealed": 1}


@contextmanager
def locked(stage: Stage) -> Iterator[None]:
    """Somebody else writes to the database file, and takes their time."""
    file = stage.engine.env["DATABASE_URL"].removeprefix("sqlite://")
    with closing(sqlite3.connect(file, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        try:
            yield
        finally:
            other.execute("ROLLBACK")


def only_on_sqlite(stage: Stage) -> None:
    if stage.engine.name != "sqlite":
        pytest.skip("PostgreSQL's files belong to its own server")


class TestAnotherWriter:
    """F41."""

    def test_is_waited_for(self, kept: Stage) -> None:
        only_on_sqlite(kept)
        assert kept.worker.poll() is None
        web = kept.start_web()
        with web.browser() as browser:
            form = form_of(browser, "patient")
            answers: list[httpx.Response] = []
            with locked(kept):
                asking = threading.Thread(target=lambda: answers.append(browser.post("/batches/", data=form)))
                asking.start()
                asking.join(1.0)
                assert asking.is_alive()
            asking.join()
        kept.kill(web.process)
        kept.wait_until_closed()

        assert [answer.status_code for answer in answers] == [302]
        assert kept.rows()["patient"]["way"] == WAY

    def test_who_takes_too_long_is_a_503_and_nothing_is_written(self, kept: Stage) -> None:
        only_on_sqlite(kept)
        assert kept.worker.poll() is None
        web, before = kept.start_web(PATIENCE_SECONDS="0.2"), money(kept)
        with web.browser() as browser:
            form = form_of(browser, "impatient")
            with locked(kept):
                refused = browser.post("/batches/", data=form)
            assert (refused.status_code, refused.headers["Retry-After"]) == (503, "5")
            assert "impatient" not in kept.rows()
            assert money(kept) == before
            assert browser.post("/batches/", data=form).status_code == 302
        kept.kill(web.process)
        kept.wait_until_closed()

        assert kept.rows()["impatient"]["way"] == WAY
        assert money(kept) == [before[0] - PRICE, 0]


@contextmanager
def full_disk(stage: Stage) -> Iterator[None]:
    """None of the studio's processes can make a file larger. It begins and ends under their feet."""
    limits = {pid: resource.prlimit(pid, resource.RLIMIT_FSIZE) for pid in stage.family()}
    for pid, (_, hard) in limits.items():
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (FULL_BYTES, hard))
    try:
        yield
    finally:
        for pid in stage.family():
            resource.prlimit(pid, resource.RLIMIT_FSIZE, limits.get(pid, next(iter(limits.values()))))


class TestAFullDisk:
    def test_costs_no_picture_and_no_credits(self, kept: Stage) -> None:
        """F42: the studio stays up, nothing half is left, and with room again the picture comes home."""
        arrived, filled, before = threading.Event(), threading.Event(), money(kept)

        def result(task_id: str) -> tuple[int, bytes]:
            arrived.set()
            filled.wait(30)
            return 200, picture(width=800, height=600) + bytes(64 * 1024)

        kept.vendor.script.result = result
        worker = kept.worker
        kept.order("large")
        kept.wait_for(arrived.is_set)
        troubles, unsaid = failures(kept, "NotWritten"), kept.told().count("job collect failed")
        with full_disk(kept):
            filled.set()
            kept.wait_for(lambda: failures(kept, "NotWritten") > troubles)
            if kept.engine.name == "sqlite":  # on the same disk: there is no room to write down that there was none
                kept.wait_for(lambda: kept.told().count("job collect failed") > unsaid)
            assert not any(path.is_file() for path in kept.incoming.rglob("*"))
            assert state_of(kept, "large") == "fetching"
            assert money(kept) == [before[0], PRICE]
        kept.pass_time(2 * LEASES_SECONDS)
        kept.wait_until_closed()

        assert worker.poll() is None
        assert kept.rows()["large"]["way"] == WAY
        # What our own disk did not take is no try, where that could be written down.
        assert kept.rows()["large"]["fetches"] == (2 if kept.engine.name == "sqlite" else 1)
        assert kept.vendor.creates["large"] == 1
        assert money(kept) == [before[0] - PRICE, 0]

    def test_refuses_an_order_with_503_and_takes_it_afterwards(self, kept: Stage) -> None:
        """F43: by the same web server, which nobody started again."""
        only_on_sqlite(kept)
        assert kept.worker.poll() is None
        web, before = kept.start_web(), money(kept)
        with web.browser() as browser:
            form = form_of(browser, "no room")
            with full_disk(kept):
                refused = browser.post("/batches/", data=form)
            assert (refused.status_code, refused.headers["Retry-After"]) == (503, "5")
            assert "no room" not in kept.rows()
            assert money(kept) == before
            assert browser.post("/batches/", data=form).status_code == 302
        kept.kill(web.process)
        kept.pass_time(LEASES_SECONDS)
        kept.wait_until_closed()

        assert kept.rows()["no room"]["way"] == WAY
        assert money(kept) == [before[0] - PRICE, 0]


def failures(stage: Stage, error: str) -> int:
    """How many fetches have failed so, in this test and those before."""
    return stage.told().count(f"failed: {error}")


@contextmanager
def no_shelf(stage: Stage) -> Iterator[None]:
    """Nothing can be stored, by nobody: where the folder of incoming pictures was is a file."""
    folder = stage.incoming
    folder.parent.mkdir(exist_ok=True)
    away = folder.with_name("away")
    if folder.exists():
        folder.rename(away)
    folder.touch()
    try:
        yield
    finally:
        folder.unlink()
        if away.exists():
            away.rename(folder)


class TestAShelf:
    """F44."""

    def test_that_takes_nothing_is_tried_again_until_it_does(self, kept: Stage) -> None:
        before, troubles = money(kept), failures(kept, "FileExistsError")
        assert kept.worker.poll() is None
        with no_shelf(kept):
            kept.order("kept out")
            kept.wait_for(lambda: failures(kept, "FileExistsError") > troubles)
            assert state_of(kept, "kept out") == "fetching"
            assert money(kept) == [before[0], PRICE]
        kept.pass_time(LEASES_SECONDS)
        kept.wait_until_closed()

        assert kept.rows()["kept out"]["way"] == WAY
        assert kept.vendor.creates["kept out"] == 1
        assert money(kept) == [before[0] - PRICE, 0]

    def test_that_takes_nothing_for_a_day_gives_the_credits_back(self, kept: Stage) -> None:
        """The vendor shows its picture no longer. Staff hear of it long before."""
        before = money(kept)
        assert kept.worker.poll() is None
        with no_shelf(kept):
            kept.order("never kept")
            kept.wait_for(lambda: state_of(kept, "never kept") == "fetching")
            kept.pass_time(2 * HOUR)
            kept.wait_for(lambda: "unsaved" in kept.hands.ask("alerts"))
            assert money(kept) == [before[0], PRICE]
            kept.pass_time(DAY)
            kept.wait_until_closed()

        row = kept.rows()["never kept"]
        assert (row["state"], row["reason"], row["images"]) == ("failed", "result_lost", 0)
        assert money(kept) == before


class TestAPerson:
    def test_who_is_shut_out_leaves_work_that_ends_and_books_that_stay(self, kept: Stage) -> None:
        """F64: their sessions are dead at once."""
        held, before = Held(kept), money(kept)
        assert kept.worker.poll() is None
        web = kept.start_web()
        with web.browser() as browser:
            assert browser.get("/").status_code == 200
            kept.order("ordered by one who left")
            kept.wait_for(lambda: state_of(kept, "ordered by one who left") == "running")
            kept.hands.ask("admit", member=kept.member, is_active=False)
            try:
                shut_out = browser.get("/")
                held.go.set()
                kept.wait_until_closed()
            finally:
                kept.hands.ask("admit", member=kept.member, is_active=True)
        kept.kill(web.process)

        assert (shut_out.status_code, shut_out.headers["Location"].split("?")[0]) == (302, "/login/")
        assert kept.rows()["ordered by one who left"]["way"] == WAY
        assert money(kept) == [before[0] - PRICE, 0]
