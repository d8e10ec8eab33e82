"""Runs the studio's background work in the test's own process: the jobs that wait, the pump, the sweep."""

from django_q.models import OrmQ
from django_q.signing import SignedPackage

from generations import jobs
from generations.services import pumping, sweeping


def run_jobs() -> list[str]:
    """Run every message in the queue once, and those they add; returns the names of what ran."""
    ran = []
    while message := OrmQ.objects.order_by("pk").first():
        package = SignedPackage.loads(message.payload)
        message.delete()
        name = package["func"].rpartition(".")[2]
        ran.append(name)
        getattr(jobs, name)(*package["args"], **package["kwargs"])
    return ran


def work() -> None:
    """Let the pump send and watch until nothing is left to do, and collect what it brings."""
    pumping.run(shard=0)
    run_jobs()


def sweep() -> dict[str, int]:
    """One tick, and the jobs it asks for."""
    done = sweeping.sweep()
    run_jobs()
    return done
