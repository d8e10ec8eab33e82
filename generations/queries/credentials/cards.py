"""One credential as a card: its health in a word and a sentence, its use, the last test, what it is good for."""

from datetime import datetime
from decimal import Decimal
from urllib.parse import urlsplit

from generations import providers
from generations.models import Credential, CredentialState, Health, Sales
from generations.providers.base import Provider
from generations.queries.credentials.calls import Refusals
from generations.queries.credentials.parts import (
    NEARLY_FULL,
    Badge,
    Card,
    Gauge,
    Group,
    Model,
    Notice,
    Standing,
    Trouble,
    Use,
)


def card_of(row: Credential, standing: Standing, sales: Sales, now: datetime, *, is_first: bool, is_last: bool) -> Card:
    vendor = providers.PROVIDERS.get(row.provider)
    health, badge = _badge(row, vendor, standing, now)
    return Card(
        pk=row.pk,
        vendor=vendor.label if vendor else row.provider,
        label=row.label,
        key=row.last_four,
        needs_key=vendor is None or vendor.needs_key,
        health=health,
        badge=badge,
        notice=_notice(row, vendor, standing, now),
        checked=_checked(row, now) if vendor is None or vendor.needs_key else "",
        proof=_proof(row, standing, now),
        error=_error(row, now),
        groups=[_group(use, alone=len(standing.uses) == 1) for use in standing.uses] if row.takes_work else [],
        balance=amount_of(row.balance, vendor.balance_unit) if vendor and row.balance is not None else "",
        models=_models(vendor, sales, row) if row.takes_work else [],
        state=row.state,
        is_tested=standing.is_tested,
        is_unanswered=standing.is_unanswered,
        is_first=is_first,
        is_last=is_last,
    )


def shared_card_of(row: Credential, standing: Standing, sales: Sales, now: datetime) -> Card:
    """What everybody may know of a key that everybody uses: whether it works, and what it is good for."""
    vendor = providers.PROVIDERS.get(row.provider)
    health, badge = _badge(row, vendor, Standing(trouble=standing.trouble, has_worked=standing.has_worked), now)
    return Card(
        pk=row.pk,
        vendor=vendor.label if vendor else row.provider,
        label="",
        key="",
        needs_key=True,
        health=health,
        badge=badge,
        notice=None,
        checked="",
        proof="",
        error="",
        groups=[],
        balance="",
        models=_models(vendor, sales, row),
        state=row.state,
        is_shared=True,
    )


def _badge(row: Credential, vendor: type[Provider] | None, standing: Standing, now: datetime) -> tuple[str, Badge]:
    """The state of the card, as the styles name it, and its word."""
    if vendor is None:
        return "failing", Badge(words="Not known here", mood="danger", icon="warning")
    if standing.trouble is not Trouble.NONE:
        return "failing", Badge(words="Key unreadable", mood="danger", icon="warning")
    if row.state == CredentialState.DRAINING:
        return "disabled", Badge(words="Finishing", icon="history")
    if row.state == CredentialState.PAUSED:
        return "disabled", Badge(words="Switched off", mood="outline", icon="cancel")
    health = row.health(now)
    if health is Health.OPEN and row.is_out_of_money:
        return "failing", Badge(words="Out of money", mood="danger", icon="warning")
    if health is Health.OPEN and row.troubles:
        return "failing", Badge(words="Resting", mood="danger", icon="warning")
    if health is Health.OPEN:
        return "ok", Badge(words="Waiting", mood="caution", icon="clock")
    if health is Health.HALF_OPEN:
        return "ok", Badge(words="Being tried", mood="caution", icon="pulse")
    fullest = max((use.fullness for use in standing.uses), default=0.0)
    if fullest >= NEARLY_FULL:
        return "ok", Badge(words="Full" if fullest == 1.0 else "Nearly full", mood="caution", icon="clock")
    if vendor.needs_key and row.proved is None and not standing.has_worked:
        return "ok", Badge(words="Not tested", icon="info")
    return "ok", Badge(words="Working", mood="good", icon="check")


def _notice(row: Credential, vendor: type[Provider] | None, standing: Standing, now: datetime) -> Notice | None:
    if vendor is None:
        return Notice(headline="This version of the studio does not know this vendor.", detail="Nothing is sent to it.")
    if standing.trouble is not Trouble.NONE:
        detail = "Nothing is sent on it until somebody enters it again. What runs on it is looked at again then."
        return Notice(headline=standing.trouble.value, detail=detail, asks_for_key=row.takes_work)
    if row.state == CredentialState.DRAINING:
        return _draining(standing)
    if row.state == CredentialState.PAUSED:
        return Notice(headline="Nothing new is sent on it.", detail="What waits for it waits.", mood="")
    if row.health(now) is Health.OPEN:
        return _resting(row, vendor, standing.refusals)
    if row.health(now) is Health.HALF_OPEN:
        return Notice(
            headline="It rested, and is tried with one picture now.",
            detail="When the vendor takes that, everything else follows.",
            mood="caution",
        )
    return None


def _resting(row: Credential, vendor: type[Provider], refusals: Refusals) -> Notice:
    code = f" ({refusals.code})" if refusals.code else ""
    moved = f" {refusals.moved} of the last hour went to other keys; nobody lost credits." if refusals.moved else ""
    if row.is_out_of_money:
        where = urlsplit(vendor.homepage).hostname or vendor.label
        return Notice(
            headline=f"{row.paused_because.rstrip('.')}{code}.",
            detail=f"Work goes to other keys, or waits.{moved} Fill it up at {where} and test the key: then it is "
            "used again.",
            until=row.paused_until,
        )
    if row.troubles:
        return Notice(
            headline=f"{(row.paused_because or 'The vendor refused this key').rstrip('.')}{code}.",
            detail=f"Work goes to other keys, or waits.{moved}",
            since=row.last_error_at,
            until=row.paused_until,
            asks_for_key=True,
        )
    return Notice(
        headline=row.paused_because or "The vendor asked us to wait.",
        detail="Nobody loses anything; work waits or goes to other keys.",
        mood="caution",
        until=row.paused_until,
    )


def _draining(standing: Standing) -> Notice:
    live = standing.live
    if not live and standing.has_drawings:
        detail = "It is kept for pictures it drew, which only it can enlarge: at most 24 hours, then it is erased."
        return Notice(headline="Nothing runs on it any more.", detail=detail, mood="")
    if not live:
        return Notice(headline="Nothing runs on it any more.", detail="Its key is erased within the hour.", mood="")
    number = "1 picture still runs or is" if live == 1 else f"{live} pictures still run or are"
    return Notice(headline=f"{number} watched on it.", detail="Then its key is erased.", mood="")


def _checked(row: Credential, now: datetime) -> str:
    """When it was tested last; what that proved, and what not, where no other line tells."""
    if row.proved_at is None:
        return "Not tested yet."
    read = row.proved and row.balance_at is not None and row.balance_at >= row.proved_at
    showed = ": key accepted, balance read; no picture was tried" if read else ""
    return f"Checked {ago(row.proved_at, now)}{_answered_in(row.answered_ms)}{showed}."


def _answered_in(milliseconds: int | None) -> str:
    if milliseconds is None:
        return ""
    spent = f"{milliseconds} ms" if milliseconds < 1000 else f"{milliseconds / 1000:.1f} s"
    return f", answered in {spent}"


def _proof(row: Credential, standing: Standing, now: datetime) -> str:
    """What the last test showed, unless the card says it already: by the balance, or by the notice of a refused key."""
    if standing.is_unanswered:
        return "The last test was asked for, and no answer came within 30 s. Is the worker running?"
    if row.proved_at is None or (row.proved and row.balance is not None):
        return ""
    if standing.trouble is not Trouble.NONE or (row.proved is False and row.health(now) is Health.OPEN):
        return ""
    return row.proved_words


def _error(row: Credential, now: datetime) -> str:
    """What last went wrong, while nothing else on the card says so."""
    if not row.last_error or row.last_error_at is None or row.health(now) is Health.OPEN:
        return ""
    return f"{row.last_error.rstrip('.')}, {ago(row.last_error_at, now)}."


def _group(use: Use, *, alone: bool) -> Group:
    return Group(
        name="" if alone else ", ".join(use.offers),
        gauges=[
            Gauge(label="Running", value=use.running, most=use.running_max),
            Gauge(label="This hour", value=use.hourly, most=use.hourly_max),
        ],
    )


def _models(vendor: type[Provider] | None, sales: Sales, row: Credential) -> list[Model]:
    if vendor is None:
        return []
    return [
        Model(label=offer.label, is_on=sales.is_on(vendor.key, offer), refused=row.offers_off.get(offer.key, ""))
        for offer in vendor.offers
    ]


def ago(then: datetime, now: datetime) -> str:
    """40 s ago, 3 min ago, 5 h ago, 2 days ago."""
    seconds = max(0, round((now - then).total_seconds()))
    if seconds < 90:
        return f"{seconds} s ago"
    if seconds < 90 * 60:
        return f"{round(seconds / 60)} min ago"
    hours = round(seconds / 3600)
    return f"{hours} h ago" if hours < 36 else f"{round(hours / 24)} days ago"


def amount_of(balance: Decimal, unit: str) -> str:
    """A balance in the vendor's own unit, without zeros nobody needs."""
    return f"{balance.normalize():,f} {unit}"
