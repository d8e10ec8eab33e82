"""A person is told something: a line in their inbox, and an e-mail where the studio sends any and they want it."""

import contextlib
import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from enum import Enum

from django.conf import settings
from django.core.mail import send_mail
from django.db import IntegrityError, transaction
from django.db.models import F, Q
from django.urls import reverse

from generations import queue
from generations.models import Alert, Notice, Person, Team, clock
from generations.models.alert import UNSENT
from generations.models.notice import SUBJECT_CHARACTERS_MAX, WORDS_CHARACTERS_MAX

log = logging.getLogger(__name__)

KEPT = timedelta(days=30)
"""How long an inbox remembers."""
KEYS_KEPT = timedelta(days=62)
"""How long it is known that something was told: longer than the longest month it may be told once in."""


PAUSES = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 10, 15))
"""How long an e-mail that could not be sent waits for its next try: half an hour in all, then staff hear of it."""


@dataclass(frozen=True, kw_only=True)
class Letter:
    """One plain e-mail. `path` is an address of the studio, written out in full under the text."""

    to: str
    subject: str
    lines: list[str] = field(default_factory=list)
    path: str = ""


class Delivery(Enum):
    """What became of a letter: it was sent, it is tried again later, or it will not be sent any more."""

    SENT = "sent"
    LATER = "later"
    GIVEN_UP = "given up"


@dataclass(frozen=True, kw_only=True)
class Word:
    """What is told. `kind` names the occasion, `subject` is one line, `words` may follow, `path` is where it leads."""

    kind: str
    subject: str
    words: str = ""
    path: str = ""


def sends_mail() -> bool:
    """Whether this studio can send e-mail: it needs a way out, and an address of its own to lead people to."""
    return bool(settings.EMAIL_URL and settings.PUBLIC_URL)


def tell(person: Person, word: Word, *, team: Team | None = None, key: str = "", mails: bool = True) -> Notice:
    """Put it in the person's inbox; with `mails` the e-mail follows by the queue. Within the caller's transaction.

    What is too long for its column is cut: names are long at times, and nobody's act may fail for what it tells others.
    """
    with transaction.atomic():
        notice = Notice.objects.create(
            person=person,
            team=team,
            kind=word.kind,
            subject=_cut(word.subject, SUBJECT_CHARACTERS_MAX),
            words=_cut(word.words, WORDS_CHARACTERS_MAX),
            path=word.path,
            key=key,
        )
        if mails and sends_mail() and person.notify_by_mail:
            queue.later("mail", notice=notice.pk)
    return notice


def tell_once(person: Person, word: Word, *, key: str, team: Team | None = None) -> bool:
    """The same, unless this key was told or silenced before; says whether it was told now."""
    try:
        with transaction.atomic():
            tell(person, word, team=team, key=key)
    except IntegrityError:
        return False
    return True


def silence(person: Person, *, key: str) -> None:
    """What has this key is no longer worth telling."""
    with contextlib.suppress(IntegrityError), transaction.atomic():
        Notice.objects.create(person=person, kind="silent", subject=key, key=key, is_silent=True)


def mail(*, notice: str, tried: str = "0") -> None:
    """Send the e-mail of one notice, once; one that was deleted or sent before is nothing to do.

    Noted before it is sent: an e-mail that gets lost is still in the inbox, one sent twice annoys. What is a team's
    leads by the inbox, for by then its reader may be in another team.
    """
    row = Notice.objects.select_related("person").filter(pk=notice, mailed_at=None).first()
    if row is None or not row.person.is_active:
        return
    if not Notice.objects.filter(pk=row.pk, mailed_at=None).update(mailed_at=clock.now()):
        return
    path = reverse("notice", args=[row.pk]) if row.path and row.team_id else row.path
    letter = Letter(to=row.person.email, subject=row.subject, lines=[row.words], path=path)
    if deliver(letter, job="mail", ids={"notice": notice}, tried=tried) is not Delivery.SENT:
        Notice.objects.filter(pk=row.pk).update(mailed_at=None)


def prune() -> int:
    """Forget what was told a month ago, and with it the names of people who are gone by now; says how many lines.

    Of what is told once the key stays for another month, without its words.
    """
    moment = clock.now()
    old = Notice.objects.filter(created_at__lt=moment - KEPT)
    number: int = old.filter(Q(key="") | Q(created_at__lt=moment - KEYS_KEPT)).delete()[0]
    told = old.exclude(key="").filter(is_silent=False)
    return number + told.update(is_silent=True, kind="silent", subject=F("key"), words="", path="")


def base_url() -> str:
    """Where people reach the studio, without a slash at the end; on this machine alone where no address is set."""
    return settings.PUBLIC_URL or "http://127.0.0.1:8000"


def deliver(letter: Letter, *, job: str, ids: Mapping[str, str], tried: str = "0", about: str = "") -> Delivery:
    """Send it, or have the job try again a few times within half an hour; after the last try staff are told.

    `tried` says how often it was tried before; `about` is the subject of the alert, the job itself where empty.
    """
    about = about or job
    try:
        send(letter)
    except OSError as error:  # whatever is wrong on the way: the library's own errors are of this kind, too
        number, why = int(tried), type(error).__name__
        log.warning("an e-mail by the job %r could not be sent (%s), try %s", job, why, number + 1)
        if number < len(PAUSES):
            queue.after(PAUSES[number], job, **ids, tried=number + 1)
            return Delivery.LATER
        words = (
            f"An e-mail was not sent, in {number + 1} tries over half an hour: {why}. Look at EMAIL_URL and the log."
        )
        Alert.objects.tell(UNSENT, subject=about, words=words)
        return Delivery.GIVEN_UP
    Alert.objects.resolve(UNSENT, subject=about)
    return Delivery.SENT


def send(letter: Letter) -> None:
    """Hand it over. Raises OSError where that fails."""
    parts = [line for line in letter.lines if line]
    if letter.path:
        parts.append(f"{base_url()}{letter.path}")
    parts.append("Imagine Studio")
    subject = " ".join(letter.subject.split())
    send_mail(subject, "\n\n".join(parts) + "\n", None, [letter.to])
    log.info("an e-mail about %r was handed over", subject)


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[: most - 1]}…"
