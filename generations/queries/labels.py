"""Names of rows as values of a facet: by their numbers, and asked for when somebody reads them."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cached_property

PICKED_MAX = 20
KEY_DIGITS_MAX = 18


class Labels(Mapping[str, str]):
    """What `ask` finds, once somebody wants to know."""

    def __init__(self, ask: Callable[[], dict[str, str]]) -> None:
        self._ask = ask

    @cached_property
    def _names(self) -> dict[str, str]:
        return self._ask()

    def __getitem__(self, value: str) -> str:
        return self._names[value]

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)


def numbers_of(values: Sequence[str]) -> list[int]:
    """The numbers among what an address holds, as many as anybody picks."""
    numbers = [int(one) for one in values if one.isascii() and one.isdigit() and len(one) <= KEY_DIGITS_MAX]
    return numbers[:PICKED_MAX]
