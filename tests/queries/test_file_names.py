"""What saved files are called: by a pattern, and safe on every disk."""

import re

import pytest

from generations.models import Generation, Image, Member, Person, clock
from generations.queries.file_names import UnusablePattern, check, distinct, name_of, sameness


def picture(prompt: str = "A lamp, on the table!", *, maker: str = "Ben Ash", format: str = "PNG") -> Image:
    made = Generation(
        prompt=prompt, provider="demo", offer_key="painter", created_at=clock.now(), operation="draw", position=1,
        member=Member(person=Person(name=maker, email="b@studio.test")),
    )  # fmt: skip
    return Image(generation=made, width=1536, height=1024, format=format)


def test_without_a_pattern_it_is_the_prompt_and_the_end_of_the_id() -> None:
    image = picture()
    assert name_of(image) == f"a-lamp-on-the-table-{str(image.pk)[-8:]}.png"
    assert name_of(picture("!!!", format="JPEG")).startswith("picture-")


def test_every_word_is_filled_in() -> None:
    image = picture()
    pattern = "{date} {maker} {model} {vendor} {width}x{height} {index} {prompt} {id}"
    assert name_of(image, pattern=pattern) == (
        f"{image.generation.created_at:%Y-%m-%d} ben-ash demo-painter demo 1536x1024 002 a-lamp-on-the-table "
        f"{str(image.pk)[-8:]}.png"
    )
    assert name_of(image, pattern="{index}", index=17) == "017.png"


@pytest.mark.parametrize(
    ("prompt", "maker"),
    [
        ("../../etc/passwd", "..\\.."),
        ("a\r\nX: y\0", "\u202egnp"),
        ("лампа " * 60, "李"),
        ("x" * 5000, "CON"),
        ("...", ""),
    ],
)
def test_whatever_was_typed_the_name_is_one_a_disk_takes(prompt: str, maker: str) -> None:
    name = name_of(picture(prompt, maker=maker), pattern="{prompt} {maker}")
    assert len(name.encode()) < 255
    assert not set(name) & set('/\\:*?"<>|\0\r\n\u202e')
    assert not name.startswith((".", " ", "-"))


@pytest.mark.parametrize("pattern", ["con", "Aux", "nul.txt", "LPT1", "com9.a.b", "{maker}"])
def test_no_name_is_one_that_windows_keeps(pattern: str) -> None:
    assert name_of(picture(maker="con"), pattern=pattern).startswith("picture-")


def test_words_in_other_letters_are_kept() -> None:
    assert name_of(picture("лампа на столе"), pattern="{prompt}") == "лампа-на-столе.png"


@pytest.mark.parametrize("pattern", ["", "{prompt}", "Проект {date}, ({id})", "a_b-c.d+e"])
def test_a_pattern_of_known_words_is_taken(pattern: str) -> None:
    check(pattern)


@pytest.mark.parametrize(
    ("pattern", "said"),
    [
        ("{size}", "There is no {size}. Known are {prompt}, {id}, {date}, {maker}"),
        ("{}", "There is no {}."),
        ("{prompt", "A brace stands alone."),
        ("a}b", "A brace stands alone."),
        ("{{prompt}}", "A brace stands alone."),
        ("a/b", "cannot have “/”"),
        ("..\\{id}", "cannot have “\\”"),
        ("a\u202eb", "invisible character"),
        ("a\nb", "invisible character"),
    ],
)
def test_any_other_is_refused_in_words(pattern: str, said: str) -> None:
    with pytest.raises(UnusablePattern, match=re.escape(said)):
        check(pattern)


def test_two_files_never_have_one_name() -> None:
    taken: set[str] = set()
    for name in ("Lamp.png", "lamp.png", "LAMP.PNG", "lamp-2.png", "straße.png", "STRASSE.png", "é.png", "e\u0301.png"):
        given = distinct(name, taken)
        assert sameness(given) not in taken
        taken.add(sameness(given))
    assert len(taken) == 8
