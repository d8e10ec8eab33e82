"""All vendors on one port, to try the studio's real adapters without a key: ``python -m tests.simulators --port 8900``.

They behave in the vendors' own time; ``--speed 10`` lets it pass ten times as fast. Any key works but one with "wrong"
in it (API in One's keys begin with ``aio_``), and words of a prompt provoke outcomes. The counters of each, and the
knobs that change it while it runs, are at ``/<vendor>/__control``.
"""

import argparse
import contextlib
import sys
from dataclasses import dataclass

from tests.simulators import apiinone, apikley, apixo
from tests.simulators.standin import CONTROL, Host, StandIn


@dataclass(frozen=True)
class Stall:
    """A vendor of the street: where it stands, what the studio calls its address, which words it heeds."""

    label: str
    simulator: StandIn
    variable: str
    base: str
    words: tuple[str, ...]


def street() -> list[Stall]:
    return [
        Stall(
            "Apikley",
            apikley.ApikleyStandIn(),
            "APIKLEY_BASE_URL",
            "",
            (*apikley.WORDS, *apikley.ANSWERS, "gateway", "vanish"),
        ),
        Stall("APIXO", apixo.ApixoStandIn(), "APIXO_BASE_URL", "/api/v1", (*apixo.WORDS, *apixo.ANSWERS)),
        Stall(
            "API in One",
            apiinone.ApiInOneStandIn(),
            "APIINONE_BASE_URL",
            "/api/v1",
            (*apiinone.WORDS, *apiinone.ANSWERS),
        ),
    ]


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.simulators", description="Play the vendors on one port.")
    parser.add_argument("--port", type=int, default=8900, help="0 takes a free one")
    parser.add_argument("--speed", type=float, default=1.0, help="how fast the vendors' time passes")
    wishes = parser.parse_args(arguments)
    stalls = street()
    host = Host(*(stall.simulator for stall in stalls), port=wishes.port)
    for stall in stalls:
        stall.simulator.knobs.speed = stall.simulator.clock.speed = wishes.speed
    sys.stdout.write(welcome(stalls))
    sys.stdout.flush()
    with contextlib.suppress(KeyboardInterrupt):
        host.serve_forever()


def welcome(stalls: list[Stall]) -> str:
    """What to put into the studio's environment, and where to look."""
    lines = ["For the studio's environment:"]
    lines += [f"  {stall.variable}={stall.simulator.url}{stall.base}" for stall in stalls]
    lines.append("  ALLOW_PRIVATE_HOSTS=127.0.0.1")
    for stall in stalls:
        lines += ["", f"{stall.label}: counters and knobs at {stall.simulator.url}{CONTROL}"]
        lines.append(f"  words for a prompt: {', '.join(stall.words)}")
    return "\n".join([*lines, "", ""])


if __name__ == "__main__":
    main()
