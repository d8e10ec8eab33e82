"""The facts of pictures one may pick values of above the wall: each a function of who looks, in their order there."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from generations import providers, search
from generations.models import RATING_MAX, UPLOAD, Member, State, clock
from generations.queries import board_names as boards
from generations.queries import tags
from generations.search import Token


@dataclass(frozen=True)
class Facet:
    """Of several values that are picked one is enough. `token` says by which token a value is found.

    Of values without end only some are options; `find` gives the labels of any, of those that are picked.
    Where `since` says from which moment on a value reaches, no token stands for it, but all that came later.
    """

    name: str
    label: str
    options: Mapping[str, str]
    token: Callable[[str], Token] | None = None
    find: Callable[[Sequence[str]], Mapping[str, str]] | None = None
    since: Mapping[str, datetime] | None = None

    def among(self, values: Sequence[str]) -> Mapping[str, str]:
        """Those of these values that it has, with their labels."""
        if not values:
            return {}
        known = self.find(values) if self.find else self.options
        return {value: label for value, label in known.items() if value in values}

    def shown(self, picked: Sequence[str]) -> Mapping[str, str]:
        """Its options, and before them what is picked beside them."""
        others = [value for value in picked if value not in self.options]
        return {**self.among(others), **self.options} if others else self.options

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
    return Facet("kind", "Made by", {"draw": "Drawing", "upscale": "Upscaling", UPLOAD: "Uploaded"})


def enlarged(_: Member) -> Facet:
    return Facet("enlarged", "Upscaled", {"yes": "Has an upscale"})


def favorite(member: Member) -> Facet:
    return Facet("favorite", "Favorites", {"yes": "Favorites"}, lambda _: search.term("fav", member.pk))


def rating(member: Member) -> Facet:
    stars = {str(number): stars_in_words(number) for number in range(RATING_MAX, 0, -1)}
    return Facet("rating", "Your rating", stars, lambda value: search.term("rated", member.pk, value))


def stars_in_words(number: int) -> str:
    return "1 star" if number == 1 else f"{number} stars"


def pick(_: Member) -> Facet:
    return Facet("pick", "Team picks", {"yes": "Team picks"})


def tag(member: Member) -> Facet:
    return Facet("tag", "Tag", tags.most_used(member), find=lambda values: tags.labels_of(member, values))


def board(member: Member) -> Facet:
    return Facet("board", "Board", boards.latest(member), find=lambda values: boards.labels_of(member, values))


def size(_: Member) -> Facet:
    return Facet("size", "Size", {"small": "Under 2 megapixels", "medium": "2 to 8 megapixels", "large": "Larger"})


def state(_: Member) -> Facet:
    """How it came; what never came is no picture."""
    return Facet("state", "State", {State.SUCCEEDED.value: "Done", State.RECOVERED.value: "Arrived late"})


def date(member: Member) -> Facet:
    """Days as the team counts them. They move on by themselves, so none is written into the index."""
    today = clock.now().astimezone(ZoneInfo(member.team.time_zone)).replace(hour=0, minute=0, second=0, microsecond=0)
    since = {
        "today": today,
        "7-days": today - timedelta(days=6),
        "30-days": today - timedelta(days=29),
        "year": today.replace(month=1, day=1),
    }
    labels = {"today": "Today", "7-days": "Last 7 days", "30-days": "Last 30 days", "year": "This year"}
    return Facet("date", "Date", labels, since=since)


FACETS: list[Callable[[Member], Facet]] = [
    favorite,
    rating,
    pick,
    tag,
    board,
    date,
    vendor,
    shape,
    size,
    kind,
    enlarged,
    state,
]
