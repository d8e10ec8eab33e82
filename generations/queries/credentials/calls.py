"""What was sent on a key lately, and what came of it. Of the vendor's own words only the code is read."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from generations import providers
from generations.models import Attempt, Credential, Health, Outcome
from generations.queries.words import duration

CALLS_SHOWN = 5
LATELY = timedelta(hours=1)
"""As long as a refused key rests at the most."""
CODE = re.compile(r"[0-9]{3}\b")


@dataclass(frozen=True, kw_only=True, slots=True)
class Call:
    """One order that was handed over, or was to be. `took` is how long the answer was on its way, "" without one."""

    at: datetime
    what: str
    outcome: str
    took: str
    went_on: bool

    @property
    def words(self) -> str:
        return f"{self.outcome}. It went to another key." if self.went_on else f"{self.outcome}."


@dataclass(frozen=True, kw_only=True, slots=True)
class Refusals:
    """What a key that rests was answered within the last hour: the newest code, and how many orders went elsewhere."""

    code: str = ""
    moved: int = 0


def calls_of(credential: Credential) -> list[Call]:
    """The last few, newest first. One query."""
    rows = Attempt.objects.filter(credential=credential).select_related("generation").order_by("-pk")
    return [_call(row, credential) for row in rows[:CALLS_SHOWN]]


def refusals_of(credentials: Iterable[Credential], *, moment: datetime) -> dict[int, Refusals]:
    """Of those that rest after a refusal. One query, none where all are well."""
    resting = [one.pk for one in credentials if one.troubles and one.health(moment) is Health.OPEN]
    if not resting:
        return {}
    lately = Attempt.objects.filter(credential__in=resting, outcome=Outcome.REFUSED, started_at__gt=moment - LATELY)
    codes: dict[int, str] = {}
    moved: dict[int, set[object]] = {pk: set() for pk in resting}
    told = lately.order_by("pk").values_list("credential", "detail", "generation", "generation__credential")
    for pk, detail, generation, now_on in told:
        codes[pk] = _code(detail)
        if now_on not in (pk, None):
            moved[pk].add(generation)
    return {pk: Refusals(code=codes.get(pk, ""), moved=len(moved[pk])) for pk in resting}


def _call(row: Attempt, credential: Credential) -> Call:
    code = _code(row.detail) if row.outcome == Outcome.REFUSED else ""
    label = str(Outcome(row.outcome).label)
    return Call(
        at=row.started_at,
        what=_sold_as(row),
        outcome=f"{label} ({code})" if code else label,
        took=duration((row.ended_at - row.started_at).total_seconds()) if row.ended_at else "",
        went_on=row.generation.credential_id not in (credential.pk, None),
    )


def _sold_as(row: Attempt) -> str:
    try:
        return row.generation.offer().label
    except (providers.UnknownOffer, providers.UnknownProvider):
        return row.generation.offer_key


def _code(detail: str) -> str:
    found = CODE.match(detail)
    return found[0] if found else ""
