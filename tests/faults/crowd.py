"""Very many pictures at once, each written as the studio would have left it: for tests of what falls due in masses.

Rows, events, attempts, holds and ledger entries fit each other, so the audit is clean before anything runs; only the
way there is short, because thousands of orders one by one would take longer than what is tested.
"""

import uuid
from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import pairwise

from django.db import transaction

from generations import ledger
from generations.models import (
    Attempt,
    Batch,
    Credential,
    Generation,
    GenerationEvent,
    Member,
    Outcome,
    State,
    clock,
)
from generations.services.pumping.verdicts import deadlines
from tests.simulators.invented import Invented

AT_ONCE = 1000
ACTOR = "crowd"
OFFER = Invented.offers[0]
SENT = (State.SUBMITTING,)
WAYS: dict[State, tuple[State, ...]] = {
    State.QUEUED: (),
    State.SUBMITTING: SENT,
    State.IN_DOUBT: (*SENT, State.IN_DOUBT),
    State.RUNNING: (*SENT, State.RUNNING),
    State.FETCHING: (*SENT, State.RUNNING, State.FETCHING),
}
"""Where a row stands, and how it came there from `queued`."""
OUTCOMES = {State.SUBMITTING: Outcome.OPEN, State.IN_DOUBT: Outcome.UNKNOWN}
TWENTY = (
    *[State.QUEUED] * 8,
    *[State.IN_DOUBT] * 6,
    *[State.SUBMITTING] * 3,
    *[State.FETCHING] * 2,
    *[State.RUNNING],
)
"""Of twenty rows of a member, so many stand there."""


def gather(*, member: Member, rows: int, due_in_seconds: float) -> None:
    """Give this member so many pictures whose wait ends in so many seconds, whatever they wait for."""
    moment = clock.now()
    due = moment + timedelta(seconds=due_in_seconds)
    credential = Credential.objects.get(team=member.team)
    for first in range(0, rows, AT_ONCE):
        with transaction.atomic():
            batch = Batch.objects.create(
                team=member.team, member=member, request_key=uuid.uuid4().hex, request_print=ACTOR, created_at=moment
            )
            places = range(first, min(first + AT_ONCE, rows))
            made = [_row(batch, place, credential, due=due) for place in places]
            Generation.objects.bulk_create(made)
            GenerationEvent.objects.bulk_create(event for row in made for event in _way(row))
            ledger.hold_all(account=ledger.account_of(member), generations=made, actor=ACTOR)
            Attempt.objects.bulk_create(_attempt(row, credential) for row in made if row.submits)


def _row(batch: Batch, place: int, credential: Credential, *, due: datetime) -> Generation:
    """The row as it is once it has come where its place in twenty puts it."""
    state = TWENTY[place % len(TWENTY)]
    row = Generation(
        team=batch.team,
        member=batch.member,
        batch=batch,
        position=place,
        operation=OFFER.operation,
        provider=Invented.key,
        offer_key=OFFER.key,
        prompt=f"one of many {batch.member_id} {place}",
        shape="3:2",
        price=OFFER.credits,
        created_at=batch.created_at,
        changed_at=batch.created_at,
        next_at=due,
        deadline_at=due,
        state=state,
        version=1 + len(WAYS[state]),
    )
    if state == State.QUEUED:
        return row
    row.credential, row.submits = credential, 1
    if state in {State.SUBMITTING, State.IN_DOUBT}:
        row.lease_token, row.lease_until = uuid.uuid4().hex, due
    else:
        row.vendor_task_id, row.accepted_at = f"of the crowd {row.pk}", batch.created_at
    if state == State.RUNNING:
        # Its vendor was asked at its deadline, said nothing that could be used, and would be asked again now.
        row.deadline_at = due - deadlines.LAST_LOOKS
        row.accepted_at = row.deadline_at - timedelta(seconds=OFFER.deadline_seconds)
    if state == State.FETCHING:
        row.result_urls = ["https://vendor.invalid/gone.jpg"]
    return row


def _way(row: Generation) -> Iterator[GenerationEvent]:
    stops = pairwise(("", State.QUEUED, *WAYS[State(row.state)]))
    for seq, (before, after) in enumerate(stops, start=1):
        yield GenerationEvent(
            generation=row,
            team_id=row.team_id,
            seq=seq,
            from_state=before,
            to_state=after,
            actor=ACTOR,
            at=row.created_at,
        )


def _attempt(row: Generation, credential: Credential) -> Attempt:
    attempt, _ = Attempt.open_for(row, credential=credential, limit_group=OFFER.limit_group)
    attempt.number, attempt.outcome = row.submits, OUTCOMES.get(State(row.state), Outcome.ACCEPTED)
    attempt.ended_at = None if attempt.outcome == Outcome.OPEN else row.created_at
    return attempt
