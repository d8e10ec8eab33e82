"""What the studio knows about one person, for that person: nothing here is about anybody else.

Pictures, prompts and credits are those of the teams they are in now: what was made in a team they left is the team's.
Rows are read a few at a time, however many there are.
"""

from collections.abc import Iterator
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.utils.text import slugify

from generations import storage
from generations.models import (
    Archive,
    AuditEntry,
    Board,
    CreditEntry,
    Generation,
    GenerationEvent,
    HeldOrder,
    Image,
    ImageReport,
    Mark,
    Member,
    Note,
    Notice,
    Person,
    ReviewDecision,
    RuleAppeal,
    RuleHit,
    Suspension,
    Tagging,
)
from generations.models.image import ImageQuerySet
from generations.queries.review_case import HIDING

Facts = dict[str, Any]
CHUNK = 500


def profile(person: Person) -> Facts:
    return {
        "email": person.email,
        "name": person.name,
        "theme": person.theme,
        "time_zone": person.time_zone,
        "notify_by_mail": person.notify_by_mail,
        "uses_keys": person.uses_keys,
        "file_pattern": person.file_pattern,
        "writes_settings": person.writes_settings,
        "writes_credits": person.writes_credits,
        "joined_at": person.joined_at,
        "last_login": person.last_login,
    }


def memberships(person: Person) -> Iterator[Facts]:
    """Every team they are or were in."""
    for member in Member.objects.filter(person=person).select_related("team").order_by("pk"):
        yield {
            "team": member.team.name,
            "role": member.role,
            "joined_at": member.joined_at,
            "left_at": member.left_at,
        }


def orders(person: Person) -> Iterator[Facts]:
    """Every picture they asked for, with its prompt and what became of it."""
    mine = Generation.objects.filter(member__in=_present(person), kept_by=None)
    mine = mine.select_related("team", "source__generation__member").order_by("pk")
    for row in mine.iterator(chunk_size=CHUNK):
        yield {
            "id": row.pk,
            "team": row.team.name,
            "operation": row.operation,
            "model": row.offer_key,
            "vendor": row.provider,
            "prompt": "" if _are_anothers(row, person) else row.prompt,
            "shape": row.shape,
            "choices": row.choices,
            "private": row.is_private,
            "state": row.state,
            "reason": row.reason,
            "price": row.price,
            "ordered_at": row.created_at,
            "finished_at": row.finished_at,
        }


def events(person: Person) -> Iterator[Facts]:
    """What happened to each order, move by move; not who else had a hand in it."""
    mine = GenerationEvent.objects.filter(generation__member__in=_present(person), generation__kept_by=None)
    for event in mine.order_by("pk").iterator(chunk_size=CHUNK):
        yield {
            "order": event.generation_id,
            "number": event.seq,
            "from": event.from_state,
            "to": event.to_state,
            "reason": event.reason,
            "at": event.at,
        }


def credit_lines(person: Person) -> Iterator[Facts]:
    """Every line of their own accounts."""
    mine = CreditEntry.objects.filter(account__member__in=_present(person)).select_related("account__team")
    for line in mine.order_by("pk").iterator(chunk_size=CHUNK):
        yield {
            "team": line.account.team.name,
            "at": line.created_at,
            "kind": line.kind,
            "posted": line.d_posted,
            "held": line.d_held,
            "balance": line.posted_after,
            "reason": line.reason,
        }


def notices(person: Person) -> Iterator[Facts]:
    """Every line of their inbox that is still kept."""
    for notice in Notice.objects.filter(person=person).order_by("pk").iterator(chunk_size=CHUNK):
        yield {
            "at": notice.created_at,
            "kind": notice.kind,
            "subject": notice.subject,
            "words": notice.words,
            "read_at": notice.read_at,
        }


def boards(person: Person) -> Iterator[Facts]:
    """Every board they made, with their own pictures on it: not what others made, nor who put it there."""
    mine = Board.objects.standing().filter(maker__in=_present(person)).select_related("team").order_by("pk")
    for board in mine.iterator(chunk_size=CHUNK):
        hung = pictures(person).on(board).order_by("-position")
        yield {
            "team": board.team.name,
            "name": board.name,
            "private": board.is_private,
            "search": board.search,
            "made_at": board.created_at,
            "pictures": list(hung.values_list("pk", flat=True)),
        }


def rule_hits(person: Person) -> Iterator[Facts]:
    """What rules about prompts found, with what the person asked about it and was answered."""
    mine = RuleHit.objects.filter(member__in=_present(person)).select_related("team").order_by("pk")
    asked = RuleAppeal.objects.filter(member__in=_present(person))
    appeals = {one.hit_id: one for one in asked.iterator(chunk_size=CHUNK)}
    for hit in mine.iterator(chunk_size=CHUNK):
        appeal = appeals.get(hit.pk)
        yield {
            "team": hit.team.name,
            "rule": hit.rule_name,
            "message": hit.message,
            "action": hit.action,
            "prompt": hit.prompt,
            "times": hit.times,
            "at": hit.at,
            "appeal": {"said": appeal.said, "state": appeal.state, "answer": appeal.words} if appeal else None,
        }


def held_orders(person: Person) -> Iterator[Facts]:
    """Every order of theirs that a rule held for review, and what became of it."""
    mine = HeldOrder.objects.filter(member__in=_present(person)).select_related("team", "hit").order_by("pk")
    for held in mine.iterator(chunk_size=CHUNK):
        yield {
            "team": held.team.name,
            "rule": held.hit.rule_name,
            "prompt": held.prompt,
            "model": held.offer_key,
            "vendor": held.provider,
            "shape": held.shape,
            "count": held.count,
            "private": held.is_private,
            "state": held.state,
            "answer": held.words,
            "trouble": held.trouble,
            "asked_at": held.asked_at,
            "decided_at": held.decided_at,
        }


def acts(person: Person) -> Iterator[Facts]:
    """What the audit log says they did."""
    for entry in AuditEntry.objects.filter(person=person).order_by("pk").iterator(chunk_size=CHUNK):
        yield {"at": entry.at, "action": entry.action, "target": entry.target, "address": entry.address}


def reports(person: Person) -> Iterator[Facts]:
    """What they reported, and what came of it; not whose picture it was, nor who decided."""
    mine = ImageReport.objects.filter(member__person=person).select_related("case", "member__team")
    for one in mine.order_by("pk").iterator(chunk_size=CHUNK):
        yield {
            "team": one.member.team.name,
            "at": one.at,
            "reason": one.reason,
            "words": one.words,
            "answered_at": one.answered_at,
            "outcome": one.case.state if one.answered_at else "",
        }


def decisions(person: Person) -> Iterator[Facts]:
    """What was decided about their pictures, with what the moderator wrote to them; not who reported or decided."""
    mine = ReviewDecision.objects.filter(case__generation__member__in=_present(person), case__generation__kept_by=None)
    for one in mine.select_related("case").order_by("pk").iterator(chunk_size=CHUNK):
        yield {
            "order": one.case.generation_id,
            "at": one.at,
            "decision": one.action,
            "reason": one.reason,
            "words": one.words if one.action in HIDING else "",
        }


def marks(person: Person) -> Iterator[Facts]:
    """Which pictures are their favorites, and how many stars they gave: of those they see."""
    for member in Member.objects.filter(person=person, left_at=None).select_related("team").order_by("pk"):
        mine = Mark.objects.filter(member=member, image__in=Image.objects.visible_to(member)).order_by("pk")
        for mark in mine.iterator(chunk_size=CHUNK):
            yield {
                "team": member.team.name,
                "picture": mark.image_id,
                "favorite": mark.is_favorite,
                "stars": mark.rating,
            }


def picks(person: Person) -> Iterator[Facts]:
    """Which pictures they made picks of their team."""
    mine = Image.objects.filter(picked_by__in=_present(person)).order_by("pk")
    for image in mine.iterator(chunk_size=CHUNK):
        yield {"picture": image.pk, "at": image.picked_at}


def tags(person: Person) -> Iterator[Facts]:
    """Every tag they put on a picture that is there."""
    mine = Tagging.objects.filter(member__in=_present(person)).select_related("tag__team").order_by("pk")
    for worn in mine.iterator(chunk_size=CHUNK):
        yield {"team": worn.tag.team.name, "picture": worn.image_id, "tag": worn.tag.name, "at": worn.at}


def notes(person: Person) -> Iterator[Facts]:
    """Every note they wrote under a picture."""
    mine = Note.objects.filter(member__in=_present(person)).select_related("member__team").order_by("pk")
    for note in mine.iterator(chunk_size=CHUNK):
        yield {
            "team": note.member.team.name,
            "picture": note.image_id,
            "text": note.text,
            "at": note.at,
            "edited_at": note.edited_at,
        }


def suspensions(person: Person) -> Iterator[Facts]:
    """When they might not act, and why."""
    for one in Suspension.objects.filter(person=person).order_by("pk").iterator(chunk_size=CHUNK):
        yield {"at": one.at, "reason": one.reason, "until": one.until, "lifted_at": one.lifted_at}


def archives(person: Person) -> Iterator[Facts]:
    """What they had packed lately: how much, and when; not which pictures, for many are somebody else's."""
    mine = Archive.objects.filter(member__in=_present(person)).select_related("member__team").order_by("pk")
    for one in mine.iterator(chunk_size=CHUNK):
        yield {
            "team": one.member.team.name,
            "pictures": one.pictures,
            "state": one.state,
            "size_bytes": one.size_bytes,
            "asked_at": one.created_at,
            "ready_at": one.ready_at,
        }


def _are_anothers(row: Generation, person: Person) -> bool:
    """Whether its words came with somebody else's picture that a moderator hid since."""
    source = row.source
    return source is not None and source.hidden_at is not None and source.generation.member.person_id != person.pk


def pictures(person: Person, *, after: UUID | None = None) -> ImageQuerySet:
    """The pictures they made and have, also in the trash, in order; with `after`, those that come after that one."""
    mine: ImageQuerySet = Image.objects.with_file().filter(
        generation__member__in=_present(person), generation__kept_by=None, hidden_at=None
    )
    rest = mine.filter(pk__gt=after) if after else mine
    return rest.select_related("generation").order_by("pk")


def file_name(image: Image) -> str:
    """Words from the prompt and the whole id: never a path, never twice the same."""
    words = slugify(image.title)[:60].strip("-") or "picture"
    return f"pictures/{words}-{image.pk}.{storage.EXTENSIONS[image.format]}"


def facts_of(image: Image) -> Facts:
    """A line of the list of files."""
    return {
        "file": file_name(image),
        "order": image.generation_id,
        "sha256": image.sha256,
        "size_bytes": image.size_bytes,
        "width": image.width,
        "height": image.height,
    }


def _present(person: Person) -> QuerySet[Member]:
    """In the teams they are in now: also as whom they were there before they left and came back."""
    there = Member.objects.filter(person=person, left_at=None)
    return Member.objects.filter(person=person, team__in=there.values("team"))
