"""Notices what a person would not see: errors in the console, lost requests, requests that leave the studio."""

import re
from dataclasses import dataclass, field

from playwright.sync_api import BrowserContext, ConsoleMessage, Request, Response, WebError

LEFT_BEHIND = "net::ERR_ABORTED"  # the page was left, or a download began, while this was on its way


@dataclass
class Watch:
    """Follows everything that happens in browser contexts. What a test provokes on purpose it allows first."""

    origin: str
    troubles: list[str] = field(default_factory=list)
    _allowed: list[re.Pattern[str]] = field(default_factory=list)

    def allow(self, words: str) -> None:
        """Troubles that match this expression are meant."""
        self._allowed.append(re.compile(words))

    def follow(self, context: BrowserContext) -> None:
        context.on("console", self._console)
        context.on("weberror", self._error)
        context.on("request", self._request)
        context.on("requestfailed", self._lost)
        context.on("response", self._answer)

    def _note(self, trouble: str) -> None:
        if not any(pattern.search(trouble) for pattern in self._allowed):
            self.troubles.append(trouble)

    def _console(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning", "assert"}:
            self._note(f"console {message.type}: {message.text} ({message.location.get('url', '')})")

    def _error(self, error: WebError) -> None:
        self._note(f"uncaught: {error.error}")

    def _request(self, request: Request) -> None:
        if not request.url.startswith((f"{self.origin}/", "data:", "blob:")):
            self._note(f"off origin: {request.method} {request.url}")

    def _lost(self, request: Request) -> None:
        if request.failure != LEFT_BEHIND:
            self._note(f"lost: {request.method} {request.url}: {request.failure}")

    def _answer(self, response: Response) -> None:
        if response.status >= 500:
            self._note(f"HTTP {response.status}: {response.request.method} {response.url}")
