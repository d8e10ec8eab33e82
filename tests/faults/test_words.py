"""F57: what a person may type is kept as it is or refused at its field, and both databases do the same."""

from urllib.parse import urlencode

from tests.faults.stage import PRICE, Stage

ORDER = {"shape": "3:2", "model": "invented:sketch", "count": "1"}
KEPT = {
    "emoji": "\U0001f98a a fox \U0001f469\u200d\U0001f680 in space",
    "from right to left": "\u200f\u05de\u05d2\u05d3\u05dc\u05d5\u05e8 \u202ebackwards\u202c",
    "as long as may be": "\U0001f98a" * 5000,
    "lines and tabs": "a lamp\n\ton a table",
    "odd but sound": "\x01\x7f \ufdd0\uffff\U0010ffff e\u0301",
}
REFUSED = {
    "nothing": ("   \n ", "Write what the picture should show"),
    "too long": ("\U0001f98a" * 5001, "1 character too many"),
    "a zero": ("a\0lamp", "Null characters are not allowed"),
    "half a character": (b"a lamp \xed\xa0\xbd on a table", "could not be read"),
    "another encoding": (b"\xfcber", "could not be read"),
}


def test_every_word_is_kept_exactly_or_refused_in_words(stage: Stage) -> None:
    for name, prompt in KEPT.items():
        fields = urlencode(ORDER | {"prompt": prompt, "request_key": name})
        assert stage.hands.ask("submit", member=stage.member, fields=fields)[0] == 200, name
    for name, (words, why) in REFUSED.items():
        fields = urlencode({**ORDER, "prompt": words, "request_key": name})
        status, answer = stage.hands.ask("submit", member=stage.member, fields=fields)
        assert (status, why in answer) == (422, True), name

    assert [row["prompt"] for row in stage.hands.ask("rows")] == list(KEPT.values())
    assert stage.hands.ask("money", member=stage.member) == [5000, PRICE * len(KEPT)]
