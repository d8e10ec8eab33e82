"""A callback named a task for work of which nobody knows whether the vendor took it. It is ours only with proof (1.6).

Anybody who knows a callback's address may name any task in it, so a candidate that is not proved changes nothing, and
the next one is heard all the same.
"""

import hmac
import logging
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

from generations.models import Alert, Attempt, CallbackHint, Generation, Outcome, State, clock, hash_token
from generations.models.generation.states import SUBMIT_LEASE
from generations.models.generation.trail import CANDIDATE_AGE_MAX
from generations.providers.base import Accepted, NotFound, Recollection
from generations.services.pumping.talk import Recalled
from generations.services.pumping.verdicts import submits
from generations.vault import sealed_at

log = logging.getLogger(__name__)

SLACK = timedelta(seconds=60)
"""How far the vendor's clock and ours may differ."""


def heard(recalled: Recalled) -> None:
    """Adopt the task if it is proved to be ours; drop the candidate if it is proved not to be."""
    hints = CallbackHint.objects.select_related("attempt__credential")
    hint = hints.filter(pk=recalled.hint, processed_at=None).first()
    if hint is None:
        return
    rows = Generation.objects.select_related("credential", "team")
    row = rows.select_for_update(of=("self",), no_key=True).get(pk=hint.attempt.generation_id)
    if row.vendor_task_id or row.state not in {State.IN_DOUBT, State.LAPSED}:
        close(hint)
    elif isinstance(recalled.result, Recollection):
        _judge(row, hint, recalled.task_id, recalled.result)
    elif clock.now() - hint.received_at > CANDIDATE_AGE_MAX or isinstance(recalled.result, NotFound):
        close(hint)


def _judge(row: Generation, hint: CallbackHint, task_id: str, recollection: Recollection) -> None:
    if Generation.objects.filter(provider=row.provider, vendor_task_id=task_id).exists():
        _refuse(row, hint, "it belongs to another generation")
        return
    verdict = _is_ours(row, hint, recollection)
    if verdict:
        submits.adopt(row, hint.attempt, Accepted(task_id=task_id))
        close(hint)
        log.info("generation %s adopted its task by a callback", row.pk)
    elif verdict is False:
        _refuse(row, hint, "the vendor made it for another order")
    elif clock.now() - hint.received_at > CANDIDATE_AGE_MAX:
        close(hint)


def _is_ours(row: Generation, hint: CallbackHint, recollection: Recollection) -> bool | None:
    """Whether the vendor's memory proves it; None where it proves nothing either way."""
    attempt = hint.attempt
    if recollection.callback_url is not None:
        token = urlsplit(recollection.callback_url).path.rstrip("/").rpartition("/")[2]
        return hmac.compare_digest(hash_token(token), attempt.token_hash)
    if _differs(row, recollection):
        return False
    if recollection.prompt is not None or recollection.source_task is not None or _is_signed(hint):
        return True
    if recollection.made_at is None:
        return None
    made = datetime.fromtimestamp(recollection.made_at, tz=UTC)
    begin, end = attempt.started_at - SLACK, attempt.started_at + SUBMIT_LEASE + SLACK
    if not begin <= made <= end:
        return False
    nameless = Attempt.objects.filter(generation__provider=row.provider, generation__vendor_task_id="")
    nameless = nameless.filter(outcome__in=[Outcome.OPEN, Outcome.UNKNOWN], started_at__range=(begin, end))
    return None if nameless.exclude(pk=attempt.pk).exists() else True


def _differs(row: Generation, recollection: Recollection) -> bool:
    """Whether the vendor remembers another order than this one, in anything that it tells of."""
    source = row.source.generation.vendor_task_id if row.source is not None else ""
    pairs = (
        (recollection.prompt, row.prompt),
        (recollection.offer, row.offer_key),
        (recollection.shape, row.shape),
        (recollection.source_task, source),
    )
    return any(theirs is not None and theirs != ours for theirs, ours in pairs)


def _is_signed(hint: CallbackHint) -> bool:
    """Whether the vendor signed the callback: from the moment the webhook key was stored no other was let in."""
    sealed = hint.attempt.credential.sealed_webhook_key
    return bool(sealed) and hint.received_at.timestamp() >= sealed_at(sealed)


def _refuse(row: Generation, hint: CallbackHint, why: str) -> None:
    log.warning("generation %s: the task of a callback was not adopted: %s", row.pk, why)
    words = f"{row.provider}: a callback named a task that is not ours. Nothing was changed."
    Alert.objects.tell("callback", subject=row.provider, words=words)
    close(hint)


def close(hint: CallbackHint) -> None:
    """It is dealt with: nobody asks about it again."""
    CallbackHint.objects.filter(pk=hint.pk).update(processed_at=clock.now())
