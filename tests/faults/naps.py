"""A job that keeps a worker busy and does nothing else."""

import time

from generations.jobs import job


@job
def nap(*, seconds: float) -> None:
    time.sleep(seconds)
