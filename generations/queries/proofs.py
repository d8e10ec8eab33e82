"""How a team's books were found when they were last added up, and whether somebody waits for that just now."""

from dataclasses import dataclass

from generations.models import BookProof, Lease, Team, clock


@dataclass(frozen=True, kw_only=True)
class ProofState:
    """`last` is what was found; `is_asked` that a worker is to do it anew, `is_late` that none took it up in time."""

    last: BookProof | None
    is_asked: bool
    is_late: bool


def asked_as(team: Team) -> str:
    """The name of the lease that is held from when somebody asks until it is done."""
    return f"books:{team.pk}"


def proof_of(team: Team) -> ProofState:
    asked = Lease.objects.filter(name=asked_as(team)).exclude(token="").values_list("until", flat=True).first()
    return ProofState(
        last=BookProof.objects.filter(team=team).first(),
        is_asked=asked is not None and asked >= clock.now(),
        is_late=asked is not None and asked < clock.now(),
    )
