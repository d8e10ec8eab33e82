"""Writes down what happens at the doors: who came in, who could not, who was refused at the desk, who took the log."""

from collections.abc import Sequence
from datetime import timedelta

from generations.models import AuditEntry, Person, clock

REFUSED = "desk_refused"
ONE_VISIT = timedelta(hours=1)
"""Somebody who is refused the same page again within so long is one line: nobody fills the log by reloading."""
NOBODY = "anonymous"
ADDRESSES_KEPT = timedelta(days=90)
"""How long a line says where it came from."""
BATCH, BATCHES_MAX = 500, 10
"""Lines that are forgotten in one statement, and how many of those one pass of housekeeping makes."""
FAILURES_MAX = 10
"""Of one kind about one person, or about nobody known, within ONE_VISIT: more of them say nothing new."""


def came_in(person: Person, *, by: Sequence[str]) -> None:
    """They signed in, in these ways."""
    who = f"person:{person.pk}"
    AuditEntry.note("signed_in", by=None, actor=who, person=person, target=who, after={"by": list(by)})


def could_not(*, email: str) -> None:
    """Somebody tried to sign in under that address. What is nobody's address is not kept: it may be a password."""
    known = Person.objects.filter(email=email.lower()).values_list("pk", flat=True).first()
    AuditEntry.note("sign_in_failed", by=None, actor=NOBODY, target=f"person:{known}" if known else "")


def could_not_prove(person: Person | None, *, by: str) -> None:
    """A second factor or a passkey was wrong, at the login or where somebody shows once more who they are."""
    _failed("factor_failed", person, by=by)


def was_turned_away(person: Person | None, *, because: str) -> None:
    """The organization's login led nowhere: `because` is a word of ours, never one of theirs."""
    _failed("organization_refused", person, because=because)


def forget_addresses() -> int:
    """Of lines that are old enough, the oldest first and so many in one pass; says of how many."""
    old = AuditEntry.objects.filter(at__lt=clock.now() - ADDRESSES_KEPT, address__gt="").order_by("at")
    forgotten = 0
    for _ in range(BATCHES_MAX):
        keys = list(old.values_list("pk", flat=True)[:BATCH])
        forgotten += AuditEntry.objects.filter(pk__in=keys).forget_addresses() if keys else 0
        if len(keys) < BATCH:
            break
    return forgotten


def _failed(action: str, person: Person | None, **facts: str) -> None:
    target = f"person:{person.pk}" if person else ""
    lately = AuditEntry.objects.filter(target=target, action=action, at__gt=clock.now() - ONE_VISIT)
    if lately.count() < FAILURES_MAX:
        AuditEntry.note(action, by=None, actor=NOBODY, target=target, after=facts)


def was_refused(person: Person, *, path: str) -> None:
    """They asked for a page of the desk that is not for them."""
    target = f"desk:{path}".replace("\0", "")[:120]
    lately = AuditEntry.objects.filter(target=target, action=REFUSED, person=person, at__gt=clock.now() - ONE_VISIT)
    if not lately.exists():
        AuditEntry.note(REFUSED, by=None, actor=f"person:{person.pk}", person=person, target=target)


def took_the_log(person: Person, *, asked_for: str) -> None:
    """They export lines of the audit log, chosen at the desk by this query."""
    who = f"person:{person.pk}"
    AuditEntry.note("audit_exported", by=None, actor=who, person=person, target="audit", after={"query": asked_for})
