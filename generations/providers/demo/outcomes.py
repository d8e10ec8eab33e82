"""Words in a prompt that make the demo behave like a vendor on a bad day, so that every state can be seen."""

import re
from collections.abc import Mapping

OUTCOME_WORDS: Mapping[str, str] = {
    "fail": "The picture fails after two seconds.",
    "slow": "The picture takes 45 seconds.",
    "unsafe": "The prompt is refused as unsafe after two seconds.",
    "refuse": "The same as unsafe.",
    "never": "The picture is never finished.",
    "vanish": "The demo takes the order, and its answer is lost on the way.",
    "overdue": "The picture is finished after 16 minutes, a minute after the studio stopped waiting.",
    "busy": "The demo is busy twice before it takes the order.",
    "broken": "The picture is finished, but its file is not a picture.",
}
"""Each word with what it does, in the order they are looked for."""

SYNONYMS = {"refuse": "unsafe"}
WORD = re.compile(r"\w+")


def outcome_in(prompt: str) -> str:
    """The outcome a prompt asks for, "" for a plain picture. Whole words count, in either case."""
    words = set(WORD.findall(prompt.casefold()))
    found = next((word for word in OUTCOME_WORDS if word in words), "")
    return SYNONYMS.get(found, found)
