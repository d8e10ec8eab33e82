"""Small signs templates write again and again: icons, moments, amounts, form controls.

Nothing here reads the database or decides anything; values come ready from the queries.
"""

import json
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from django import template
from django.forms import BoundField, CheckboxInput, HiddenInput, RadioSelect, Select, Textarea
from django.templatetags.static import static
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from qrcode.main import QRCode

from generations import tracing
from generations.models.clock import now
from generations.templatetags.integrity import integrity_of

register = template.Library()

NEAR_SECONDS = 12 * 3600
MINUS = "\N{MINUS SIGN}"
FIXED_SPACE = "\N{NO-BREAK SPACE}"

STYLES = (
    "layers",
    "tokens",
    "reset",
    "base",
    "layout",
    "components/icon",
    "components/button",
    "components/field",
    "components/segmented",
    "components/stepper",
    "components/chip",
    "components/badge",
    "components/avatar",
    "components/menu",
    "components/dial",
    "components/panel",
    "components/facts",
    "components/table",
    "components/meter",
    "components/notice",
    "components/banners",
    "components/toast",
    "components/empty",
    "components/dialog",
    "components/choice",
    "components/provider",
    "components/rail",
    "components/composer",
    "components/composer-price",
    "components/card",
    "components/card-stage",
    "components/feed",
    "components/gallery",
    "components/select",
    "components/shelf",
    "components/arrange",
    "components/dates",
    "components/arrivals",
    "components/toolbar",
    "components/viewer",
    "components/viewer-stage",
    "components/viewer-panel",
    "components/keys",
    "components/marks",
    "components/strip",
    "components/lineage",
    "components/upscale",
    "components/upload",
    "components/ledger",
    "components/letter",
    "components/chart",
    "components/review",
    "components/review-queue",
    "components/review-log",
    "components/rules",
    "components/archive",
    "components/settings",
    "components/factor",
    "components/welcome",
    "components/errorpage",
    "utilities",
    "print",
)
"""Every stylesheet, in the order pages link them."""

SCRIPTS = (
    "composer",
    "shapes",
    "refusal",
    "draft",
    "reuse",
    "once",
    "pieces",
    "poll",
    "place",
    "dial",
    "moments",
    "menu",
    "dialog",
    "select",
    "upscale",
    "upload",
    "retry",
    "countdown",
    "arrange",
    "effect",
    "toast",
    "failures",
    "review",
    "zoom",
    "zoom-hands",
    "drawer",
    "browse",
    "keys",
    "keys-sheet",
    "copy",
    "passkey",
    "print",
    "theme",
)
"""Every behavior, one module each; none needs another."""

HTMX = "django_htmx/htmx-2.min.js"

NOTICE_ICONS = {
    "board_removed": "board",
    "archive": "archive",
    "credits_asked": "credits",
    "credits_given": "credits",
    "export": "download",
    "invitation_asked": "link",
    "member_joined": "user-plus",
    "member_left": "logout",
    "member_removed": "logout",
    "private_picture_opened": "eye",
    "prompt_decided": "review",
    "prompt_review": "review",
    "role_changed": "team",
    "security": "key",
}
ENTRY_ICONS = {
    "grant": "plus",
    "adjust": "edit",
    "hold": "clock",
    "settle": "check",
    "release": "reuse",
    "refund": "reuse",
    "transfer_in": "arrow-left",
    "transfer_out": "arrow-right",
}


@register.simple_tag
def styles() -> SafeString:
    """One link for each stylesheet."""
    return format_html_join(
        "\n", '<link rel="stylesheet" href="{}">', ((static(f"css/{name}.css"),) for name in STYLES)
    )


@register.simple_tag
def scripts() -> SafeString:
    """htmx, and one module for each behavior."""
    return format_html_join("\n", "{}", [(htmx(),), *((script(name),) for name in SCRIPTS)])


@register.simple_tag
def script(name: str) -> SafeString:
    """The module of one behavior; the browser runs it only if it is what we meant."""
    file = f"js/{name}.js"
    return format_html('<script type="module" src="{}" integrity="{}"></script>', static(file), integrity_of(file))


def htmx() -> SafeString:
    return format_html('<script src="{}" integrity="{}" defer></script>', static(HTMX), integrity_of(HTMX))


@register.simple_tag
def icon(name: str, kind: str = "") -> SafeString:
    """The icon of that name, silent to screen readers. `kind` adds modifiers: "small", "large", "small turn"."""
    classes = " ".join(["icon", *(f"icon--{word}" for word in kind.split())])
    return format_html(
        '<svg class="{}" aria-hidden="true"><use href="{}#i-{}"/></svg>', classes, static("icons.svg"), name
    )


@register.simple_tag
def mark() -> SafeString:
    """The studio's sign."""
    return format_html('<svg class="mark" aria-hidden="true"><use href="{}#mark"/></svg>', static("icons.svg"))


@register.simple_tag
def entry_icon(kind: str) -> SafeString:
    """The icon of one kind of line in a statement."""
    return icon(ENTRY_ICONS.get(kind, "credits"))


@register.simple_tag
def notice_icon(kind: str) -> SafeString:
    """The icon of one kind of line in an inbox."""
    return icon(NOTICE_ICONS.get(kind, "mail"))


@register.simple_tag
def request_id() -> str:
    """The name of the request this is drawn for, by which its lines in the logs are found."""
    return tracing.request_id()


@register.filter
def amount(value: Decimal) -> str:
    """As in the books of a vendor: without zeros that say nothing."""
    return f"{value.normalize():,f}".replace("-", MINUS)


@register.filter
def number(value: int) -> str:
    """1240 as 1,240."""
    return f"{value:,}"


@register.filter
def signed(value: int) -> str:
    """With its sign written: +5, −5, 0."""
    if value > 0:
        return f"+{value:,}"
    return f"{MINUS}{-value:,}" if value else "0"


@register.filter
def credits_of(value: int | None) -> str:
    """An amount with its word: free, 1 credit, 1,240 credits. What nobody has priced is never called free."""
    if not isinstance(value, int):
        return "no price"
    if value == 0:
        return "free"
    return f"{value:,}{FIXED_SPACE}{'credit' if value == 1 else 'credits'}"


@register.simple_tag
def moment(at: datetime) -> SafeString:
    """A day and a time. Written in UTC; the browser rewrites it in the reader's own zone."""
    utc = at.astimezone(UTC)
    return format_html(
        '<time datetime="{}" data-moment="day">{}</time>',
        utc.isoformat(timespec="seconds"),
        f"{utc:%-d %b %Y, %H:%M} UTC",
    )


@register.simple_tag
def clock(at: datetime) -> SafeString:
    """A time of day, as `moment` writes it."""
    utc = at.astimezone(UTC)
    return format_html(
        '<time datetime="{}" data-moment="time">{}</time>', utc.isoformat(timespec="seconds"), f"{utc:%H:%M} UTC"
    )


@register.simple_tag
def soon(at: datetime) -> SafeString:
    """A moment to come, within a sentence: only its time of day where it is within half a day."""
    near = abs((at - now()).total_seconds()) < NEAR_SECONDS
    return clock(at) if near else moment(at)


@register.filter
def as_json(value: Any) -> str:
    """Plain data for a script to read from an attribute."""
    return json.dumps(value)


@register.filter
def in_fours(code: str) -> str:
    """A long key in groups that are easy to type."""
    return FIXED_SPACE.join(code[start : start + 4] for start in range(0, len(code), 4))


@register.filter
def in_fives(code: str) -> str:
    """A short code in groups that are easy to type."""
    return FIXED_SPACE.join(code[start : start + 5] for start in range(0, len(code), 5))


@register.simple_tag
def qr(text: str, label: str) -> SafeString:
    """A square a camera reads, drawn as one path: dark on white in either theme, or no camera would."""
    code = QRCode(border=4)
    code.add_data(text)
    code.make()
    rows = code.get_matrix()
    dark = "".join(f"M{x} {y}h1v1h-1z" for y, row in enumerate(rows) for x, is_dark in enumerate(row) if is_dark)
    return format_html(
        '<svg class="qr" viewBox="0 0 {0} {0}" role="img" aria-label="{1}"><rect width="{0}" height="{0}"/>'
        '<path d="{2}"/></svg>',
        len(rows),
        label,
        dark,
    )


@register.simple_tag
def control(field: BoundField, **attributes: str | bool) -> SafeString:
    """The input of a form field, dressed; it names its hint and its error by itself."""
    widget = field.field.widget
    if widget.attrs.get("placeholder"):
        attributes.setdefault("placeholder", "")  # the label above says it already
    if isinstance(widget, HiddenInput | CheckboxInput | RadioSelect):
        return field.as_widget(attrs=attributes)
    kind = "textarea" if isinstance(widget, Textarea) else "select" if isinstance(widget, Select) else "input"
    return field.as_widget(attrs={"class": kind, **attributes})
