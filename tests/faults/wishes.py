"""What a test may ask of the process beside the studio: each takes and gives plain data."""

from collections import Counter
from typing import Any

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.db import connections
from django.test import Client
from django.utils import timezone
from django_q.models import OrmQ
from django_q.tasks import async_task

from generations import ledger, queue
from generations.connections import vault
from generations.models import (
    Alert,
    Credential,
    CreditEntry,
    Generation,
    GenerationEvent,
    Heartbeat,
    Lease,
    Member,
    Person,
    Price,
    Role,
    State,
    Team,
    clock,
    pump_lease,
)
from generations.services import auditing, ordering, sweeping
from generations.services.pumping.verdicts import deadlines
from tests.faults import crowd, traces
from tests.simulators.invented import Invented


def found(*, members: int = 1, credits: int = 5000) -> list[int]:
    """A team with a key for the invented vendor and so many creators with credits; gives the members."""
    Price.seed()
    team = Team.objects.create(name="North")
    credential = Credential.objects.create(team=team, provider="invented", label="Key")
    credential.sealed_key = vault().seal("a key for tests", binding=f"credential:{credential.pk}:key")
    credential.save()
    ledger.grant(account=ledger.pool_of(team), amount=credits * members, reason="test", key="found", actor="test")
    return [_join(team, number, credits) for number in range(members)]


def _join(team: Team, number: int, credits: int) -> int:
    person = Person.objects.create(email=f"ben{number}@studio.test", name=f"Ben {number}")
    member = Member.objects.create(team=team, person=person, role=Role.CREATOR)
    ledger.transfer(
        source=ledger.pool_of(team),
        target=ledger.account_of(member),
        amount=credits,
        reason="to begin with",
        key=f"begin:{member.pk}",
        actor="test",
    )
    return member.pk


def session(*, member: int) -> dict[str, str]:
    """The cookie of a browser that this member has signed in to."""
    person = Member.objects.get(pk=member).person
    assert person is not None
    store = SessionStore()
    store[SESSION_KEY] = str(person.pk)
    store[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    store[HASH_SESSION_KEY] = person.get_session_auth_hash()
    store.create()
    return {settings.SESSION_COOKIE_NAME: str(store.session_key)}


def admit(*, member: int, is_active: bool) -> None:
    """Let the person behind this member in, or keep them out, as a superuser does at the desk."""
    Person.objects.filter(memberships=member).update(is_active=is_active)


def order(*, member: int, prompt: str, count: int = 1, key: str = "") -> list[str]:
    """Order drawings at the invented vendor; gives the generations."""
    batch = ordering.order_drawing(
        member=Member.objects.get(pk=member),
        provider="invented",
        offer=Invented.offers[0],
        prompt=prompt,
        shape="3:2",
        count=count,
        request_key=key or f"key {prompt}",
    )
    return [str(pk) for pk in batch.generations.order_by("position").values_list("pk", flat=True)]


def submit(*, member: int, fields: str) -> list[Any]:
    """Send the composer's form, written as a browser writes it; gives the status and the words of the answer."""
    browser = Client(SERVER_NAME="127.0.0.1", headers={"HX-Request": "true"})
    browser.cookies.load(session(member=member))
    answer = browser.post("/batches/", fields, content_type="application/x-www-form-urlencoded")
    return [answer.status_code, answer.content.decode()]


def trace(*, generation: str) -> dict[str, Any]:
    """All that is kept of one picture, equal for all that fared alike."""
    return traces.of(Generation.objects.get(pk=generation))


def rows() -> list[dict[str, Any]]:
    """Every generation: prompt, state, reason, what it cost in the end, and its way there."""
    return [
        {
            "id": str(row.pk),
            "prompt": row.prompt,
            "state": row.state,
            "reason": row.reason,
            "charged": row.charged,
            "images": row.images.count(),
            "starts": row.starts,
            "fetches": row.fetches,
            "looks": row.looks,
            "was_asked": deadlines.was_asked(row),
            "had_respite": deadlines.had_respite(row),
            "way": list(row.events.order_by("seq").values_list("to_state", flat=True)),
        }
        for row in Generation.objects.order_by("pk")
    ]


def states() -> dict[str, int]:
    return dict(Counter(Generation.objects.values_list("state", flat=True)))


def open_rows() -> int:
    """How many are neither done nor given up."""
    return Generation.objects.filter(finished_at=None).count()


def money(*, member: int) -> list[int]:
    """Posted and held."""
    account = ledger.account_of(Member.objects.get(pk=member))
    account.refresh_from_db()
    return [account.posted, account.held]


def resting() -> int:
    """How many keys are left alone for a while."""
    return Credential.objects.filter(paused_until__gt=clock.now()).count()


def alerts() -> list[str]:
    """What staff are told of now, by its kind."""
    return list(Alert.objects.filter(resolved_at=None).values_list("kind", flat=True))


def reconnect() -> None:
    """Let go of a connection whose other end is gone."""
    connections.close_all()


def audit(*, but: list[str] | None = None) -> list[str]:
    """What `studio_audit --strict` would find, by all rules or by all but these."""
    return [str(finding) for finding in auditing.audit() if finding.rule not in (but or [])]


def sweep() -> dict[str, int]:
    return sweeping.sweep()


def waiting() -> int:
    number: int = OrmQ.objects.count()
    return number


def due() -> int:
    """How many messages no worker has taken yet."""
    return queue.waiting()


def drop_messages() -> int:
    """The queue forgets everything."""
    number: int = OrmQ.objects.all().delete()[0]
    return number


def later(*, job: str, copies: int = 1, **ids: str) -> None:
    for _ in range(copies):
        queue.later(job, **ids)


def naps(*, count: int, seconds: float) -> None:
    """Jobs that do nothing but last."""
    for _ in range(count):
        async_task("tests.faults.naps.nap", seconds=seconds)


def stamped_at() -> float:
    """When a job last showed that a worker lives, as seconds of the studio's clock."""
    stamp = Heartbeat.objects.last_of_workers()
    return stamp.timestamp() if stamp else 0.0


def make_due(*, state: str) -> int:
    """Everything in that state is due now."""
    number: int = Generation.objects.filter(state=State(state)).update(next_at=timezone.now())
    return number


def invite(*, count: int, credits: int = 5000) -> list[int]:
    """So many more creators with credits in the team; gives them."""
    team = Team.objects.get()
    pool = ledger.pool_of(team)
    number = Member.objects.count()
    ledger.grant(account=pool, amount=credits * count, reason="test", key=f"invited {number}", actor="test")
    return [_join(team, number + one, credits) for one in range(count)]


def widen(*, running_max: int) -> None:
    """Give the team's key at the vendor so many places."""
    Credential.objects.update(running_max=running_max)


def is_pumping() -> bool:
    """Whether somebody holds the pump's lease."""
    return not Lease.objects.is_stale(pump_lease(0))


def entries() -> dict[str, int]:
    """How many lines of each kind the ledger has about pictures."""
    return dict(Counter(CreditEntry.objects.exclude(hold=None).values_list("kind", flat=True)))


def gather(*, members: list[int], rows: list[int], due_in_seconds: float) -> dict[str, int]:
    """Each member has so many pictures that fall due then; says how many stand where."""
    for member, number in zip(Member.objects.filter(pk__in=members).order_by("pk"), rows, strict=True):
        crowd.gather(member=member, rows=number, due_in_seconds=due_in_seconds)
    return states()


def swept() -> list[list[Any]]:
    """Whose row the sweep moved, and from which state, in the order it did so."""
    moves = GenerationEvent.objects.filter(actor=sweeping.ACTOR).order_by("pk")
    return [list(move) for move in moves.values_list("generation__member", "from_state")]


def moved() -> int:
    """How many moves the sweep has made."""
    return GenerationEvent.objects.filter(actor=sweeping.ACTOR).count()
