"""Invitations: made for addresses or as a link, renewed, taken back, and asked for anew by who came too late."""

import logging
from collections.abc import Iterable
from dataclasses import dataclass

from django.db import transaction
from django.urls import reverse

from generations import queue
from generations.models import Alert, AuditEntry, Invitation, Member, Person, Role, hash_token
from generations.models.alert import UNSENT
from generations.services import notifying
from generations.services.teams.locking import as_they_stand
from generations.services.teams.refusals import NotAllowed, TeamRefusal, check_reach

log = logging.getLogger(__name__)

ADDRESSES_MAX = 50
WAITING_MAX = 500
"""Invitations of one team that wait and have not ended."""
MARK_CHARACTERS = 16


class InvitationGone(TeamRefusal):
    def __init__(self, words: str = "This invitation was used or taken back.") -> None:
        super().__init__(words)


@dataclass(frozen=True)
class Invited:
    """What became of one address. `path` is set where no e-mail is sent: whoever invited hands the link over."""

    email: str
    outcome: str
    """`sent`, `renewed`, `member` for somebody who is in the team already, or `owners` for an owner's invitation that
    waits and that only owners change."""
    path: str = ""


def invite(*, by: Member, emails: Iterable[str], role: Role) -> list[Invited]:
    """Invite these addresses, each once however often it is named. Raises NotAllowed, TeamRefusal for too many."""
    addresses = list(dict.fromkeys(email.strip().lower() for email in emails if email.strip()))
    if len(addresses) > ADDRESSES_MAX:
        raise TeamRefusal(f"At most {ADDRESSES_MAX} addresses at once. Send the rest after these.")
    with transaction.atomic():
        by = as_they_stand(by, role)
        _check_room(by, len(addresses))
        return [_invite(by, address, role) for address in addresses]


def make_link(*, by: Member, role: Role) -> str:
    """A link without an address, good for one person; its path is returned once. Raises NotAllowed."""
    with transaction.atomic():
        by = as_they_stand(by, role)
        _check_room(by, 1)
        made, token = Invitation.make(team=by.team, email="", role=role, invited_by=by)
        AuditEntry.note("member_invited", by=by, target=f"invitation:{made.pk}", after={"role": role, "by": "link"})
    return _path_of(token)


def renew(*, by: Member, invitation: Invitation) -> Invited:
    """Send it again, with a new link and seven more days. Raises NotAllowed, InvitationGone."""
    with transaction.atomic():
        by = as_they_stand(by, Invitation.objects.get(pk=invitation.pk).role)
        invited = _hand_out(by, invitation, outcome="renewed")
        AuditEntry.note("invitation_renewed", by=by, target=f"invitation:{invitation.pk}")
        return invited


def take_back(*, by: Member, invitation: Invitation) -> None:
    """Its link is worthless from now on. Raises NotAllowed, InvitationGone."""
    with transaction.atomic():
        by = as_they_stand(by, Invitation.objects.get(pk=invitation.pk).role)
        if not invitation.take_back():
            raise InvitationGone
        Alert.objects.resolve(UNSENT, subject=invitation.alert)
        AuditEntry.note("invitation_revoked", by=by, target=f"invitation:{invitation.pk}")


def take_back_all(*, of: Member, by: Member) -> None:
    """Take back what is open of this member's and they may not make any more. Under the team's lock.

    What has ended leads nowhere, and whoever comes too late may still ask the owners for a new one.
    """
    now = Member.objects.select_related("person").get(pk=of.pk)
    for row in Invitation.objects.open().filter(invited_by=now).order_by("pk"):
        if not may_give(now, row.role) and row.take_back():
            AuditEntry.note("invitation_revoked", by=by, target=f"invitation:{row.pk}")


def may_give(member: Member, role: str) -> bool:
    """Whether this member is still there, and may make somebody that."""
    try:
        check_reach(member, role)
    except TeamRefusal:
        return False
    return member.person is not None and member.person.is_active


def find(*, token: str) -> Invitation | None:
    """The invitation with this secret, whatever became of it."""
    return Invitation.objects.matching(token).first()


def ask_again(*, invitation: Invitation) -> None:
    """Tell who invited that somebody came too late and would like a new link. The second time does nothing."""
    with transaction.atomic():
        if not invitation.ask_again():
            return
        for person in _who_cares(invitation):
            notifying.tell(
                person,
                notifying.Word(
                    kind="invitation_asked",
                    subject=f"{invitation.email or 'Somebody'} asks for a new invitation to {invitation.team}",
                    words="The old one has ended. Send it again from the team page, or take it back.",
                    path=reverse("team"),
                ),
                team=invitation.team,
            )


def mail(*, invitation: str, tried: str = "0", mark: str = "") -> None:
    """Give the invitation a fresh link and send it: the secret is never written where a job could be read.

    A later try names the link that was not sent by its `mark`, and does nothing where there is another one by now.
    When it is given up, who invited is told; from then on the next link is handed over, not sent.
    """
    waiting = Invitation.objects.waiting().select_related("team", "invited_by__person")
    row = waiting.filter(pk=invitation, token_hash__startswith=mark).first()
    token = row.renew() if row else None
    if row is None or token is None:
        return
    host = row.invited_by.called if row.invited_by else "Somebody"
    letter = notifying.Letter(
        to=row.email,
        subject=f"{host} invites you to {row.team}",
        lines=[
            f"{host} invites you to make pictures together in {row.team}, as {Role(row.role).label.lower()}.",
            "The link below is for you alone and works for seven days.",
        ],
        path=_path_of(token),
    )
    again = {"invitation": invitation, "mark": hash_token(token)[:MARK_CHARACTERS]}
    fate = notifying.deliver(letter, job="invitation", ids=again, tried=tried, about=row.alert)
    if fate is notifying.Delivery.GIVEN_UP:
        _tell_unsent(row)


def _tell_unsent(invitation: Invitation) -> None:
    for person in _who_cares(invitation):
        word = notifying.Word(
            kind="invitation_unsent",
            subject=f"The invitation to {invitation.email} could not be sent",
            words="It was tried for half an hour. Make a new link on the team page and hand it over yourself.",
            path=reverse("team"),
        )
        notifying.tell(person, word, team=invitation.team)


def _path_of(token: str) -> str:
    return reverse("invitation", args=[token])


def _check_room(by: Member, more: int) -> None:
    if Invitation.objects.open().filter(team=by.team_id).count() + more > WAITING_MAX:
        raise TeamRefusal(f"Already {WAITING_MAX} invitations wait. Take some back first.")


def _invite(by: Member, address: str, role: Role) -> Invited:
    if Member.objects.present().filter(team=by.team_id, person__email=address).exists():
        return Invited(address, "member")
    known = Invitation.objects.waiting().filter(team=by.team_id, email=address).first()
    if known is not None:
        return _invite_again(by, known, role)
    made, token = Invitation.make(team=by.team, email=address, role=role, invited_by=by)
    AuditEntry.note("member_invited", by=by, target=f"invitation:{made.pk}", after={"role": role, "by": "address"})
    log.info("invitation %s made by member %s", made.pk, by.pk)
    if notifying.sends_mail():
        queue.later("invitation", invitation=made.pk)
        return Invited(address, "sent")
    return Invited(address, "sent", _path_of(token))


def _invite_again(by: Member, known: Invitation, role: Role) -> Invited:
    """What waits for this address already is for the new role, with a new link; an owner's stays for owners."""
    try:
        check_reach(by, known.role)
    except NotAllowed:
        return Invited(known.email, "owners")
    Invitation.objects.filter(pk=known.pk).update(role=role)
    invited = _hand_out(by, known, outcome="renewed")
    AuditEntry.note(
        "invitation_renewed",
        by=by,
        target=f"invitation:{known.pk}",
        before={"role": known.role},
        after={"role": role},
    )
    return invited


def _hand_out(by: Member, invitation: Invitation, *, outcome: str) -> Invited:
    token = invitation.renew()
    if token is None:
        raise InvitationGone
    Invitation.objects.filter(pk=invitation.pk).update(invited_by=by)  # who answers for it from now on
    if invitation.email and notifying.sends_mail() and not invitation.is_unsent():
        queue.later("invitation", invitation=invitation.pk)
        return Invited(invitation.email, outcome)
    Alert.objects.resolve(UNSENT, subject=invitation.alert)  # its link is handed over now
    return Invited(invitation.email, outcome, _path_of(token))


def _who_cares(invitation: Invitation) -> list[Person]:
    """Who invited, if still there and in charge; else every owner of the team."""
    host = invitation.invited_by
    if host and host.left_at is None and host.may_manage and host.person and host.person.is_active:
        return [host.person]
    owners = Member.objects.present().filter(team=invitation.team_id, role=Role.OWNER).select_related("person")
    return [owner.person for owner in owners if owner.person]
