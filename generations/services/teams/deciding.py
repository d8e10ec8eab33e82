"""What a team decides for everybody in it, and which of their teams a person is in now."""

from dataclasses import dataclass

from django.db import transaction

from generations.models import AuditEntry, Generation, Image, Member, Person, Reach, Team, UpscaleRule
from generations.services import indexing
from generations.services.teams.locking import as_they_stand
from generations.services.teams.refusals import NotAllowed


@dataclass(frozen=True, kw_only=True)
class Decision:
    """The settings of a team. `reaches` says for each provider who may upscale with it."""

    name: str
    time_zone: str
    private_by_default: bool
    starting_credits: int
    may_take_down: bool
    reaches: dict[str, Reach]


def decide(*, by: Member, decision: Decision) -> None:
    """Write the team's settings; what changed is in the audit log. Raises NotAllowed."""
    after = {
        "name": decision.name,
        "time_zone": decision.time_zone,
        "private_by_default": decision.private_by_default,
        "starting_credits": decision.starting_credits,
        "may_take_down": decision.may_take_down,
    }
    with transaction.atomic():
        team = as_they_stand(by).team
        before = {field: getattr(team, field) for field in after}
        Team.objects.filter(pk=team.pk).update(**after)
        rules = dict(UpscaleRule.objects.filter(team=team).values_list("provider", "reach"))
        for provider, reach in decision.reaches.items():
            UpscaleRule.objects.update_or_create(team=team, provider=provider, defaults={"reach": reach})
        before, after = before | {"upscaling": rules}, after | {"upscaling": rules | decision.reaches}
        if before != after:
            changed = [field for field in after if before[field] != after[field]]
            AuditEntry.note(
                "team_changed",
                by=by,
                target=f"team:{team.pk}",
                before={field: before[field] for field in changed},
                after={field: after[field] for field in changed},
            )


def choose_team(*, person: Person, team: int) -> Member | None:
    """From now on this person's pages speak for that team; None, and no change, when they are not in it."""
    member: Member | None = Member.objects.of(person).filter(team__pk=team).first()
    if member is not None:
        person.choose(member.team)
    return member


def choose_privacy(*, by: Member, generation: Generation, private: bool) -> None:
    """Share a picture with the team, or keep it to oneself: its maker decides. Raises NotAllowed."""
    if by.pk not in {generation.member_id, generation.kept_by_id}:
        raise NotAllowed("Only who made a picture decides who sees it.")
    with transaction.atomic():
        generation.share(private=private)
        indexing.index(Image.objects.filter(generation=generation))
