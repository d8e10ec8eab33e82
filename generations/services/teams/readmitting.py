"""An owner makes somebody of their team a link to a new password, where the studio cannot send it by e-mail.

Whoever holds the link has the account, so it is only made for one that is this team's alone: it opens no other team,
and not the studio's desk. A second factor is asked for all the same, and the person is told.
"""

import logging

from django.db import transaction
from django.db.models import Q

from generations.models import AuditEntry, Member, Person, Role
from generations.services import notifying, recovering
from generations.services.teams import locking
from generations.services.teams.refusals import NotAllowed, TeamRefusal

log = logging.getLogger(__name__)


class NotOurs(TeamRefusal):
    """In the same words whatever the reason, for it may be another team's business."""

    def __init__(self) -> None:
        super().__init__(
            "You cannot make a link for this account, because it opens more than your team or has no password. "
            "Whoever runs the studio can: manage.py reset_link."
        )


def make_reset_link(*, by: Member, member: Member) -> str:
    """The path behind which this member sets a new password, once, within a day. Raises NotAllowed, TeamRefusal."""
    if notifying.sends_mail():
        raise TeamRefusal(f"This studio sends e-mail: {member.called} can ask for a link where people sign in.")
    with transaction.atomic():
        locking.lock(by.team)
        if by.left_at is not None or locking.read_anew(by).role != Role.OWNER:
            raise NotAllowed("Only an owner can make a link to a new password.")
        row = Member.objects.present().filter(pk=member.pk, team=by.team_id).select_related("person", "team").first()
        person = row.person if row else None
        if row is None or person is None:
            raise TeamRefusal("This person is no longer in the team.")
        if not _is_ours(row, person):
            raise NotOurs
        AuditEntry.note("reset_link_made", by=by, target=f"member:{row.pk}")
        word = notifying.Word(
            kind="security",
            subject=f"{by.called} made you a link to a new password",
            words="It works once, for 24 hours, for whoever has it. If you did not ask for it, sign in anew to end it.",
        )
        notifying.tell(person, word, team=row.team)
        log.info("member %s made a reset link for member %s", by.pk, row.pk)
        return recovering.reset_path(person)


def _is_ours(row: Member, person: Person) -> bool:
    """Whether the account opens nothing but this team, and nobody else answers for how it is signed in to."""
    if row.role == Role.OWNER or not person.has_usable_password():
        return False
    elsewhere = Member.objects.filter(Q(person=person), left_at=None).exclude(pk=row.pk)
    return not (person.is_staff or person.is_superuser or elsewhere.exists())
