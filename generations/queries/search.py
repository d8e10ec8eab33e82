"""What somebody types and picks above the wall, as a question to the search index.

A word is looked for in prompts, and among the names of makers and models: these are asked for now, so that a new name
counts at once. A picture that a member may not see is not in the answer; whoever shows it asks the rows once more.
"""

from dataclasses import dataclass

from generations import providers, search
from generations.models import Generation, Member
from generations.search import Query, Token


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """What to find. No word, and nothing picked: everything."""

    words: str = ""
    mine: bool = False

    @property
    def fields(self) -> dict[str, str]:
        """As it stands in an address."""
        fields = {"q": self.words.strip(), "whose": "mine" if self.mine else ""}
        return {name: value for name, value in fields.items() if value}

    @property
    def is_all(self) -> bool:
        return not self.words.strip() and not self.mine

    @property
    def finds_nothing(self) -> bool:
        """Whether something was typed that holds no word, a row of dots for one."""
        return bool(self.words.strip()) and not search.words_of(self.words)


EVERYTHING = Wanted()


def query_for(member: Member, wanted: Wanted) -> Query:
    """The question, for the eyes of this member."""
    own = _own(member)
    groups: list[tuple[Token, ...]] = [
        (search.term("team", member.team_id),),
        own if wanted.mine else (search.term("shared"), *own),
    ]
    asked = search.asked(wanted.words)
    named = _named(member, asked)
    groups += [(token, *named.get(token, ())) for token in asked]
    return Query(groups=tuple(groups))


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
