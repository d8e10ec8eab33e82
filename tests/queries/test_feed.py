"""A page hears of every change once it asks, however many wait, and in whatever order the changes were committed."""

import uuid
from typing import Any
from uuid import UUID

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from generations.models import LIVE, OPEN, Batch, Credential, Generation, GenerationEvent, Member, State
from generations.queries import feed
from generations.services import ordering
from generations.services.pumping.claims import claim
from tests.conftest import Cast
from tests.making import finish, hand_over, make_waiting

HTMX = {"HX-Request": "true"}


def seen_by(member: Member) -> feed.Cursor:
    assert member.person
    now = feed.standing(member.person)
    assert now
    return feed.cursor_of(now)


def news_for(member: Member, cursor: feed.Cursor, whose: str = "team") -> feed.Updates:
    assert member.person
    now = feed.standing(member.person)
    assert now
    news = feed.updates_since(now, cursor, whose=whose)
    assert news
    return news


def ids(news: feed.Updates) -> set[UUID]:
    return {card.id for card in news.cards} | {card.id for run in news.new_runs for card in run.cards}


def wait_many(member: Member, batches: int, each: int = 8) -> None:
    """So many batches in line, made without the ordering that would take its time."""
    template = make_waiting(member)
    facts = {"team": member.team, "member": member, "provider": "demo", "offer_key": "painter", "operation": "draw"}
    made = [Batch(team=member.team, member=member, request_key=uuid.uuid4().hex) for _ in range(batches)]
    Batch.objects.bulk_create(made)
    rows = [
        Generation(**facts, batch=batch, position=position, price=1, shape="1:1", deadline_at=template.deadline_at)
        for batch in made
        for position in range(each)
    ]
    Generation.start(rows, actor="test")


def forget(row: Generation, cursor: feed.Cursor) -> feed.Cursor:
    """The cursor of a page that asked when the row's last event had its number and was not yet committed."""
    last, before = GenerationEvent.objects.filter(generation=row).order_by("-pk")[:2]
    was_open = before.to_state in OPEN
    now_open = last.to_state in OPEN
    versions = cursor.versions + before.seq - (last.seq if last.to_state in LIVE else 0)
    return feed.Cursor(cursor.event, cursor.open_count + was_open - now_open, versions)


class TestMuchAtOnce:
    def test_a_change_is_told_however_many_wait_behind_it(self, cast: Cast) -> None:
        old = hand_over(make_waiting(cast.ben, "old"))
        wait_many(cast.ada, 60)
        cursor = seen_by(cast.ben)
        finish(old)

        assert old.pk in ids(news_for(cast.ben, cursor))

    def test_more_than_an_answer_carries_makes_the_page_load_anew(
        self, cast: Cast, signed_in: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(feed, "CHANGES_MAX", 3)
        cursor = seen_by(cast.ben)
        make_waiting(cast.ada, count=3)
        client: Client = signed_in(cast.ben)
        assert "HX-Refresh" not in client.get(reverse("feed"), {"cursor": str(cursor)}, headers=HTMX).headers
        make_waiting(cast.ada)
        answer = client.get(reverse("feed"), {"cursor": str(cursor)}, headers=HTMX)

        assert answer.headers["HX-Refresh"] == "true"
        assert news_for(cast.ben, cursor).poll.cursor == str(cursor)

    def test_an_action_then_loads_the_page_anew_too(
        self, cast: Cast, signed_in: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(feed, "CHANGES_MAX", 3)
        row = make_waiting(cast.ben)
        cursor = seen_by(cast.ben)
        make_waiting(cast.ada, count=4)
        address = reverse("generation_cancellation", args=[row.pk])
        answer = signed_in(cast.ben).post(address, {"cursor": str(cursor)}, headers=HTMX)

        row.refresh_from_db()
        assert (answer.headers.get("HX-Refresh"), row.state) == ("true", State.CANCELED)


class TestAnEventCommittedLate:
    def test_is_told_although_a_newer_one_came_with_it(self, cast: Cast) -> None:
        first, second = hand_over(make_waiting(cast.ben)), hand_over(make_waiting(cast.ben))
        finish(first)
        cursor = forget(first, seen_by(cast.ben))
        finish(second)

        assert {first.pk, second.pk} <= ids(news_for(cast.ben, cursor))

    def test_is_told_alone(self, cast: Cast) -> None:
        row, other = hand_over(make_waiting(cast.ben)), make_waiting(cast.ada)
        finish(row)
        cursor = forget(row, seen_by(cast.ben))

        assert row.pk in ids(news_for(cast.ben, cursor))
        assert other.pk in ids(news_for(cast.ben, cursor))

    def test_is_told_when_the_credits_had_long_gone_back(self, cast: Cast) -> None:
        late, other = hand_over(make_waiting(cast.ben)), hand_over(make_waiting(cast.ben))
        for state in (State.LAPSED, State.FAILED):
            late.move(state, actor="test")
        cursor = forget(late, seen_by(cast.ben))
        finish(other)

        assert late.pk in ids(news_for(cast.ben, cursor))

    def test_of_a_new_batch_loads_the_page_anew(self, cast: Cast) -> None:
        make_waiting(cast.ada)
        seen = seen_by(cast.ben)
        cursor = feed.Cursor(seen.event, seen.open_count - 1, seen.versions - 1)

        assert news_for(cast.ben, cursor).reload

    def test_is_not_suspected_when_the_events_explain_everything(self, cast: Cast) -> None:
        """Every kind of move, and a card that stood still meanwhile is not sent again."""
        still = hand_over(make_waiting(cast.ben, "still"))
        gone, done, lapsed = (make_waiting(cast.ben, word) for word in ("gone", "done", "lapsed"))
        cursor = seen_by(cast.ben)
        ordering.cancel(generation=gone, actor="test")
        finish(done)
        lapsed.refresh_from_db()
        for state in (State.LAPSED, State.RECOVERED):
            assert lapsed.move(state, actor="test")
        new = make_waiting(cast.ada, count=2)
        news = news_for(cast.ben, cursor)

        assert still.pk not in ids(news)
        assert {gone.pk, done.pk, lapsed.pk} <= ids(news)
        assert [run.id for run in news.new_runs] == [new.batch_id]
        assert not news.reload


class TestTheCaptionOfARun:
    def test_is_told_again_when_the_picture_is_there(self, cast: Cast) -> None:
        row = hand_over(make_waiting(cast.ben))
        cursor = seen_by(cast.ben)
        finish(row)
        (run,) = news_for(cast.ben, cursor).ended_runs

        assert run.id == row.batch_id
        assert run.took
        assert run.cost == "5 credits"

    def test_counts_only_what_is_paid_of_a_batch(self, cast: Cast) -> None:
        first = make_waiting(cast.ben, count=3)
        cursor = seen_by(cast.ben)
        ordering.cancel(generation=first, actor="test")
        (run,) = news_for(cast.ben, cursor).ended_runs

        assert run.cost == "10 credits"
        assert run.cards[0].id == first.pk
        assert len(run.cards) == 3

    def test_reaches_the_open_page(self, cast: Cast, signed_in: Any) -> None:
        row = make_waiting(cast.ben)
        cursor = seen_by(cast.ben)
        ordering.cancel(generation=row, actor="test")
        answer = signed_in(cast.ben).get(reverse("feed"), {"cursor": str(cursor)}, headers=HTMX).content.decode()

        assert f'id="run-meta-{row.batch_id}" hx-swap-oob="true"' in answer

    def test_stays_as_it_is_while_the_picture_is_made(self, cast: Cast) -> None:
        row = make_waiting(cast.ben)
        cursor = seen_by(cast.ben)
        hand_over(row)

        assert not news_for(cast.ben, cursor).ended_runs


class TestThoseThatWait:
    def test_are_few_in_an_answer_and_nearest_to_the_front(self, cast: Cast) -> None:
        row = hand_over(make_waiting(cast.ben))
        wait_many(cast.ada, 50)
        cursor = seen_by(cast.ben)
        finish(row)
        sent = [card.place for card in news_for(cast.ben, cursor).cards if card.place]

        assert len(sent) == 2 * feed.WAITING_MAX
        assert set(range(1, feed.WAITING_MAX + 1)) <= set(sent)

    def test_are_told_a_far_place_when_their_card_is_on_the_page(self, cast: Cast) -> None:
        row, *_ = [hand_over(make_waiting(cast.ben)) for _ in range(30)]
        wait_many(cast.ada, 6)
        mine = make_waiting(cast.ben)
        cursor = seen_by(cast.ben)
        finish(row)
        place = {card.id: card.place for card in news_for(cast.ben, cursor, "mine").cards}[mine.pk]

        assert place == 31 > feed.WAITING_MAX

    def test_have_the_places_in_which_they_will_be_sent(self, cast: Cast) -> None:
        """Turns go round the members, and who has work at the vendor has had a turn."""
        hand_over(make_waiting(cast.ada))
        hers = [make_waiting(cast.ada) for _ in range(3)]
        his = [make_waiting(cast.ben) for _ in range(2)]
        claimed = claim(credentials=list(Credential.objects.all()), slots=5)

        sent = [one.generation for one in claimed]
        Generation.objects.filter(pk__in=sent).update(state=State.QUEUED, submits=0, lease_until=None, lease_token="")
        assert sent == [his[0].pk, hers[0].pk, his[1].pk, hers[1].pk, hers[2].pk]
        assert feed.places([*hers, *his]) == {pk: place for place, pk in enumerate(sent, 1)}

    def test_have_places_of_their_own_vendors_line(self, cast: Cast) -> None:
        rows = [make_waiting(cast.ben) for _ in range(4)]
        Generation.objects.filter(pk__in=[rows[0].pk, rows[2].pk]).update(provider="other")

        assert feed.places(rows) == {rows[0].pk: 1, rows[1].pk: 1, rows[2].pk: 2, rows[3].pk: 2}

    def test_cost_the_same_however_many_they_are(self, cast: Cast) -> None:
        counts = []
        for number in (1, 40):
            row = hand_over(make_waiting(cast.ben))
            wait_many(cast.ada, number)
            cursor = seen_by(cast.ben)
            finish(row)
            with CaptureQueriesContext(connection) as queries:
                news_for(cast.ben, cursor)
            counts.append(len(queries))

        assert counts[0] == counts[1]


def test_an_empty_batch_hangs_nowhere(cast: Cast) -> None:
    row = make_waiting(cast.ben)
    Batch.objects.create(team=cast.team, member=cast.ben, request_key="k")
    assert cast.ben.person
    now = feed.standing(cast.ben.person)
    assert now

    assert [run.id for run in feed.feed_for(now).runs] == [row.batch_id]
    assert [run.id for run in feed.feed_for(now, whose="mine").runs] == [row.batch_id]
