"""Closing a vendor or the studio: who may, what it refuses, what it leaves alone, and what becomes of who waits."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from generations import ledger
from generations.models import (
    AuditEntry,
    Banner,
    Closure,
    CreditEntry,
    DeskRole,
    Doors,
    Generation,
    Mood,
    Notice,
    Person,
    Reason,
    Shut,
    State,
    clock,
)
from generations.services import ordering, posting, pumping, shutting, sweeping
from generations.services.auditing import audit
from generations.services.pumping import pump
from generations.services.pumping.claims import claim, renew
from tests.conftest import PASSWORD, Cast
from tests.making import PAINTER, fail_one, finish, finish_one, hand_over, make_waiting
from tests.services.reviewing.bench import TWICE
from tests.simulators.invented import Invented
from tests.simulators.vendor import Vendor

HOUR = 3600.0


def operator(role: DeskRole = DeskRole.OPERATOR) -> Person:
    return Person.objects.create_user(f"{role}@studio.test", PASSWORD, name="Olga", is_staff=True, desk_role=role)


def pause(kind: Shut = Shut.PAUSED, provider: str = "demo", *, hours: float | None = None) -> Closure:
    ends_at = clock.now() + timedelta(hours=hours) if hours else None
    return shutting.shut(kind=kind, provider=provider, reason="It answers nonsense", by=None, ends_at=ends_at)


def maintain(*, hours: float | None = None) -> Closure:
    return pause(Shut.MAINTENANCE, "", hours=hours)


def claims(row: Generation) -> int:
    return len(claim(credentials=list(row.team.credentials.all()), slots=16))


class TestWhoMay:
    @pytest.mark.parametrize("role", [DeskRole.MODERATOR, DeskRole.NONE])
    def test_nobody_but_operators_and_superusers(self, cast: Cast, role: DeskRole) -> None:
        closure, person = pause(), operator(role)
        with pytest.raises(shutting.NotOperator):
            shutting.shut(kind=Shut.MAINTENANCE, reason="x", by=person)
        with pytest.raises(shutting.NotOperator):
            shutting.reopen(closure=closure, by=person)
        with pytest.raises(shutting.NotOperator):
            posting.post(by=person, words="x", mood=Mood.INFO)
        assert Closure.objects.standing().get() == closure

    def test_an_operator_who_left_the_staff_may_not(self, cast: Cast) -> None:
        person = operator()
        assert person.may_operate
        person.is_staff = False
        assert not person.may_operate

    def test_each_begin_and_end_is_in_the_audit_log(self, cast: Cast) -> None:
        person = operator()
        closure = shutting.shut(kind=Shut.DRAINING, provider="demo", reason="New key", by=person)
        assert shutting.reopen(closure=closure, by=person)
        assert not shutting.reopen(closure=closure, by=person)
        began, ended = AuditEntry.objects.filter(target="vendor:demo").order_by("pk")
        assert (began.action, began.person, began.after["reason"]) == ("vendor_drained", person, "New key")
        assert (ended.action, ended.before["kind"]) == ("vendor_opened", "draining")
        closure.refresh_from_db()
        assert closure.lifted_by == person


class TestWhatIsRefused:
    def test_without_a_reason_or_with_impossible_times(self, cast: Cast) -> None:
        moment = clock.now()
        for words in ("", "  ", "\0"):
            with pytest.raises(shutting.ReasonMissing):
                shutting.shut(kind=Shut.PAUSED, provider="demo", reason=words, by=None)
        for begins, ends in ((1, 0.5), (1, 1), (0, -1)):
            with pytest.raises(shutting.TimesWrong):
                shutting.shut(
                    kind=Shut.PAUSED,
                    provider="demo",
                    reason="x",
                    by=None,
                    begins_at=moment + timedelta(hours=begins),
                    ends_at=moment + timedelta(hours=ends),
                )
        with pytest.raises(shutting.ShutRefused):
            shutting.shut(kind=Shut.PAUSED, provider="nobody", reason="x", by=None)
        assert not Closure.objects.exists()

    def test_who_looked_before_somebody_else_changed_it(self, cast: Cast) -> None:
        first = pause()
        with pytest.raises(shutting.ChangedMeanwhile):
            pause(Shut.DRAINING)
        second = shutting.shut(kind=Shut.DRAINING, provider="demo", reason="Emptied", by=None, instead_of=first.pk)
        with pytest.raises(shutting.ChangedMeanwhile):
            shutting.shut(kind=Shut.PAUSED, provider="demo", reason="x", by=None, instead_of=first.pk)
        assert Closure.objects.standing().get() == second

    def test_ten_thousand_characters_are_cut_to_what_fits(self, cast: Cast) -> None:
        made = shutting.shut(kind=Shut.PAUSED, provider="demo", reason="x" * 10_000, by=None)
        assert len(made.reason) == 300


class TestOrders:
    @pytest.mark.parametrize("kind", list(Shut))
    def test_are_refused_before_any_hold_in_words(self, cast: Cast, kind: Shut) -> None:
        image, failed = finish_one(cast.ben), fail_one(cast.ben)
        lines = CreditEntry.objects.count()
        pause(kind, "" if kind is Shut.MAINTENANCE else "demo", hours=1)
        acts: list[Callable[[], object]] = [
            lambda: make_waiting(cast.ben),
            lambda: ordering.retry(member=cast.ben, generation=failed, request_key="r"),
            lambda: ordering.order_upscale(member=cast.ben, image=image, provider="demo", offer=TWICE, request_key="u"),
        ]
        for act in acts:
            with pytest.raises(ordering.ClosedForNow) as refusal:
                act()
            said = str(refusal.value)
            assert "It answers nonsense." in said
            assert "nothing was charged" in said
            assert "Come back at about" in said
        assert CreditEntry.objects.count() == lines
        assert audit() == []

    def test_sent_before_and_again_are_the_same_order(self, cast: Cast) -> None:
        def order() -> object:
            facts = {"prompt": "a lamp", "shape": "3:2", "count": 1, "request_key": "once"}
            return ordering.order_drawing(member=cast.ben, provider="demo", offer=PAINTER, **facts)  # type: ignore[arg-type]  # words and a number

        made = order()
        maintain()
        assert order() == made

    def test_for_other_vendors_are_taken(self, cast: Cast) -> None:
        pause(provider="apixo")
        assert make_waiting(cast.ben).state == State.QUEUED

    def test_are_taken_again_when_it_is_over_by_itself_and_before_it_begins(
        self, cast: Cast, pass_time: Callable[[float], None]
    ) -> None:
        begins = clock.now() + timedelta(hours=1)
        shutting.shut(
            kind=Shut.MAINTENANCE, reason="Soon", by=None, begins_at=begins, ends_at=begins + timedelta(hours=1)
        )
        make_waiting(cast.ben)
        pass_time(1.5 * HOUR)
        with pytest.raises(ordering.ClosedForNow):
            make_waiting(cast.ben)
        pass_time(HOUR)
        make_waiting(cast.ben)
        sweeping.sweep()
        closure = Closure.objects.get()
        assert closure.lifted_at == closure.ends_at
        maintain()


class TestWhatWaits:
    def test_for_a_paused_vendor_is_not_sent_and_goes_on_when_it_opens(self, cast: Cast) -> None:
        row = make_waiting(cast.ben)
        closure = pause()
        assert claims(row) == 0
        shutting.reopen(closure=closure, by=None)
        assert claims(row) == 1

    @pytest.mark.parametrize("kind", [Shut.DRAINING, Shut.MAINTENANCE])
    def test_is_still_sent_while_draining_and_in_maintenance(self, cast: Cast, kind: Shut) -> None:
        row = make_waiting(cast.ben)
        pause(kind, "" if kind is Shut.MAINTENANCE else "demo")
        assert claims(row) == 1

    def test_what_the_vendor_has_is_finished_and_paid(self, cast: Cast) -> None:
        row = hand_over(make_waiting(cast.ben))
        pause()
        finish(row)
        row.refresh_from_db()
        assert (row.state, row.charged) == (State.SUCCEEDED, row.price)
        assert audit() == []

    def test_an_upload_that_ends_after_the_pause_is_not_followed_by_its_order(self, cast: Cast) -> None:
        row = make_waiting(cast.ben)
        [one] = claim(credentials=list(row.team.credentials.all()), slots=16)
        assert renew(generation=one.generation, attempt=one.attempt, token=one.token)
        pause()
        assert not renew(generation=one.generation, attempt=one.attempt, token=one.token)

    def test_pictures_at_other_vendors_are_claimed_as_before(self, cast: Cast) -> None:
        pause(provider="apikley")
        assert claims(make_waiting(cast.ben)) == 1

    def test_behind_a_hundred_of_a_paused_vendor_another_vendors_go_at_once(self, cast: Cast, vendor: Vendor) -> None:
        for _ in range(12):
            make_waiting(cast.ben, count=8)
        pause()
        row = ordering.order_drawing(
            member=cast.ben, provider="invented", offer=Invented.offers[0], prompt="a lamp", shape="3:2", count=1,
            request_key="k",
        ).generations.get()  # fmt: skip
        [one] = claim(credentials=list(row.team.credentials.all()), slots=1)
        assert one.generation == row.pk
        assert Generation.objects.filter(state=State.SUBMITTING).count() == 1

    def test_of_a_paused_vendor_no_byte_leaves_until_it_opens(self, cast: Cast, vendor: Vendor) -> None:
        """By the real pump, over HTTP."""
        facts = {"prompt": "a lamp", "shape": "3:2", "count": 3, "request_key": "k"}
        ordering.order_drawing(member=cast.ben, provider="invented", offer=Invented.offers[0], **facts)  # type: ignore[arg-type]  # words and a number
        closure = pause(provider="invented")
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(pump, "BUDGET_SECONDS", 0.5)  # it would stay for what waits
            pumping.run(shard=0)
        assert vendor.calls == []
        assert set(Generation.objects.values_list("state", flat=True)) == {State.QUEUED}
        shutting.reopen(closure=closure, by=None)
        pumping.run(shard=0)
        assert vendor.creates == {"a lamp": 3}

    def test_has_an_hour_left_when_the_pause_ends(self, cast: Cast, pass_time: Callable[[float], None]) -> None:
        row = make_waiting(cast.ben)
        closure = pause()
        pass_time(23.9 * HOUR)
        shutting.reopen(closure=closure, by=None)
        pass_time(0.5 * HOUR)
        sweeping.sweep()
        row.refresh_from_db()
        assert row.state == State.QUEUED
        assert claims(row) == 1

    def test_has_an_hour_left_when_the_pause_ends_by_itself(
        self, cast: Cast, pass_time: Callable[[float], None]
    ) -> None:
        row = make_waiting(cast.ben)
        pause(hours=24.1)
        pass_time(24.2 * HOUR)
        sweeping.sweep()
        row.refresh_from_db()
        assert row.state == State.QUEUED
        assert row.deadline_at > clock.now()

    def test_over_a_pause_of_a_day_gets_its_credits_back_once_and_its_maker_is_told_once(
        self, cast: Cast, pass_time: Callable[[float], None]
    ) -> None:
        account = ledger.account_of(cast.ben)
        before = account.available
        rows = [make_waiting(cast.ben) for _ in range(3)]
        pause()
        pass_time(24.1 * HOUR)
        for _ in range(2):
            sweeping.sweep()
        account.refresh_from_db()
        assert account.available == before
        assert CreditEntry.objects.filter(kind="release").count() == 3
        for row in rows:
            row.refresh_from_db()
            assert (row.state, row.reason) == (State.FAILED, Reason.VENDOR_PAUSED)
        [told] = Notice.objects.filter(person=cast.ben.person, kind="vendor_paused")
        assert "It answers nonsense." in told.words
        assert "nothing was charged" in told.words
        assert audit() == []

    def test_whose_maker_was_deleted_is_given_up_all_the_same(
        self, cast: Cast, pass_time: Callable[[float], None]
    ) -> None:
        row = make_waiting(cast.ben)
        pause()
        cast.ben.person = None
        cast.ben.save()
        pass_time(24.1 * HOUR)
        sweeping.sweep()
        row.refresh_from_db()
        assert row.state == State.FAILED


def test_a_page_asks_once_what_is_closed(cast: Cast, django_assert_num_queries: Callable[[int], object]) -> None:
    pause()
    maintain()
    with django_assert_num_queries(1):  # type: ignore[attr-defined]  # a fixture without a type
        doors = Doors.read()
    closed = doors.against("demo")
    assert closed is not None
    assert closed.kind == Shut.MAINTENANCE
    assert doors.pause_of("demo") is not None
    assert doors.pause_of("apixo") is None


def test_a_banner_is_posted_changed_and_taken_down_in_the_log(cast: Cast) -> None:
    person = operator()
    banner = posting.post(by=person, words=" New\0 brushes ", mood=Mood.INFO)
    posting.post(by=person, words="Newer brushes", mood=Mood.WARNING, banner=banner, seen=posting.print_of(banner))
    banner.refresh_from_db()
    assert posting.take_down(by=person, banner=banner)
    assert not posting.take_down(by=person, banner=banner)
    assert not Banner.objects.live(clock.now()).exists()
    lines = AuditEntry.objects.filter(target=f"banner:{banner.pk}").order_by("pk")
    assert [line.action for line in lines] == ["banner_posted", "banner_changed", "banner_taken_down"]
    assert lines[1].before["words"] == "New brushes"
