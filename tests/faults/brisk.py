"""`manage.py run_worker` whose parent looks every half second, hardly rests after a death and gives up sooner.

For tests of what the parent does when it looks; how often it looks, or how patient it is, is not what they ask.
`BRISK_DEATHS` is after how many quick deaths in a row it gives up.
"""

import os
import sys

import django

LOOK_SECONDS, REST_SECONDS, AWAKE_SECONDS = 0.5, 0.2, 20.0
DEATHS = int(os.environ.get("BRISK_DEATHS", "2"))


def main() -> None:
    django.setup()
    from django.core.management import execute_from_command_line  # noqa: PLC0415  # needs the loaded apps

    from generations.management import processes, supervising  # noqa: PLC0415  # needs the loaded apps

    supervising.PASS_SECONDS, supervising.DEATHS_MAX = LOOK_SECONDS, DEATHS
    supervising.AWAKE_SECONDS = AWAKE_SECONDS
    processes.FIRST_PAUSE_SECONDS = processes.LONGEST_PAUSE_SECONDS = REST_SECONDS
    execute_from_command_line(["manage.py", *sys.argv[1:]])


if __name__ == "__main__":
    main()
