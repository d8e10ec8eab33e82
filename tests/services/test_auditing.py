"""The audit finds each kind of wrong, names the row, stays silent about what is right, and changes nothing."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import connection, models
from django.test.utils import CaptureQueriesContext

from generations import ledger, storage
from generations.models import (
    Attempt,
    CallbackHint,
    Credential,
    CreditAccount,
    CreditEntry,
    CreditHold,
    Generation,
    GenerationEvent,
    Image,
    Member,
    Outcome,
    State,
    clock,
)
from generations.services import auditing
from generations.services.auditing import audit, examine, findings
from tests.ledger import rows

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture
def member() -> Member:
    """Somebody with one picture of each end, one under way, and books that are right."""
    member = rows.join(rows.found())
    rows.fund(member, 50)
    paid, stopped, _ = rows.order(member, 5, 5, 5)
    rows.succeed(paid)
    rows.cancel(stopped)
    assert audit() == []
    return member


def tamper(model: type[models.Model], pk: object, **changes: Any) -> None:
    """Change a row past everything that refuses it but the database."""
    assert models.QuerySet(model).filter(pk=pk).update(**changes) == 1


def found() -> set[tuple[str, str]]:
    """The rules that were broken, and the kind of row each finding names."""
    return {(finding.rule, finding.subject) for finding in audit()}


@contextmanager
def unguarded(*indexes: str) -> Iterator[None]:
    """The database without its checks, and without these unique indexes, as after a restore by hand."""
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA ignore_check_constraints = ON")
        for index in indexes:
            cursor.execute(f'DROP INDEX "{index}"')
        yield
        cursor.execute("PRAGMA ignore_check_constraints = OFF")


def entry(kind: str) -> CreditEntry:
    return CreditEntry.objects.filter(kind=kind).latest("pk")


def generation(state: State) -> Generation:
    return Generation.objects.get(state=state)


def repeat(line: CreditEntry, **changes: Any) -> None:
    """Write the same line again at the end of its account, and let the account follow."""
    account = CreditAccount.objects.get(pk=line.account_id)
    facts = {field.attname: getattr(line, field.attname) for field in CreditEntry._meta.fields if field.name != "id"}
    facts |= {"seq": account.seq + 1, "idempotency_key": rows.key()} | changes
    facts["posted_after"] = account.posted + facts["d_posted"]
    facts["held_after"] = account.held + facts["d_held"]
    CreditEntry.objects.bulk_create([CreditEntry(**facts)])
    after = {"seq": account.seq + 1, "posted": facts["posted_after"], "held": facts["held_after"]}
    tamper(CreditAccount, account.pk, **after)


@pytest.mark.usefixtures("member")
class TestMoney:
    def test_i1_an_account_that_is_not_its_entries(self, member: Member) -> None:
        account = ledger.account_of(member)
        tamper(CreditAccount, account.pk, posted=46)

        [finding] = [finding for finding in audit() if finding.rule == "I1"]

        assert (finding.subject, finding.id) == ("account", str(account.pk))
        assert "(46, 5, " in finding.words
        assert "(45, 5, " in finding.words

    def test_i1_an_account_that_has_lost_all_its_entries(self) -> None:
        tamper(CreditAccount, ledger.pool_of(rows.found()).pk, seq=1, posted=3)

        assert found() == {("I1", "account"), ("I7", "account"), ("I17", "ledger")}

    def test_i2_an_entry_that_does_not_continue_the_last_one(self) -> None:
        line = entry("hold")
        tamper(CreditEntry, line.pk, posted_after=line.posted_after + 1)

        assert ("I2", "entry") in found()

    def test_i2_a_gap(self) -> None:
        line = CreditEntry.objects.filter(kind="release").get()
        tamper(CreditEntry, line.pk, seq=line.seq + 100)

        assert found() == {("I2", "entry")}

    def test_i3_below_the_floor(self, member: Member) -> None:
        line = entry("hold")
        with unguarded():
            tamper(CreditAccount, ledger.account_of(member).pk, floor=-10, posted=-11)
            tamper(CreditEntry, line.pk, posted_after=0)

            assert {("I3", "account"), ("I3", "entry")} <= found()

    def test_i4_an_account_that_holds_what_no_hold_explains(self, member: Member) -> None:
        tamper(CreditAccount, ledger.account_of(member).pk, held=6)

        assert found() == {("I1", "account"), ("I4", "account")}

    def test_i4_a_hold_long_after_its_deadline(self) -> None:
        waiting = generation(State.QUEUED)
        tamper(Generation, waiting.pk, deadline_at=clock.now() - DAY - timedelta(minutes=59))
        assert ("I4", "hold") not in found()

        tamper(Generation, waiting.pk, deadline_at=clock.now() - DAY - timedelta(minutes=61))
        assert ("I4", "hold") in found()

    @pytest.mark.parametrize("state", [State.QUEUED, State.SUCCEEDED, State.CANCELED])
    def test_i5_a_hold_that_does_not_fit_its_generation(self, state: State) -> None:
        other = {State.QUEUED: State.FAILED, State.SUCCEEDED: State.RECOVERED, State.CANCELED: State.RUNNING}[state]
        done = None if other == State.RUNNING else clock.now()
        tamper(Generation, generation(state).pk, state=other, finished_at=done)

        assert ("I5", "hold") in found()

    def test_i6_a_generation_without_a_hold(self, member: Member) -> None:
        [bare] = rows.write(member, [5])

        [finding] = audit()

        assert (finding.rule, finding.id, finding.words) == ("I6", str(bare.pk), "has no hold")

    def test_i6_a_hold_without_entries(self, member: Member) -> None:
        [bare] = rows.write(member, [0])
        CreditHold.objects.create(account=ledger.account_of(member), generation=bare, amount=0)
        assert found() == {("I6", "hold")}

        tamper(CreditHold, bare.hold.pk, state="released", settled=0)
        tamper(Generation, bare.pk, state=State.CANCELED, finished_at=clock.now())
        assert [finding.words for finding in audit() if finding.rule == "I6"] == [
            "has no hold entry",
            "has no resolving entry",
        ]

    def test_i6_an_open_hold_that_an_entry_resolves(self) -> None:
        tamper(CreditHold, generation(State.CANCELED).hold.pk, state="open", settled=None)

        assert {("I6", "hold"), ("I6", "entry")} <= found()

    @pytest.mark.parametrize(
        ("kind", "index"), [("hold", "credit_entry_one_hold"), ("release", "credit_entry_one_resolution")]
    )
    def test_i6_a_hold_that_happened_twice(self, kind: str, index: str) -> None:
        with unguarded(index):
            repeat(entry(kind), d_held=0)

            assert ("I6", "hold") in found()

    def test_i6_an_entry_that_does_not_fit_its_hold(self) -> None:
        tamper(CreditHold, generation(State.SUCCEEDED).hold.pk, amount=6)

        assert found() == {("I6", "entry")}

    def test_i7_a_payment_for_no_picture(self, member: Member) -> None:
        stopped = generation(State.CANCELED)
        tamper(CreditEntry, CreditEntry.objects.get(kind="release").pk, kind="settle", d_posted=-5)
        tamper(CreditHold, stopped.hold.pk, state="settled", settled=5)
        tamper(CreditAccount, ledger.account_of(member).pk, posted=40)

        assert {("I5", "hold"), ("I7", "account")} <= found()

    def test_i8_a_refund_of_more_than_was_paid(self) -> None:
        paid = generation(State.SUCCEEDED)
        ledger.refund(generation=paid, amount=5, reason="blurred", key="sorry", actor="test")
        assert audit() == []
        tamper(CreditHold, paid.hold.pk, settled=4)

        assert ("I8", "entry") in found()

    def test_i8_a_second_refund(self) -> None:
        ledger.refund(generation=generation(State.SUCCEEDED), amount=1, reason="blurred", key="sorry", actor="test")
        with unguarded("credit_entry_one_refund"):
            repeat(entry("refund"))

            assert found() == {("I8", "hold"), ("I16", "constraint")}

    def test_i17_credits_from_nowhere(self) -> None:
        there = CreditAccount.objects.aggregate(sum=models.Sum("posted"))["sum"]
        tamper(CreditAccount, CreditAccount.objects.exclude(posted=0)[0].pk, posted=1000)

        [finding] = [finding for finding in audit() if finding.rule == "I17"]

        assert (finding.subject, finding.id) == ("ledger", "all")
        assert finding.words.endswith(f"make {there}")

    def test_i19_half_a_transfer(self) -> None:
        tamper(CreditEntry, entry("transfer_in").pk, kind="grant", transfer=None)

        assert found() == {("I17", "ledger"), ("I19", "transfer")}

    def test_i19_a_transfer_that_changes_on_its_way(self, member: Member) -> None:
        rows.fund(member, 20)
        tamper(CreditEntry, entry("transfer_in").pk, d_posted=21)

        assert ("I19", "transfer") in found()

    def test_i19_a_transfer_to_another_team(self, member: Member) -> None:
        tamper(CreditAccount, ledger.account_of(member).pk, team=rows.found())

        assert ("I19", "transfer") in found()


@pytest.mark.usefixtures("member")
class TestWork:
    def attempt(self, row: Generation, number: int, outcome: Outcome = Outcome.OPEN, **facts: Any) -> Attempt:
        credential, _ = Credential.objects.get_or_create(team=row.team, provider="demo", label="Demo")
        facts |= {"generation": row, "number": number, "outcome": outcome, "token_hash": rows.key()}
        return Attempt.objects.create(credential=credential, limit_group="demo", **facts)

    def test_i9_one_task_for_two(self) -> None:
        with unguarded("generation_task_once"):
            for row in Generation.objects.all()[:2]:
                tamper(Generation, row.pk, vendor_task_id="task")

            assert [finding.rule for finding in audit()] == ["I9", "I9", "I16", "I18", "I18"]

    def test_i9_accepted_twice(self) -> None:
        row = generation(State.SUCCEEDED)
        with unguarded("attempt_accepted_once"):
            for number in (1, 2):
                self.attempt(row, number, Outcome.ACCEPTED)

            assert found() == {("I9", "generation"), ("I16", "constraint")}

    def test_i10_a_lost_file(self) -> None:
        storage.original_path(Image.objects.get()).unlink()

        assert found() == {("I10", "image")}

    @pytest.mark.parametrize("content", [b"", rows.PICTURE[::-1], rows.PICTURE + b"!"])
    def test_i10_a_file_of_other_bytes(self, content: bytes) -> None:
        storage.original_path(Image.objects.get()).write_bytes(content)

        assert found() == {("I10", "image")}

    def test_i10_a_wrong_size_in_the_row(self) -> None:
        tamper(Image, Image.objects.get().pk, size_bytes=1)

        assert found() == {("I10", "image"), ("I20", "member")}

    def test_i11_a_picture_too_many_and_one_too_few(self) -> None:
        tamper(Image, Image.objects.get().pk, generation=generation(State.CANCELED))

        assert [finding.rule for finding in audit()] == ["I11", "I11"]

    def test_i12_a_state_without_its_event(self) -> None:
        tamper(Generation, generation(State.QUEUED).pk, state=State.RUNNING)

        assert found() == {("I12", "generation")}

    def test_i12_a_move_without_its_event(self) -> None:
        tamper(Generation, generation(State.QUEUED).pk, version=2)

        assert found() == {("I12", "generation")}

    def test_i12_events_that_do_not_follow_each_other(self) -> None:
        second = GenerationEvent.objects.get(generation=generation(State.SUCCEEDED), seq=3)
        tamper(GenerationEvent, second.pk, from_state=State.QUEUED)

        assert found() == {("I12", "event")}

    def test_i12_an_illegal_move(self) -> None:
        row = generation(State.CANCELED)
        tamper(GenerationEvent, row.events.get(seq=2).pk, to_state=State.LAPSED)
        tamper(Generation, row.pk, state=State.LAPSED, watch_until=clock.now() + DAY)

        [finding] = audit()

        assert finding.words == f"of generation {row.pk} is no legal move: queued to lapsed"

    @pytest.mark.parametrize(
        "changes",
        [
            {"state": State.SUBMITTING, "lease_until": -6},
            {"state": State.FETCHING, "lease_until": -6},
            {"state": State.QUEUED, "deadline_at": -6},
            {"state": State.IN_DOUBT, "deadline_at": -6},
            {"state": State.RUNNING, "next_at": -6},
            {"state": State.FETCHING, "next_at": -6},
            {"state": State.QUEUED, "next_at": -6},
        ],
        ids=lambda changes: "-".join(changes) + f"-{changes['state']}",
    )
    def test_i13_something_nobody_looks_after(self, changes: dict[str, Any]) -> None:
        late = {name: clock.now() + timedelta(minutes=value) for name, value in changes.items() if name != "state"}
        tamper(Generation, generation(State.QUEUED).pk, state=changes["state"], **late)

        assert ("I13", "generation") in found()

    def test_i13_a_watch_that_did_not_end(self) -> None:
        row = generation(State.CANCELED)
        tamper(Generation, row.pk, state=State.LAPSED, watch_until=clock.now() - timedelta(minutes=6))

        assert ("I13", "generation") in found()

    def test_i13_not_what_waits_for_a_place_at_its_vendor(self) -> None:
        waiting = generation(State.QUEUED)
        tamper(Generation, waiting.pk, next_at=clock.now() - DAY / 2)
        self.attempt(generation(State.SUCCEEDED), 1, started_at=clock.now() - timedelta(minutes=59))

        assert audit() == []

    @pytest.mark.parametrize(("state", "rests"), [("active", True), ("paused", False)])
    def test_i13_not_what_waits_for_the_only_key(self, state: str, rests: bool) -> None:
        waiting = generation(State.QUEUED)
        tamper(Generation, waiting.pk, next_at=clock.now() - DAY / 2)
        key = Credential.objects.create(team=waiting.team, provider=waiting.provider, label="Only one", state=state)
        if rests:
            key.rest(seconds=60, because="The account is empty.")

        assert ("I13", "generation") not in found()

        Credential.objects.filter(pk=key.pk).update(state="active", paused_until=None)

        assert ("I13", "generation") in found()

    def test_i13_not_what_somebody_works_on(self) -> None:
        row = generation(State.QUEUED)
        moment = clock.now()
        tamper(Generation, row.pk, state=State.FETCHING, next_at=moment - DAY, lease_until=moment)

        assert ("I13", "generation") not in found()

    def test_i14_a_callback_nobody_followed(self) -> None:
        attempt = self.attempt(generation(State.SUCCEEDED), 1, Outcome.ACCEPTED)
        moment = clock.now()
        for minutes, done in ((4, None), (6, moment)):
            received = moment - timedelta(minutes=minutes)
            CallbackHint.objects.create(attempt=attempt, task_id=f"{minutes}", received_at=received, processed_at=done)
        assert audit() == []

        CallbackHint.objects.create(attempt=attempt, received_at=moment - timedelta(minutes=6))
        assert found() == {("I14", "callback hint")}


class TestTheReport:
    def test_names_every_rule(self, member: Member) -> None:
        report = examine()

        assert report.is_clean
        assert sorted(report.rules) == sorted(f"I{number}" for number in range(1, 21))

    def test_is_short_when_much_is_wrong(self, member: Member, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(auditing, "FINDINGS_MAX", 2)
        rows.write(member, [5, 5, 5])

        report = examine()

        assert [finding.rule for finding in report.findings] == ["I6", "I6"]
        assert report.cut == ["I6"]

    def test_says_no_word_of_a_prompt(self, member: Member) -> None:
        Generation.objects.update(state=State.RUNNING, finished_at=None)
        Path(settings.MEDIA_ROOT / "originals").rename(settings.MEDIA_ROOT / "moved")

        said = " ".join(str(finding) for finding in audit())

        assert "red boat" not in said
        assert "I10 image" in said

    def test_takes_no_more_queries_for_more_rows(self, member: Member) -> None:
        counts = []
        for _ in range(2):
            with CaptureQueriesContext(connection) as queries:
                assert audit() == []
            counts.append(len(queries))
            other = rows.join(rows.found(500))
            rows.fund(other, 100)
            for row in rows.order(other, *[5] * 8)[:4]:
                rows.succeed(row)

        assert counts[0] == counts[1]

    def test_finding_reads_as_a_line(self) -> None:
        finding = findings.Finding(rule="I1", subject="account", id="7", words="is off")

        assert str(finding) == "I1 account 7: is off"


@pytest.mark.django_db(transaction=True)
def test_an_audit_lets_others_write(member: Member, monkeypatch: pytest.MonkeyPatch) -> None:
    def mode() -> str:
        return str(getattr(connection, "transaction_mode", None))

    seen: list[str] = []
    check: Callable[[str], Iterator[findings.Finding]] = auditing.ROWS["I1"]

    def look(rule: str) -> Iterator[findings.Finding]:
        seen.append(mode())
        return check(rule)

    monkeypatch.setitem(auditing.ROWS, "I1", look)
    before = mode()

    assert audit() == []
    assert seen == ["DEFERRED"]
    assert mode() == before == "IMMEDIATE"
