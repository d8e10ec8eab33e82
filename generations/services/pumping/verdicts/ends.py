"""What ends a generation at the vendor's word, and what a key's refusal means for the key."""

import logging
from datetime import datetime, timedelta
from typing import Any

from generations import ledger
from generations.models import Alert, Attempt, Credential, Generation, Reason, State, clock
from generations.models.credential import OUT_OF_MONEY
from generations.models.generation.states import WATCH_AFTER_LAPSE
from generations.providers.base import Fault
from generations.services import collecting

log = logging.getLogger(__name__)

ACTOR = "pump"
REST_SECONDS = {Fault.CREDENTIALS: 600.0, Fault.OUT_OF_FUNDS: 600.0}
REST_BECAUSE = {Fault.CREDENTIALS: "The vendor refused this key.", Fault.OUT_OF_FUNDS: OUT_OF_MONEY}
REFUSALS_MAX, REFUSALS_WITHIN = 5, timedelta(hours=1)
"""One order a vendor cannot use is a person's; several of one offer an hour are ours: we send what it takes no more."""
CAPPED_BECAUSE = "The vendor allows this key no more for now."
"""Where the vendor's own answer says how long: no balance shows when that is over."""


def fail(row: Generation, why: Fault | Reason, code: str = "", text: str = "", **facts: Any) -> None:
    """T5, T11 or T17: the reason people read, the vendor's words for staff, and the credits back if they were held."""
    give_up(row, Reason(why.value), vendor_code=code[:64], vendor_text=text[:500], **facts)
    if row.state == State.FAILED and row.reason == Reason.REFUSED_INPUT:
        _watch_refusals(row)


def _watch_refusals(row: Generation) -> None:
    """Staff hear, once a day, of an offer whose orders its vendor cannot use, one after the other."""
    begin = clock.now() - REFUSALS_WITHIN
    accounts = Credential.objects.filter(provider=row.provider).values("pk")
    group = row.attempts.values_list("limit_group", flat=True).order_by("-number").first()
    lately = Attempt.objects.filter(credential__in=accounts, limit_group=group or "", started_at__gt=begin)
    same = lately.filter(generation__offer_key=row.offer_key, generation__reason=Reason.REFUSED_INPUT)
    number = same.values("generation").distinct().count()
    if number >= REFUSALS_MAX:
        words = f"{row.provider}: {row.offer_key} could not use {number} orders within an hour. The last: "
        words += f"{row.vendor_code or 'no code'} {row.vendor_text}".strip()
        Alert.objects.tell_today("refused", subject=f"{row.provider}:{row.offer_key}", words=words)


def give_up(row: Generation, reason: Reason, **facts: Any) -> None:
    """The same for an end that is no vendor's fault. What ended before keeps the reason it had.

    Of several pictures those that are here already stay, and only their part is paid.
    """
    if _keep_arrived(row, ACTOR):
        return
    held = row.is_open
    reason = reason if held else Reason(row.reason)
    ended = row.move(State.FAILED, actor=ACTOR, reason=reason, lease_token="", lease_until=None, **facts)
    if ended and held:
        ledger.release(generation=row, actor=ACTOR, reason=reason)


def lapse(row: Generation, reason: Reason, *, actor: str = ACTOR, look_after: float = 0.0) -> None:
    """T7 or T12: the credits go back, and what comes within a day is free. It is asked for next in so many seconds.

    Of several pictures those that are here already stay, and their part is paid: nobody waits a day for the others.
    """
    if _keep_arrived(row, actor):
        return
    moment = clock.now()
    end, again = moment + WATCH_AFTER_LAPSE, moment + timedelta(seconds=look_after)
    changes: dict[str, Any] = {"watch_until": end, "next_at": again, "lease_token": "", "lease_until": None}
    if row.move(State.LAPSED, actor=actor, reason=reason, **changes):
        ledger.release(generation=row, actor=actor, reason=reason)


def _keep_arrived(row: Generation, actor: str) -> bool:
    """T13 or T16 in place of an end with nothing; rows that never had a picture pass by without a look at the shelf."""
    return bool(row.arrived) and collecting.keep_arrived(row, actor=actor)


def rest(credential: Credential | None, fault: Fault, *, seconds: float | None = None) -> bool:
    """A key the vendor refuses, or an account without money, is not tried with every picture that waits.

    Says whether that is news of a key that was well.
    """
    if credential is None or fault not in REST_SECONDS:
        return False
    because = REST_BECAUSE[fault] if seconds is None else CAPPED_BECAUSE
    if not credential.rest(seconds=seconds or REST_SECONDS[fault], because=because):
        return False  # it rests already, and staff know
    log.error("credential %s rests: %s", credential.pk, fault)
    words = f"{credential}: {because} Work goes to other keys, or waits."
    Alert.objects.tell("credential", subject=f"credential:{credential.pk}", words=words)
    return credential.troubles == 1


def heal(credential: Credential | None, *, sent_at: datetime) -> None:
    """The vendor took work on this key again that was sent then: after it refused the key, or it shows nothing."""
    if credential is not None and credential.troubles and credential.heal(sent_at=sent_at):
        Alert.objects.resolve("credential", subject=f"credential:{credential.pk}")


def switch_off(row: Generation, code: str) -> None:
    """The vendor does not sell this on that key: what waits goes to another one, or waits until a test or a person says
    otherwise. What one team's key may not do says nothing about another's.
    """
    credential, because = row.credential, f"The vendor answered {code}."
    if credential is not None and credential.turn_off(row.offer_key, because=because):
        words = f"{credential}: {row.offer_key} was switched off for this key. {because}"
        Alert.objects.tell("offer", subject=f"credential:{credential.pk}:{row.offer_key}", words=words)


def tell(row: Generation, words: str) -> None:
    """Staff hear once, however many pictures it happens to, that something is wrong at this vendor."""
    Alert.objects.tell("vendor", subject=f"{row.provider}:{row.offer_key}", words=f"{row.provider}: {words}")
