"""Every route of the resolver, once for each pattern: two that share a name are two."""

from collections.abc import Iterator
from dataclasses import dataclass

from django.urls import URLPattern, URLResolver, get_resolver
from django.urls.converters import IntConverter, UUIDConverter


@dataclass(frozen=True)
class Route:
    """A pattern from its root, under its name, or itself where it has none. `ids` are the kinds of what it takes."""

    name: str
    pattern: str
    desk: bool
    ids: dict[str, type[object]]


def routes() -> list[Route]:
    return list(_below(get_resolver().url_patterns, "", {}, desk=False))


def named_by(kind: type[object]) -> tuple[str, ...]:
    """The studio's addresses about one thing, which is named by an id of that kind."""
    return tuple(one.name for one in routes() if not one.desk and one.ids.get("pk") is kind)


def _below(
    patterns: list[URLPattern | URLResolver], root: str, above: dict[str, type[object]], *, desk: bool
) -> Iterator[Route]:
    for one in patterns:
        path = f"{root}{one.pattern}"
        ids = above | {name: type(how) for name, how in one.pattern.converters.items()}
        if isinstance(one, URLResolver):
            yield from _below(one.url_patterns, path, ids, desk=desk or one.app_name == "admin")
        else:
            yield Route(one.name or path, path, desk, ids)


BY_UUID, BY_NUMBER = named_by(UUIDConverter), named_by(IntConverter)
