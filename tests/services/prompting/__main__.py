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

from generations.models import (  # noqa: E402  # the models are there only after set-up
    Generation,
    HeldOrder,
    Member,
    Price,
    Role,
    RuleAppeal,
    RuleHit,
)
from generations.services import prompting  # noqa: E402
from generations.services.auditing import audit  # noqa: E402
from tests.conftest import found, join  # noqa: E402
from tests.prompts import block, hold, make_rule, order  # noqa: E402
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


def appeal_together() -> dict[str, Any]:
    creator, owner, _ = people()
    make_rule(owner)
    hit = block(creator, PROMPT)

    def appeal() -> str:
        prompting.appeal(hit=RuleHit.objects.get(pk=hit.pk), member=creator, words="It is ours.")
        return "done"

    return {"seen": race(appeal, appeal), "appeals": RuleAppeal.objects.filter(member=creator).count()}


RACES: dict[str, Callable[[], dict[str, Any]]] = {
    "pass_together": pass_together,
    "pass_and_refuse": pass_and_refuse,
    "pass_and_take_back": pass_and_take_back,
    "block_together": block_together,
    "hold_together": hold_together,
    "appeal_together": appeal_together,
}

if __name__ == "__main__":
    sys.stdout.write(json.dumps(RACES[sys.argv[1]]()) + "\n")
