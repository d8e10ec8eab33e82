"""Who comes by the account of their organization: whose account here it is, and when they were asked who they are."""

import logging

from allauth.socialaccount.models import SocialAccount
from django.db import transaction
from django.urls import reverse

from generations.models import AuditEntry, Invitation, Member, Person
from generations.services import devices, factors, notifying

log = logging.getLogger(__name__)


def asked_at(person: Person, *, uid: str) -> float:
    """When the organization last had them show who they are, as it told at this login; 0 when it did not say."""
    row = SocialAccount.objects.filter(user=person, uid=uid).first()
    told = (row.extra_data.get("id_token") or {}).get("auth_time") if row else None
    return float(told) if isinstance(told, int | float) else 0.0


def claim(person: Person) -> None:
    """The organization says whose address this is. Whoever typed it here may have been somebody else: let go of all
    they could come in with. Does nothing for an address that was known before, or once it was claimed."""
    if SocialAccount.objects.filter(user=person).exists() or not _was_typed(person):
        return
    with transaction.atomic():
        person.set_unusable_password()
        person.save(update_fields=["password"])
        factors.forget(person)
        devices.end_all(person)
        who = f"person:{person.pk}"
        AuditEntry.note("account_claimed", by=None, actor=who, target=who)
        word = notifying.Word(
            kind="security",
            subject="You came in by your organization for the first time",
            words="Nobody had shown before that this address is yours. The password, passkeys and codes of this "
            "account work no more, and its other sessions have ended. Set up your own on your account page.",
            path=reverse("account"),
        )
        notifying.tell(person, word)
    log.warning("account %s was claimed by its organization: password, factors and sessions are gone", person.pk)


def _was_typed(person: Person) -> bool:
    """Whether the account was made by an invitation, whose address is typed by who joins or who invites.

    One made on the machine is whose whoever runs it says; one made by the organization was claimed from the start.
    """
    first = Member.objects.filter(person=person).order_by("pk").first()
    return first is not None and Invitation.objects.filter(accepted_by=first).exists()
