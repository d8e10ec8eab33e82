"""The vendor in the box: it keeps the contract, misbehaves on demand, and its files survive everybody."""

import asyncio
import importlib
import io
import os
import random
import re
import time
from pathlib import Path

import pytest
from PIL import Image

from generations import providers
from generations.providers.base import (
    Account,
    Busy,
    Failed,
    Fault,
    NotFound,
    Order,
    Provider,
    Ready,
    Refused,
    ResultGone,
    Source,
    Unknown,
    Working,
)
from generations.providers.demo import OUTCOME_WORDS, Demo
from generations.providers.demo.outcomes import outcome_in
from tests.providers.contract import Contract, DeclarationContract

PAINTER, TWICE, FOUR_TIMES = Demo.offers


class Clock:
    """The demo's time, in the test's hands."""

    def __init__(self) -> None:
        self.now = time.time()

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(Demo, "clock", staticmethod(clock))
    return clock


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "demo"


@pytest.fixture
def demo(folder: Path, clock: Clock) -> Demo:
    return Demo(account=Account(folder=str(folder)))


@pytest.fixture
def source(tmp_path: Path) -> Source:
    file = tmp_path / "original.png"
    grain = random.Random(7).randbytes(30 * 20)  # the same in every run
    picture = Image.frombytes("L", (30, 20), grain).resize((90, 60)).convert("RGB")
    picture.save(file)
    return Source(path=str(file), width=90, height=60, format="PNG")


def submit(demo: Provider, prompt: str = "a hill", *, shape: str = "3:2", reference: str = "g1:1") -> str:
    order = Order(offer=PAINTER, prompt=prompt, choices={"shape": shape}, reference=reference)
    return asyncio.run(demo.submit(order)).task_id


def enlarge(demo: Provider, source: Source | None, *, offer: object = TWICE, prompt: str = "a hill") -> str:
    assert offer in Demo.offers
    order = Order(offer=next(one for one in Demo.offers if one == offer), prompt=prompt, source=source)
    return asyncio.run(demo.submit(order)).task_id


def look(demo: Provider, task_id: str) -> object:
    return asyncio.run(demo.check(task_id, PAINTER))


def fetched(demo: Provider, task_id: str) -> bytes:
    file = io.BytesIO()
    demo.fetch(f"demo:{task_id}", to=file)
    return file.getvalue()


class TestContract(Contract):
    kind = Demo

    @pytest.fixture(autouse=True)
    def _time(self, clock: Clock) -> None:
        self._clock = clock

    @pytest.fixture
    def provider(self, demo: Demo) -> Provider:
        return demo

    @pytest.fixture
    def source(self, source: Source) -> Source:
        return source

    def pass_time(self) -> None:
        self._clock.now += 10


def test_every_provider_of_the_table_keeps_what_is_declared() -> None:
    for kind in providers.PROVIDERS.values():
        declared = DeclarationContract()
        declared.kind = kind
        for name in dir(declared):
            if name.startswith("test_"):
                getattr(declared, name)()


def test_every_provider_of_the_table_is_held_to_what_it_does() -> None:
    """In the file that is named after it: a vendor without one has broken its promise to cost three files."""
    for key, kind in providers.PROVIDERS.items():
        tests = vars(importlib.import_module(f"tests.providers.test_{key}")).values()
        held = [one for one in tests if isinstance(one, type) and issubclass(one, Contract)]
        assert any(one.__name__.startswith("Test") and getattr(one, "kind", None) is kind for one in held), key


class TestDrawings:
    @pytest.mark.parametrize(("shape", "size"), [("2:3", (832, 1248)), ("3:2", (1248, 832)), ("1:1", (1024, 1024))])
    def test_have_the_shape_asked_for(self, demo: Demo, clock: Clock, shape: str, size: tuple[int, int]) -> None:
        task_id = submit(demo, shape=shape)
        clock.now += 5
        assert look(demo, task_id) == Ready(urls=(f"demo:{task_id}",))
        with Image.open(io.BytesIO(fetched(demo, task_id))) as picture:
            assert (picture.format, picture.size) == ("JPEG", size)
            assert not picture.getexif()

    def test_take_two_to_four_seconds(self, demo: Demo, clock: Clock) -> None:
        tasks = [submit(demo) for _ in range(20)]
        clock.now += 1.99
        assert {type(look(demo, task)) for task in tasks} == {Working}
        clock.now += 1
        assert {type(look(demo, task)) for task in tasks} == {Working, Ready}
        clock.now += 1.02
        assert {type(look(demo, task)) for task in tasks} == {Ready}

    def test_of_one_task_are_the_same_in_any_process(self, demo: Demo, folder: Path, clock: Clock) -> None:
        task_id = submit(demo)
        clock.now += 5
        assert fetched(demo, task_id) == fetched(Demo(account=Account(folder=str(folder))), task_id)

    def test_cannot_be_fetched_before_they_are_ready(self, demo: Demo) -> None:
        with pytest.raises(ResultGone):
            fetched(demo, submit(demo))

    @pytest.mark.parametrize("url", ["demo:", "demo:../../secret", "demo:" + "0" * 32, "https://example.com/a.png", ""])
    def test_have_no_other_addresses(self, demo: Demo, url: str) -> None:
        with pytest.raises(ResultGone):
            demo.fetch(url, to=io.BytesIO())

    @pytest.mark.parametrize("task_id", ["../original", "..", "0" * 31, "a\nb", "A" * 32, ""])
    def test_no_task_id_leads_out_of_the_folder(self, demo: Demo, task_id: str) -> None:
        with pytest.raises(NotFound):
            look(demo, task_id)

    @pytest.mark.parametrize("shape", ["16:9", ""])
    def test_in_an_unknown_shape_are_refused(self, demo: Demo, shape: str) -> None:
        with pytest.raises(Refused) as refusal:
            submit(demo, shape=shape)
        assert refusal.value.fault is Fault.REFUSED_INPUT

    @pytest.mark.parametrize("prompt", ["", "\ud800", "נסיון", "🦊" * 50, "a\nb\x00c", "x" * 5000])
    def test_come_from_any_prompt(self, demo: Demo, clock: Clock, prompt: str) -> None:
        task_id = submit(demo, prompt)
        clock.now += 5
        assert fetched(demo, task_id).startswith(b"\xff\xd8")

    def test_without_a_folder_are_refused(self, clock: Clock) -> None:
        with pytest.raises(Refused):
            submit(Demo(account=Account()))


class TestEnlargements:
    @pytest.mark.parametrize(("offer", "scale"), [(TWICE, 2), (FOUR_TIMES, 4)])
    def test_are_exact(self, demo: Demo, clock: Clock, source: Source, offer: object, scale: int) -> None:
        task_id = enlarge(demo, source, offer=offer)
        clock.now += 5
        with Image.open(io.BytesIO(fetched(demo, task_id))) as picture, Image.open(str(source.path)) as original:
            assert picture.size == (90 * scale, 60 * scale)
            small = picture.convert("L").reduce(scale)
            difference = sum(abs(a - b) for a, b in zip(small.tobytes(), original.convert("L").tobytes(), strict=True))
        assert difference / (90 * 60) < 12

    def test_outlive_their_source(self, demo: Demo, clock: Clock, source: Source) -> None:
        """F61"""
        task_id = enlarge(demo, source)
        os.unlink(str(source.path))
        clock.now += 5
        assert fetched(demo, task_id).startswith(b"\xff\xd8")

    def test_copy_a_source_that_cannot_be_linked(
        self, demo: Demo, clock: Clock, source: Source, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def other_disk(*_: object) -> None:
            raise OSError("Invalid cross-device link")

        monkeypatch.setattr(os, "link", other_disk)
        task_id = enlarge(demo, source)
        os.unlink(str(source.path))
        clock.now += 5
        assert fetched(demo, task_id).startswith(b"\xff\xd8")

    def test_keep_what_is_transparent(self, demo: Demo, clock: Clock, tmp_path: Path) -> None:
        file = tmp_path / "clear.png"
        Image.new("RGBA", (10, 10), (200, 0, 0, 0)).save(file)
        task_id = enlarge(demo, Source(path=str(file)))
        clock.now += 5
        with Image.open(io.BytesIO(fetched(demo, task_id))) as picture:
            assert (picture.format, picture.mode, picture.size) == ("PNG", "RGBA", (20, 20))

    def test_stand_upright(self, demo: Demo, clock: Clock, tmp_path: Path) -> None:
        file, exif = tmp_path / "turned.jpg", Image.Exif()
        exif[0x0112] = 6
        Image.new("RGB", (30, 20)).save(file, exif=exif)
        task_id = enlarge(demo, Source(path=str(file)))
        clock.now += 5
        with Image.open(io.BytesIO(fetched(demo, task_id))) as picture:
            assert picture.size == (40, 60)

    def test_show_no_seams_between_strips(
        self, demo: Demo, clock: Clock, source: Source, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        with Image.open(str(source.path)) as picture:
            picture.putalpha(255)
            picture.save(str(source.path))
        whole = enlarge(demo, source)
        clock.now += 5
        with Image.open(io.BytesIO(fetched(demo, whole))) as picture:
            expected = picture.tobytes()
        monkeypatch.setattr("generations.providers.demo.enlarging.STRIP_PIXELS", 4000)
        with Image.open(io.BytesIO(fetched(demo, whole))) as picture:
            differences = [abs(a - b) for a, b in zip(picture.tobytes(), expected, strict=True)]
        # Rounding before and after the sharpening moves a value by a few at most; a seam moves whole rows by more.
        assert max(differences) <= 4

    @pytest.mark.parametrize("size", [(4473, 4473), (8193, 10)])
    def test_beyond_the_limits_are_refused(self, demo: Demo, tmp_path: Path, size: tuple[int, int]) -> None:
        file = tmp_path / "large.png"
        Image.new("1", size).save(file)
        with pytest.raises(Refused, match="too large"):
            enlarge(demo, Source(path=str(file)))

    def test_of_nothing_are_refused(self, demo: Demo, tmp_path: Path) -> None:
        text = tmp_path / "text.png"
        text.write_text("not a picture")
        for nothing in (None, Source(), Source(path=str(tmp_path / "gone.png")), Source(path=str(text))):
            with pytest.raises(Refused) as refusal:
                enlarge(demo, nothing)
            assert refusal.value.fault is Fault.REFUSED_INPUT


class TestOutcomes:
    def test_every_word_is_in_the_readme_with_the_same_sentence(self) -> None:
        readme = (Path(providers.__file__).parent / "README.md").read_text(encoding="utf-8")
        assert re.findall(r"^\| `(\w+)` \| (.+?) \|$", readme.split("bad day")[1], re.MULTILINE) == [
            *OUTCOME_WORDS.items()
        ]

    @pytest.mark.parametrize("prompt", ["failure", "slowly", "a broker", "nevermore", "unsafely", ""])
    def test_parts_of_words_do_nothing(self, prompt: str) -> None:
        assert outcome_in(prompt) == ""

    @pytest.mark.parametrize("prompt", ["FAIL", "please, fail!", "a fail.", "Fail slow never"])
    def test_whole_words_count_in_either_case_and_the_first_of_the_list_wins(self, prompt: str) -> None:
        assert outcome_in(prompt) == "fail"

    @pytest.mark.parametrize(
        ("word", "fault"),
        [("fail", Fault.VENDOR), ("unsafe", Fault.CONTENT_POLICY), ("refuse", Fault.CONTENT_POLICY)],
    )
    def test_failures_come_after_two_seconds(self, demo: Demo, clock: Clock, word: str, fault: Fault) -> None:
        task_id = submit(demo, f"a {word} hill")
        clock.now += 1.9
        assert look(demo, task_id) == Working()
        clock.now += 0.2
        failed = look(demo, task_id)
        assert isinstance(failed, Failed)
        assert failed.fault is fault

    @pytest.mark.parametrize(("word", "seconds"), [("slow", 45), ("overdue", 16 * 60)])
    def test_delays_are_as_long_as_they_say(self, demo: Demo, clock: Clock, word: str, seconds: int) -> None:
        task_id = submit(demo, word)
        clock.now += seconds - 1
        assert look(demo, task_id) == Working()
        clock.now += 2
        assert isinstance(look(demo, task_id), Ready)

    def test_never_is_never(self, demo: Demo, clock: Clock) -> None:
        task_id = submit(demo, "never")
        clock.now += 23 * 3600
        assert look(demo, task_id) == Working()

    def test_a_lost_answer_left_a_task_behind(self, demo: Demo, folder: Path) -> None:
        with pytest.raises(Unknown):
            submit(demo, "vanish")
        (file,) = folder.glob("*.json")
        assert look(demo, file.stem) == Working()

    def test_busy_is_busy_twice_for_each_piece_of_work(self, demo: Demo) -> None:
        for reference in ("g1:1", "g1:2", "g2:1", "g2:2"):
            with pytest.raises(Busy) as busy:
                submit(demo, "busy", reference=reference)
            assert busy.value.retry_after == 3
        assert submit(demo, "busy", reference="g1:3")
        assert submit(demo, "busy", reference="g2:3")

    def test_broken_is_no_picture(self, demo: Demo, clock: Clock) -> None:
        task_id = submit(demo, "broken")
        clock.now += 5
        assert isinstance(look(demo, task_id), Ready)
        with pytest.raises(OSError, match="identify"):
            Image.open(io.BytesIO(fetched(demo, task_id)))

    def test_upscales_heed_the_words_too(self, demo: Demo, clock: Clock, source: Source) -> None:
        task_id = enlarge(demo, source, prompt="fail")
        clock.now += 3
        assert isinstance(look(demo, task_id), Failed)


class TestFolder:
    def test_holds_no_half_written_task(self, demo: Demo, folder: Path) -> None:
        submit(demo)
        assert [file.suffix for file in folder.iterdir() if not file.name.startswith(".")] == [".json"]

    def test_forgets_after_a_day(self, demo: Demo, folder: Path, clock: Clock, source: Source) -> None:
        clock.now = os.stat(folder.parent).st_ctime
        old = enlarge(demo, source)
        clock.now += 25 * 3600
        submit(demo)
        with pytest.raises(NotFound):
            look(demo, old)
        assert not list(folder.glob("*.source"))
        assert os.path.exists(str(source.path))

    def test_keeps_an_old_picture_that_was_just_ordered(self, demo: Demo, clock: Clock, source: Source) -> None:
        clock.now = os.stat(str(source.path)).st_ctime
        os.utime(str(source.path), (1, 1))
        task_id = enlarge(demo, source)
        clock.now += 3600
        submit(demo)
        assert fetched(demo, task_id)
