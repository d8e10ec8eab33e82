"""What the queue runs. A job stamps the heartbeat, makes one call, and tolerates arguments of older messages."""

import logging
from collections.abc import Callable
from functools import wraps

from generations.models import Heartbeat
from generations.services import collecting, pumping, sweeping

log = logging.getLogger(__name__)

WORKER = "worker"


def job(function: Callable[..., None]) -> Callable[..., None]:
    """Show that a worker is alive, and log what no service expected before it goes up."""

    @wraps(function)
    def run(**ids: str) -> None:
        Heartbeat.objects.stamp(WORKER)
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
def tick(**_: str) -> None:
    """One pass over the rows that are due; whoever else sweeps at the moment makes this one return at once."""
    sweeping.sweep()


@job
def beat(**_: str) -> None:
    """Nothing but the stamp: asked for when no other job has shown a sign of life."""
