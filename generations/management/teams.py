"""Which team a command line means: by its name, or by its number where several have that name."""

from django.core.management.base import CommandError

from generations.models import Team


def team_called(word: str) -> Team:
    """The team of that name, or with that number, written #7 or 7. Raises CommandError, which tells the numbers."""
    teams = list(Team.objects.filter(name=word).order_by("pk"))
    number = word.removeprefix("#")
    if not teams and number.isascii() and number.isdecimal():
        teams = list(Team.objects.filter(pk=int(number)))
    if not teams:
        raise CommandError(f"There is no team {word!r}.")
    if len(teams) > 1:
        numbers = ", ".join(f"#{team.pk}" for team in teams)
        raise CommandError(f"{len(teams)} teams are called {word!r}. Name one by its number: {numbers}.")
    return teams[0]
