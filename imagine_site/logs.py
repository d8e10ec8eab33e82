"""Keeps secrets that are part of an address out of the log: whoever reads the log must not be able to use them."""

import logging
import re

SECRET_IN_ADDRESS = re.compile(r"(/setup/|/hooks/[^/\s]+/)[^/\s?\"']+")


def masked(text: str) -> str:
    """The text with the token of every set-up or callback address replaced."""
    return SECRET_IN_ADDRESS.sub(r"\1***", text)


class MaskTokens(logging.Filter):
    """Rewrites a line that holds such an address; lets every line through."""

    def filter(self, record: logging.LogRecord) -> bool:
        try:
            text = record.getMessage()
        except (TypeError, ValueError):
            return True  # words and values do not fit together; the handler says so itself
        if (safe := masked(text)) != text:
            record.msg, record.args = safe, None
        return True
