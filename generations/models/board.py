"""Boards: pictures people put together, in an order of their own; or a search that is kept, and shows what it finds."""

import unicodedata
from datetime import timedelta
from typing import Any, ClassVar, Self

from django.db import models
from django.db.models import Q

from generations.models import clock
from generations.models.image import Image
from generations.models.team import Member, Team

NAME_CHARACTERS_MAX = 60
SEARCH_CHARACTERS_MAX = 4000
RETURNS_FOR = timedelta(days=30)
"""So long a deleted board can come back."""


class BoardQuerySet(models.QuerySet["Board"]):
    def standing(self) -> Self:
        """Those nobody deleted."""
        return self.filter(deleted_at=None)

    def visible_to(self, member: Member) -> Self:
        """The team's, and the member's own private ones; nobody else sees those, whatever they may else."""
        return self._within_reach(member).standing()

    def fillable_by(self, member: Member) -> Self:
        """Those whose pictures this member chooses and arranges. What a live one shows, nobody chooses."""
        own = Q(is_private=True) if not member.may_create else Q()
        return self.visible_to(member).filter(own, search="")

    def changeable_by(self, member: Member) -> Self:
        """Those this member renames, shares and deletes: their own, and for who manages the team all it shares."""
        return self.visible_to(member)._led_by(member)

    def returnable_by(self, member: Member) -> Self:
        """Those this member may have back."""
        since = clock.now() - RETURNS_FOR
        return self._within_reach(member)._led_by(member).filter(deleted_at__gt=since)

    def over(self) -> Self:
        """Those that were deleted too long ago to come back."""
        return self.filter(deleted_at__lte=clock.now() - RETURNS_FOR)

    def _within_reach(self, member: Member) -> Self:
        return self.filter(Q(is_private=False) | Q(maker=member), team=member.team_id)

    def _led_by(self, member: Member) -> Self:
        if member.may_manage:
            return self
        own = self.filter(maker=member)
        return own if member.may_create else own.filter(is_private=True)


class Board(models.Model):
    """With a `search`, the fields of an address of the library, it is live: it has no entries of its own."""

    team = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="boards")
    maker = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="boards")
    name = models.CharField(max_length=NAME_CHARACTERS_MAX)
    # The name as it is compared.
    folded = models.CharField(max_length=NAME_CHARACTERS_MAX * 3)
    is_private = models.BooleanField(default=False)
    search = models.CharField(max_length=SEARCH_CHARACTERS_MAX, blank=True)
    created_at = models.DateTimeField(default=clock.now)
    # Since when it is as it is, pictures and name: the latest stand first.
    changed_at = models.DateTimeField(default=clock.now)
    deleted_at = models.DateTimeField(null=True, blank=True)

    objects: ClassVar = BoardQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            # Who reads a name knows which board it is: among the team's, and among one's own.
            models.UniqueConstraint(
                fields=["team", "folded"], condition=Q(is_private=False, deleted_at=None), name="board_name_once"
            ),
            models.UniqueConstraint(
                fields=["maker", "folded"],
                condition=Q(is_private=True, deleted_at=None),
                name="board_private_name_once",
            ),
            models.CheckConstraint(condition=~Q(name="") & ~Q(folded=""), name="board_has_name"),
        ]
        indexes: ClassVar = [
            # A team's boards, the latest first.
            models.Index(fields=["team", "-changed_at"], name="board_latest"),
            # Housekeeping asks for those that are over.
            models.Index(fields=["deleted_at"], condition=Q(deleted_at__isnull=False), name="board_deleted"),
        ]

    def __str__(self) -> str:
        return self.name

    @classmethod
    def start(cls, *, maker: Member, name: str, is_private: bool, search: str = "") -> Self:
        facts: dict[str, Any] = {"name": name, "folded": fold(name), "is_private": is_private, "search": search}
        made: Self = cls.objects.create(team=maker.team, maker=maker, **facts)
        return made

    # --- Mutators ---

    def touch(self) -> None:
        """It was changed just now."""
        type(self).objects.filter(pk=self.pk).update(changed_at=clock.now())

    def change(self, *, name: str, is_private: bool) -> bool:
        """Be called and shared so; False when it is gone."""
        facts: dict[str, Any] = {"name": name, "folded": fold(name), "is_private": is_private}
        standing = type(self).objects.standing().filter(pk=self.pk)
        return bool(standing.update(**facts, changed_at=clock.now()))

    def hand_over(self, heir: Member, *, name: str) -> None:
        type(self).objects.filter(pk=self.pk).update(maker=heir, name=name, folded=fold(name))

    def delete_for_now(self) -> bool:
        """Nobody sees it; False when it was deleted already."""
        return bool(type(self).objects.standing().filter(pk=self.pk).update(deleted_at=clock.now()))

    def bring_back(self) -> bool:
        """As it was; False when it stands."""
        gone = type(self).objects.filter(pk=self.pk, deleted_at__isnull=False)
        return bool(gone.update(deleted_at=None, changed_at=clock.now()))

    # --- Questions ---

    @property
    def is_live(self) -> bool:
        return bool(self.search)


class BoardEntry(models.Model):
    """One picture on one board. The larger its position, the earlier it hangs."""

    board = models.ForeignKey(Board, on_delete=models.CASCADE, related_name="entries")
    image = models.ForeignKey(Image, on_delete=models.CASCADE, related_name="board_entries")
    position = models.BigIntegerField()
    added_by = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="+")
    added_at = models.DateTimeField(default=clock.now)

    objects: ClassVar = models.Manager["BoardEntry"]()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["board", "image"], name="board_entry_once"),
        ]
        indexes: ClassVar = [
            # The wall of a board, page by page.
            models.Index(fields=["board", "-position"], name="board_entry_order"),
        ]

    def __str__(self) -> str:
        return f"{self.image_id} on {self.board_id}"


def fold(name: str) -> str:
    """As two names are compared: capitals and the width of letters do not count."""
    return unicodedata.normalize("NFKC", name).casefold()[: NAME_CHARACTERS_MAX * 3]
