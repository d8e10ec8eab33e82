"""Who acts, as they stand at that moment: changes of a team's people wait here for each other."""

from generations.models import Member, Team
from generations.services.teams.refusals import check_reach


def lock(team: Team) -> None:
    """Changes of who may do what in a team wait here for each other."""
    Team.objects.select_for_update(no_key=True).get(pk=team.pk)


def read_anew(by: Member) -> Member:
    """Who acts, as they stand now: somebody may have changed their role meanwhile. Under the team's lock."""
    return Member.objects.select_related("team", "person").get(pk=by.pk)


def as_they_stand(by: Member, *needed: str) -> Member:
    """The same, and with the lock. Raises NotAllowed unless they manage the team, and reach these roles."""
    lock(by.team)
    now = read_anew(by)
    check_reach(now, *needed)
    return now
