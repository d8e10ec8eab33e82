"""The hands of the fault tests, with the wishes of the bench."""

import logging

import django

from tests.faults import hands


def main() -> None:
    django.setup()
    logging.getLogger("generations").setLevel(logging.WARNING)  # its orders are no news on the bench's screen
    from tests.bench import wishes  # noqa: PLC0415  # needs the loaded apps

    hands.serve(wishes)


if __name__ == "__main__":
    main()
