"""Who may take how much storage: a member as much as who manages the team says, a team as much as the staff says.

It takes nothing away: what is stored stays, and what is under way is kept when it comes.
"""

import logging

from django.db import transaction

from generations.models import AuditEntry, Member, Person, Space, Team

log = logging.getLogger(__name__)


class NotManager(Exception):
    """Only owners and admins decide how much their members may take."""


def limit_member(*, by: Member, member: Member, bytes_max: int | None, pictures_max: int | None) -> None:
    """From now on the member may have so much and so many; None is as much as the team has. Raises NotManager."""
    if not by.may_manage or by.left_at is not None or by.team_id != member.team_id:
        raise NotManager
    with transaction.atomic():
        Space.objects.of(member)
        known = Space.objects.select_for_update(no_key=True).get(pk=member.pk)
        Space.objects.filter(pk=member.pk).update(bytes_max=bytes_max, pictures_max=pictures_max)
        AuditEntry.note(
            "storage_limited",
            by=by,
            target=f"member:{member.pk}",
            before={"bytes_max": known.bytes_max, "pictures_max": known.pictures_max},
            after={"bytes_max": bytes_max, "pictures_max": pictures_max},
        )
    log.info("member %s may take %s bytes and %s pictures", member.pk, bytes_max, pictures_max)


def limit_team(*, by: Person, team: Team, bytes_max: int | None) -> None:
    """From now on the team may have so much; None is what the studio's setting says."""
    with transaction.atomic():
        known = Team.objects.select_for_update(no_key=True).get(pk=team.pk)
        Team.objects.filter(pk=team.pk).update(bytes_max=bytes_max)
        AuditEntry.note(
            "team_storage_limited",
            by=None,
            actor=f"person:{by.pk}",
            person=by,
            team=team,
            target=f"team:{team.pk}",
            before={"bytes_max": known.bytes_max},
            after={"bytes_max": bytes_max},
        )
    log.info("team %s may take %s bytes", team.pk, bytes_max)
