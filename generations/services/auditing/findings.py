"""What an audit says: one finding per broken rule and row, with the id of the row."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Finding:
    """`subject` and `id` name the row, `words` say what is wrong with it. Never a prompt, a key or an address."""

    rule: str
    subject: str
    id: str
    words: str

    def __str__(self) -> str:
        return f"{self.rule} {self.subject} {self.id}: {self.words}"
