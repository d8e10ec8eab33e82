"""One line for each event, for people or machines, without secrets: whoever reads the log must not be able to use it.

Our own formatter, not a library's: it is a few lines, and masking has to happen between the words and their encoding.
"""

import json
import logging
import re
from datetime import UTC, datetime
from typing import Any

from django.conf import settings

from generations import tracing

MASK = "***"
MASKED = (
    # Addresses of ours that open something by themselves.
    (re.compile(r"(/setup/|/sources/|/invitations/|/hooks/[^/\s]+/)[^/\s?\"']+"), rf"\1{MASK}"),
    # Headers, as they are sent, as WSGI names them, and as Python shows them: nothing of their value is ours to keep.
    (
        re.compile(
            r"""((?:authorization|cookie|x[-_]api[-_]key)(?:["']?\s*[:=]|["']\s*,)\s*)"""
            r"""(?:b?"(?:[^"\\]|\\.)*"|b?'(?:[^'\\]|\\.)*'|[^\r\n]+)""",
            re.I,
        ),
        rf"\1{MASK}",
    ),
    # Values under a name that says what they are, in a query, a form or a dictionary.
    (
        re.compile(
            r"""((?:token|secret|passw(?:or)?d|signature|api[-_]?key|(?:session|csrf|poll)(?==)|[?&](?:key|code|state))"""
            r"""["']?\s*[:=]\s*b?["']?)[^\s&;,"'<>)}\]]+""",
            re.I,
        ),
        rf"\1{MASK}",
    ),
    (re.compile(r"\b(bearer\s+)[^\s\"',]+", re.I), rf"\1{MASK}"),
    (re.compile(r"\b(?:aio_|sk[-_])[\w-]{8,}"), MASK),
    # Whoever's password is part of an address, a database's for one.
    (re.compile(r"(://[^/\s:@]*:)[^@/\s]+(?=@)"), rf"\1{MASK}"),
)
KNOWN_CHARACTERS_MIN = 8
"""What is shorter is no secret of ours, and would blot out words."""
CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")


def masked(text: str) -> str:
    """The text without what opens something: tokens in addresses, headers that sign in, keys, and our own secrets."""
    for secret in _known():
        text = text.replace(secret, MASK)
    for pattern, safe in MASKED:
        text = pattern.sub(safe, text)
    return text


def _known() -> list[str]:
    """The secrets this process works with, as soon as there are settings."""
    if not settings.configured:
        return []
    password = str(settings.DATABASES.get("default", {}).get("PASSWORD", ""))
    known = [settings.SECRET_KEY, *settings.FIELD_KEYS, settings.METRICS_TOKEN, password]
    return [secret for secret in known if len(secret) >= KNOWN_CHARACTERS_MIN]


def console(form: str) -> dict[str, Any]:
    """The part of a logging configuration with the handler `console`, whose lines are of that form: line or json."""
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"line": {"()": "imagine_site.logs.Line"}, "json": {"()": "imagine_site.logs.Json"}},
        "filters": {"tokens": {"()": "imagine_site.logs.MaskTokens"}},
        "handlers": {"console": {"class": "logging.StreamHandler", "formatter": form, "filters": ["tokens"]}},
    }


class MaskTokens(logging.Filter):
    """Rewrites a line that holds such a thing, in its words or in its exception; lets every line through."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.exc_text = _exception_of(record) or None
        try:
            text = record.getMessage()
        except (TypeError, ValueError):
            return True  # words and values do not fit together; who writes the line says so
        if (safe := masked(text)) != text:
            record.msg, record.args = safe, None
        return True


class Line(logging.Formatter):
    """For people at a terminal: the time there, the words on one line, and a traceback below them as it is."""

    def format(self, record: logging.LogRecord) -> str:
        words = CONTROL.sub(lambda found: repr(found[0])[1:-1], masked(_words_of(record)))
        request = f" [{name}]" if (name := _request_of(record)) else ""
        head = f"{self.formatTime(record)} {record.levelname} {record.name}: {words}{request}"
        return "\n".join(part for part in (head, _exception_of(record)) if part)


class Json(logging.Formatter):
    """For machines: one object on one line, all of it ASCII, so that nothing in it can pass for another line."""

    def format(self, record: logging.LogRecord) -> str:
        moment = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        facts = {
            "time": moment.replace("+00:00", "Z"),
            "level": record.levelname,
            "logger": record.name,
            "message": masked(_words_of(record)),
        }
        more = {"request_id": _request_of(record), "exception": _exception_of(record)}
        return json.dumps(facts | {name: value for name, value in more.items() if value})


def _words_of(record: logging.LogRecord) -> str:
    try:
        return record.getMessage()
    except (TypeError, ValueError):  # a mistake of ours is no reason to lose the line
        return f"{record.msg} {record.args!r}"


def _exception_of(record: logging.LogRecord) -> str:
    """Its traceback, masked; "" where there is none."""
    if record.exc_text:
        return masked(record.exc_text)
    if record.exc_info and record.exc_info[0]:
        return masked(logging.Formatter().formatException(record.exc_info))
    return ""


def _request_of(record: logging.LogRecord) -> str:
    """The name of the request it is about. Django logs refusals after the answer, and gives the request along."""
    return tracing.request_id() or getattr(getattr(record, "request", None), "request_id", "")
