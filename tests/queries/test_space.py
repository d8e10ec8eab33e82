"""How much storage is taken and left: counted to the byte, told before it ends, and never at the cost of a picture."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client

from generations import ledger
from generations.models import AuditEntry, Image, Member, Space, State, Team
from generations.queries.space import of_so_much, standing_of, storage_page
from generations.services import auditing, ordering, storing
from tests.conftest import Cast
from tests.making import finish, finish_one, hand_over, make_waiting
from tests.uploads import bring, drawn

GB = 1_000_000_000


def fill(team: Team) -> None:
    """As much as is there is as much as it may have."""
    Team.objects.filter(pk=team.pk).update(bytes_max=sum(Space.objects.values_list("size_bytes", flat=True)))


class TestWhatIsTaken:
    def test_is_every_picture_with_its_copies_whoever_made_it(self, cast: Cast, tmp_path: Path) -> None:
        drawings = [finish_one(cast.ben), finish_one(cast.ben), bring(cast.ben, tmp_path)]
        other = finish_one(cast.ada)
        standing = standing_of(cast.ben)
        assert (standing.size_bytes, standing.pictures) == (sum(one.stored_bytes for one in drawings), 3)
        assert standing.team_bytes == standing.size_bytes + other.stored_bytes
        assert standing_of(cast.mallory).team_bytes == 0

    def test_stays_while_a_picture_is_in_the_trash_and_goes_with_its_file(self, cast: Cast) -> None:
        image = finish_one(cast.ben)
        Image.objects.filter(pk=image.pk).update(deleted_at=image.created_at)
        assert standing_of(cast.ben).size_bytes == image.stored_bytes
        assert [Image.objects.filter(pk=image.pk).take_down() for _ in range(2)] == [1, 0]
        assert (standing_of(cast.ben).size_bytes, standing_of(cast.ben).pictures) == (0, 0)
        assert auditing.audit() == []

    def test_that_is_counted_wrong_is_found_and_counted_again(self, cast: Cast) -> None:
        image = finish_one(cast.ben)
        finish_one(cast.ada)
        Space.objects.filter(pk=cast.ben.pk).update(size_bytes=1)
        Space.objects.filter(pk=cast.ada.pk).delete()
        assert [(one.rule, one.id) for one in auditing.audit()] == [
            ("I20", str(cast.ben.pk)),
            ("I20", str(cast.ada.pk)),
        ]
        call_command("library_check", "--recount")
        assert auditing.audit() == []
        assert standing_of(cast.ben).size_bytes == image.stored_bytes


class TestStorageThatIsFull:
    @pytest.mark.parametrize("whose", ["team", "member", "pictures"])
    def test_takes_no_order_and_holds_nothing(self, cast: Cast, whose: str) -> None:
        finish_one(cast.ben)
        if whose == "team":
            fill(cast.team)
        else:
            limits = (
                {"bytes_max": None, "pictures_max": 1}
                if whose == "pictures"
                else {"bytes_max": 9, "pictures_max": None}
            )
            storing.limit_member(by=cast.ada, member=cast.ben, **limits)
        with pytest.raises(ordering.StorageFull, match="Nothing was ordered, and nothing was charged"):
            make_waiting(cast.ben)
        assert ledger.account_of(cast.ben).held == 0
        assert auditing.audit() == []

    def test_keeps_what_was_under_way(self, cast: Cast) -> None:
        row = make_waiting(cast.ben)
        hand_over(row)
        Team.objects.filter(pk=cast.team.pk).update(bytes_max=1)
        image = finish(row)
        row.refresh_from_db()
        assert (row.state, image.sha256 != "", row.charged) == (State.SUCCEEDED, True, row.price)

    def test_of_one_team_is_nobody_else_s_trouble(self, cast: Cast) -> None:
        finish_one(cast.ben)
        fill(cast.team)
        assert make_waiting(cast.mallory).state == State.QUEUED

    def test_follows_the_studio_s_setting_where_the_staff_said_nothing(self, cast: Cast, settings: Any) -> None:
        finish_one(cast.ben)
        Space.objects.filter(pk=cast.ben.pk).update(size_bytes=2 * GB)
        settings.TEAM_STORAGE_GB = 2
        assert "(2 of 2 GB)" in standing_of(cast.ben).refusal()
        Team.objects.filter(pk=cast.team.pk).update(bytes_max=3 * GB)
        assert standing_of(cast.ben).refusal() == ""

    def test_was_told_before(self, cast: Cast, signed_in: Callable[[Member], Client]) -> None:
        finish_one(cast.ben)
        taken = standing_of(cast.ben).size_bytes
        Team.objects.filter(pk=cast.team.pk).update(bytes_max=int(taken * 1.05))
        assert standing_of(cast.ben).refusal() == ""
        for page, who in (("/uploads/", cast.ben), ("/account/", cast.ben), ("/team/storage/", cast.ada)):
            assert "nearly" in signed_in(who).get(page).content.decode()


class TestThePage:
    def test_lists_who_has_most_first_and_nobody_of_another_team(self, cast: Cast, tmp_path: Path) -> None:
        bring(cast.ada, tmp_path)
        finish_one(cast.ben)
        bring(cast.mallory, tmp_path, drawn(color="red"))
        assert [share.name for share in storage_page(cast.team).shares] == ["Ben", "Ada"]

    def test_costs_as_many_questions_with_many_people(
        self, cast: Cast, tmp_path: Path, django_assert_num_queries: Callable[..., Any]
    ) -> None:
        for number, who in enumerate((cast.ada, cast.ben, cast.vera)):
            Space.objects.create(member=who, team=cast.team, size_bytes=number)
            with django_assert_num_queries(2):
                storage_page(cast.team)

    def test_a_limit_is_written_down(self, cast: Cast, signed_in: Callable[[Member], Client]) -> None:
        signed_in(cast.ada).post(f"/team/members/{cast.ben.pk}/storage/", {"gigabytes": "1.5", "pictures": "0"})
        space = Space.objects.get(pk=cast.ben.pk)
        assert (space.bytes_max, space.pictures_max) == (1_500_000_000, None)
        assert AuditEntry.objects.get(action="storage_limited").after == {
            "bytes_max": 1_500_000_000,
            "pictures_max": None,
        }


@pytest.mark.parametrize(
    ("used", "most", "words"),
    [
        (10_200_000_000, 10 * GB, "10.2 of 10 GB"),
        (412_000, None, "412 KB"),
        (0, 5_000_000, "0 of 5 MB"),
        (2_400_000, None, "2.4 MB"),
    ],
)
def test_so_much_of_so_much(used: int, most: int | None, words: str) -> None:
    assert of_so_much(used, most) == words
