"""Every night everything is audited, in steps; what is found is kept and told to staff until a whole run is clean."""

from collections.abc import Callable

import pytest
from django_q.models import OrmQ

from generations import storage
from generations.models import Alert, AuditRun, CreditAccount, Heartbeat, Image
from generations.services import auditing, nightly
from tests.services.auditing.planted import somebody, tamper

pytestmark = pytest.mark.django_db
LOST = "has lost its file"


@pytest.fixture(autouse=True)
def _books() -> None:
    somebody()


def night() -> AuditRun:
    """One whole run, each step asked for by the one before it."""
    OrmQ.objects.all().delete()
    nightly.go_on()
    run = AuditRun.objects.latest("pk")
    for _ in range(9):
        waiting = OrmQ.objects.count()
        OrmQ.objects.all().delete()
        if not waiting:
            break
        nightly.go_on(run=str(run.pk))
    run.refresh_from_db()
    return run


def told() -> bool:
    return Alert.objects.filter(kind="audit", resolved_at=None).exists()


def test_a_clean_night_covers_every_rule_and_picture() -> None:
    run = night()

    assert run.ended_at is not None
    assert (run.is_clean, run.pictures, sorted(run.rules)) == (True, 1, sorted(f"I{one}" for one in range(1, 21)))
    assert not told()


def test_what_is_found_is_told_until_a_whole_run_is_clean() -> None:
    account = CreditAccount.objects.exclude(posted=0)[0]
    tamper(CreditAccount, account.pk, posted=account.posted + 1)
    run = night()
    assert told()
    assert any(said.startswith(f"I1 account {account.pk}:") for said in run.findings)
    tamper(CreditAccount, account.pk, posted=account.posted)
    nightly.go_on()
    assert told()  # the files are not read yet

    assert night().is_clean
    assert not told()


def test_a_lost_file_is_found_in_its_step(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(nightly, "STEP_SECONDS", -1)
    monkeypatch.setattr(nightly, "PICTURES_AT_ONCE", 1)
    storage.original_path(Image.objects.get()).unlink()
    nightly.go_on()
    run = AuditRun.objects.get()
    nightly.go_on(run=str(run.pk))  # no time for a picture: it comes again
    run.refresh_from_db()
    assert (run.ended_at, run.findings) == (None, [])
    monkeypatch.setattr(nightly, "STEP_SECONDS", 30)
    nightly.go_on(run=str(run.pk))
    run.refresh_from_db()

    assert run.ended_at is not None
    assert [said.endswith(LOST) for said in run.findings] == [True]
    assert told()


def test_a_night_goes_on_where_a_step_died(monkeypatch: pytest.MonkeyPatch) -> None:
    """The run is there before anything is read, and every rule and table is written down as soon as it is checked."""
    monkeypatch.setattr(nightly, "RULES_SECONDS", -1)  # one rule, or one table, for each job
    nightly.go_on()
    run = AuditRun.objects.get()
    assert (run.rules, run.ended_at) == (["I1"], None)

    def dies(*_: object, **__: object) -> None:
        raise SystemExit

    with monkeypatch.context() as patched:
        patched.setattr(auditing, "examine_rows", dies)
        with pytest.raises(SystemExit):
            nightly.go_on(run=str(run.pk))
    steps = 0
    while AuditRun.objects.filter(ended_at=None).exists():
        OrmQ.objects.all().delete()
        nightly.go_on(run=str(run.pk))
        assert OrmQ.objects.count() == AuditRun.objects.filter(ended_at=None).count()
        steps += 1
    run.refresh_from_db()

    assert sorted(run.rules) == sorted(f"I{one}" for one in range(1, 21))
    assert steps == 17 + len(auditing.tables_with_words()) + 2
    assert run.is_clean


def test_a_rule_is_checked_by_one_of_two() -> None:
    run = AuditRun.objects.create()
    late = AuditRun.objects.get()

    assert run.note(rules=["I1"], findings=[], cut=[])
    assert not late.note(rules=["I1"], findings=["I1 twice"], cut=[])
    run.refresh_from_db()
    assert (run.rules, run.findings) == (["I1"], [])


def test_nights_without_an_end_are_told_until_one_ends(pass_time: Callable[[float], None]) -> None:
    def late() -> bool:
        nightly.watch()
        return Alert.objects.filter(kind="audit_late", resolved_at=None).exists()

    assert not late()
    night()
    assert not late()
    pass_time(24 * 3600)
    nightly.go_on()  # and nobody takes its next step
    pass_time(11 * 3600)
    assert not late()
    pass_time(3600 + 1)
    assert late()
    night()
    assert not late()


def test_an_old_backup_is_told_until_there_is_a_new_one(pass_time: Callable[[float], None]) -> None:
    """From the first picture on there is something that could be lost."""
    assert Image.objects.exists()

    def told() -> str:
        nightly.watch_backups()
        return "".join(Alert.objects.filter(kind="backup_late", resolved_at=None).values_list("words", flat=True))

    assert told() == ""
    pass_time(7 * 24 * 3600 + 60)
    assert told().startswith("There is no backup of this studio.")
    Heartbeat.objects.stamp("backup")
    assert told() == ""
    pass_time(7 * 24 * 3600 + 60)
    assert told().startswith("The last backup is of ")
    Heartbeat.objects.stamp("backup")
    assert told() == ""


def test_a_step_is_taken_once() -> None:
    nightly.go_on()
    run = AuditRun.objects.get()
    late = AuditRun.objects.get()
    nightly.go_on(run=str(run.pk))

    assert not late.go_on(findings=["I10 image x: " + LOST], cut=[], pictures=1, reached=None, over=True)
    nightly.go_on(run=str(run.pk))  # over already
    run.refresh_from_db()
    assert (run.pictures, run.findings) == (1, [])


def test_old_runs_are_forgotten(pass_time: Callable[[float], None]) -> None:
    night()
    pass_time(91 * 24 * 3600)
    night()

    assert AuditRun.objects.count() == 1


def test_a_picture_that_was_taken_down_is_missed_by_nobody() -> None:
    storage.original_path(Image.objects.get()).unlink()
    Image.objects.take_down()
    run = night()

    assert (run.is_clean, run.pictures) == (True, 0)
