"""What the pictures of each member take on the shelf, and how much they may.

The sums are kept beside the rows they are about: whoever stores or takes down pictures changes both in one transaction,
this row last. A picture counts where it was made, also in the trash, and also for somebody who left.
"""

from collections.abc import Iterable
from typing import ClassVar

from django.db import models, transaction
from django.db.models import F, Q

from generations.models.team import Member, Team


class SpaceQuerySet(models.QuerySet["Space"]):
    def take(self, *, member: int, sizes: Iterable[int]) -> None:
        """So many more pictures of the member with that number, each of so many bytes with its smaller copies."""
        stored = list(sizes)
        more = {"size_bytes": F("size_bytes") + sum(stored), "pictures": F("pictures") + len(stored)}
        if not self.filter(pk=member).update(**more):
            self.of(Member.objects.get(pk=member))
            self.filter(pk=member).update(**more)

    def give_back(self, stored: Iterable[tuple[int, int]]) -> None:
        """These are gone: each is its member's number and its bytes. In one order, so that no two wait crosswise."""
        sums: dict[int, tuple[int, int]] = {}
        for member, size in stored:
            number, total = sums.get(member, (0, 0))
            sums[member] = (number + 1, total + size)
        for member, (number, total) in sorted(sums.items()):
            self.filter(pk=member).update(size_bytes=F("size_bytes") - total, pictures=F("pictures") - number)

    def of(self, member: Member) -> "Space":
        """The row of this member; made where there is none yet, also by two at once."""
        with transaction.atomic():
            self.bulk_create([self.model(member_id=member.pk, team_id=member.team_id)], ignore_conflicts=True)
        return self.get(pk=member.pk)


class Space(models.Model):
    member = models.OneToOneField(Member, on_delete=models.CASCADE, primary_key=True)
    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="spaces")
    size_bytes = models.BigIntegerField(default=0)
    pictures = models.IntegerField(default=0)
    # How much this member may take, set by who manages the team; none is as much as the team has.
    bytes_max = models.PositiveBigIntegerField(null=True, blank=True)
    pictures_max = models.PositiveIntegerField(null=True, blank=True)

    objects: ClassVar = SpaceQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            # I20: nobody gives back more than they took.
            models.CheckConstraint(condition=Q(size_bytes__gte=0, pictures__gte=0), name="space_not_below_nothing"),
        ]

    def __str__(self) -> str:
        return f"{self.pictures} pictures, {self.size_bytes} bytes of member {self.member_id}"
