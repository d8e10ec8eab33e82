"""One walk past every address: what each answered to a visitor, and what it wrote while it was only asked.

Each request stands alone: what it did is undone before the next.
"""

import re
from collections.abc import Iterable, Iterator
from copy import copy
from dataclasses import dataclass, field
from http.cookies import SimpleCookie
from typing import Any
from urllib.parse import urlsplit

from django.db import connection, transaction
from django.http.response import ResponseHeaders
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

WRITING = re.compile(r'^\s*(?:INSERT INTO|UPDATE|DELETE FROM|REPLACE INTO)\s+"?(\w+)"?', re.IGNORECASE)
TOKEN = re.compile(rb'(name="csrfmiddlewaretoken" value="|X-CSRFToken&quot;: &quot;|"X-CSRFToken": ")[0-9A-Za-z]+')
REQUEST = re.compile(rb'(Request <code class="mono">)[0-9a-f]{32}')
NOTED = "generations_auditentry"
"""Where it is written down that somebody was refused, which changes nothing."""
MOVED = {301, 302, 303, 307}
LASTING = re.compile(r"generations_(?!lease)|mfa_|usersessions_|account_|auth_|socialaccount_|django_admin_log")
"""Tables whose rows are somebody's, and not only what a session or the queue remembers for a while."""


@dataclass(frozen=True)
class Step:
    """One request: the name of the address in the table, the method, and what is sent."""

    name: str
    address: str
    method: str = "GET"
    body: dict[str, Any] = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)

    def __str__(self) -> str:
        return f"{self.method} {self.name}"


@dataclass(frozen=True)
class Seen:
    """What came back. `wrote` names the tables that were written to."""

    step: Step
    status: int
    headers: ResponseHeaders
    cookies: "SimpleCookie"
    body: bytes
    wrote: frozenset[str]

    @property
    def outcome(self) -> str:
        """The status, or the door it sent the visitor to, and whether something lasting was written: see the table."""
        said, place = str(self.status), urlsplit(self.headers.get("Location", "")).path
        if self.status in MOVED and place == reverse("account_login"):
            said = "in"
        if self.status in MOVED and place.startswith("/login/again/"):
            said = "ask"
        return f"{said}+" if any(LASTING.match(table) for table in self.wrote) else said

    @property
    def is_page(self) -> bool:
        return self.headers.get("Content-Type", "").startswith("text/html")

    @property
    def plain(self) -> bytes:
        return plain(self.body)

    @property
    def plain_headers(self) -> dict[str, str]:
        return {name: value for name, value in self.headers.items() if name != "X-Request-ID"}


def plain(body: bytes) -> bytes:
    """Without what differs each time it is written: the form's secret, and the name of the request."""
    return REQUEST.sub(rb"\1", TOKEN.sub(rb"\1", body))


def walk(client: Client, steps: Iterable[Step]) -> Iterator[Seen]:
    """Ask, look, undo; the visitor is who they were, whatever a step did to them."""
    for step in steps:
        kept, cookies = transaction.savepoint(), copy(client.cookies)
        try:
            yield ask(client, step)
        finally:
            transaction.savepoint_rollback(kept)
            client.cookies = cookies


def ask(client: Client, step: Step) -> Seen:
    """One request, for good."""
    with CaptureQueriesContext(connection) as queries:
        send = getattr(client, step.method.lower())
        answer = send(step.address, step.body, headers=step.headers) if step.body else _bare(send, step)
        body = b"".join(answer.streaming_content) if answer.streaming else answer.content
    found = (WRITING.match(query["sql"]) for query in queries)
    wrote = {table[1] for table in found if table}
    if answer.status_code == 403:
        wrote.discard(NOTED)
    return Seen(
        step=step,
        status=answer.status_code,
        headers=answer.headers,
        cookies=answer.cookies,
        body=body,
        wrote=frozenset(wrote),
    )


def _bare(send: Any, step: Step) -> Any:
    return send(step.address, headers=step.headers)
