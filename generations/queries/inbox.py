"""A person's inbox, page by page."""

from dataclasses import dataclass

from generations.models import Member, Notice, Person

PAGE = 40


@dataclass(frozen=True)
class Inbox:
    """`older` is the number to ask with for the lines before these, or empty at the end; `elsewhere` has the numbers of
    those that lead into another team than the reader is in now.
    """

    notices: list[Notice]
    unread: int
    older: str
    elsewhere: frozenset[int]


def leads_elsewhere(notice: Notice, member: Member | None) -> bool:
    """Whether its path is one of another team than this member's."""
    if not notice.path or notice.team_id is None:
        return False
    return not member or notice.team_id != member.team_id


def inbox_of(person: Person, *, before: str = "", member: Member | None = None) -> Inbox:
    """The newest lines, or those older than the one with this number. Anything else as a number starts anew."""
    mine = Notice.objects.told().filter(person=person).select_related("team")
    asked = mine.filter(pk__lt=int(before)) if before.isascii() and before.isdigit() and len(before) < 19 else mine
    found = list(asked.newest_first()[: PAGE + 1])
    older = str(found[PAGE - 1].pk) if len(found) > PAGE else ""
    elsewhere = frozenset(one.pk for one in found[:PAGE] if leads_elsewhere(one, member))
    return Inbox(notices=found[:PAGE], unread=mine.unread().count(), older=older, elsewhere=elsewhere)
