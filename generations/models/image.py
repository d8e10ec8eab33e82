"""A finished picture stored by us, with the smaller copies pages show."""

from typing import TYPE_CHECKING, Any, ClassVar, Self
from uuid import UUID

from django.db import models, transaction
from django.db.models import Exists, F, OuterRef, Q

from generations.models import clock
from generations.models.fields import new_id
from generations.models.generation import AT_VENDOR, LIVE, Generation
from generations.models.space import Space
from generations.models.team import Member, Team

if TYPE_CHECKING:
    from generations.models.board import Board
    from generations.models.moderation import ReviewCase

AT_ONCE = 500
"""So many are taken down by one statement."""
MEDIUM_PIXELS_MIN = 2_000_000
LARGE_PIXELS_MIN = 8_000_000


class ImageQuerySet(models.QuerySet["Image"]):
    def visible_to(self, member: Member) -> Self:
        """Those of the member's team that nobody deleted or hid, without what others keep to themselves."""
        return self.related_for(member).filter(deleted_at=None)

    def related_for(self, member: Member) -> Self:
        """The same with what was deleted since: that it was there, and what was made from it, may be said."""
        work = Q(generation__is_private=False) | Q(generation__member=member) | Q(generation__kept_by=member)
        return self.filter(work, team=member.team_id, hidden_at=None)

    def openable_by(self, member: Member) -> Self:
        """The same, and for whoever manages the team also what others keep to themselves: that must be written down."""
        if not member.may_manage:
            return self.visible_to(member)
        return self.filter(team=member.team_id, deleted_at=None, hidden_at=None)

    def removed_for(self, member: Member) -> Self:
        """Those a moderator hid, for who made or has them and for who manages the team: they read why."""
        own = Q() if member.may_manage else Q(generation__member=member) | Q(generation__kept_by=member)
        return self.filter(own, team=member.team_id, hidden_at__isnull=False)

    def in_charge_of(self, member: Member) -> Self:
        """Those this member may delete and bring back: their own, and whoever manages the team all that is shared.

        What a moderator hid is not theirs to touch while it is hidden.
        """
        if not member.may_create:
            return self.none()
        work = Q(generation__member=member) | Q(generation__kept_by=member)
        if member.may_manage:
            work |= Q(generation__is_private=False)
        return self.filter(work, team=member.team_id, hidden_at=None)

    def in_trash(self) -> Self:
        """Deleted, and not gone: the file is still there."""
        return self.with_file().filter(deleted_at__isnull=False)

    def sent_out(self) -> Self:
        """Those a vendor may read: also from the trash, while one that has the order enlarges it."""
        held = Generation.objects.filter(source=OuterRef("pk"), state__in=AT_VENDOR)
        return self.with_file().filter(Q(deleted_at=None) | Exists(held), hidden_at=None)

    def free_to_go(self) -> Self:
        """Without what is evidence, hidden or reported and not decided yet, and what a vendor is enlarging now."""
        about = Q(cases__state="open") | Q(generation__cases__state="open", generation__cases__image=None)
        needed = self.model.objects.filter(Q(upscales__state__in=LIVE) | about, pk=OuterRef("pk"))
        return self.filter(~Exists(needed), hidden_at=None)

    def on(self, board: "Board") -> Any:  # mypy knows no annotated columns
        """Those that hang on this board, each with its `position` there; the largest hangs first."""
        return self.filter(board_entries__board=board).annotate(position=F("board_entries__position"))

    def with_file(self) -> Self:
        """Those whose file is on the shelf, or should be: also what was deleted and could come back."""
        return self.exclude(sha256="")

    def hide(self, case: "ReviewCase") -> int:
        """Nobody sees them until that case is undone; what was hidden before stays as it is."""
        return self.filter(hidden_at=None).update(hidden_at=clock.now(), hidden_by=case)

    def pick(self, member: Member) -> int:
        """Say that these are the team's picks; who said so first stays."""
        return self.filter(picked_at=None).update(picked_at=clock.now(), picked_by=member)

    def unpick(self) -> int:
        return self.filter(picked_at__isnull=False).update(picked_at=None, picked_by=None)

    def show_again(self) -> int:
        return self.update(hidden_at=None, hidden_by=None)

    def trash(self, *, by: Member | None) -> int:
        """Nobody sees them, and they can come back; nobody did it where a rule of the team did."""
        return self.with_file().filter(deleted_at=None).update(deleted_at=clock.now(), deleted_by=by)

    def bring_back(self) -> int:
        """Out of the trash, as if they had never been there."""
        return self.in_trash().update(deleted_at=None, deleted_by=None, restored_at=clock.now())

    def take_down(self) -> int:
        """For good: nobody sees them, and no row holds their files. The rows stay, for the books count them.

        What they took on the shelf is their makers' again. Each is locked first: of two who do this one gives it back.
        """
        keys = list(self.with_file().order_by("pk").values_list("pk", flat=True))
        with transaction.atomic():
            gone = [one for begin in range(0, len(keys), AT_ONCE) for one in self._empty(keys[begin : begin + AT_ONCE])]
            Space.objects.give_back((image.generation.member_id, image.stored_bytes) for image in gone)
        return len(gone)

    def _empty(self, keys: list[UUID]) -> list["Image"]:
        rows = self.model.objects.with_file().filter(pk__in=keys).order_by("pk").select_related("generation")
        gone = list(rows.only("size_bytes", "copies_bytes", "generation__member").select_for_update(of=("self",)))
        now_empty = self.model.objects.filter(pk__in=[image.pk for image in gone])
        now_empty.update(deleted_at=clock.now(), sha256="", renditions=[], copies_bytes=0)
        return gone


class Image(models.Model):
    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    team = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="images")
    generation = models.ForeignKey(Generation, on_delete=models.PROTECT, related_name="images")
    index = models.PositiveSmallIntegerField(default=0)
    # The picture this one was upscaled from.
    parent = models.ForeignKey("self", on_delete=models.SET_NULL, null=True, blank=True, related_name="children")

    # What the file is, as we found it by decoding it. No hash: the picture was taken down, and there is no file.
    sha256 = models.CharField(max_length=64)
    format = models.CharField(max_length=4)
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()
    size_bytes = models.PositiveBigIntegerField()
    tone = models.CharField(max_length=12)
    # The smaller copies: [{"width": 384, "height": 256, "size_bytes": 9000}, ...], smallest first.
    renditions = models.JSONField(default=list)
    copies_bytes = models.PositiveBigIntegerField(default=0)

    created_at = models.DateTimeField(default=clock.now)
    # Since when it is one of the team's picks, and who said so. Few are: the index below is small.
    picked_at = models.DateTimeField(null=True, blank=True)
    picked_by = models.ForeignKey(
        Member, on_delete=models.PROTECT, null=True, blank=True, related_name="picked_images", db_index=False
    )
    deleted_at = models.DateTimeField(null=True, blank=True)
    # When somebody took it out of the trash last: no rule of the team puts it back at once.
    restored_at = models.DateTimeField(null=True, blank=True)
    # Who put it into the trash; nobody where a rule of the team did, or where it was taken down otherwise.
    deleted_by = models.ForeignKey(Member, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    hidden_at = models.DateTimeField(null=True, blank=True)
    # The case it was hidden by, which says why and may show it again: its own, or that of what it was upscaled from.
    hidden_by = models.ForeignKey(
        "generations.ReviewCase", on_delete=models.PROTECT, null=True, blank=True, related_name="hidden_images"
    )

    objects: ClassVar = ImageQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["generation", "index"], name="image_index_once"),
            models.CheckConstraint(condition=Q(width__gt=0, height__gt=0, size_bytes__gt=0), name="image_has_size"),
            # The trash: who deleted it did so at some time.
            models.CheckConstraint(
                condition=Q(deleted_by=None) | Q(deleted_at__isnull=False), name="image_deleted_since_some_time"
            ),
            # Quarantine: whatever a case hides is hidden since some moment.
            models.CheckConstraint(
                condition=Q(hidden_by=None) | Q(hidden_at__isnull=False), name="image_hidden_since_some_time"
            ),
            models.CheckConstraint(
                condition=Q(picked_at=None, picked_by=None) | Q(picked_at__isnull=False, picked_by__isnull=False),
                name="image_picked_by_somebody",
            ),
        ]
        indexes: ClassVar = [
            # The library pages through a team, newest first.
            models.Index(fields=["team", "-id"], name="image_newest", condition=Q(deleted_at=None, hidden_at=None)),
            # Clean-up asks whether a file is still somebody's; once an hour the sizes of all are added up.
            models.Index(fields=["sha256", "size_bytes"], name="image_file"),
            # The trash of a team, the last deleted first; and what has been in it for too long.
            models.Index(
                fields=["team", "-deleted_at", "-id"],
                name="image_in_trash",
                condition=Q(deleted_at__isnull=False) & ~Q(sha256=""),
            ),
            # The desk lists what moderators hid, and what was deleted.
            models.Index(fields=["id"], name="image_hidden", condition=Q(hidden_at__isnull=False)),
            models.Index(fields=["id"], name="image_deleted", condition=Q(deleted_at__isnull=False)),
            # What somebody picked is in the file of their own data.
            models.Index(fields=["picked_by"], name="image_picked", condition=Q(picked_by__isnull=False)),
        ]

    def __str__(self) -> str:
        return f"{self.id} ({self.width} × {self.height})"

    @property
    def title(self) -> str:
        """The first words of the prompt, for headings and alternative texts."""
        words = self.generation.prompt.split()
        return " ".join(words[:12]) or "Picture"

    @property
    def stored_bytes(self) -> int:
        """What it takes on the shelf, with its smaller copies."""
        return self.size_bytes + self.copies_bytes

    @property
    def extent(self) -> str:
        """How large it is, in a word."""
        pixels = self.width * self.height
        return "large" if pixels >= LARGE_PIXELS_MIN else "medium" if pixels >= MEDIUM_PIXELS_MIN else "small"

    @property
    def widths(self) -> list[int]:
        return [rendition["width"] for rendition in self.renditions]

    def rendition(self, width: int) -> dict[str, Any] | None:
        """The facts of that smaller copy, if there is one."""
        return next((rendition for rendition in self.renditions if rendition["width"] == width), None)
