"""Small signs templates write again and again: icons, moments, amounts, form controls.

Nothing here reads the database or decides anything; values come ready from the queries.
"""

from datetime import UTC, datetime

from django import template
from django.forms import BoundField, CheckboxInput, HiddenInput, RadioSelect, Textarea
from django.templatetags.static import static
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

register = template.Library()

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
    "components/notice",
    "components/toast",
    "components/empty",
    "components/dialog",
    "components/choice",
    "components/rail",
    "components/composer",
    "components/card",
    "components/card-stage",
    "components/feed",
    "components/gallery",
    "components/viewer",
    "components/lineage",
    "components/upscale",
    "components/ledger",
    "components/settings",
    "components/welcome",
    "components/errorpage",
    "utilities",
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
    "dial",
    "moments",
    "menu",
    "dialog",
    "upscale",
    "toast",
    "failures",
    "keys",
    "copy",
    "theme",
)
"""Every behavior, one module each; none needs another."""

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
    """One module for each behavior."""
    return format_html_join(
        "\n", '<script type="module" src="{}"></script>', ((static(f"js/{name}.js"),) for name in SCRIPTS)
    )


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
def credits_of(value: int) -> str:
    """An amount with its word: free, 1 credit, 1,240 credits."""
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
def control(field: BoundField, **attributes: str | bool) -> SafeString:
    """The input of a form field, dressed; it names its hint and its error by itself."""
    widget = field.field.widget
    if widget.attrs.get("placeholder"):
        attributes.setdefault("placeholder", "")  # the label above says it already
    if isinstance(widget, HiddenInput | CheckboxInput | RadioSelect):
        return field.as_widget(attrs=attributes)
    return field.as_widget(attrs={"class": "textarea" if isinstance(widget, Textarea) else "input", **attributes})
