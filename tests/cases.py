"""Pictures that somebody reported, and the moderator of the studio who looks at them. All by the services."""

from django.test import Client

from generations.models import AuditEntry, DeskRole, Image, Member, Person, ReviewCase, Reviewer
from generations.services import proving, reviewing
from tests.addresses.visitors import give_factor
from tests.conftest import PASSWORD


def report(member: Member, image: Image, *, reason: str = "hateful", words: str = "") -> ReviewCase:
    """The case of a picture this member reports."""
    return reviewing.report(member=member, image=image, reason=reason, words=words)


def reviewer_of(member: Member) -> Reviewer:
    reviewer = Reviewer.of_member(member)
    assert reviewer is not None
    return reviewer


def make_moderator(name: str = "Mo") -> Person:
    """On the staff, of no team, and with a second factor."""
    email = f"{name.lower()}@studio.test"
    person = Person.objects.create_user(email, PASSWORD, name=name, is_staff=True, desk_role=DeskRole.MODERATOR)
    give_factor(person)
    return person


def enter(person: Person, *, by_factor: bool = True) -> Client:
    """A browser of that person, who showed a moment ago who they are."""
    client = Client()
    client.force_login(person)
    session = client.session
    proving.record(session, by_factor=by_factor)
    session.save()
    return client


def decide(case: ReviewCase, member: Member, action: str = "hide", *, reason: str = "hateful", words: str = "") -> None:
    """As that owner or admin decides it."""
    case.refresh_from_db()
    reviewing.decide(
        case=case, reviewer=reviewer_of(member), action=action, reason=reason, words=words, version=case.version
    )


def openings(image: Image) -> list[AuditEntry]:
    """The lines of the audit log that say somebody opened a private picture."""
    lines = AuditEntry.objects.filter(action="private_picture_opened", target=f"image:{image.pk}")
    return list(lines.order_by("pk"))
