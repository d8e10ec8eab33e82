"""How many pictures came since a wall was hung, of those it is about."""

from dataclasses import dataclass
from uuid import UUID

from django.urls import reverse
from django.utils.http import urlencode

from generations import search
from generations.models import Image, Member, SearchEntry
from generations.queries.counting import COUNTED_MAX, count_text
from generations.queries.search import Wanted, query_for


@dataclass(frozen=True, kw_only=True)
class Arrivals:
    """`text` is empty where nothing came."""

    text: str
    url: str


def arrivals_for(member: Member, wanted: Wanted, seen: UUID | None) -> Arrivals:
    """What is newer than the picture a page has `seen` last; for one that saw none, everything."""
    number = _since(member, wanted, seen)
    query = urlencode(wanted.fields, doseq=True)
    url = reverse("library")
    return Arrivals(text=f"{count_text(number)} new" if number else "", url=f"{url}?{query}" if query else url)


def _since(member: Member, wanted: Wanted, seen: UUID | None) -> int:
    if wanted.is_all:
        visible = Image.objects.visible_to(member)
        newer = visible.filter(pk__gt=seen) if seen else visible
        number: int = newer.order_by()[: COUNTED_MAX + 1].count()
        return number
    entry = SearchEntry.objects.filter(image=seen).values_list("pk", flat=True).first() if seen else None
    return len(search.find(query_for(member, wanted), limit=COUNTED_MAX + 1, after=entry or 0))
