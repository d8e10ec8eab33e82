"""What finds a prompt: whole words, without case and accents, in any script; patterns that cannot run away."""

import pytest

from generations.models.prompting import matching
from generations.models.prompting.matching import Unusable, check_pattern, fits, has_words, read_lines


class TestWords:
    @pytest.mark.parametrize(
        ("lines", "prompt"),
        [
            ("rat", "A RAT on a lamp"),
            ("elan", "with Élan, please"),
            ("Élan", "ELAN"),
            ("straße", "a STRASSE at night"),
            ("smorrebrod", "Smørrebrød"),
            ("rat", "a r\u00ada\u200bt"),
            ("rat", "ｒａｔ"),
            ("banned emblem", "the banned,  emblem of it"),
            ("don't", "I don’t know"),
            ("крыса", "серая КРЫСА"),
            ("й", "Й"),
            ("東京", "夜の東京タワー"),
            ("तारा", "एक तारा"),
            ("one\ntwo", "only two"),
        ],
    )
    def test_find(self, lines: str, prompt: str) -> None:
        assert has_words(lines, prompt)

    @pytest.mark.parametrize(
        ("lines", "prompt"),
        [
            ("rat", "decorate the grate"),
            ("banned emblem", "an emblem that is banned"),
            ("か", "が"),
            ("東京", "京東"),
            ("rat", ""),
        ],
    )
    def test_do_not_find(self, lines: str, prompt: str) -> None:
        assert not has_words(lines, prompt)

    def test_are_read_one_a_line_each_once(self) -> None:
        assert read_lines("  a  lamp \r\n\n lamp\na lamp") == ["a lamp", "lamp"]

    @pytest.mark.parametrize(
        ("text", "why"),
        [
            (" \n ", "at least one word"),
            ("!!!", "no letter"),
            ("x" * (matching.LINE_CHARACTERS_MAX + 1), "too long"),
            ("\n".join(f"w{number}" for number in range(matching.LINES_MAX + 1)), "Make two rules"),
        ],
    )
    def test_that_are_none_are_refused(self, text: str, why: str) -> None:
        with pytest.raises(Unusable, match=why):
            read_lines(text)


class TestPatterns:
    @pytest.mark.parametrize("prompt", ["a LOGO of it", "lögo", "logos"])
    def test_find_as_typed_and_without_accents(self, prompt: str) -> None:
        assert fits(r"\blogos?\b", prompt)

    def test_find_nothing_else(self) -> None:
        assert not fits(r"\blogos?\b", "a logotype")

    @pytest.mark.parametrize(
        ("pattern", "why"),
        [
            ("", "Write the pattern"),
            ("(a", r"missing \)"),
            ("(?=a)", "cannot be read"),
            (r"(a)\1", "cannot be read"),
            ("((a{100}){100}){100}", "cannot be read"),
            ("a*", "every prompt"),
            ("x" * (matching.PATTERN_CHARACTERS_MAX + 1), "at most"),
        ],
    )
    def test_that_are_none_are_refused(self, pattern: str, why: str) -> None:
        with pytest.raises(Unusable, match=why):
            check_pattern(pattern)

    def test_that_ruin_other_engines_end_at_once(self) -> None:
        """With one that goes back and tries again this would outlast the sun."""
        assert not fits(check_pattern("(x+x+)+y"), "x" * 5000)

    def test_take_text_that_is_half_a_character(self) -> None:
        assert fits("lamp", "a lamp \ud83d")
        assert has_words("lamp", "a lamp \ud83d")
