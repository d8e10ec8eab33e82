"""The facts of pictures one may pick values of above the wall: each a function of who looks, in their order there."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from generations import providers, search
from generations.models import Member
from generations.search import Token


@dataclass(frozen=True)
class Facet:
    """Of several values that are picked one is enough. `token` says by which token a value is found."""

    name: str
    label: str
    options: Mapping[str, str]
    token: Callable[[str], Token] | None = None

    def tokens(self, values: Iterable[str]) -> tuple[Token, ...]:
        return tuple(self.token(value) if self.token else search.term(self.name, value) for value in values)


def facets(member: Member) -> list[Facet]:
    """All of them, as this member may pick them."""
    return [make(member) for make in FACETS]


def vendor(_: Member) -> Facet:
    return Facet("vendor", "Vendor", {key: provider.label for key, provider in providers.PROVIDERS.items()})


def shape(_: Member) -> Facet:
    shapes = {shape for provider in providers.PROVIDERS.values() for one in provider.offers for shape in one.shapes}
    return Facet("shape", "Shape", {shape: shape for shape in sorted(shapes, key=_proportion)})


def _proportion(shape: str) -> float:
    """Width over height of `3:2`, so that portraits come first."""
    width, _, height = shape.partition(":")
    return float(width) / float(height)


def kind(_: Member) -> Facet:
    return Facet("kind", "Made by", {"draw": "Drawing", "upscale": "Upscaling"})


def enlarged(_: Member) -> Facet:
    return Facet("enlarged", "Upscaled", {"yes": "Has an upscale"})


FACETS: list[Callable[[Member], Facet]] = [vendor, shape, kind, enlarged]
