"""Takes a vendor's callback: a hint that something happened, of which nothing is believed.

It stores one line and makes the look come sooner. What became of the task is asked of the vendor, with our own key.
"""

import hashlib
import json
import logging
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from uuid import UUID

from django.core.cache import cache
from django.db import transaction

from generations import connections, nudge
from generations.models import Alert, Attempt, CallbackHint, Generation, State, clock, hash_token
from generations.providers.base import Forged, Unknown, checked_task_id

log = logging.getLogger(__name__)

BODY_BYTES_MAX = 64 * 1024
WELCOME_AFTER_END = timedelta(hours=48)
ROWS_MAX = 200
CALLS_PER_SECOND_MAX = 20
"""From one address (S53); what is turned away costs a picture nothing but a later look."""
CALLS_PER_ATTEMPT_MAX = 60
KEPT = timedelta(days=7)
"""S67: what came in by callback is forgotten after this."""


class Unwelcome(Exception):
    """The callback is not taken, and nothing was written."""


class TooMany(Unwelcome):
    """So many callbacks come from one address at once, or for one attempt, from no vendor."""


class TooLong(Unwelcome):
    """No vendor's callback is that long."""


class UnknownAddress(Unwelcome):
    """No attempt of this provider has this address."""


class Over(Unwelcome):
    """The work it is about ended long ago."""


class NotReadable(Unwelcome):
    """It is no JSON object."""


class NotSigned(Unwelcome):
    """The key has a webhook key, and the callback is not signed with it, or too long ago."""


def take(*, provider: str, token: str, body: bytes, headers: Mapping[str, str], address: str) -> None:
    """Keep the hint and have the vendor asked. The same callback again is taken and changes nothing.

    `headers` have lower-case names. Raises a kind of Unwelcome, and `vault.Unreadable` when the webhook key of the
    credential cannot be opened.
    """
    if len(body) > BODY_BYTES_MAX:
        raise TooLong
    if _calls_from(address) > CALLS_PER_SECOND_MAX:
        raise TooMany
    attempts = Attempt.objects.select_related("generation", "credential")
    attempt = attempts.filter(token_hash=hash_token(token), generation__provider=provider).first()
    if attempt is None:
        raise UnknownAddress
    row = attempt.generation
    if row.state != State.LAPSED and row.finished_at and row.finished_at < clock.now() - WELCOME_AFTER_END:
        raise Over
    if not attempt.count_call(most=CALLS_PER_ATTEMPT_MAX):
        raise TooMany
    task_id = _task_of(attempt, _parsed(body), headers)
    _keep(attempt, task_id=task_id, body=body)


def _calls_from(address: str) -> int:
    """How many came from there within this second, this one among them."""
    name = f"callbacks:{address}:{int(clock.now().timestamp())}"
    cache.add(name, 0, timeout=60)
    try:
        return int(cache.incr(name))
    except ValueError:
        return 1  # pushed out of the cache meanwhile


def _parsed(body: bytes) -> object:
    try:
        parsed = json.loads(body)
    except (ValueError, RecursionError):
        raise NotReadable from None
    if not isinstance(parsed, dict):
        raise NotReadable
    return parsed


def _task_of(attempt: Attempt, body: object, headers: Mapping[str, str]) -> str:
    """Which task it says it is about, "" when it names none we could ask for."""
    speaker = connections.provider_of(attempt.credential)
    try:
        claimed = speaker.read_callback(body, headers, now=clock.now().timestamp()).task_id
    except Forged as error:
        words = f"{attempt.credential}: callbacks arrive without a valid signature. They are not taken."
        Alert.objects.tell("callback", subject=f"credential:{attempt.credential_id}", words=words)
        raise NotSigned from error
    try:
        return checked_task_id(claimed)
    except Unknown:
        return ""


def _keep(attempt: Attempt, *, task_id: str, body: bytes) -> None:
    moment, row = clock.now(), attempt.generation
    facts = {"task_id": task_id, "body_hash": hashlib.sha256(body).hexdigest()}
    with transaction.atomic():
        hint, made = CallbackHint.objects.get_or_create(attempt=attempt, **facts, defaults={"received_at": moment})
        if not made:
            return
        if row.vendor_task_id:
            _ask_now([row.pk], moment)
            CallbackHint.objects.filter(pk=hint.pk).update(processed_at=moment)
        nudge.kick()
    log.info("generation %s: a callback came", row.pk)


def _ask_now(rows: Iterable[UUID], moment: datetime) -> None:
    """Have these looked at now. What is due already stays due since then: whoever waited is not sent to the back."""
    watched = Generation.objects.filter(pk__in=list(rows), state__in=[State.RUNNING, State.LAPSED])
    watched.filter(next_at__gt=moment).update(next_at=moment)


def follow() -> int:
    """See to the hints that nobody has seen to: a known task is looked at now, and what leads nowhere is closed.

    Those that may bring a lost task home are the pump's, for an hour.
    """
    moment, followed = clock.now(), 0
    while hints := list(CallbackHint.objects.unfollowed(moment).values_list("pk", "attempt__generation")[:ROWS_MAX]):
        _ask_now([row for _, row in hints], moment)
        followed += CallbackHint.objects.filter(pk__in=[hint for hint, _ in hints]).update(processed_at=moment)
    return followed


def prune() -> int:
    """Forget the hints that are older than we keep any; says how many."""
    number: int = CallbackHint.objects.filter(received_at__lt=clock.now() - KEPT).delete()[0]
    return number
