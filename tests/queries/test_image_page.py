"""The page of a picture tells how it was made, who its family is, and what is being made from it."""

import uuid
from datetime import timedelta
from typing import Any

import pytest

from generations import providers
from generations.models import Generation, Image, Member, State, clock
from generations.queries.image_page import ImagePage, file_size, image_page
from generations.services import ordering
from tests.bureau import drawn_there, open_bureau
from tests.conftest import Cast
from tests.making import finish, finish_many, finish_one

TWICE = providers.offer("demo", "enlarge-2x")


def ask_upscale(member: Member, image: Image) -> Generation:
    batch = ordering.order_upscale(
        member=member, image=image, provider="demo", offer=TWICE, request_key=uuid.uuid4().hex
    )
    row: Generation = batch.generations.get()
    return row


def page_of(image: Image, viewer: Member) -> ImagePage:
    found = Image.objects.select_related("generation__member__person", "generation__credential").get(pk=image.pk)
    return image_page(found, viewer=viewer, now=clock.now())


def facts_of(page: ImagePage) -> dict[str, Any]:
    return {fact.label: fact.at or fact.value for fact in page.facts}


class TestFacts:
    def test_tell_model_vendor_shape_cost_and_maker(self, cast: Cast) -> None:
        image = finish_one(cast.ben, "a boat on a lake")
        facts = facts_of(page_of(image, cast.ada))
        assert facts["Model"] == "Demo painter"
        assert facts["Vendor"] == "Demo, key “Demo”"
        assert facts["Shape"] == f"3:2, {image.width} × {image.height} px"
        assert facts["Cost"] == "5 credits"
        assert facts["Made by"] == "Ben"
        assert facts["When"] == image.generation.created_at
        assert facts["Vendor task"] == image.generation.vendor_task_id

    def test_count_work_and_wait_apart(self, cast: Cast) -> None:
        image = finish_one(cast.ada)
        row = image.generation
        assert row.finished_at is not None
        row.accepted_at = row.finished_at - timedelta(seconds=7.2)
        row.created_at = row.accepted_at - timedelta(seconds=3)
        row.save()
        assert facts_of(page_of(image, cast.ada))["Took"] == "7.2 s, after 3.0 s in line"

    def test_call_a_late_picture_free(self, cast: Cast) -> None:
        image = finish_one(cast.ada)
        Generation.objects.filter(pk=image.generation_id).update(state=State.RECOVERED)
        assert facts_of(page_of(image, cast.ada))["Cost"].startswith("Free")

    def test_leave_out_what_is_not_known(self, cast: Cast) -> None:
        image = finish_one(cast.ada)
        Generation.objects.filter(pk=image.generation_id).update(vendor_task_id="", accepted_at=None, credential=None)
        facts = facts_of(page_of(image, cast.ada))
        assert "Vendor task" not in facts
        assert "Took" not in facts
        assert facts["Vendor"] == "Demo"

    @pytest.mark.parametrize(("size", "words"), [(10, "1 KB"), (412_400, "412 KB"), (2_400_000, "2.4 MB")])
    def test_name_the_size_of_the_file(self, size: int, words: str) -> None:
        assert file_size(size) == words


class TestFamily:
    def test_runs_from_the_first_picture_to_its_largest(self, cast: Cast) -> None:
        first = finish_one(cast.ada)
        second = finish(ask_upscale(cast.ada, first))
        third = finish(ask_upscale(cast.ben, second))
        other = finish(ask_upscale(cast.ben, first))
        for seen_from in (first, third):
            family = page_of(seen_from, cast.vera).family
            assert [node.picture.id for node in family] == [first.pk, second.pk, third.pk, other.pk]
            assert [node.depth for node in family] == [0, 1, 2, 1]
            assert [node.picture.id for node in family if node.is_current] == [seen_from.pk]
        assert [node.name for node in family] == ["Original", *[TWICE.label] * 3]
        assert family[1].step == TWICE.label
        assert family[1].cost == "5 credits"

    def test_says_where_a_picture_in_its_middle_was_deleted(self, cast: Cast) -> None:
        first = finish_one(cast.ada)
        second = finish(ask_upscale(cast.ada, first))
        third = finish(ask_upscale(cast.ada, second))
        second.deleted_at = clock.now()
        second.save()
        family = page_of(third, cast.ada).family
        assert [node.picture.id for node in family] == [first.pk, second.pk, third.pk]
        assert [bool(node.gone) for node in family] == [False, True, False]

    def test_shows_what_is_on_its_way_and_drops_it_when_done(self, cast: Cast) -> None:
        image = finish_one(cast.ada)
        row = ask_upscale(cast.ada, image)
        (run,) = page_of(image, cast.ada).runs
        assert run.cards[0].id == row.pk
        assert run.cards[0].note == TWICE.label
        assert run.cards[0].place == 1
        finish(row)
        assert page_of(image, cast.ada).runs == []

    def test_shows_a_failed_upscale_for_an_hour(self, cast: Cast) -> None:
        image = finish_one(cast.ada)
        row = ask_upscale(cast.ada, image)
        ordering.cancel(generation=row, actor="test")
        assert len(page_of(image, cast.ada).runs) == 1
        Generation.objects.filter(pk=row.pk).update(changed_at=clock.now() - timedelta(hours=2))
        assert page_of(image, cast.ada).runs == []

    def test_asks_as_often_for_one_child_as_for_three(self, cast: Cast, django_assert_max_num_queries: Any) -> None:
        image = finish_one(cast.ada)
        counts = []
        for number in (1, 2):
            for _ in range(number):
                finish(ask_upscale(cast.ada, image))
            with django_assert_max_num_queries(20) as asked:
                page_of(image, cast.ada)
            counts.append(len(asked))
        assert counts[0] == counts[1]


class TestHistory:
    def test_tells_every_step_and_who_asked(self, cast: Cast) -> None:
        history = page_of(finish_one(cast.ben), cast.ada).history
        assert [line.words for line in history] == ["Waiting", "Sending", "At the vendor", "Saving", "Done"]
        assert history[0].by == "Ben"
        assert [line.by for line in history[1:]] == [""] * 4


def test_a_viewer_may_look_and_not_enlarge(cast: Cast) -> None:
    image = finish_one(cast.ada)
    assert page_of(image, cast.ben).may_upscale
    assert not page_of(image, cast.vera).may_upscale


class TestSeveralPictures:
    def test_of_one_order_stand_side_by_side_on_the_page_of_each(self, cast: Cast) -> None:
        images = finish_many(cast.ben, 6)
        page = page_of(images[2], cast.ada)
        assert [piece.picture.id for piece in page.pieces] == [image.pk for image in images]
        assert [piece.number for piece in page.pieces if piece.is_current] == [3]
        assert facts_of(page)["Cost"] == "5 credits, for all 6 pictures"

    def test_count_only_those_that_are_left(self, cast: Cast) -> None:
        first, second = finish_many(cast.ben, 2)
        first.hidden_at = clock.now()
        first.save()
        page = page_of(second, cast.ada)
        assert page.pieces == []

    def test_of_one_upscale_are_all_in_the_family_and_cost_once(self, cast: Cast) -> None:
        source = finish_one(cast.ada)
        larger = finish(ask_upscale(cast.ada, source))
        Image.objects.create(
            team=larger.team, generation=larger.generation, index=1, parent=source, sha256=larger.sha256,
            format=larger.format, width=larger.width, height=larger.height, size_bytes=larger.size_bytes,
            tone=larger.tone, renditions=larger.renditions,
        )  # fmt: skip
        family = page_of(source, cast.ada).family
        assert [node.depth for node in family] == [0, 1, 1]
        assert [node.cost for node in family] == ["", "5 credits", ""]


class TestWhatWasChosen:
    def test_is_told_and_names_the_version(self, cast: Cast) -> None:
        source = finish_one(cast.ada)
        larger = finish(ask_upscale(cast.ada, source))
        choices = {"resolution": "4k", "output_format": "png", "copy": "jpeg"}
        Generation.objects.filter(pk=larger.generation_id).update(choices=choices)
        page = page_of(larger, cast.ada)
        facts = facts_of(page)
        assert (facts["Asked for"], facts["Sent as"]) == ("4K, PNG", "A smaller JPEG copy")
        assert [node.name for node in page.family] == ["Original", "4K, PNG"]
        assert page.family[1].step == "Demo enlarge 2×"

    def test_is_not_spoken_of_where_nothing_was(self, cast: Cast) -> None:
        assert not {"Asked for", "Sent as"} & facts_of(page_of(finish_one(cast.ada), cast.ada)).keys()


class TestTheClock:
    @pytest.mark.parametrize(("hours", "left"), [(1, "22 h 59 min left"), (25, None)])
    def test_counts_down_what_is_open_for_a_while(
        self, cast: Cast, monkeypatch: pytest.MonkeyPatch, hours: float, left: str | None
    ) -> None:
        image = drawn_there(finish_one(cast.ada), open_bureau(cast.team, monkeypatch), hours=hours)
        told = [(clock.title, clock.time_left) for clock in page_of(image, cast.ada).clocks]
        assert told == ([("Bureau again", left)] if left else [])

    def test_is_not_for_who_only_looks(self, cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
        image = drawn_there(finish_one(cast.ada), open_bureau(cast.team, monkeypatch))
        assert page_of(image, cast.vera).clocks == []
