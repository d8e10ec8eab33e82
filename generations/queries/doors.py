"""What is open and closed, for who runs the studio: each vendor and the studio itself, and what closing would touch."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count
from django.urls import reverse

from generations import providers
from generations.models import Closure, Generation, Shut, State, clock
from generations.models.closure import STUDIO

AT_WORK = (State.SUBMITTING, State.IN_DOUBT, State.RUNNING, State.FETCHING)
STUDIO_WORD = "studio"
"""What an address calls the studio, which has no key."""
ACTS = {Shut.PAUSED: "Pause", Shut.DRAINING: "Drain", Shut.MAINTENANCE: "Maintenance"}
EFFECTS = {
    Shut.PAUSED: "Nothing more is sent there. What waits keeps waiting and says why; what runs is finished.",
    Shut.DRAINING: "No new orders are taken for it. What waits is still sent, and what runs is finished.",
    Shut.MAINTENANCE: "No new orders are taken at all. What waits is still sent, and what runs is finished.",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Act:
    """Something that can be done about it, on a page that asks first."""

    name: str
    url: str
    label: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Door:
    """The studio, or one vendor. `closure` is what holds or is planned; `state` says which in a word."""

    provider: str
    name: str
    state: str
    is_closed: bool
    waiting: int
    at_work: int
    waiting_url: str
    at_work_url: str
    closure: Closure | None
    acts: list[Act]

    @property
    def touched(self) -> str:
        """What closing it would meet now."""
        return f"{self.waiting:,} waiting, {self.at_work:,} running"


def doors(moment: datetime | None = None) -> list[Door]:
    """The studio first, then every vendor. Two queries."""
    moment = moment or clock.now()
    closures = {one.provider: one for one in Closure.objects.unfinished(moment)}
    counted: dict[str, Counter[str]] = {key: Counter() for key in providers.PROVIDERS}
    # By the state first, whose index finds what is open: SQLite would walk a million rows in the order of vendors.
    rows = Generation.objects.open().values_list("state", "provider").annotate(Count("pk")).order_by()
    for state, provider, number in rows:
        for key in (provider, STUDIO):
            counted.setdefault(key, Counter())["waiting" if state == State.QUEUED else "at work"] += number
    named = {STUDIO: "The studio", **{key: vendor.label for key, vendor in providers.PROVIDERS.items()}}
    return [_door(key, name, closures.get(key), counted.get(key, {}), moment) for key, name in named.items()]


def door_of(provider: str) -> Door | None:
    """One of them."""
    return next((one for one in doors() if one.provider == provider), None)


def kinds_of(provider: str) -> tuple[Shut, ...]:
    """How it can be closed."""
    return (Shut.MAINTENANCE,) if provider == STUDIO else (Shut.PAUSED, Shut.DRAINING)


def _door(provider: str, name: str, closure: Closure | None, counted: Mapping[str, int], moment: datetime) -> Door:
    return Door(
        provider=provider,
        name=name,
        state=_state(closure, moment),
        is_closed=closure is not None and closure.has_begun(moment),
        waiting=counted.get("waiting", 0),
        at_work=counted.get("at work", 0),
        waiting_url=_listed(provider, f"state__exact={State.QUEUED.value}"),
        at_work_url=_listed(provider, f"state__in={','.join(state.value for state in AT_WORK)}"),
        closure=closure,
        acts=_acts(provider, name, closure, moment),
    )


def _listed(provider: str, states: str) -> str:
    """The list of what was counted."""
    vendor = f"provider__exact={provider}&" if provider else ""
    return f"{reverse('admin:generations_generation_changelist')}?{vendor}{states}"


def _state(closure: Closure | None, moment: datetime) -> str:
    if closure is None:
        return "Open"
    word = str(Shut(closure.kind).label)
    return word if closure.has_begun(moment) else f"{word} planned"


def _acts(provider: str, name: str, closure: Closure | None, moment: datetime) -> list[Act]:
    acts = []
    for kind in kinds_of(provider):
        if closure is None or closure.kind != kind or kind is Shut.MAINTENANCE:
            word = "Change" if closure and closure.kind == kind else ACTS[kind]
            url = reverse("admin:generations_closure_beginning", args=[provider or STUDIO_WORD, kind.value])
            acts.append(Act(name=word, url=url, label=f"{word}: {name}"))
    if closure is not None:
        word = "Open again" if closure.has_begun(moment) else "Give up the plan"
        url = reverse("admin:generations_closure_ending", args=[closure.pk])
        acts.append(Act(name=word, url=url, label=f"{word}: {name}"))
    return acts
