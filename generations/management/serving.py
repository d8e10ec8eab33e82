"""The web server's process: granian over WSGI, one process with many threads, no access log.

Run as `python -m generations.management.serving ADDRESS PORT LOG_FORMAT` by the studio. Threads, not more processes: a
slow reader holds one thread for its whole download, and a few slow readers must not stop the site.
"""

import sys

from granian import Granian
from granian.constants import Interfaces
from granian.log import LogLevels

from generations.management import processes
from imagine_site import logs

THREADS = 32
STOP_SECONDS = 4  # how long open requests may take to end


def serve(address: str, port: int, *, log_format: str) -> None:
    """Serve the site until a signal asks to stop. The server's own words are of the form of all other lines."""
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
        log_dictconfig=logs.console(log_format)
        | {"loggers": {"_granian": {"handlers": ["console"], "propagate": False}}},
    ).serve()


if __name__ == "__main__":
    serve(sys.argv[1], int(sys.argv[2]), log_format=sys.argv[3])
