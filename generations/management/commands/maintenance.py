"""`manage.py maintenance`: close the studio for new orders around a deploy, and open it again."""

from argparse import ArgumentParser
from datetime import UTC, datetime, timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.dateparse import parse_datetime

from generations.models import Closure, Generation, Shut, State, clock
from generations.models.closure import STUDIO
from generations.services import shutting

USUAL_REASON = "We are working on the studio"


class Command(BaseCommand):
    help = "Maintenance: new orders are refused politely, what waits and runs is finished. Run twice, it is done once."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("act", choices=["on", "off", "status"])
        parser.add_argument("--reason", default="", help="why, for everybody to read")
        parser.add_argument(
            "--until", default="", help="ends by itself: 2026-03-01T14:30 (UTC), or minutes from now: 30"
        )

    def handle(self, *, act: str, reason: str, until: str, **_: Any) -> None:
        if act == "on":
            self._begin(reason, until)
        elif act == "off":
            self._end()
        self.stdout.write(_status())

    def _begin(self, reason: str, until: str) -> None:
        standing = _standing()
        holds = standing is not None and standing.has_begun(clock.now())
        if standing is not None and holds and not reason and not until:
            return
        kept = standing if holds else None
        reason = reason or (kept.reason if kept else USUAL_REASON)
        ends_at = _moment(until) if until else kept.ends_at if kept else None
        if kept is not None and (kept.reason, kept.ends_at) == (reason, ends_at):
            return
        try:
            shutting.shut(
                kind=Shut.MAINTENANCE,
                reason=reason,
                by=None,
                ends_at=ends_at,
                instead_of=standing.pk if standing else None,
            )
        except shutting.ShutRefused as refusal:
            raise CommandError(str(refusal)) from None

    def _end(self) -> None:
        """Also what is only planned."""
        standing = _standing()
        if standing is not None:
            shutting.reopen(closure=standing, by=None)


def _standing() -> Closure | None:
    found: Closure | None = Closure.objects.unfinished(clock.now()).filter(provider=STUDIO).first()
    return found


def _moment(text: str) -> datetime:
    if text.isascii() and text.isdigit() and len(text) < 7:
        return clock.now() + timedelta(minutes=int(text))
    try:
        found = parse_datetime(text)
    except ValueError:
        found = None
    if found is None:
        raise CommandError("--until is a moment such as 2026-03-01T14:30, or a number of minutes.")
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def _status() -> str:
    """One line; scripts read its first word: `on`, `planned` or `off`."""
    moment, standing = clock.now(), _standing()
    rows = Generation.objects.open()
    waiting = rows.filter(state=State.QUEUED).count()
    touched = f"{waiting:,} waiting, {rows.count() - waiting:,} running"
    if standing is None:
        return f"off: new orders are taken. {touched}."
    word = "on" if standing.has_begun(moment) else f"planned for {standing.begins_at:%Y-%m-%dT%H:%MZ}"
    until = f" until {standing.ends_at:%Y-%m-%dT%H:%MZ}" if standing.ends_at else ""
    return f"{word}{until}: {standing.reason}. {touched}."
