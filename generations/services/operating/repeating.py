"""An operator orders again, for its member, what ended without a picture.

It is the member's order like any other: held on their account at the price of today, and only while they could place it
themselves. Because they do not read the price, it may not cost more than what they agreed to the first time.
"""

import logging

from django.db import transaction

from generations import ledger
from generations.models import Batch, Generation, Person
from generations.services import ordering
from generations.services.operating.refusals import NotAgain
from generations.services.operating.witness import expect_operator, note, target_of

log = logging.getLogger(__name__)


def retry(*, generation: Generation, by: Person, request_key: str) -> Batch:
    """The new generation's batch; the same key again returns the first one. Raises NotOperator and NotAgain."""
    actor = expect_operator(by)
    member = generation.member
    if member.person is None or member.left_at is not None:
        raise NotAgain("Who ordered it is no longer in the team. Nothing was ordered.")
    known = Batch.objects.filter(member=member, request_key=request_key).exists()
    try:
        with transaction.atomic():
            batch = ordering.retry(
                member=member,
                generation=generation,
                request_key=request_key,
                seen_at=generation.created_at,
                actor=actor,
            )
            if not known:
                _note(generation, batch, by)
    except ordering.NothingToRetry:
        raise NotAgain("It may still succeed, or did, or its words were removed. Nothing was ordered.") from None
    except ordering.MayNotCreate:
        raise NotAgain("Who ordered it may no longer make pictures in their team. Nothing was ordered.") from None
    except ordering.PriceRose:
        raise NotAgain(
            "It costs more today than its member agreed to: only they can order it again. Nothing was ordered."
        ) from None
    except ordering.OrderRefused as refusal:
        raise NotAgain(f"It could not be ordered for its member. They would read: “{refusal}”") from None
    except ledger.NotEnoughCredits as short:
        words = f"Its member has {short.available:,} credits and {short.needed:,} are needed. Nothing was ordered."
        raise NotAgain(words) from None
    log.info("generation %s was ordered again by person %s", generation.pk, by.pk)
    return batch


def _note(generation: Generation, batch: Batch, by: Person) -> None:
    [again] = batch.generations.all()
    after = {"again": str(again.pk), "credits": again.price}
    note("generation_retried", by=by, team=generation.team, target=target_of(generation), after=after)
