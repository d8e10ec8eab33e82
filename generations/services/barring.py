"""An account is closed to whoever holds it, and opened again: by superusers, where somebody else may have its password.

Unlike a suspension it leaves nothing: no page opens for them. Their pictures and the lines of the ledger stay.
"""

import logging
from collections.abc import Iterable

from django.db import transaction
from django.db.models import Q

from generations.models import AuditEntry, Generation, Person, State
from generations.services import devices
from generations.services.reviewing.stopping import Stop, stop_waiting

log = logging.getLogger(__name__)


class NotSuperuser(Exception):
    """Only superusers close somebody's account."""


class NeededHere(Exception):
    """Somebody of them cannot be shut out; the message says who, and why."""


def shut_out(*, people: Iterable[Person], by: Person) -> int:
    """End every session of theirs and let them in no more; what waits ends, what a vendor has is finished and stored.

    Says for how many that changed something. Raises NotSuperuser, and NeededHere for oneself and the last superuser;
    then nothing was changed.
    """
    _expect_superuser(by)
    with transaction.atomic():
        # All superusers are locked with them: two of them who shut each other out leave one.
        keys = {one.pk for one in people}
        locked = Person.objects.order_by("pk").select_for_update(no_key=True)
        rows = list(locked.filter(Q(pk__in=keys) | Q(is_superuser=True)))
        chosen = [row for row in rows if row.pk in keys and row.is_active]
        left = [row for row in rows if row.is_superuser and row.is_active and row not in chosen]
        if by.pk in keys:
            raise NeededHere("You cannot close your own account here. Nothing was changed.")
        if not left:
            raise NeededHere("Nobody could run the studio any more. Nothing was changed.")
        for person in chosen:
            person.is_active = False
            person.save(update_fields=["is_active"])
            devices.end_all(person)
            _note("account_shut_out", person, by=by, is_active=False)
        waiting = [Stop(Generation.objects.filter(member__person__in=chosen), State.CANCELED, "canceled", {})]
        stop_waiting(waiting, actor=f"person:{by.pk}")
    log.info("person %s shut %d people out", by.pk, len(chosen))
    return len(chosen)


def let_in(*, people: Iterable[Person], by: Person) -> int:
    """They may sign in again, with what they signed in with before; says for how many that changed something.

    Raises NotSuperuser.
    """
    _expect_superuser(by)
    with transaction.atomic():
        keys = [one.pk for one in people]
        rows = Person.objects.order_by("pk").select_for_update(no_key=True).filter(pk__in=keys, is_active=False)
        # Of an account that was deleted there is nothing to sign in with.
        chosen = [row for row in rows if row.has_usable_password()]
        for person in chosen:
            person.is_active = True
            person.save(update_fields=["is_active"])
            _note("account_let_in", person, by=by, is_active=True)
    return len(chosen)


def _expect_superuser(by: Person) -> None:
    if not by.is_superuser:
        raise NotSuperuser


def _note(action: str, person: Person, *, by: Person, is_active: bool) -> None:
    AuditEntry.note(
        action,
        by=None,
        actor=f"person:{by.pk}",
        person=by,
        target=f"person:{person.pk}",
        before={"is_active": not is_active},
        after={"is_active": is_active},
    )
