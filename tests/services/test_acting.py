"""One act on many pictures does each once, whatever is pressed twice, killed, hidden or taken away meanwhile."""

import uuid
from collections.abc import Callable

import pytest
from django_q.models import OrmQ

from generations.models import BulkAct, Image, Mark, Member
from generations.queries.acts import act_card
from generations.services import acting, marking, teams, trashing
from tests.conftest import Cast
from tests.making import finish_many, finish_one

pytestmark = pytest.mark.django_db


def messages() -> int:
    return sum("generations.jobs.bulk" in str(one.task["func"]) for one in OrmQ.objects.all())


def act(member: Member, images: list[Image], key: str = "once", kind: str = "trash") -> BulkAct:
    return acting.act(member=member, kind=kind, images=[one.pk for one in images], request_key=key)


def in_trash() -> int:
    return Image.objects.in_trash().count()


def test_few_are_done_at_once_and_for_the_others_it_says_why(cast: Cast) -> None:
    mine, theirs, foreign = finish_one(cast.ben), finish_one(cast.ada), finish_one(cast.mallory)
    row = act(cast.ben, [mine, theirs, foreign])
    assert row.done == [mine.pk]
    assert set(row.left) == {str(theirs.pk), str(foreign.pk)}

    words = act_card(row).words
    assert words.startswith("1 picture is in the trash. 1 not: ")
    assert trashing.NOT_YOURS in words
    assert acting.NOT_THERE in words


def test_the_same_press_again_is_the_same_act(cast: Cast) -> None:
    first, second = finish_one(cast.ben), finish_one(cast.ben)
    row = act(cast.ben, [first])
    assert act(cast.ben, [second]).pk == row.pk
    assert in_trash() == 1
    assert act(cast.ada, [second]).pk != row.pk, "a key is a member's own"


def test_nothing_chosen_is_no_act(cast: Cast) -> None:
    with pytest.raises(acting.NothingChosen):
        act(cast.ben, [])
    assert not BulkAct.objects.exists()


@pytest.fixture
def many(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> list[Image]:
    """More than one answer does: seven where three are many."""
    monkeypatch.setattr(acting, "AT_ONCE", 3)
    monkeypatch.setattr(acting, "STEP_SECONDS", 0)
    return finish_many(cast.ben, 7)


def test_many_go_on_in_the_queue(cast: Cast, many: list[Image]) -> None:
    row = act(cast.ben, many)
    assert (in_trash(), messages(), act_card(row).is_open) == (0, 1, True)
    for done in (3, 6, 7):
        acting.go_on(act=str(row.pk))
        assert in_trash() == done
    row.refresh_from_db()
    assert (len(row.done), row.left, act_card(row).words) == (7, {}, "7 pictures are in the trash.")
    acting.go_on(act=str(row.pk))
    assert in_trash() == 7


def test_a_step_that_dies_did_nothing_and_is_taken_again(
    cast: Cast, many: list[Image], monkeypatch: pytest.MonkeyPatch, pass_time: Callable[[float], None]
) -> None:
    row = act(cast.ben, many)
    acting.go_on(act=str(row.pk))
    with monkeypatch.context() as patch:
        patch.setattr(BulkAct, "advance", lambda *_, **__: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            acting.go_on(act=str(row.pk))
    assert in_trash() == 3
    OrmQ.objects.all().delete()
    assert acting.wake() == 0
    pass_time(121)
    assert (acting.wake(), messages()) == (1, 1)
    for _ in range(2):
        acting.go_on(act=str(row.pk))

    assert (in_trash(), len(BulkAct.objects.get().done)) == (7, 7)


def test_it_can_be_stopped_and_what_was_done_taken_back(cast: Cast, many: list[Image]) -> None:
    row = act(cast.ben, many)
    acting.go_on(act=str(row.pk))
    assert row.cancel()
    acting.go_on(act=str(row.pk))
    row.refresh_from_db()
    assert (in_trash(), act_card(row).words) == (3, "3 pictures are in the trash. Stopped before the other 4.")
    acting.undo(member=cast.ben, row=row)

    assert in_trash() == 0


def test_undo_of_many_is_a_work_of_its_own_and_only_of_what_was_done(cast: Cast, many: list[Image]) -> None:
    trashing.trash(member=cast.ben, images=many[:1])
    row = act(cast.ben, many)
    for _ in range(3):
        acting.go_on(act=str(row.pk))
    row.refresh_from_db()
    back = acting.undo(member=cast.ben, row=row)
    assert acting.undo(member=cast.ben, row=row).pk == back.pk
    for _ in range(2):
        acting.go_on(act=str(back.pk))

    assert list(Image.objects.in_trash().values_list("pk", flat=True)) == [many[0].pk]


def test_hearts_are_given_and_taken_from_exactly_those_that_got_one(cast: Cast) -> None:
    first, second = finish_one(cast.ben), finish_one(cast.ben)
    marking.favor(member=cast.vera, images=[first], is_favorite=True)
    row = act(cast.vera, [first, second], kind="favor")
    assert act_card(row).words == "1 picture is among your favorites. 1 not: Already so."
    acting.undo(member=cast.vera, row=row)

    assert [mark.image_id for mark in Mark.objects.filter(member=cast.vera)] == [first.pk]


def test_undo_ends_after_a_day(cast: Cast, pass_time: Callable[[float], None]) -> None:
    row = act(cast.ben, [finish_one(cast.ben)])
    pass_time(86_401)
    with pytest.raises(acting.NotUndone):
        acting.undo(member=cast.ben, row=row)


def test_who_left_does_nothing_in_the_team_any_more(cast: Cast, many: list[Image]) -> None:
    row = act(cast.ben, many)
    teams.remove(by=cast.ada, member=cast.ben, heir=None)
    acting.go_on(act=str(row.pk))
    row.refresh_from_db()

    assert (in_trash(), row.canceled_at is not None) == (0, True)


def test_what_is_long_over_is_forgotten(cast: Cast, pass_time: Callable[[float], None]) -> None:
    act(cast.ben, [finish_one(cast.ben)], key=uuid.uuid4().hex)
    pass_time(8 * 86_400)
    acting.forget()

    assert not BulkAct.objects.exists()
