"""The end of a key: it drains while something needs it, and is erased when nothing does.

What runs needs it. So do, where it was replaced, the drawings that only their own account enlarges, for as long as the
vendor keeps them. A key that somebody removed is not kept for those: they asked for it to be gone.
"""

import itertools
import logging
from collections.abc import Iterable
from datetime import timedelta

from django.db import transaction

from generations import providers
from generations.models import WITH_IMAGES, Alert, Credential, CredentialState, Generation, clock
from generations.providers.base import Operation, SourceBy
from generations.providers.catalogue import TASK_AGE_SECONDS_MAX

log = logging.getLogger(__name__)

LABEL_CHARACTERS_MAX = 80


def give_up(credential: Credential, *, is_replaced: bool) -> bool:
    """Retire it, or let it drain while work still needs it; says whether it is gone. Its name is free again.

    Must run in a transaction that holds the row.
    """
    label = _spare_label(credential, "replaced" if is_replaced else "removed")
    Alert.objects.resolve("credential", subject=f"credential:{credential.pk}")
    for offer in credential.offers_off:
        Alert.objects.resolve("offer", subject=f"credential:{credential.pk}:{offer}")
    if is_needed(credential, is_replaced=is_replaced):
        credential.drain(label=label)
        return False
    credential.retire(label=label)
    return True


def retire_drained() -> int:
    """Erase the keys that only waited for their last work; says how many."""
    draining = Credential.objects.filter(state=CredentialState.DRAINING).order_by("pk")
    return sum(_retire(pk) for pk in draining.values_list("pk", flat=True))


def is_needed(credential: Credential, *, is_replaced: bool) -> bool:
    """Whether something waits for it, runs on it, is watched in case it arrives late, or can be enlarged by it only."""
    if Generation.objects.live().filter(credential=credential).exists():
        return True
    return is_replaced and bool(with_drawings([credential]))


def with_drawings(credentials: Iterable[Credential]) -> set[int]:
    """Which of these drew a picture that the vendor still keeps and enlarges only for the account that drew it."""
    keepers = [
        key
        for key, vendor in providers.PROVIDERS.items()
        if any(offer.source_by is SourceBy.TASK_ID for offer in vendor.offers)
    ]
    drawn = Generation.objects.filter(
        credential__in=[one.pk for one in credentials if one.provider in keepers],
        operation=Operation.DRAW,
        state__in=WITH_IMAGES,
        accepted_at__gt=clock.now() - timedelta(seconds=TASK_AGE_SECONDS_MAX),
        images__index=0,
        images__deleted_at=None,
    )
    return set(drawn.order_by().values_list("credential", flat=True))


def _retire(pk: int) -> bool:
    with transaction.atomic():
        rows = Credential.objects.select_for_update(no_key=True)
        row = rows.filter(pk=pk, state=CredentialState.DRAINING).first()
        if row is None or is_needed(row, is_replaced=row.successors.exists()):
            return False
        row.retire(label=row.label)
    log.info("credential %s has drained and is retired", pk)
    return True


def _spare_label(credential: Credential, because: str) -> str:
    """What the row is called from now on: "Main (replaced 21 Nov 14:02)", numbered where that is taken."""
    sisters = Credential.objects.filter(team=credential.team, provider=credential.provider)
    taken = set(sisters.values_list("label", flat=True))
    moment = f"{because} {clock.now():%-d %b %H:%M}"
    ends = itertools.chain([f" ({moment})"], (f" ({moment}, {number})" for number in itertools.count(2)))
    labels = (credential.label[: LABEL_CHARACTERS_MAX - len(end)] + end for end in ends)
    return next(label for label in labels if label not in taken)
