"""Who looks at reported pictures, and how far they reach: one team's, or everyone's."""

from dataclasses import dataclass
from typing import Self

from generations.models.moderation.choices import Level
from generations.models.person import Person
from generations.models.team import Member, Team


@dataclass(frozen=True, kw_only=True)
class Reviewer:
    """With a member: somebody who manages that team, and decides there. Without one: a moderator of the studio."""

    person: Person
    member: Member | None = None

    @classmethod
    def of_member(cls, member: Member) -> Self | None:
        """None unless the member manages their team."""
        if member.person is None or member.left_at is not None or not member.may_manage:
            return None
        return cls(person=member.person, member=member)

    @classmethod
    def of_staff(cls, person: Person) -> Self | None:
        """None unless the person moderates the studio."""
        return cls(person=person) if person.may_moderate else None

    @property
    def is_staff(self) -> bool:
        return self.member is None

    @property
    def team(self) -> Team | None:
        return self.member.team if self.member else None

    @property
    def role(self) -> Level:
        """As whom they decide, for the log."""
        return Level.STAFF if self.is_staff else Level.TEAM

    @property
    def called(self) -> str:
        return self.person.called

    @property
    def actor(self) -> str:
        """How the books and the audit log name them."""
        return f"member:{self.member.pk}" if self.member else f"person:{self.person.pk}"
