"""What the queue runs. A job stamps the heartbeat, makes one call, and tolerates arguments of older messages."""

import logging
from collections.abc import Callable
from functools import wraps

from django.conf import settings

from generations.models import Heartbeat, worker_stamp
from generations.services import (
    acting,
    allowing,
    archiving,
    collecting,
    copying,
    credentials,
    exporting,
    moving,
    nightly,
    notifying,
    pumping,
    recovering,
    retaining,
    sweeping,
    teams,
    trashing,
    uploading,
)

log = logging.getLogger(__name__)


def job(function: Callable[..., None]) -> Callable[..., None]:
    """Show that a worker is alive, and log what no service expected before it goes up."""

    @wraps(function)
    def run(**ids: str) -> None:
        Heartbeat.objects.stamp(worker_stamp(settings.SUPERVISOR))
        try:
            function(**ids)
        except Exception:
            log.exception("job %s failed for %s", function.__name__, ids)
            raise

    return run


@job
def pump(*, shard: str = "0", **_: str) -> None:
    """Send what waits and watch what runs, for one shard of the credentials."""
    pumping.run(shard=int(shard))


@job
def collect(*, generation: str, **_: str) -> None:
    """Fetch and store the finished picture of one generation."""
    collecting.collect(generation=generation)


@job
def prove(*, credential: str, unasked: str = "", **_: str) -> None:
    """Ask a vendor, without cost, what a key is worth."""
    credentials.prove(credential=credential, unasked=bool(unasked))


@job
def read_balance(*, credential: str, **_: str) -> None:
    """Ask a vendor, without cost, what is left on a key's account."""
    credentials.read_balance(credential=credential)


@job
def copy(*, generation: str, **_: str) -> None:
    """Make the smaller copy of its source that one generation waits for."""
    copying.copy(generation=generation)


@job
def verify(*, upload: str, **_: str) -> None:
    """Look what one file that somebody brought really is."""
    uploading.verify(upload=upload)


@job
def mail(*, notice: str, tried: str = "0", **_: str) -> None:
    """Send one notice of somebody's inbox as an e-mail."""
    notifying.mail(notice=notice, tried=tried)


@job
def invitation(*, invitation: str, tried: str = "0", mark: str = "", **_: str) -> None:
    """Send one invitation, with a link nobody saw before."""
    teams.mail(invitation=invitation, tried=tried, mark=mark)


@job
def export(*, export: str, **_: str) -> None:
    """Put together some more of a person's own data."""
    exporting.go_on(export=export)


@job
def archive(*, archive: str, **_: str) -> None:
    """Pack some more of an archive."""
    archiving.go_on(archive=archive)


@job
def reset_link(*, email: str, tried: str = "0", **_: str) -> None:
    """Send the link to a new password, if anybody has this address."""
    recovering.mail_link(email=email, tried=tried)


@job
def move_link(*, person: str, email: str, tried: str = "0", **_: str) -> None:
    """Send the link that confirms a new address."""
    moving.mail_link(person=int(person), email=email, tried=tried)


@job
def moved(*, to: str, person: str, tried: str = "0", **_: str) -> None:
    """Tell the address from before that it is no longer the one."""
    moving.mail_notice(to=to, person=int(person), tried=tried)


@job
def books(*, team: str = "", **_: str) -> None:
    """Add up one team's books again, or ask for that of every team."""
    nightly.add_up(team=team)


@job
def allowances(*, after: str = "0", **_: str) -> None:
    """Pay the monthly allowances that one step had no time for."""
    allowing.pay_due(after=int(after))


@job
def audit(*, run: str = "", **_: str) -> None:
    """Begin the nightly audit, or take its next step."""
    nightly.go_on(run=run)


@job
def purge(**_: str) -> None:
    """Remove for good some more of what has been in the trash for long enough."""
    trashing.purge_due()


@job
def emptying(*, member: str, until: str, **_: str) -> None:
    """Remove for good some more of what somebody emptied out of the trash."""
    trashing.go_on_emptying(member=member, until=until)


@job
def retention(**_: str) -> None:
    """Go on with putting into the trash what is older than teams want to keep."""
    retaining.go_on()


@job
def bulk(*, act: str, **_: str) -> None:
    """Go on with an act on many pictures."""
    acting.go_on(act=act)


@job
def tick(**_: str) -> None:
    """One pass over the rows that are due; whoever else sweeps at the moment makes this one return at once."""
    sweeping.sweep()


@job
def beat(**_: str) -> None:
    """Nothing but the stamp: asked for when no other job has shown a sign of life."""
