"""Which pictures a team's rule would put into the trash now, and what keeps others from it."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Exists, OuterRef, Q, QuerySet

from generations.models import LIVE, BoardEntry, Generation, Image, Mark, Member, Team, clock
from generations.queries.cards import Picture, picture_of

SHOWN = 20


@dataclass(frozen=True)
class Keeper:
    """Something that speaks for a picture. `kept` is asked of the picture's row."""

    name: str
    label: str
    kept: Callable[[], Exists]


def _marked(**how: bool) -> Exists:
    return Exists(Mark.objects.filter(image=OuterRef("pk"), **how))


KEEPERS = (
    Keeper("favorite", "Somebody’s favorite", lambda: _marked(is_favorite=True)),
    Keeper("rated", "Has stars", lambda: _marked(rating__isnull=False)),
    Keeper("board", "On a board", lambda: Exists(BoardEntry.objects.filter(image=OuterRef("pk")))),
    Keeper(
        "picked", "A pick of the team", lambda: Exists(Image.objects.filter(pk=OuterRef("pk"), picked_at__isnull=False))
    ),
    Keeper(
        "enlarged",
        "Has an upscale",
        lambda: Exists(Image.objects.with_file().filter(parent=OuterRef("pk"))),
    ),
)
"""Each line is one more reason to stay, on until a team switches it off. An upscale in the trash is one, too, so that
a rule takes what its preview said and not in the same night what that leaves alone."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Preview:
    """How many the rule would take now, and the first of those this member may see, oldest first."""

    number: int
    images: list[Picture]

    @property
    def more(self) -> int:
        return self.number - len(self.images)


def taken(team: Team, *, months: int, takes: Collection[str]) -> QuerySet[Image]:
    """What is older than so many months by now, and nothing speaks for. What came back from the trash begins anew."""
    before = months_ago(clock.now(), months)
    old = Image.objects.with_file().filter(team=team, deleted_at=None, hidden_at=None, created_at__lt=before)
    busy = Generation.objects.filter(source=OuterRef("pk"), state__in=LIVE)
    rest: QuerySet[Image] = old.filter(Q(restored_at=None) | Q(restored_at__lt=before), ~Exists(busy))
    for keeper in KEEPERS:
        if keeper.name not in takes:
            rest = rest.filter(~keeper.kept())
    return rest


def preview_of(member: Member, *, months: int, takes: Collection[str]) -> Preview:
    """What would go with the next night."""
    going = taken(member.team, months=months, takes=takes)
    seen = going.filter(pk__in=Image.objects.visible_to(member).values("pk")).select_related("generation")
    return Preview(
        number=going.count(),
        images=[picture_of(image, prompt=image.generation.prompt) for image in seen.order_by("pk")[:SHOWN]],
    )


def months_ago(moment: datetime, months: int) -> datetime:
    """The same day so many months before, or the last of its month."""
    year, month = divmod(moment.year * 12 + moment.month - 1 - months, 12)
    for day in (moment.day, 30, 29, 28):
        try:
            return moment.replace(year=year, month=month + 1, day=day)
        except ValueError:
            continue
    raise ValueError(moment)
