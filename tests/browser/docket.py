"""Lets the pictures of a team be reported, and brings in a moderator of the studio. Runs in a process beside it."""

import json
import sys

from generations.models import DeskRole, Image, Member, Person, ReviewCase, Role
from generations.services import proving, reviewing
from tests.addresses.visitors import give_factor
from tests.browser.cast import PASSWORD
from tests.browser.people import STORE, sign_in

TOLD = {
    "hateful": "The pattern in the middle reads as a banned emblem when you step back.",
    "real_person": "This is my neighbor, and nobody asked her.",
    "copied": "",
    "violent": "Not what I want to see at work before nine in the morning, and I would not like to explain it.",
    "other": "It shows our client’s unreleased lamp.",
    "sexual": "",
}


def main(team: str) -> None:
    """Each picture of the team once, oldest first; writes the moderator's session to standard output.

    What other teams have open stays theirs.
    """
    reporters = list(Member.objects.filter(team__name=team, role__in=[Role.VIEWER, Role.ADMIN]).order_by("pk"))
    pictures = Image.objects.filter(team__name=team).order_by("pk")
    for image, (reason, words) in zip(pictures, TOLD.items(), strict=True):
        for member in reporters[: 2 if reason == "hateful" else 1]:
            reviewing.report(member=member, image=image, reason=reason, words=words)
    facts = {"name": "Morgan", "is_staff": True, "desk_role": DeskRole.MODERATOR}
    person = Person.objects.create_user("morgan@studio.example", PASSWORD, **facts)
    give_factor(person)
    store = STORE(sign_in(person))
    proving.record(store, by_factor=True)
    store.save()
    cases = list(ReviewCase.objects.filter(team__name=team).order_by("pk").values_list("pk", flat=True))
    json.dump({"session": store.session_key, "cases": cases}, sys.stdout)
