"""What an operator does with generations: first a page that says what becomes of each and of its credits, then the act.

The page brings a key of its own, so that pressing twice does it once.
"""

import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from django.contrib import messages
from django.contrib.admin import helpers
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from generations.forms.drawing import request_key
from generations.models import CreditHold, Generation, Person, State
from generations.models.credit import EntryKind, HoldState
from generations.queries.prices import price_of
from generations.services import operating

if TYPE_CHECKING:
    from generations.admin.records import Desk

AT_ONCE_MAX = 50
KEY_MAX = 32


@dataclass(frozen=True)
class Step:
    """`foretell` says what would become of one row, `act` does it; `key` is that row's share of the page's key."""

    name: str
    title: str
    lede: str
    button: str
    done: str
    foretell: Callable[[Generation], str]
    act: Callable[[Generation, Person, str], object]
    is_final: bool = False


def take(desk: "Desk", request: HttpRequest, rows: QuerySet[Generation], step: Step) -> HttpResponse | None:
    """The page that asks, or after it the act. None leads back to the list, which says what was done."""
    chosen = list(
        rows.order_by("pk").select_related("team", "member__person", "member__team", "batch", "source")[
            : AT_ONCE_MAX + 1
        ]
    )
    if len(chosen) > AT_ONCE_MAX:
        messages.error(request, f"Choose at most {AT_ONCE_MAX} at once. Nothing was done.")
        return None
    if request.POST.get("confirmed"):
        _do(request, chosen, step)
        return None
    page = {
        **desk.admin_site.each_context(request),
        "title": step.title,
        "step": step,
        "lines": [(row, step.foretell(row)) for row in chosen],
        "key": uuid.uuid4().hex,
        "opts": desk.model._meta,
        "back": reverse("admin:generations_generation_changelist"),
        "checkbox": helpers.ACTION_CHECKBOX_NAME,
    }
    return render(request, "admin/work_step.html", page)


def _do(request: HttpRequest, chosen: Sequence[Generation], step: Step) -> None:
    """Each by itself: what is refused for one is told of that one."""
    person, key, done = cast(Person, request.user), request_key(request.POST.get("key", ""))[:KEY_MAX], 0
    for row in chosen:
        try:
            step.act(row, person, f"desk:{key}:{row.pk.hex[-20:]}")
            done += 1
        except operating.OperatingRefused as refusal:
            messages.warning(request, f"{row.pk}: {refusal}")
    if done:
        messages.success(request, step.done.format(number=done))


def money_of(row: Generation) -> str:
    """What is held, was paid, or went back."""
    held = CreditHold.objects.filter(generation=row).prefetch_related("entries").first()
    if held is None:
        return "Nothing was held."
    if held.state == HoldState.OPEN:
        return f"{held.amount:,} held. Nothing is paid before the picture is saved."
    if held.state == HoldState.RELEASED:
        return f"Nothing was paid; {held.amount:,} went back."
    back = sum(entry.d_posted for entry in held.entries.all() if entry.kind == EntryKind.REFUND)
    return f"{held.settled or 0:,} paid" + (f", {back:,} given back by staff." if back else ".")


def is_refundable(row: Generation) -> bool:
    """Whether something was paid for it, and nothing given back yet."""
    paid = CreditHold.objects.filter(generation=row, state=HoldState.SETTLED, settled__gt=0)
    return paid.exclude(entries__kind=EntryKind.REFUND).exists()


def _look(row: Generation) -> str:
    return "It is looked at within seconds. Nothing changes about its credits."


def _stop(row: Generation) -> str:
    back = f"{row.price:,} credits"
    match row.state:
        case State.QUEUED:
            return f"Nobody has begun it. It is cancelled, and {back} go back to its member."
        case State.RUNNING | State.IN_DOUBT:
            return (
                f"{back} go back to its member at once. The vendor may still finish, and want to be paid: what "
                "comes within a day is theirs, free of charge."
            )
        case State.FETCHING:
            return f"The vendor is done. The picture is given up, and {back} go back to its member."
        case State.SUBMITTING:
            return "It is being sent: this will be refused. Try again in a minute."
    return "It has ended: this will be refused."


def _again(row: Generation) -> str:
    now = price_of(provider=row.provider, offer=row.offer_key, choices=row.choices)
    if not row.may_retry:
        return "It is under way or done: this will be refused."
    if now is None or now > row.price:
        return "It costs more today than its member agreed to: this will be refused."
    return f"A new one is ordered for its member, and {now:,} credits of theirs are held for it."


LOOK_AGAIN = Step(
    name="look_again",
    title="Look again now?",
    lede="Each is asked about at once, instead of when it is due.",
    button="Look again",
    done="{number} are looked at now.",
    foretell=_look,
    act=lambda row, by, key: operating.look_again(generation=row, by=by),
)
STOP = Step(
    name="stop",
    title="Stop, and give the credits back?",
    lede="This ends the wait. It cannot be taken back, but each can be ordered again.",
    button="Stop and release",
    done="{number} stopped. Their credits went back, but for pictures that were here already.",
    foretell=_stop,
    act=lambda row, by, key: operating.stop(generation=row, by=by),
    is_final=True,
)
RETRY = Step(
    name="retry",
    title="Order again for their members?",
    lede="It is their order: their credits are held, at the price of today.",
    button="Order again",
    done="{number} ordered again. Credits of their members are held for them.",
    foretell=_again,
    act=lambda row, by, key: operating.retry(generation=row, by=by, request_key=key),
)
