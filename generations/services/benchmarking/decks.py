"""What is drawn from to make a great many pictures unlike each other: orders and prompts, the same ones every time."""

from collections.abc import Iterator, Sequence
from random import Random

from generations import providers
from generations.models import Member, State
from generations.providers.base import Operation

ORDERS = 9_973
PROMPTS = 20_011
"""Both prime: numbers that walk through a deck in long steps meet every card of it."""
SIDES = (1024, 1024, 1024, 1536, 2048, 4096)
SUBJECTS = (
    "a lighthouse", "two foxes", "a ceramic vase", "an old tram", "a glass greenhouse", "a sleeping cat",
    "a mountain hut", "a red kite", "a bowl of citrus", "a paper lantern", "a brass telescope", "a flooded street",
    "a baker at dawn", "a velvet armchair", "a flock of starlings", "a concrete stairwell", "a wooden toy train",
    "a perfume bottle", "a café terrace", "a snow-covered pine", "a girl with an umbrella", "a chessboard",
    "a spiral shell", "a white horse",
)  # fmt: skip
PLACES = (
    "on a teal table", "behind a quiet lake", "in noon light", "under a stormy sky", "in a crowded market",
    "by the window", "at the edge of a cliff", "in an empty museum", "above the clouds", "in a field of lavender",
    "on a rainy night", "in the old harbor", "beneath a stone bridge", "in a sunlit kitchen",
    "on a rooftop in Zürich", "in deep fog",
)  # fmt: skip
MANNERS = (
    "oil painting", "35 mm photograph, shallow depth of field", "isometric illustration",
    "watercolor on rough paper", "studio product shot, soft shadows", "charcoal sketch",
    "risograph print in two colors", "cinematic wide shot, film grain", "paper cut-out", "long exposure",
    "children’s book illustration", "architectural render, golden hour",
)  # fmt: skip
RARE = "heliotrope"
"""A word that one prompt of the deck holds."""


def orders(members: Sequence[Member], random: Random) -> Iterator[tuple[object, ...]]:
    """Who asked a vendor for what: one in eight an upscale, one in sixteen private, one in fifty came late."""
    makers = [member.pk for member in members if member.may_create]
    weights = [1 / (place + 1) for place in range(len(makers))]
    draws, upscales = providers.offers(Operation.DRAW), providers.offers(Operation.UPSCALE)
    shapes = sorted({shape for _, offer in draws for shape in offer.shapes})
    for number in range(ORDERS):
        is_upscale = random.random() < 1 / 8
        provider, offer = random.choice(upscales if is_upscale else draws)
        shape = random.choice(offer.shapes or shapes)
        width, height = _size(shape, random.choice(SIDES) * (2 if is_upscale else 1))
        yield (
            number,
            random.choices(makers, weights)[0],
            random.random() < 1 / 16,
            offer.operation.value,
            provider.key,
            offer.key,
            shape,
            (State.RECOVERED if random.random() < 1 / 50 else State.SUCCEEDED).value,
            width,
            height,
            f"h{random.randrange(12)} l{random.randrange(5)} c{random.randrange(3)}",
        )


def prompts(random: Random) -> Iterator[tuple[object, ...]]:
    """As people write them: short ones, long ones, and one with a word no other has."""
    for number in range(PROMPTS):
        parts = [f"{random.choice(SUBJECTS)} {random.choice(PLACES)}", *random.sample(MANNERS, random.randrange(1, 4))]
        words = ", ".join([*parts, *([f"seed {random.randrange(10**6)}"] if random.random() < 1 / 4 else [])])
        yield number, f"{words}, {RARE}" if number == PROMPTS // 2 else words


def _size(shape: str, side: int) -> tuple[int, int]:
    """Of that shape; the longer side is that long."""
    width, _, height = shape.partition(":")
    wide, high = int(width), int(height)
    return side * wide // max(wide, high), side * high // max(wide, high)
