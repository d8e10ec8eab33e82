"""A team's rule takes what is old and nothing speaks for: exactly what its preview says, once a day, and told."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from generations.models import AuditEntry, Image, Notice, Team, clock
from generations.queries.retention import months_ago, preview_of
from generations.services import marking, retaining, trashing
from tests.conftest import Cast
from tests.making import finish, finish_one
from tests.services.teams.test_deciding import enlarge

pytestmark = pytest.mark.django_db
A_DAY = timedelta(days=1)


def make_old(*images: Image, days: int = 200) -> None:
    Image.objects.filter(pk__in=[one.pk for one in images]).update(created_at=clock.now() - timedelta(days=days))


def in_trash() -> set[object]:
    return set(Image.objects.in_trash().values_list("pk", flat=True))


def test_off_until_somebody_decides(cast: Cast) -> None:
    make_old(finish_one(cast.ben), days=5000)
    assert retaining.apply_rules() == 0
    assert in_trash() == set()


def test_takes_what_its_preview_says_and_tells_the_maker(cast: Cast) -> None:
    old, young, private = (finish_one(cast.ben) for _ in range(3))
    private.generation.share(private=True)
    source = finish_one(cast.ben)
    large = finish(enlarge(cast.ben, source))
    foreign = finish_one(cast.mallory)
    make_old(old, private, source, large, foreign)
    preview = preview_of(cast.ada, months=6, takes=[])
    assert (preview.number, [one.id for one in preview.images]) == (3, [old.pk, large.pk])
    retaining.decide(by=cast.ada, trash_days=30, months=6, takes=[])
    assert retaining.apply_rules() == 3

    assert in_trash() == {old.pk, private.pk, large.pk}
    assert Image.objects.visible_to(cast.ben).filter(pk=young.pk).exists()
    assert Notice.objects.filter(kind="retention", person=cast.ben.person).count() == 1
    assert AuditEntry.objects.get(action="retention_applied").after == {"pictures": 3}


def test_a_reason_to_stay_can_be_switched_off(cast: Cast) -> None:
    source = finish_one(cast.ben)
    finish(enlarge(cast.ben, source))
    make_old(source)
    assert preview_of(cast.ada, months=6, takes=[]).number == 0
    assert preview_of(cast.ada, months=6, takes=["enlarged"]).number == 1


def test_hearts_stars_and_picks_speak_for_a_picture(cast: Cast) -> None:
    loved, rated, picked, old = images = [finish_one(cast.ben) for _ in range(4)]
    marking.favor(member=cast.vera, images=[loved], is_favorite=True)
    marking.rate(member=cast.vera, images=[rated], rating=1)
    marking.pick(member=cast.ada, images=[picked], is_picked=True)
    make_old(*images)

    assert [one.id for one in preview_of(cast.ada, months=6, takes=[]).images] == [old.pk]
    assert preview_of(cast.ada, months=6, takes=["favorite", "rated", "picked"]).number == 4


def test_what_came_back_is_left_alone(cast: Cast, pass_time: Callable[[float], None]) -> None:
    old = finish_one(cast.ben)
    make_old(old)
    retaining.decide(by=cast.ada, trash_days=30, months=6, takes=[])
    retaining.apply_rules()
    trashing.restore(member=cast.ben, images=[old])
    pass_time(2 * A_DAY.total_seconds())

    assert retaining.apply_rules() == 0
    assert in_trash() == set()


def test_goes_in_batches_that_begin_where_the_last_one_ended(
    cast: Cast, monkeypatch: pytest.MonkeyPatch, pass_time: Callable[[float], None]
) -> None:
    monkeypatch.setattr(retaining, "AT_ONCE", 2)
    monkeypatch.setattr(retaining, "STEP_SECONDS", 0)
    make_old(*(finish_one(cast.ben) for _ in range(3)))
    retaining.decide(by=cast.ada, trash_days=30, months=6, takes=[])
    assert retaining.apply_rules() == 2
    assert retaining.apply_rules() == 0, "once a day"
    assert retaining.go_on() == 1
    assert retaining.go_on() == 0


def test_is_decided_by_who_manages_and_written_down_once(cast: Cast) -> None:
    with pytest.raises(retaining.NotManager):
        retaining.decide(by=cast.ben, trash_days=7, months=0, takes=[])
    for _ in range(2):
        retaining.decide(by=cast.ada, trash_days=7, months=3, takes=["enlarged"])
    assert Team.objects.get(pk=cast.team.pk).trash_days == 7
    line = AuditEntry.objects.get(action="retention_changed")
    assert (line.before["months"], line.after["takes"]) == (0, ["enlarged"])
    retaining.decide(by=cast.ada, trash_days=7, months=0, takes=["enlarged"])
    assert not hasattr(Team.objects.get(pk=cast.team.pk), "retention")


@pytest.mark.parametrize(
    ("moment", "months", "then"),
    [("2026-03-31", 1, "2026-02-28"), ("2028-03-31", 1, "2028-02-29"), ("2026-01-15", 12, "2025-01-15")],
)
def test_months_are_those_of_the_calendar(moment: str, months: int, then: str) -> None:
    assert months_ago(datetime.fromisoformat(moment), months) == datetime.fromisoformat(then)
