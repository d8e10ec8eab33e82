"""Everybody who may stand before an address, and the things of one team that the addresses are about."""

import hashlib
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.test import Client
from django.urls import reverse
from fido2.cose import ES256
from fido2.utils import websafe_encode
from fido2.webauthn import AttestationObject, AttestedCredentialData, AuthenticatorData, CollectedClientData

from generations import ledger
from generations.models import (
    Credential,
    CreditAsk,
    Invitation,
    Member,
    Person,
    ReviewCase,
    ReviewDecision,
    Role,
    SetupLink,
    Tag,
    clock,
)
from generations.services import acting, boards, factors, marking, notifying, proving
from tests.addresses.table import TABLE
from tests.archives import pack
from tests.conftest import PASSWORD, Cast, join
from tests.making import fail_one, finish_one, make_waiting
from tests.prompts import stop_prompts

FLAG = AuthenticatorData.FLAG
SAID_ABOUT = ("image_favorite", "image_rating", "image_pick", "image_tags", "image_tag_removal", "image_notes")


def visitor(cast: Cast, who: str) -> Client:
    """A browser in which that visitor is signed in."""
    client = Client()
    if who == "anonymous":
        return client
    if who in {"staff", "root"}:
        person = Person.objects.create_user(f"{who}@studio.test", PASSWORD, is_staff=True, is_superuser=who == "root")
        give_factor(person)
        client.force_login(person)
        session = client.session
        proving.record(session, by_factor=True)
        session.save()
    else:
        client.force_login(person_called(cast, who))
    return client


def person_called(cast: Cast, who: str) -> Person:
    """Of the cast. Nina and Otto join when first asked for; Zoe is in both teams, and now in the other."""
    if who == "zoe":
        return in_both_teams(cast)
    if who in {"nina", "otto"}:
        known = Person.objects.filter(email=f"{who}@studio.test").first()
        return known or person_of(join(cast.team, who.title(), Role.CREATOR if who == "nina" else Role.ADMIN))
    return person_of(getattr(cast, who))


def in_both_teams(cast: Cast) -> Person:
    """Zoe owns both teams, and is in Mallory's now."""
    known = Person.objects.filter(email="zoe@studio.test").first()
    if known is not None:
        return known
    person = person_of(join(cast.team, "Zoe", Role.OWNER, credits=417))
    there = Member.objects.create(team=cast.mallory.team, person=person, role=Role.OWNER)
    ledger.grant(account=ledger.account_of(there), amount=300, reason="begin", key="zoe", actor="test")
    person.choose(cast.mallory.team)
    return person


def person_of(member: Member) -> Person:
    assert member.person is not None
    return member.person


def give_factor(person: Person) -> Authenticator:
    sealed = factors.seal("JBSWY3DPEHPK3PXP", person=person)
    made: Authenticator = Authenticator.objects.create(
        user=person, type=Authenticator.Type.TOTP, data={"secret": sealed, factors.USED: 0}
    )
    return made


def give_passkey(person: Person) -> Authenticator:
    """A passkey as a browser would have made it, but for its public key, which is nobody's."""
    name = f"passkey of {person.pk}".encode()
    known = AttestedCredentialData.create(bytes(16), name, ES256({1: 2, 3: -7, -1: 1, -2: bytes(32), -3: bytes(32)}))
    facts = AuthenticatorData.create(hashlib.sha256(b"testserver").digest(), FLAG.UP | FLAG.UV | FLAG.AT, 0, known)
    told = {
        "clientDataJSON": CollectedClientData.create("webauthn.create", b"asked", "https://testserver"),
        "attestationObject": AttestationObject.create("none", facts, {}),
    }
    credential = {
        "id": websafe_encode(name),
        "rawId": websafe_encode(name),
        "type": "public-key",
        "response": {key: websafe_encode(value) for key, value in told.items()},
    }
    made: Authenticator = Authenticator.objects.create(
        user=person, type=Authenticator.Type.WEBAUTHN, data={"name": "Key ring", "credential": credential}
    )
    return made


@pytest.fixture
def address(cast: Cast) -> dict[str, str]:
    """Each name of the table as an address: of Ben's things and those of his team, where it is about a thing."""
    ben = person_of(cast.ben)
    thrown = finish_one(cast.ben)
    thrown_away = acting.act(member=cast.ben, kind="trash", images=[thrown.pk], request_key="thrown")
    image, failed, waiting = finish_one(cast.ben), fail_one(cast.ben), make_waiting(cast.ben)
    demo = Credential.objects.get(team=cast.team)
    asked, _ = Invitation.make(team=cast.team, email="gus@studio.test", role=Role.VIEWER, invited_by=cast.ada)
    _, token = Invitation.make(team=cast.team, email="", role=Role.VIEWER, invited_by=cast.ada)
    session = UserSession.objects.create(user=ben, ip="192.0.2.7", session_key="of ben", user_agent="A phone")
    word = notifying.Word(kind="test", subject="A lamp was lit", path=reverse("team"))
    case = ReviewCase.objects.create(team=cast.team, generation=image.generation, image=image)
    hidden = ReviewCase.objects.create(
        team=cast.team, generation=failed, state="hidden", reason="other", decided_at=clock.now()
    )
    decision = ReviewDecision.objects.create(case=hidden, action="hide", reason="other", role="team")
    stopped = stop_prompts(cast.ben)
    marking.tag(member=cast.ben, images=[image], names=["Lamps"])
    note = marking.note(member=cast.ben, image=image, text="For the shop window.")
    assert note is not None
    hangs = boards.make(member=cast.ben, name="Ceramics", is_private=False)
    boards.add(member=cast.ben, board=hangs, images=[image])
    deleted = boards.make(member=cast.ben, name="Posters", is_private=False)
    boards.delete(member=cast.ben, board=deleted)
    archive = pack(cast.ben, [image])
    facts: dict[str, dict[str, Any]] = {
        "generation": {"pk": failed.pk},
        "generation_cancellation": {"pk": waiting.pk},
        "generation_retry": {"pk": failed.pk},
        "generation_review": {"pk": waiting.pk},
        "image": {"pk": image.pk},
        "image_boards": {"pk": image.pk},
        "image_privacy": {"pk": image.pk},
        "image_report": {"pk": image.pk},
        "image_removal": {"pk": image.pk},
        "image_restoration": {"pk": thrown.pk},
        "bulk_act": {"pk": thrown_away.pk},
        "bulk_act_undo": {"pk": thrown_away.pk},
        "bulk_act_cancellation": {"pk": thrown_away.pk},
        "image_upscale": {"pk": image.pk},
        **{name: {"pk": image.pk} for name in SAID_ABOUT},
        "note": {"pk": note.pk},
        "note_removal": {"pk": note.pk},
        "tag": {"pk": Tag.objects.get().pk},
        "tag_removal": {"pk": Tag.objects.get().pk},
        "image_file": {"pk": image.pk, "width": image.widths[0]},
        "image_original": {"pk": image.pk},
        "board": {"pk": hangs.pk},
        "board_details": {"pk": hangs.pk},
        "board_removal": {"pk": hangs.pk},
        "board_return": {"pk": deleted.pk},
        "board_order": {"pk": hangs.pk},
        "board_pictures": {"pk": hangs.pk},
        "image_settings": {"pk": image.pk},
        "address_confirmation": {"token": "of nobody"},
        "passkey_removal": {"pk": give_passkey(ben).pk},
        "session_end": {"pk": session.pk},
        "notice": {"pk": notifying.tell(ben, word, team=cast.team).pk},
        "invitation": {"token": token},
        "invitation_question": {"token": token},
        "invitation_renewal": {"pk": asked.pk},
        "invitation_removal": {"pk": asked.pk},
        "ask": {"pk": CreditAsk.objects.create(team=cast.team, member=cast.ben, amount=30, reason="a series").pk},
        "member_credits": {"pk": cast.ben.pk},
        "member_allowance": {"pk": cast.ben.pk},
        "member_storage": {"pk": cast.ben.pk},
        "member_role": {"pk": cast.ben.pk},
        "member_password": {"pk": cast.ben.pk},
        "member_removal": {"pk": cast.ben.pk},
        "team_choice": {"pk": cast.team.pk},
        "review_case": {"pk": case.pk},
        "review_opening": {"pk": case.pk},
        "review_picture": {"pk": case.pk, "index": 0},
        "review_claim": {"pk": case.pk},
        "review_decision": {"pk": case.pk},
        "review_purge": {"pk": hidden.pk},
        "review_reversal": {"pk": decision.pk},
        "rule": {"pk": stopped.rule.pk},
        "rule_removal": {"pk": stopped.rule.pk},
        "held_withdrawal": {"pk": stopped.held.pk},
        "held_decision": {"pk": stopped.held.pk},
        "hit_appeal": {"pk": stopped.blocked.pk},
        "appeal_decision": {"pk": stopped.appeal.pk},
        "account_reset_password_from_key": {"uidb36": "1", "key": "of-nobody"},
        "setup": {"token": SetupLink.make()},
        "callback": {"provider": "demo", "token": "of nobody"},
        "source": {"token": "of nobody"},
    }
    for name in TABLE:
        if name.startswith("archive") and name != "archives":
            facts[name] = {"pk": archive.pk}
        if (name.startswith("credential_") and name != "credential_new") or name == "credential":
            facts[name] = {"pk": demo.pk}
    return {name: reverse(name, kwargs=facts.get(name)) for name in TABLE}
