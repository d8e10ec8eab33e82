"""Credits move from the pool once, by who may move them, and everybody concerned hears of it."""

import pytest

from generations import ledger
from generations.models import Answer, AuditEntry, CreditAsk, CreditEntry, Member, Notice, Role, clock
from generations.services import asking, auditing
from tests.conftest import Cast


@pytest.fixture(autouse=True)
def books_add_up(db: None) -> object:
    yield
    assert auditing.audit() == []


def credits_of(member: Member) -> int:
    return ledger.account_of(member).posted


class TestGiving:
    def test_moves_credits_from_the_pool_with_both_names(self, cast: Cast) -> None:
        before, pool = credits_of(cast.ben), ledger.pool_of(cast.team).posted
        entry = asking.give(by=cast.ada, member=cast.ben, amount=40, reason="the fair", key="k1")

        assert credits_of(cast.ben) == before + 40
        assert ledger.pool_of(cast.team).posted == pool - 40
        assert (entry.actor, entry.reason) == (f"member:{cast.ada.pk}", "the fair")
        assert Notice.objects.get(person=cast.ben.person).subject.endswith("gave you 40 credits")
        assert AuditEntry.objects.get(action="credits_given").after == {"credits": 40, "reason": "the fair"}

    def test_twice_with_one_key_gives_once(self, cast: Cast) -> None:
        before = credits_of(cast.ben)
        for _ in range(2):
            asking.give(by=cast.ada, member=cast.ben, amount=40, reason="the fair", key="k1")

        assert credits_of(cast.ben) == before + 40
        assert Notice.objects.count() == AuditEntry.objects.count() == 1

    def test_more_than_there_is_moves_nothing(self, cast: Cast) -> None:
        before, pool = credits_of(cast.ben), ledger.pool_of(cast.team).available
        with pytest.raises(asking.PoolTooSmall, match=f"{pool:,} credits"):
            asking.give(by=cast.ada, member=cast.ben, amount=pool + 1, reason="all", key="k1")

        assert credits_of(cast.ben) == before
        assert not Notice.objects.exists()

    def test_is_for_those_who_manage(self, cast: Cast) -> None:
        with pytest.raises(asking.NotManager):
            asking.give(by=cast.ben, member=cast.ben, amount=1, reason="me", key="k1")

    def test_is_not_for_who_was_demoted_since_their_page_was_made(self, cast: Cast) -> None:
        asked = asking.ask(member=cast.ben, amount=5, reason="x")
        Member.objects.filter(pk=cast.ada.pk).update(role=Role.CREATOR)
        for act in (
            lambda: asking.give(by=cast.ada, member=cast.ben, amount=1, reason="x", key="k1"),
            lambda: asking.approve(by=cast.ada, ask=asked, amount=1),
            lambda: asking.decline(by=cast.ada, ask=asked, words="no"),
        ):
            with pytest.raises(asking.NotManager):
                act()

    def test_reaches_nobody_outside_the_team(self, cast: Cast) -> None:
        Member.objects.filter(pk=cast.ben.pk).update(left_at=clock.now())
        for member in (cast.mallory, cast.ben):
            with pytest.raises(asking.Gone):
                asking.give(by=cast.ada, member=member, amount=1, reason="x", key=f"k{member.pk}")


class TestAsking:
    def test_tells_everybody_who_manages(self, cast: Cast) -> None:
        made = asking.ask(member=cast.ben, amount=100, reason="A poster")

        [notice] = Notice.objects.all()
        assert notice.person == cast.ada.person
        assert notice.subject.endswith("asks for 100 credits")
        assert notice.path.endswith(f"/{made.pk}/")

    def test_twice_before_an_answer_is_refused(self, cast: Cast) -> None:
        asking.ask(member=cast.ben, amount=100, reason="A poster")
        with pytest.raises(asking.AskedAlready):
            asking.ask(member=cast.ben, amount=5, reason="Another")

        assert CreditAsk.objects.count() == 1

    def test_again_after_an_answer_is_fine(self, cast: Cast) -> None:
        asking.decline(by=cast.ada, ask=asking.ask(member=cast.ben, amount=1, reason="x"), words="")

        assert asking.ask(member=cast.ben, amount=2, reason="y").answer == Answer.OPEN


class TestAnAnswer:
    @pytest.fixture
    def asked(self, cast: Cast) -> CreditAsk:
        return asking.ask(member=cast.ben, amount=100, reason="A poster")

    def test_gives_what_was_asked_or_less(self, cast: Cast, asked: CreditAsk) -> None:
        before = credits_of(cast.ben)
        asking.approve(by=cast.ada, ask=asked, amount=60)
        entry = CreditEntry.objects.get(idempotency_key=f"ask:{asked.pk}:in")

        assert credits_of(cast.ben) == before + 60
        assert (entry.actor, entry.reason) == (f"member:{cast.ada.pk}", "Asked for: A poster")
        assert Notice.objects.filter(person=cast.ben.person, subject__contains="gave you 60").exists()

    def test_is_given_once_by_whoever_is_first(self, cast: Cast, asked: CreditAsk) -> None:
        before = credits_of(cast.ben)
        asking.approve(by=cast.ada, ask=CreditAsk.objects.get(pk=asked.pk), amount=60)
        with pytest.raises(asking.AnsweredAlready, match="approved already"):
            asking.approve(by=cast.ada, ask=CreditAsk.objects.get(pk=asked.pk), amount=60)
        with pytest.raises(asking.AnsweredAlready):
            asking.decline(by=cast.ada, ask=asked, words="no")

        assert credits_of(cast.ben) == before + 60

    def test_that_the_pool_cannot_pay_leaves_it_open(self, cast: Cast, asked: CreditAsk) -> None:
        with pytest.raises(asking.PoolTooSmall):
            asking.approve(by=cast.ada, ask=asked, amount=999_999)

        assert CreditAsk.objects.get(pk=asked.pk).answer == Answer.OPEN

    def test_may_be_no_with_a_word(self, cast: Cast, asked: CreditAsk) -> None:
        before = credits_of(cast.ben)
        asking.decline(by=cast.ada, ask=asked, words="Next month")

        assert credits_of(cast.ben) == before
        assert Notice.objects.get(person=cast.ben.person).words == "Next month"

    def test_is_for_those_who_manage_that_team(self, cast: Cast, asked: CreditAsk) -> None:
        with pytest.raises(asking.NotManager):
            asking.approve(by=cast.ben, ask=asked, amount=1)
        with pytest.raises(asking.Gone):
            asking.approve(by=cast.mallory, ask=asked, amount=1)

    def test_of_another_team_is_not_theirs_to_give(self, cast: Cast, asked: CreditAsk) -> None:
        with pytest.raises(asking.Gone):
            asking.decline(by=cast.mallory, ask=asked, words="no")

        assert CreditAsk.objects.get(pk=asked.pk).answer == Answer.OPEN

    def test_that_was_taken_back_leaves_nothing_in_hand(self, cast: Cast, asked: CreditAsk) -> None:
        """Or the page that says why it was not approved would also say that it was."""
        with pytest.raises(asking.PoolTooSmall):
            asking.approve(by=cast.ada, ask=asked, amount=999_999)

        assert (asked.answer, asked.given, asked.answered_at, asked.answered_by) == (Answer.OPEN, 0, None, None)
