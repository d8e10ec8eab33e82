"""Who of the staff does what at the desk: given and taken by superusers, and written down."""

import logging
from collections.abc import Iterable

from django.db import transaction

from generations.models import AuditEntry, Person
from generations.models.person import DeskRole
from generations.queries.suspensions import unfit_words

log = logging.getLogger(__name__)


class NotSuperuser(Exception):
    """Only superusers say who is on the staff."""


class Unfit(Exception):
    """Somebody of them is suspended; the message says who, and until when."""


def appoint(*, people: Iterable[Person], role: DeskRole, by: Person) -> int:
    """Give each of them that role, or with NONE take theirs; says for how many that changed something.

    Raises NotSuperuser, and Unfit where a role would go to somebody suspended; then nothing was changed.
    """
    if not by.is_superuser:
        raise NotSuperuser
    changed = 0
    with transaction.atomic():
        for person in sorted(people, key=lambda one: one.pk):
            if role and (words := unfit_words(Person.objects.select_for_update(no_key=True).get(pk=person.pk))):
                raise Unfit(f"{words} Nobody’s role was changed.")
            before = person.desk_role
            if not person.take_desk_role(role):
                continue
            changed += 1
            AuditEntry.note(
                "desk_role_changed",
                by=None,
                actor=f"person:{by.pk}",
                person=by,
                target=f"person:{person.pk}",
                before={"role": before},
                after={"role": str(role)},
            )
    log.info("person %s gave the desk role %r to %d people", by.pk, str(role), changed)
    return changed
