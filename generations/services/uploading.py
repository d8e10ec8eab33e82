"""People bring pictures of their own: taken in by a request, checked by a job, put into the library like any other.

A request only sets the bytes aside and writes down whose they are; nothing opens them before the job does, which the
sweep asks for again while a file waits. What is kept is a copy without the camera's notes, on the shelf before any row
speaks of it. It is nobody's work: no vendor, no credits, no order.
"""

import logging
import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

from django.db import transaction

from generations import pictures, queue, storage, stripping
from generations.models import Generation, Image, Member, Person, Space, Team, Trouble, Upload, UploadState, clock
from generations.models.generation.states import STARTS_WITHOUT_END_MAX
from generations.models.upload import NAME_MAX, TITLE_MAX
from generations.pictures import Processed
from generations.queries.cards import nearest_ratio
from generations.queries.space import standing_of
from generations.queries.suspensions import suspended_words
from generations.services import indexing

log = logging.getLogger(__name__)

WAITING_MAX = 60
"""So many files of one member may wait to be checked."""
LEASE = timedelta(seconds=95)
"""A little longer than a job may run."""
LOCAL_TROUBLE_WAIT = timedelta(seconds=60)
KEPT = timedelta(days=1)
"""So long people find what became of their files."""
ROWS_MAX = 200
NAMELESS = "Uploaded picture"
NOT_WORDS = re.compile(r"[\W_]+")


class UploadRefused(Exception):
    """Nothing was taken in; the message is for the person."""


class MayNotUpload(UploadRefused):
    def __init__(self) -> None:
        super().__init__(
            "Your role here is Viewer: you can look at pictures, not add any. Ask your owner to change it."
        )


class TooManyWaiting(UploadRefused):
    def __init__(self) -> None:
        super().__init__(f"{WAITING_MAX} of your files are still being checked. Wait a moment, then send the rest.")


class LeaseLost(Exception):
    """Somebody else checks this file now; nothing of this try is kept."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Sent:
    """A file as it arrived: what its owner calls it, and where its bytes lie; nowhere when they were too many."""

    name: str
    path: Path | None


def take_in(
    *, member: Member, request_key: str, files: Sequence[Sent], title: str = "", private: bool | None = None
) -> list[Upload]:
    """Set these files aside and have them checked. The same key again returns what the first one brought.

    None leaves it to the team who will see them. Raises UploadRefused (or one of its kinds): then nothing was kept.
    """
    known = Upload.objects.asked(member=member, request_key=request_key)
    if found := list(known):
        return found
    now = Member.objects.present().select_related("team", "person").filter(pk=member.pk).first()
    if now is None or not now.may_create:
        raise MayNotUpload
    size = sum(one.path.stat().st_size for one in files if one.path)
    if words := standing_of(now).refusal(size_bytes=max(1, size)):
        raise UploadRefused(f"{words} Nothing was uploaded.")
    if Upload.objects.waiting().filter(member=member).count() + len(files) > WAITING_MAX:
        raise TooManyWaiting
    kept = now.team.private_by_default if private is None else private
    rows = [
        Upload(
            team_id=now.team_id,
            member=now,
            request_key=request_key,
            position=position,
            name=Path(one.name).name[-NAME_MAX:],
            title=_title(title, one.name),
            is_private=kept,
            **({} if one.path else _turned_away(Trouble.TOO_HEAVY)),
        )
        for position, one in enumerate(files)
    ]
    with transaction.atomic():
        Upload.objects.bulk_create(rows, ignore_conflicts=True)
        found = list(known.all())
        mine = {row.pk for row in rows}
        for row in found:
            path = files[row.position].path if row.pk in mine else None  # else the same form was here at once
            if path is not None:
                storage.set_aside(path, work=row.pk, index=0)
                queue.later("verify", upload=row.pk)
    log.info("member %s brings %s files", member.pk, len(found))
    return found


def verify(*, upload: str) -> None:
    """Look what this file really is, and keep it or turn it away. Safe to call again."""
    row = Upload.objects.select_related("member__team", "member__person").filter(pk=upload).first()
    if row is None or row.state != UploadState.WAITING:
        return
    if row.starts >= STARTS_WITHOUT_END_MAX:
        _give_up(row)
        return
    token = secrets.token_hex(16)
    if not row.take(token=token, lease=LEASE):
        return
    try:
        _look(row, token)
    except (pictures.NotAPicture, FileNotFoundError) as error:
        log.info("upload %s is not taken: %s", row.pk, type(error).__name__)
        row.end(UploadState.REFUSED, token=token, trouble=_trouble(error))
    except OSError as error:
        log.warning("upload %s cannot be stored now: %s", row.pk, type(error).__name__)
        row.put_back(token=token, next_at=clock.now() + LOCAL_TROUBLE_WAIT)
        return
    except LeaseLost:
        log.warning("upload %s: the lease ran out while it was checked", row.pk)
        return
    storage.forget_aside(work=row.pk)


def ask_again() -> int:
    """Have those checked that wait although nobody works on them; says how many."""
    moment = clock.now()
    due = Upload.objects.due(moment).filter(created_at__lt=moment - LOCAL_TROUBLE_WAIT).order_by("next_at", "pk")
    found = list(due.values_list("pk", flat=True)[:ROWS_MAX])
    if not found:
        return 0
    with transaction.atomic():
        for pk in found:
            queue.later("verify", upload=pk)
        Upload.objects.waiting().filter(pk__in=found).update(next_at=moment + LOCAL_TROUBLE_WAIT)
    return len(found)


def forget() -> int:
    """What ended a day ago is forgotten, with the names of the files; says how many."""
    over = Upload.objects.exclude(state=UploadState.WAITING).filter(ended_at__lt=clock.now() - KEPT)
    return int(over.delete()[0])


def forget_of(person: Person) -> None:
    """Nothing that waits, and nothing that was told of it, stays of this person."""
    rows = Upload.objects.filter(member__person=person)
    waiting = list(rows.waiting().values_list("pk", flat=True))
    rows.delete()
    for pk in waiting:
        transaction.on_commit(partial(storage.forget_aside, work=pk))


def _look(row: Upload, token: str) -> None:
    with storage.workspace() as folder:
        bare = folder / "picture"
        stripping.strip(storage.aside_path(work=row.pk, index=0), to=bare)
        processed = pictures.process(bare, to_folder=folder)
        renditions = storage.keep_picture(bare, processed)
    with transaction.atomic():
        Team.objects.select_for_update(no_key=True).get(pk=row.team_id)  # uploads of a team wait for each other here
        _decide(row, token, processed, renditions)


def _decide(row: Upload, token: str, processed: Processed, renditions: list[dict[str, int]]) -> None:
    """Under the team's lock: whether it is known, has room, and may come in; if so, its rows."""
    member = Member.objects.present().select_related("team", "person").filter(pk=row.member_id).first()
    same = Image.objects.filter(team=row.team_id, sha256=processed.facts.sha256)
    known = same.filter(generation__member=row.member_id, deleted_at=None, hidden_at=None).order_by("pk").first()
    size = processed.facts.size_bytes + sum(one["size_bytes"] for one in renditions)
    if member is None or not _may_add(member):
        has_ended = row.end(UploadState.REFUSED, token=token, trouble=Trouble.NOT_ALLOWED)
    elif same.filter(hidden_at__isnull=False).exists():
        has_ended = row.end(UploadState.REFUSED, token=token, trouble=Trouble.HIDDEN)
    elif known is not None:
        has_ended = row.end(UploadState.KNOWN, token=token, image=known)
    elif standing_of(member).refusal(size_bytes=size):
        has_ended = row.end(UploadState.REFUSED, token=token, trouble=Trouble.NO_SPACE)
    else:
        image = _store(row, member, processed, renditions)
        has_ended = row.end(UploadState.STORED, token=token, image=image)
    if not has_ended:
        raise LeaseLost


def _may_add(member: Member) -> bool:
    return member.may_create and member.person is not None and not suspended_words(member.person, member)


def _store(row: Upload, member: Member, processed: Processed, renditions: list[dict[str, int]]) -> Image:
    facts = processed.facts
    shape = nearest_ratio(facts.width, facts.height)
    brought = Generation.bring(member=member, title=row.title, shape=shape, is_private=row.is_private)
    image: Image = Image.objects.create(
        team_id=row.team_id,
        generation=brought,
        sha256=facts.sha256,
        format=facts.format,
        width=facts.width,
        height=facts.height,
        size_bytes=facts.size_bytes,
        tone=facts.tone,
        renditions=renditions,
        copies_bytes=sum(one["size_bytes"] for one in renditions),
    )
    indexing.index_stored([image])
    Space.objects.take(member=member.pk, sizes=[image.stored_bytes])
    log.info("upload %s is picture %s of member %s", row.pk, image.pk, member.pk)
    return image


def _give_up(row: Upload) -> None:
    """Every check killed its worker."""
    if Upload.objects.free(clock.now()).filter(pk=row.pk).update(lease_token="", lease_until=None):
        row.end(UploadState.REFUSED, trouble=Trouble.CRASH)
        storage.forget_aside(work=row.pk)


def _trouble(error: Exception) -> Trouble:
    match error:
        case FileNotFoundError():
            return Trouble.LOST
        case stripping.Moves():
            return Trouble.MOVES
        case pictures.PictureTooLarge():
            return Trouble.TOO_LARGE
    return Trouble.NO_PICTURE


def _turned_away(trouble: Trouble) -> dict[str, Any]:
    return {"state": UploadState.REFUSED, "trouble": trouble, "ended_at": clock.now()}


def _title(title: str, name: str) -> str:
    """What the person calls it, else the words of the file's name: something is always there to be found by."""
    words = " ".join(title.split()) or " ".join(NOT_WORDS.sub(" ", Path(name).stem).split())
    return words[:TITLE_MAX] or NAMELESS
