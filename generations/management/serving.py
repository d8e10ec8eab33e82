"""The web server's process: granian over WSGI, one process with many threads, no access log.

Run as `python -m generations.management.serving ADDRESS PORT` by the studio. Threads, not more processes: a slow
reader holds one thread for its whole download, and a few slow readers must not stop the site.
"""

import sys

from granian import Granian
from granian.constants import Interfaces
from granian.log import LogLevels

from generations.management import processes

THREADS = 32
STOP_SECONDS = 4  # how long open requests may take to end


def serve(address: str, port: int) -> None:
    """Serve the site until a signal asks to stop."""
    processes.die_with_parent()
    processes.take_forks_along()
    Granian(
        "imagine_site.wsgi:application",
        address=address,
        port=port,
        interface=Interfaces.WSGI,
        workers=1,
        blocking_threads=THREADS,
        workers_kill_timeout=STOP_SECONDS,
        websockets=False,
        log_access=False,
        log_level=LogLevels.error,
    ).serve()


if __name__ == "__main__":
    serve(sys.argv[1], int(sys.argv[2]))
