"""Whether somebody may not act now, and what they read about it: why, until when, and what they still can do."""

from django.db.models import Count, Exists, OuterRef, Q

from generations.models import Generation, Member, Person, State, Suspension, Team

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


def touched_words(*, person: Person | None = None, team: Team | None = None) -> str:
    """What suspending that person or that team would meet now."""
    rows = Generation.objects.open()
    theirs = rows.filter(team=team) if team else rows.filter(member__person=person)
    found = theirs.aggregate(waiting=Count("pk", filter=Q(state=State.QUEUED)), every=Count("pk"))
    members = Member.objects.present().filter(team=team) if team else Member.objects.present().filter(person=person)
    number = members.count()
    where = f"{number:,} in the team" if team else f"in {number:,} {'team' if number == 1 else 'teams'}"
    return (
        f"{where}; {found['waiting']:,} waiting, {found['every'] - found['waiting']:,} running. What waits is "
        "cancelled and its credits go back; what runs is finished and stored."
    )


def standing_words(*, person: Person | None = None, team: Team | None = None) -> str:
    """That they are suspended already; "" for everybody else."""
    found = Suspension.objects.live().filter(team=team) if team else Suspension.objects.live().filter(person=person)
    one = found.first()
    if one is None:
        return ""
    until = f"until {one.until:%-d %B %Y, %H:%M} UTC" if one.until else "until it is lifted"
    return f"Suspended already {until}: “{one.reason}”. Lift that first to change its end or its reason."


def headline_of(suspension: Suspension) -> str:
    """Who is suspended, and until when."""
    whom = f"The team {suspension.team}" if suspension.team else "Your account"
    until = suspension.until
    ends = f"until {until:%-d %B %Y, %H:%M} UTC" if until else "until the studio’s staff lift it"
    return f"{whom} is suspended {ends}"


def sentence_of(reason: str) -> str:
    """What a moderator wrote, with an end."""
    return reason if reason.endswith((".", "!", "?")) else f"{reason}."
