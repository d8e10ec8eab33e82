"""What a member finds when they look for a word, or pick a value of a facet."""

from generations.models import Member
from generations.queries.library import wall_for
from generations.queries.search import Wanted


def found(member: Member, words: str = "", **picked: str) -> list[str]:
    """The prompts on the wall, newest first."""
    wanted = Wanted(words=words, picked={name: (value,) for name, value in picked.items()})
    return [hung.picture.alt for hung in wall_for(member, wanted).images]
