"""What somebody types and picks above the wall, as a question to the search index, and what else they could pick.

A word is looked for in prompts, and among the names of makers and models: these are asked for now, so that a new name
counts at once. A picture that a member may not see is not in the answer; whoever shows it asks the rows once more.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from urllib.parse import urlencode

from django.http import QueryDict

from generations import providers, search
from generations.models import Generation, Member
from generations.queries.dates import number_at
from generations.queries.facets import Facet, facets
from generations.search import Query, Token

WORDS_MAX = 200
"""Longer than anybody's question; it stands in addresses."""
COUNTED_MAX = 1000
READ_MAX = 12_000
"""Of so many pictures the index's entries are read to count; each value by itself would look at all of them."""


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """What to find. No word, and nothing picked: everything. `picked` are values of each facet by its name."""

    words: str = ""
    mine: bool = False
    picked: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @classmethod
    def read(cls, member: Member, asked: QueryDict) -> "Wanted":
        """What an address asks for; what it should not hold for this member counts as not there."""
        return cls.read_by(facets(member), asked)

    @classmethod
    def read_by(cls, every: list[Facet], asked: QueryDict) -> "Wanted":
        """The same, by facets that are at hand."""
        known = {one.name: tuple(one.among(asked.getlist(one.name))) for one in every}
        return cls(
            words=asked.get("q", "").replace("\0", "")[:WORDS_MAX],
            mine=asked.get("whose") == "mine",
            picked={name: values for name, values in known.items() if values},
        )

    @property
    def fields(self) -> dict[str, list[str]]:
        """As it stands in an address."""
        fields = {"q": [self.words.strip()], "whose": ["mine" if self.mine else ""]}
        fields |= {name: list(values) for name, values in self.picked.items()}
        return {name: values for name, values in fields.items() if any(values)}

    @property
    def text(self) -> str:
        """As an address has it: "q=lamp"; empty for everything."""
        return urlencode(self.fields, doseq=True)

    @property
    def query(self) -> str:
        """The end of an address that asks for this: "?q=lamp", or nothing for everything."""
        return f"?{self.text}" if self.fields else ""

    @property
    def is_all(self) -> bool:
        return not self.words.strip() and not self.mine and not self.picked

    @property
    def finds_nothing(self) -> bool:
        """Whether something was typed that holds no word, a row of dots for one."""
        return bool(self.words.strip()) and not search.words_of(self.words)


EVERYTHING = Wanted()


def query_for(member: Member, wanted: Wanted) -> Query:
    """The question, for the eyes of this member. Dots alone ask for nothing."""
    if wanted.finds_nothing:
        return Query(groups=())
    return _Question(member, wanted).query(wanted.picked)


class _Question:
    """What was typed, and whatever is picked beside it; what takes a look at the rows is looked up once."""

    def __init__(self, member: Member, wanted: Wanted) -> None:
        self.member = member
        self.facets = facets(member)
        self.asked = search.spelled(_asked(member, wanted))
        self.borders: dict[datetime, int] = {}

    def query(self, picked: Mapping[str, Collection[str]]) -> Query:
        groups, since = list(self.asked), 0
        for one in self.facets:
            if values := picked.get(one.name):
                if one.since is None:
                    groups.append(one.tokens(values))
                else:
                    since = max(since, self.border(min(one.since[value] for value in values)))
        return Query(groups=tuple(groups), since=since)

    def border(self, moment: datetime) -> int:
        if moment not in self.borders:
            self.borders[moment] = number_at(self.member, moment)
        return self.borders[moment]


def _asked(member: Member, wanted: Wanted) -> list[tuple[Token, ...]]:
    """What they may see of what they typed."""
    own = _own(member)
    groups: list[tuple[Token, ...]] = [
        (search.term("team", member.team_id),),
        own if wanted.mine else (search.term("shared"), *own),
    ]
    asked = search.asked(wanted.words)
    named = _named(member, asked)
    groups += [(token, *named.get(token, ())) for token in asked]
    return groups


@dataclass(frozen=True, kw_only=True)
class Option:
    """One value of a facet, and how many pictures there would be with it and all else that is wanted."""

    value: str
    label: str
    is_picked: bool
    number: str = ""

    @property
    def id(self) -> str:
        """The value as a part of an element's name."""
        return self.value.replace(":", "-")


@dataclass(frozen=True, kw_only=True)
class Choice:
    """A facet with its options, as it stands above the wall."""

    name: str
    label: str
    options: list[Option]

    @property
    def is_switch(self) -> bool:
        """With one option there is nothing to open: it is on or off."""
        return len(self.options) == 1

    @property
    def words(self) -> str:
        """What is picked, or what one could pick."""
        picked = [one.label for one in self.options if one.is_picked]
        return f"{picked[0]} +{len(picked) - 1}" if len(picked) > 1 else "".join(picked) or self.label

    @property
    def is_set(self) -> bool:
        return any(one.is_picked for one in self.options)


def choices_of(member: Member, wanted: Wanted) -> list[Choice]:
    """Every facet without a number: what pages are written with at once. What has no value to pick is none."""
    return _choices(facets(member), wanted, lambda facet, value: None)


def counted(member: Member, wanted: Wanted) -> list[Choice]:
    """The same with numbers, exact to a thousand. Within one facet a value counts as if it alone were picked."""
    if wanted.finds_nothing:
        return _choices(facets(member), wanted, lambda facet, value: 0)
    tally = _Tally(_Question(member, wanted), wanted)
    return _choices(tally.question.facets, wanted, tally.number)


class _Tally:
    """Of few pictures the entries are read, once for all facets; of many each value is asked for by itself."""

    def __init__(self, question: _Question, wanted: Wanted) -> None:
        self.question, self.picked = question, wanted.picked
        self.entries: dict[Query, list[tuple[int, set[Token]]] | None] = {}

    def number(self, facet: Facet, value: str) -> int:
        others = {name: values for name, values in self.picked.items() if name != facet.name}
        query = self.question.query({**others, facet.name: (value,)})
        entries = self.few(self.question.query(others))
        if entries is None:
            return search.count(query, most=COUNTED_MAX + 1)
        if facet.since is not None:
            return sum(number >= query.since for number, _ in entries)
        tokens = set(facet.tokens((value,)))
        return sum(not tokens.isdisjoint(words) for _, words in entries)

    def few(self, query: Query) -> list[tuple[int, set[Token]]] | None:
        """The entries that fit, unless they are too many to read."""
        if query not in self.entries:
            numbers = search.find(query, limit=READ_MAX + 1)
            is_few = len(numbers) <= READ_MAX
            self.entries[query] = [(at, set(words)) for at, words in search.read(numbers)] if is_few else None
        return self.entries[query]


def _choices(every: list[Facet], wanted: Wanted, number: Callable[[Facet, str], int | None]) -> list[Choice]:
    made = []
    for facet in every:
        picked = wanted.picked.get(facet.name, ())
        options = [
            Option(value=value, label=label, is_picked=value in picked, number=_number(number(facet, value)))
            for value, label in facet.shown(picked).items()
        ]
        if options:
            made.append(Choice(name=facet.name, label=facet.label, options=options))
    return made


def pictures_text(number: int) -> str:
    """How many pictures, counted to a thousand: 1 picture, 12 pictures, 1,000+ pictures."""
    return "1 picture" if number == 1 else f"{_number(number)} pictures"


def said(every: list[Facet], wanted: Wanted) -> str:
    """What is looked for, in words for whoever keeps it: “lamp”, mine, shape: 3:2, 1:1. `every` are all facets."""
    parts = [f"“{wanted.words.strip()}”"] if wanted.words.strip() else []
    parts += ["mine"] if wanted.mine else []
    for facet in every:
        if picked := wanted.picked.get(facet.name):
            parts.append(f"{facet.label.lower()}: {', '.join(facet.among(picked).values())}")
    return ", ".join(parts)


def _number(number: int | None) -> str:
    if number is None:
        return ""
    return f"{COUNTED_MAX:,}+" if number > COUNTED_MAX else f"{number:,}"


def _own(member: Member) -> tuple[Token, ...]:
    """What they made, and what those made who left it to them."""
    left = Generation.objects.filter(kept_by=member).order_by().values_list("member", flat=True).distinct()
    return tuple(search.term("by", pk) for pk in (member.pk, *left))


def _named(member: Member, asked: list[Token]) -> dict[Token, tuple[Token, ...]]:
    """For each token the makers and models that are called so."""
    if not asked:
        return {}
    people = Member.objects.filter(team=member.team_id, person__isnull=False).select_related("person")
    makers = {search.term("by", one.pk): set(search.words_of(one.called)) for one in people}
    models = {
        search.term("offer", provider.key, offer.key): set(search.words_of(f"{provider.label} {offer.label}"))
        for provider in providers.PROVIDERS.values()
        for offer in provider.offers
    }
    every = makers | models
    return {token: tuple(fact for fact, words in every.items() if _has(words, token)) for token in asked}


def _has(words: set[str], token: Token) -> bool:
    return any(word.startswith(token[:-1]) for word in words) if token.endswith("*") else token in words
