"""Whether somebody may not act now, and what they read about it: why, until when, and what they still can do."""

from django.db.models import Exists, OuterRef, Q

from generations.models import Member, Person, Suspension

STILL = "You can look at everything, fetch your data and sign out."
NOTHING_DONE = "Nothing was done, and nothing was charged."


def suspended_words(person: Person, member: Member | None) -> str:
    """Of the person, or of the team they act in; "" for everybody else. One question to the database."""
    mine = Q(person=person) | (Q(team=member.team_id) if member else Q(pk__in=[]))
    found = Suspension.objects.live().filter(mine).select_related("team").order_by("pk").first()
    return f"{headline_of(found)}. {sentence_of(found.reason)} {STILL}" if found else ""


def is_suspended() -> Exists:
    """For every row of a query of members: whether they may not act in that team now."""
    theirs = Q(person=OuterRef("person")) | Q(team=OuterRef("team"))
    return Exists(Suspension.objects.live().filter(theirs))


def unfit_words(person: Person | None) -> str:
    """Why nobody gives this person more to decide now; "" for who is not suspended."""
    if person is None:
        return ""
    found = Suspension.objects.live().filter(person=person).first()
    if found is None:
        return ""
    until = f"until {found.until:%-d %B %Y, %H:%M} UTC" if found.until else "until the studio’s staff lift it"
    return f"{person.called} is suspended {until}. Give the role once that is over."


def headline_of(suspension: Suspension) -> str:
    """Who is suspended, and until when."""
    whom = f"The team {suspension.team}" if suspension.team else "Your account"
    until = suspension.until
    ends = f"until {until:%-d %B %Y, %H:%M} UTC" if until else "until the studio’s staff lift it"
    return f"{whom} is suspended {ends}"


def sentence_of(reason: str) -> str:
    """What a moderator wrote, with an end."""
    return reason if reason.endswith((".", "!", "?")) else f"{reason}."
