"""A new address for a person: asked for here, confirmed by a link sent to it, told to the old one; or set from the
console by whoever runs the studio, who can so put it back.

The link holds what it may do, signed; it is good once, because it names the address the person has before.
"""

import logging

from django.core.signing import BadSignature, TimestampSigner
from django.db import IntegrityError, transaction
from django.urls import reverse

from generations import queue
from generations.models import AuditEntry, Person
from generations.services import devices, notifying, warning

log = logging.getLogger(__name__)

SECONDS = 24 * 3600
SALT = "generations.moving"


class LinkSpent(Exception):
    """The link was used, is too old, or was never ours; or the address has an account by now."""


class AddressTaken(Exception):
    """Somebody else signs in with it."""


def ask(person: Person, *, email: str) -> None:
    """Have the link sent to the new address. What becomes of an address that is taken, the asker does not learn."""
    queue.later("move_link", person=person.pk, email=email.strip().lower())


def mail_link(*, person: int, email: str, tried: str = "0") -> None:
    """Send the link, or tell whoever has that address already that nothing is to be done."""
    row = Person.objects.filter(pk=person, is_active=True).first()
    if row is None or row.email == email:
        return
    if Person.objects.filter(email=email).exists():
        subject, words, path = (
            "You have an account at Imagine Studio",
            "Somebody wanted to use this address for their account. It belongs to yours, so nothing was changed.",
            "",
        )
    else:
        subject, words, path = (
            "Confirm your new address for Imagine Studio",
            f"{row.called} wants to sign in with this address from now on. Confirm it within 24 hours. "
            "If you do not know what this is about, do nothing.",
            reverse("address_confirmation", kwargs={"token": _signer().sign_object([row.pk, row.email, email])}),
        )
    letter = notifying.Letter(to=email, subject=subject, lines=[words], path=path)
    notifying.deliver(letter, job="move_link", ids={"person": str(person), "email": email}, tried=tried)


def address_of(token: str) -> str:
    """The new address a link is for. Raises LinkSpent."""
    return _read(token)[1]


def move(token: str) -> Person:
    """Make it the person's address, and tell the old one. Raises LinkSpent; then nothing was changed."""
    person, email = _read(token)
    try:
        with transaction.atomic():
            if not _change(person, email, actor=f"person:{person.pk}"):
                raise LinkSpent
    except IntegrityError:
        raise LinkSpent from None
    return person


def set_address(person: Person, *, email: str, ends_sessions: bool) -> int:
    """Make it the person's address without asking anybody; says how many sessions that ended.

    The same address again changes nothing but the sessions. Raises AddressTaken; then nothing was changed.
    """
    address = email.strip().lower()
    try:
        with transaction.atomic():
            if person.email != address:
                _change(person, address, actor="command")
            return devices.end_all(person) if ends_sessions else 0
    except IntegrityError:
        raise AddressTaken from None


def _change(person: Person, email: str, *, actor: str) -> bool:
    """Write it down, in words that name no address, and tell the person: in the inbox, and under the old one."""
    if not Person.objects.filter(pk=person.pk, email=person.email).update(email=email):
        return False
    queue.later("moved", to=person.email, person=person.pk)
    AuditEntry.note("address_changed", by=None, actor=actor, target=f"person:{person.pk}")
    person.email = email
    warning.warn(person, "You now sign in with another address", mails=False)
    log.info("person %s has a new address", person.pk)
    return True


def mail_notice(*, to: str, person: int, tried: str = "0") -> None:
    """Tell the old address what happened, and what to do if it was nobody's wish."""
    if not notifying.sends_mail():
        return
    row = Person.objects.filter(pk=person).first()
    if row is None:
        return  # the account was deleted meanwhile
    letter = notifying.Letter(
        to=to,
        subject="Your address at Imagine Studio was changed",
        lines=[
            f"{row.called} now signs in with another address. If that was you, all is well.",
            "If it was not, tell whoever runs your studio at once: they can put it back and end every session.",
        ],
    )
    notifying.deliver(letter, job="moved", ids={"to": to, "person": str(person)}, tried=tried)


def _read(token: str) -> tuple[Person, str]:
    try:
        pk, old, new = _signer().unsign_object(token, max_age=SECONDS)
    except (BadSignature, ValueError):
        raise LinkSpent from None
    person = Person.objects.filter(pk=pk, email=old, is_active=True).first()
    if person is None or Person.objects.filter(email=new).exists():
        raise LinkSpent
    return person, new


def _signer() -> TimestampSigner:
    return TimestampSigner(salt=SALT)
