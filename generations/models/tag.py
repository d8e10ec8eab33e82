"""Words a team sorts its pictures by. Two spellings of the same words are one tag, as it was typed first."""

from typing import ClassVar, Self

from django.db import models
from django.db.models import Count, F, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce

from generations.models import clock
from generations.models.image import Image
from generations.models.team import Member, Team

TAG_CHARACTERS_MAX = 40
FOLDED_CHARACTERS_MAX = 120
"""Some letters become several when case and accents are taken from them, and some stand alone."""


class TagQuerySet(models.QuerySet["Tag"]):
    def seen_by(self, member: Member) -> Self:
        """Those on a picture this member sees: what others keep to themselves has no tags for anybody else."""
        worn = Tagging.objects.filter(tag=OuterRef("pk"), image__in=Image.objects.visible_to(member))
        return self.filter(models.Exists(worn), team=member.team_id, uses__gt=0)

    def count_anew(self) -> None:
        """How many pictures each of these is on. Who calls it holds their rows."""
        worn = Tagging.objects.filter(tag=OuterRef("pk")).order_by().values("tag")
        self.update(uses=Coalesce(Subquery(worn.annotate(number=Count("pk")).values("number")), 0))


class Tag(models.Model):
    # An index of its own would do what those below do.
    team = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="tags", db_index=False)
    name = models.CharField(max_length=TAG_CHARACTERS_MAX)
    # Its words as the search index folds them, one space between two.
    folded = models.CharField(max_length=FOLDED_CHARACTERS_MAX)
    # On how many pictures of the team it is, whoever sees them.
    uses = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField(default=clock.now)

    objects: ClassVar = TagQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["team", "folded"], name="tag_once_in_team"),
            models.CheckConstraint(condition=Q(name__gt="") & Q(folded__gt=""), name="tag_has_words"),
        ]
        indexes: ClassVar = [
            # Above the wall stand those that are on most pictures.
            models.Index("team", F("uses").desc(), "id", name="tag_most_used"),
        ]

    def __str__(self) -> str:
        return self.name

    def rename(self, *, name: str, folded: str) -> None:
        self.name, self.folded = name, folded
        self.save(update_fields=["name", "folded"])


class Tagging(models.Model):
    """One tag on one picture, and who put it there."""

    tag = models.ForeignKey(Tag, on_delete=models.CASCADE, related_name="taggings", db_index=False)
    image = models.ForeignKey(Image, on_delete=models.CASCADE, related_name="taggings")
    member = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="taggings")
    at = models.DateTimeField(default=clock.now)

    objects: ClassVar = models.Manager["Tagging"]()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["tag", "image"], name="tagging_once"),
        ]

    def __str__(self) -> str:
        return f"tag {self.tag_id} on {self.image_id}"
