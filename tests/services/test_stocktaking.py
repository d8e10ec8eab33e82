"""The shelf is compared with the rows, and nothing is removed on a doubt."""

import os
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import DatabaseError
from django.db.models import QuerySet

from generations import storage
from generations.models import Generation, Image
from generations.services import stocktaking
from generations.services.stocktaking import NotRemoved
from tests.conftest import Cast
from tests.making import finish_one, hand_over, make_waiting

A_DAY = timedelta(hours=24)
Place = Callable[..., Path]


@pytest.fixture
def image(cast: Cast) -> Image:
    return finish_one(cast.ben)


@pytest.fixture
def left_over(image: Image) -> Place:
    """Puts a file on the shelf that no row speaks of, two days old."""

    def place(name: str = "ab" * 32 + ".png", shelf: str = "originals") -> Path:
        file: Path = settings.MEDIA_ROOT / shelf / name[:2] / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(b"nobody's")
        os.utime(file, (time.time() - 2 * 86400,) * 2)
        return file

    return place


class TestTaking:
    def test_finds_nothing_wrong_with_a_picture_that_has_its_files(self, image: Image) -> None:
        stock = stocktaking.take(hashes=True)
        assert stock.is_sound
        assert (stock.pictures, stock.files) == (1, 1 + len(image.renditions))
        assert stock.extra.count == stock.foreign.count == 0

    def test_names_a_lost_original_and_a_lost_copy_with_their_picture(self, image: Image) -> None:
        copy = storage.rendition_path(image, image.widths[0])
        for file in (storage.original_path(image), copy):
            file.unlink()
        stock = stocktaking.take()
        assert not stock.is_sound
        assert stock.missing.count == 2
        assert all(f"(image {image.pk})" in name for name in stock.missing.names)

    def test_sees_another_size_at_once_and_other_bytes_when_asked_to_read(self, image: Image) -> None:
        original = storage.original_path(image)
        whole = original.read_bytes()
        original.write_bytes(whole[:-1] + bytes([whole[-1] ^ 1]))
        assert stocktaking.take().is_sound
        assert stocktaking.take(hashes=True).changed.count == 1
        original.write_bytes(whole[:-1])
        assert stocktaking.take().changed.count == 1

    def test_sees_a_copy_that_was_cut_off(self, image: Image) -> None:
        copy = storage.rendition_path(image, image.widths[0])
        copy.write_bytes(copy.read_bytes()[:-7])
        assert stocktaking.take().changed.count == 1

    def test_tells_left_over_files_from_foreign_ones(self, left_over: Place) -> None:
        left_over()
        left_over("holiday.png")
        left_over("cd" * 32 + "-384.webp", "renditions")
        stock = stocktaking.take()
        assert stock.is_sound
        assert (stock.extra.count, stock.foreign.count) == (2, 1)

    def test_knows_the_files_of_a_picture_whose_rest_is_on_its_way(self, cast: Cast, left_over: Place) -> None:
        sha256 = "ef" * 32
        row = hand_over(make_waiting(cast.ben))
        noted = {"sha256": sha256, "format": "PNG", "renditions": [{"width": 384}]}
        Generation.objects.filter(pk=row.pk).update(arrived=[noted])
        left_over(f"{sha256}.png")
        left_over(f"{sha256}-384.webp", "renditions")
        assert stocktaking.take().extra.count == 0

    def test_asks_a_constant_number_of_questions(self, cast: Cast, django_assert_num_queries: Any) -> None:
        """However many pictures there are, until a batch is full."""
        with django_assert_num_queries(1):
            stocktaking.take()
        for prompt in ("one", "two", "three"):
            finish_one(cast.ben, prompt)
        drawers = sum(1 for shelf in stocktaking.SHELVES for _ in (settings.MEDIA_ROOT / shelf).iterdir())
        with django_assert_num_queries(1 + 2 * drawers):
            stocktaking.take()


class TestRemoving:
    def test_takes_only_what_is_left_over_and_old_enough(self, image: Image, left_over: Place) -> None:
        old, foreign = left_over(), left_over("holiday.png")
        young = left_over("cd" * 32 + ".png")
        os.utime(young)
        assert stocktaking.remove_extra(stocktaking.take(), older_than=A_DAY) == 1
        assert [file.exists() for file in (old, young, foreign)] == [False, True, True]
        assert stocktaking.take(hashes=True).is_sound

    def test_refuses_what_may_be_on_its_way(self, left_over: Place) -> None:
        old = left_over()
        with pytest.raises(NotRemoved, match="on its way"):
            stocktaking.remove_extra(stocktaking.take(), older_than=timedelta(hours=1))
        assert old.exists()

    def test_refuses_with_a_database_that_names_no_picture(self, image: Image, left_over: Place) -> None:
        old = left_over()
        Image.objects.all().delete()
        with pytest.raises(NotRemoved, match="right one"):
            stocktaking.remove_extra(stocktaking.take(), older_than=A_DAY)
        assert old.exists()
        assert storage.original_path(image).exists()

    def test_refuses_after_a_folder_that_cannot_be_read(
        self, left_over: Place, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        old = left_over()
        listed = os.scandir

        def refuse(folder: Any) -> Any:
            if str(folder).endswith("renditions"):
                raise PermissionError(13, "Permission denied")
            return listed(folder)

        monkeypatch.setattr("generations.services.stocktaking.os.scandir", refuse)
        stock = stocktaking.take()
        assert "renditions" in stock.trouble
        assert not stock.is_sound
        with pytest.raises(NotRemoved, match="renditions"):
            stocktaking.remove_extra(stock, older_than=A_DAY)
        assert old.exists()

    def test_refuses_after_a_database_that_did_not_answer(
        self, left_over: Place, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        old = left_over()

        def fail(*_: Any, **__: Any) -> Any:
            raise DatabaseError("gone")

        with monkeypatch.context() as patch:
            patch.setattr(QuerySet, "values_list", fail)
            stock = stocktaking.take()
        assert "did not answer" in stock.trouble
        with pytest.raises(NotRemoved, match="did not answer"):
            stocktaking.remove_extra(stock, older_than=A_DAY)
        assert old.exists()

    def test_stops_at_a_look_up_that_fails_meanwhile(self, left_over: Place, monkeypatch: pytest.MonkeyPatch) -> None:
        old, stock = left_over(), stocktaking.take()

        def fail(*_: Any) -> Any:
            raise DatabaseError("gone")

        monkeypatch.setattr(stocktaking, "_wanted", fail)
        with pytest.raises(NotRemoved, match="After 0 files"):
            stocktaking.remove_extra(stock, older_than=A_DAY)
        assert old.exists()

    def test_spares_what_got_a_row_since_it_was_listed(
        self, image: Image, left_over: Place, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """A collector stores the same bytes again right before they would have gone."""
        old, stock = left_over(), stocktaking.take()
        found = stocktaking._extra

        def list_and_store(files: Any) -> list[Path]:
            extra = found(files)
            if old in extra:
                Image.objects.filter(pk=image.pk).update(sha256="ab" * 32, format="PNG")
            return extra

        monkeypatch.setattr(stocktaking, "_extra", list_and_store)
        stocktaking.remove_extra(stock, older_than=A_DAY)
        assert old.exists()
