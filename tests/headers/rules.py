"""What every answer must carry, whoever asked for whatever (S1 to S3, S6, S8, S10): each rule names what is broken."""

import re
from collections.abc import Iterator

from django.conf import settings

from tests.addresses.walking import Seen

POLICY = {
    "default-src": "'none'",
    **dict.fromkeys(("script-src", "style-src", "img-src", "font-src", "connect-src", "form-action"), "'self'"),
    "base-uri": "'none'",
    "frame-ancestors": "'none'",
    "object-src": "'none'",
    "manifest-src": "'self'",
    "report-uri": "/csp-report/",
}
"""S2: no page needs an exception; the picture of an authenticator's secret is drawn without one."""
SEALED_OFF = "default-src 'none'; sandbox"
EVERYWHERE = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cross-Origin-Embedder-Policy": "require-corp",
}
NEVER_KEPT = "review_picture"  # it may be one that nobody should see
OF_PICTURES = {"image_file", "image_original", "generations_image_thumbnail", NEVER_KEPT}
TELLING = ("Server", "X-Powered-By", "Access-Control-Allow-Origin")

# A block of data is no script: the browser runs nothing of it.
INLINE = re.compile(
    rb"<style|<script(?![^>]*\ssrc=)(?![^>]*type=\"application/json\")|\sstyle=|\son\w+=|\shx-on|javascript:",
    re.IGNORECASE,
)
# A link is followed only by a person who presses it, and tells the other side nothing of us.
AWAY = re.compile(rb'<a href="https://[^"]+" target="_blank" rel="noopener noreferrer"')
FETCHED = re.compile(rb'(?:src|href|action|srcset|formaction|poster)="(?:https?:)?//([^"/]+)')


def broken_by(seen: Seen) -> list[str]:
    """The rules this answer breaks."""
    return [*_policy(seen), *_isolation(seen), *_caching(seen), *_page(seen), *_cookies(seen)]


def is_picture(seen: Seen) -> bool:
    """A file of the studio, or the word that the browser has it."""
    is_file = seen.headers.get("Content-Type", "").startswith("image/") or seen.status == 304
    return seen.step.name in OF_PICTURES and is_file


def parts_of(policy: str) -> dict[str, str]:
    return dict(part.strip().split(" ", 1) for part in policy.split(";") if " " in part.strip())


def _policy(seen: Seen) -> Iterator[str]:
    told = seen.headers.get("Content-Security-Policy", "")
    if is_picture(seen) or (seen.step.name == "source" and seen.status in {200, 403, 404}):
        if told != SEALED_OFF:
            yield f"a file with the policy {told!r}"
    elif parts_of(told) != POLICY:
        yield f"the policy {told!r}"


def _isolation(seen: Seen) -> Iterator[str]:
    for name, value in EVERYWHERE.items():
        if seen.headers.get(name) != value:
            yield f"{name}: {seen.headers.get(name)}"
    if "camera=()" not in seen.headers.get("Permissions-Policy", ""):
        yield "no Permissions-Policy"
    for name in TELLING:
        if name in seen.headers:
            yield f"tells {name}"


def _caching(seen: Seen) -> Iterator[str]:
    told = {word.strip() for word in seen.headers.get("Cache-Control", "").split(",")}
    if is_picture(seen) and seen.step.name != NEVER_KEPT:
        if told != {"private", "no-cache"} or not seen.headers.get("ETag"):
            yield f"a picture with Cache-Control {told}"
    elif not told >= {"private", "no-store"}:
        yield f"Cache-Control {told}"


def _page(seen: Seen) -> Iterator[str]:
    if not seen.is_page:
        return
    if found := INLINE.search(seen.body):
        yield f"inline: {seen.body[found.start() : found.start() + 60]!r}"
    if elsewhere := FETCHED.findall(AWAY.sub(b"", seen.body)):
        yield f"another origin: {elsewhere}"


def _cookies(seen: Seen) -> Iterator[str]:
    ours = {settings.SESSION_COOKIE_NAME, settings.CSRF_COOKIE_NAME, settings.POLL_COOKIE_NAME}
    for cookie in seen.cookies.values():
        if cookie.key not in ours:
            yield f"the cookie {cookie.key}"
        if cookie["domain"] or cookie["path"] != "/" or cookie["samesite"] != "Lax":
            yield f"a cookie as {cookie.OutputString()}"
        if not cookie["httponly"] and cookie.value:  # one that is taken away carries no flag
            yield f"scripts may read the cookie {cookie.key}"
