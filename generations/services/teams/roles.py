"""A member gets another role. Whoever changes it needs a role at least as high, and a team keeps an owner."""

from django.db import transaction
from django.urls import reverse

from generations.models import AuditEntry, Member, Person, Role
from generations.queries.suspensions import unfit_words
from generations.services import notifying
from generations.services.teams import inviting, locking
from generations.services.teams.refusals import LastOwner, TeamRefusal, check_reach


def change_role(*, by: Member, member: Member, role: Role) -> None:
    """Raises NotAllowed, LastOwner, TeamRefusal for somebody who has left. The same role again changes nothing."""
    check_reach(by, role, member.role)
    with transaction.atomic():
        locking.lock(member.team)
        present = Member.objects.present().filter(pk=member.pk, team=by.team_id)
        now = present.values_list("role", flat=True).first()
        if now is None:
            raise TeamRefusal("This person is no longer in the team.")
        check_reach(locking.read_anew(by), role, now)
        if now == role:
            return
        if role in {Role.OWNER, Role.ADMIN}:
            _check_fit(member)
        if now == Role.OWNER:
            check_another_owner(member)
        present.update(role=role)
        inviting.take_back_all(of=member, by=by)
        AuditEntry.note("role_changed", by=by, target=f"member:{member.pk}", before={"role": now}, after={"role": role})
        if member.person and member.pk != by.pk:
            word = notifying.Word(
                kind="role_changed",
                subject=f"You are now {role.label.lower()} in {member.team}",
                words=f"{by.called} changed your role.",
                path=reverse("roles"),
            )
            notifying.tell(member.person, word, team=member.team)


def _check_fit(member: Member) -> None:
    """Raises TeamRefusal for who is suspended: they would decide about others, and may not act themselves."""
    person = Person.objects.select_for_update(no_key=True).filter(memberships=member).first()
    if words := unfit_words(person):
        raise TeamRefusal(f"{words} Nothing was changed.")


def check_another_owner(member: Member) -> None:
    """Raises LastOwner unless somebody else owns the team too. Under the team's lock."""
    others = Member.objects.present().filter(team=member.team_id, role=Role.OWNER).exclude(pk=member.pk)
    if not others.exists():
        raise LastOwner
