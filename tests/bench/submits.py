"""Orders per second against one hot account: one member, one picture an order, from one process and from several.

Each order is the whole service a submit calls: price, brake, hold, rows, events and the nudge, committed. There is no
server in between, and no pump at work. Every run is a member of its own with as many orders as may be open at once.
"""

import tempfile
from pathlib import Path

from tests.bench.table import Figure, spread
from tests.engines import Template
from tests.faults.hands import Hands

ORDERS = 480
PROCESSES = (1, 2, 8)


def measure(template: Template) -> list[Figure]:
    with tempfile.TemporaryDirectory(prefix="bench-") as folder, template.engine(Path(folder)) as engine:
        hands = Hands(engine.env, module="tests.bench.till")
        figures: list[Figure] = []
        alone = 0.0
        try:
            hands.ask("submits", processes=2, each=20)  # to warm up
            for number in PROCESSES:
                told = hands.ask("submits", processes=number, each=ORDERS // number)
                made = len(told["taken"])
                assert (made, told["findings"]) == (ORDERS, []), told["findings"]
                assert told["balance"] == [ORDERS * told["price"]] * 2, "all of it is held, to the last credit"
                rate = made / told["took"]
                alone = alone or rate
                name = f"orders, {number} at once" if number > 1 else "orders, one process alone"
                figures.append(Figure(name=name, measured=rate, unit="/s", goal=alone if number > 1 else None))
                figures += spread(f"one order, {number} at once", told["taken"])
        finally:
            hands.close()
    return figures
