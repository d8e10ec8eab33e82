"""Who judges pictures in these tests, and what they judge."""

import uuid
from dataclasses import dataclass

from generations import providers
from generations.models import (
    Action,
    DeskRole,
    Generation,
    Image,
    Member,
    Notice,
    Person,
    ReviewCase,
    ReviewDecision,
    Reviewer,
    Role,
)
from generations.services import ordering, reviewing
from tests.conftest import PASSWORD, Cast, join
from tests.making import finish_one

TWICE = providers.offer("demo", "enlarge-2x")


@dataclass
class Bench:
    """A picture of Ben's, an owner and an admin of his team, and two moderators of the studio."""

    cast: Cast
    picture: Image
    ada: Reviewer
    otto: Reviewer
    mona: Reviewer
    milo: Reviewer

    def report(self, member: Member | None = None, reason: str = "hateful", words: str = "") -> ReviewCase:
        return reviewing.report(member=member or self.cast.vera, image=self.picture, reason=reason, words=words)

    def hide(self, case: ReviewCase, by: Reviewer | None = None, reason: str = "hateful") -> ReviewDecision:
        return self.decide(case, Action.HIDE, by, reason=reason)

    def decide(
        self, case: ReviewCase, action: Action, by: Reviewer | None = None, *, reason: str = "hateful", words: str = ""
    ) -> ReviewDecision:
        """As somebody who has the case before them as it is now."""
        case.refresh_from_db()
        return reviewing.decide(
            case=case, reviewer=by or self.ada, action=action, reason=reason, words=words, version=case.version
        )


def seat(cast: Cast) -> Bench:
    otto = join(cast.team, "Otto", Role.ADMIN)
    return Bench(
        cast=cast,
        picture=finish_one(cast.ben),
        ada=reviewer(cast.ada),
        otto=reviewer(otto),
        mona=moderator("Mona"),
        milo=moderator("Milo"),
    )


def reviewer(member: Member) -> Reviewer:
    found = Reviewer.of_member(member)
    assert found is not None
    return found


def moderator(name: str) -> Reviewer:
    person = Person.objects.create_user(
        f"{name.lower()}@studio.test", PASSWORD, name=name, is_staff=True, desk_role=DeskRole.MODERATOR
    )
    found = Reviewer.of_staff(person)
    assert found is not None
    return found


def told(member: Member, kind: str = "") -> list[Notice]:
    """What stands in their inbox, newest first."""
    mine = Notice.objects.filter(person=member.person)
    return list((mine.filter(kind=kind) if kind else mine).order_by("-pk"))


def enlarge(member: Member, image: Image) -> Generation:
    batch = ordering.order_upscale(
        member=member, image=image, provider="demo", offer=TWICE, request_key=uuid.uuid4().hex
    )
    row: Generation = batch.generations.get()
    return row
