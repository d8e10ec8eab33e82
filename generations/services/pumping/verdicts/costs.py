"""What a vendor says it took for a piece of work: kept with the attempt it accepted, and held against what we assumed.

Our own credits do not move by it: people pay the price their picture was sold at. But a vendor that takes another
amount than the price book says makes every picture cost something else than somebody decided.
"""

import logging
from decimal import Decimal

from django.urls import reverse

from generations import providers
from generations.models import Alert, Attempt, Generation, Member, Role, Team, clock
from generations.models.generation.trail import TAKEN
from generations.providers.base import Accepted, Failed, Ready
from generations.services import notifying
from generations.services.notifying import Word
from generations.services.pumping.talk import Looked, Submitted

log = logging.getLogger(__name__)

ALERT = "cost"


def heard(row: Generation, answer: Submitted | Looked) -> None:
    """Keep what the answer says of the cost, if it says anything, and tell when it is not what was assumed."""
    result = answer.result
    if not isinstance(result, Accepted | Ready | Failed) or result.cost is None:
        return
    if isinstance(result, Failed) and result.cost == 0 and row.vendor_cost:
        return  # what came before stays kept, and so does what the vendor took for it
    Attempt.objects.filter(generation=row.pk, outcome__in=TAKEN).update(vendor_cost=result.cost)
    if row.vendor_cost is not None and row.vendor_cost != result.cost:
        # It ended, or goes on, with what an earlier answer told: both say the same.
        Generation.objects.filter(pk=row.pk).update(vendor_cost=result.cost)
    if row.assumed_cost is None or (isinstance(result, Failed) and result.cost == 0):
        return  # nobody knew, or the vendor takes nothing for what did not work
    if result.cost == row.assumed_cost:
        Alert.objects.resolve(ALERT, subject=_subject(row))
    else:
        _tell(row, result.cost, row.assumed_cost)


def _tell(row: Generation, cost: Decimal, assumed: Decimal) -> None:
    """Staff hear of each offer once a day, and so do the owners of the team whose own key it is."""
    unit, name = _names(row)
    words = f"{name} took {amount(cost)} {unit} for one order; the price book assumes {amount(assumed)}."
    if Alert.objects.tell_today(ALERT, subject=_subject(row), words=words):
        log.warning("%s: took %s where %s was assumed", _subject(row), cost, assumed)
    if row.credential is not None and row.credential.team is not None:
        _tell_owners(row, row.credential.team, words)


def _tell_owners(row: Generation, team: Team, words: str) -> None:
    _, name = _names(row)
    word = Word(
        kind=ALERT,
        subject=f"{name} costs something else than assumed",
        words=f"{words} Nobody was charged differently: your prices are as they were.",
        path=reverse("vendor_report"),
    )
    key = f"cost:{_subject(row)}:{team.pk}:{clock.now():%Y-%m-%d}"[-120:]
    owners = Member.objects.present().filter(team=team, role=Role.OWNER)
    for owner in owners.select_related("person"):
        if owner.person is not None:
            notifying.tell_once(owner.person, word, key=key, team=team)


def amount(number: Decimal) -> str:
    """As people write it: without zeros that say nothing."""
    return f"{number.normalize():,f}"


def _subject(row: Generation) -> str:
    return f"{row.provider}:{row.offer_key}"


def _names(row: Generation) -> tuple[str, str]:
    """The vendor's unit, and what people call what was ordered."""
    try:
        vendor, offer = providers.get(row.provider), row.offer()
    except (providers.UnknownProvider, providers.UnknownOffer):
        return "", _subject(row)
    return vendor.balance_unit, f"{vendor.label}: {offer.label}"
