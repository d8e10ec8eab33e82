"""Whoever decides hears that an order or an appeal waits for them: once, and without the prompt.

What waits is read on its page, where it goes when its words are taken back.
"""

from collections.abc import Iterable

from django.db.models import Q
from django.urls import reverse

from generations.models import DeskRole, HeldOrder, Level, Member, Person, Role, RuleAppeal
from generations.services import notifying
from generations.services.notifying import Word


def call_reviewers(asked: HeldOrder | RuleAppeal, *, subject: str) -> None:
    """All but its member. In the caller's transaction."""
    word = Word(
        kind="prompt_review",
        subject=subject,
        words=f"The rule “{asked.hit.rule_name}”, in the team {asked.team}.",
        path=reverse("review_prompts"),
    )
    team = asked.team if asked.level == Level.TEAM else None  # a moderator need not be in it
    for person in _reviewers(asked):
        if person.pk != asked.member.person_id:
            notifying.tell_once(person, word, key=f"{asked._meta.model_name}:{asked.pk}", team=team)


def _reviewers(asked: HeldOrder | RuleAppeal) -> Iterable[Person]:
    if asked.level == Level.STAFF:
        may = Q(is_superuser=True) | Q(desk_role=DeskRole.MODERATOR)
        return Person.objects.filter(may, is_active=True, is_staff=True)
    managers = Member.objects.present().filter(team=asked.team_id, role__in=[Role.OWNER, Role.ADMIN])
    return [one.person for one in managers.select_related("person") if one.person]
