"""A wall with a card in every state: finished in three shapes, waiting for ever, failed, refused and cancelled."""

from dataclasses import dataclass

from tests.browser.acts import become, order, order_all
from tests.browser.cast import Part
from tests.browser.visiting import Door

RIDGES = "Five blue ridges behind a quiet lake"
ARCHES = "Terracotta arches in noon light"
CITRUS = f"Citrus on a teal table, seen from above, {'lemon' * 40}"  # a word that no line is long enough for
NEVER = "A bridge that is never finished"
FAIL = "A kite about to fail"
UNSAFE = "An unsafe ladder against a barn"
WITHDRAWN = "A letter taken back before it was sent"


@dataclass(frozen=True)
class Wall:
    """Where the finished pictures are: one landscape, two portraits, one square."""

    images: dict[str, str]

    @property
    def image(self) -> str:
        return self.images[RIDGES]


def hang(door: Door, who: Part) -> Wall:
    """Order everything and wait until only what never ends is open."""
    page = door.open(who)
    with door.studio.worker_asleep():
        waiting = order(page, WITHDRAWN)
        waiting.get_by_role("button", name="Cancel").click()
        become(waiting, "canceled")
    orders = [(FAIL, "", 1), (UNSAFE, "", 1), (RIDGES, "3:2", 1), (ARCHES, "2:3", 2), (CITRUS, "1:1", 1)]
    failed, refused, *done, never = order_all(page, *orders, (NEVER, "3:2", 1))
    finished = dict(zip((RIDGES, ARCHES, CITRUS), done, strict=True))
    become(failed, "failed")
    become(refused, "failed")
    for cards in finished.values():
        become(cards, "succeeded")
    become(never, "running")
    addresses = {
        prompt: cards.first.get_by_role("link").first.get_attribute("href") for prompt, cards in finished.items()
    }
    return Wall(images={prompt: address for prompt, address in addresses.items() if address})
