"""`python -m tests.services.prompting <race>`: the same order or appeal is decided, sent or taken back at once.

The last line printed is what became of it, as JSON.
"""

import json
import secrets
import sys
from collections.abc import Callable
from typing import Any

import django

django.setup()

from django.db import transaction  # noqa: E402  # the models are there only after set-up

from generations.models import (  # noqa: E402
    CreditAccount,
    Generation,
    HeldOrder,
    Member,
    Price,
    PromptRule,
    Role,
    RuleAppeal,
    RuleHit,
    State,
)
from generations.models.prompting.reach import WAITING_MAX  # noqa: E402
from generations.services import prompting, teams  # noqa: E402
from generations.services.auditing import audit  # noqa: E402
from tests.conftest import found, join  # noqa: E402
from tests.prompts import block, hold, make_rule, order  # noqa: E402
from tests.rivals import Rival, until_they_wait  # noqa: E402
from tests.services.reviewing.bench import reviewer  # noqa: E402
from tests.services.teams.__main__ import race  # noqa: E402

PROMPT = "an emblem on a door"


def people() -> tuple[Member, Member, Member]:
    """A creator, an owner and an admin of a new team."""
    Price.seed()
    team = found("raced")
    creator, owner, admin = (join(team, secrets.token_hex(4), role) for role in (Role.CREATOR, Role.OWNER, Role.ADMIN))
    return creator, owner, admin


def outcome(held: HeldOrder, seen: list[str]) -> dict[str, Any]:
    held.refresh_from_db()
    ordered = Generation.objects.filter(team=held.team).count()
    agrees = (held.state == "passed") == (held.batch_id is not None) == (ordered == 1)
    return {"seen": seen, "ordered": ordered, "agrees": agrees, "audit": len(audit())}


def waiting() -> tuple[HeldOrder, Callable[[Member], str], Member, Member, Member]:
    creator, owner, admin = people()
    make_rule(owner, "hold")
    held = hold(creator, PROMPT, count=1)

    def let_through(by: Member) -> str:
        prompting.let_through(held=HeldOrder.objects.get(pk=held.pk), reviewer=reviewer(by))
        return "done"

    return held, let_through, creator, owner, admin


def pass_together() -> dict[str, Any]:
    held, let_through, _, owner, admin = waiting()
    return outcome(held, race(lambda: let_through(owner), lambda: let_through(admin)))


def pass_and_refuse() -> dict[str, Any]:
    held, let_through, _, owner, admin = waiting()

    def refuse() -> str:
        prompting.refuse(held=HeldOrder.objects.get(pk=held.pk), reviewer=reviewer(admin), words="No.")
        return "done"

    return outcome(held, race(lambda: let_through(owner), refuse))


def pass_and_take_back() -> dict[str, Any]:
    held, let_through, creator, owner, _ = waiting()

    def take_back() -> str:
        prompting.withdraw(held=HeldOrder.objects.get(pk=held.pk), member=creator)
        return "done"

    return outcome(held, race(lambda: let_through(owner), take_back))


def pass_and_leave() -> dict[str, Any]:
    """Both wait for the credits of who leaves, who came first: neither may have what the other needs next."""
    held, let_through, creator, owner, _ = waiting()

    def leave() -> None:
        teams.leave(member=Member.objects.select_related("team", "person").get(pk=creator.pk), heir=None)

    leaver, reviewer = Rival(leave), Rival(lambda: let_through(owner))
    with transaction.atomic():
        CreditAccount.objects.select_for_update(no_key=True).get(member=creator)
        leaver.start()
        until_they_wait(leaver)
        reviewer.start()
        until_they_wait(leaver, reviewer)
    leaver.join(60)
    reviewer.join(60)
    return {
        "left": leaver.seen,
        "passed": reviewer.seen,
        "waiting": HeldOrder.objects.of(creator).waiting().count(),
        "in line": Generation.objects.filter(team=held.team, state=State.QUEUED).count(),
        "audit": len(audit()),
    }


def block_together() -> dict[str, Any]:
    creator, owner, _ = people()
    make_rule(owner)
    seen = race(*[lambda: order(creator, PROMPT)] * 3)
    [hit] = RuleHit.objects.filter(member=creator)
    return {"seen": seen, "hits": 1, "times": hit.times}


def hold_together() -> dict[str, Any]:
    creator, owner, _ = people()
    make_rule(owner, "hold")
    seen = race(*[lambda: order(creator, PROMPT, request_key="once")] * 3)
    return {"seen": seen, "held": HeldOrder.objects.filter(member=creator).count()}


def appeal_too_often() -> dict[str, Any]:
    """One more fits, and two are sent at once."""
    creator, owner, _ = people()
    make_rule(owner)
    rows = {"team": creator.team, "member": creator, "level": "team"}
    for number in range(WAITING_MAX - 1):
        RuleAppeal.objects.create(hit=_found(creator, f"{PROMPT} {number}"), **rows)
    hits = [_found(creator, prompt) for prompt in ("one emblem", "two emblems")]
    seen = race(*[lambda hit=hit: _appeal(hit, creator) for hit in hits])
    return {"seen": seen, "appeals": RuleAppeal.objects.filter(member=creator).count() - WAITING_MAX}


def _found(member: Member, prompt: str) -> RuleHit:
    [rule] = PromptRule.objects.filter(team=member.team)
    return RuleHit.note(rule, member=member, prompt=prompt, is_private=False, retry_of=None)


def _appeal(hit: RuleHit, member: Member) -> str:
    prompting.appeal(hit=RuleHit.objects.get(pk=hit.pk), member=member, words="It is ours.")
    return "done"


def appeal_together() -> dict[str, Any]:
    creator, owner, _ = people()
    make_rule(owner)
    hit = block(creator, PROMPT)
    seen = race(*[lambda: _appeal(hit, creator)] * 2)
    return {"seen": seen, "appeals": RuleAppeal.objects.filter(member=creator).count()}


RACES: dict[str, Callable[[], dict[str, Any]]] = {
    "pass_together": pass_together,
    "pass_and_refuse": pass_and_refuse,
    "pass_and_take_back": pass_and_take_back,
    "pass_and_leave": pass_and_leave,
    "block_together": block_together,
    "hold_together": hold_together,
    "appeal_too_often": appeal_too_often,
    "appeal_together": appeal_together,
}

if __name__ == "__main__":
    sys.stdout.write(json.dumps(RACES[sys.argv[1]]()) + "\n")
