"""What a studio has, for the tests of its backups: made by the services, told as plain data. `keeper.py` calls it."""

import hashlib
import itertools
import os
import signal
import sys
from collections import Counter
from pathlib import Path
from typing import Any

from generations import ledger, storage
from generations.connections import vault
from generations.models import (
    Attempt,
    Credential,
    CreditAccount,
    CreditEntry,
    CreditHold,
    Generation,
    Heartbeat,
    Image,
    Member,
    Person,
    Role,
    Team,
)
from generations.models.lease import BACKUP
from generations.providers.base import Unknown
from generations.services import backups
from generations.services.backups import Manifest
from generations.services.backups import making as backups_making
from generations.services.pumping import verdicts
from generations.services.pumping.claims import Claim, claim
from generations.services.pumping.talk import Submitted
from tests import making

WISHES = ("a lamp", "a boat")


def make() -> dict[str, Any]:
    """A team with pictures and money in every state a backup may find them in."""
    team = Team.objects.create(name="North")
    Credential.objects.create(team=team, provider="demo", label="Demo")
    key = Credential.objects.create(team=team, provider="apikley", label="Main")
    key.sealed_key = vault().seal("a vendor's key", binding=f"credential:{key.pk}:key")
    key.save()
    ledger.grant(account=ledger.pool_of(team), amount=900, reason="test", key="found", actor="test")
    ben = Member.objects.create(team=team, person=Person.objects.create(email="ben@studio.test"), role=Role.CREATOR)
    pool, account = ledger.pool_of(team), ledger.account_of(ben)
    ledger.transfer(source=pool, target=account, amount=400, reason="to begin with", key="begin", actor="test")
    for prompt in WISHES:
        making.finish_one(ben, prompt)
    making.fail_one(ben)
    making.hand_over(making.make_waiting(ben, "a street"))
    verdicts.apply([Submitted(one.generation, one.attempt, one.token, Unknown("silence")) for one in _sent("a hill")])
    _sent("a lake")
    making.make_waiting(ben, "a tree")
    return tell()


def _sent(prompt: str) -> list[Claim]:
    """Claimed, and under way to the vendor."""
    making.make_waiting(Member.objects.get(), prompt)
    return claim(credentials=list(Credential.objects.filter(provider="demo")), slots=16)


def go_on() -> dict[str, Any]:
    """What happens after a backup: what waited is sent and finished, there is a new picture, and one is lost."""
    making.finish(Generation.objects.get(prompt="a tree"))
    making.finish_one(Member.objects.get(), "a cloud")
    storage.original_path(Image.objects.get(generation__prompt=WISHES[0])).unlink()
    return tell()


def tell() -> dict[str, Any]:
    """Everything that has to come back."""
    return {
        "states": {row.prompt: row.state for row in Generation.objects.exclude(state="failed").order_by("pk")},
        "pictures": {
            str(image.pk): hashlib.sha256(storage.original_path(image).read_bytes()).hexdigest()
            for image in Image.objects.order_by("pk")
            if storage.original_path(image).exists()
        },
        "files": sum(len(image.widths) + 1 for image in Image.objects.all()),
        "posted": list(CreditAccount.objects.order_by("pk").values_list("posted", flat=True)),
        "held": sum(CreditAccount.objects.values_list("held", flat=True)),
        "open": sum(CreditHold.objects.filter(state="open").values_list("amount", flat=True)),
        "entries": dict(Counter(CreditEntry.objects.values_list("kind", flat=True))),
        "attempts": Attempt.objects.count(),
        "key": vault().open(Credential.objects.get(label="Main").sealed_key, binding=_place()),
        "backed_up": Heartbeat.objects.last(BACKUP) is not None,
    }


def _place() -> str:
    return f"credential:{Credential.objects.get(label='Main').pk}:key"


def keep_on(stop: str) -> dict[str, Any]:
    """One picture after the other until that file is there; says on a line of its own when the first is done."""
    done = 0
    while not Path(stop).exists():
        making.finish_one(Member.objects.get(), f"wish {done}")
        done += 1
        if done == 1:
            sys.stdout.write("begun\n")
            sys.stdout.flush()
    return {"done": done}


def back_up_and_die(folder: str, at: str) -> dict[str, Any]:
    """A backup whose process is killed when it is about to copy that file."""
    copy, number = backups_making._copy, itertools.count(1)

    def die(source: Path, target: Path, manifest: Manifest) -> int | None:
        if next(number) == int(at):
            os.kill(os.getpid(), signal.SIGKILL)
        return copy(source, target, manifest)

    backups_making._copy = die
    backups.make(Path(folder))
    return {}
