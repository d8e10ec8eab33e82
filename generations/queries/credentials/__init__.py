"""What the page of the vendors shows: a card for each key, with its health, its use and what can be done about it.

Of a key only the last four characters are ever read here. What the whole installation shares is shown without figures:
they would tell one team what another does.
"""

from collections.abc import Mapping
from datetime import datetime
from urllib.parse import urlsplit

from generations import providers
from generations.models import Credential, Generation, Member, Sales, State, Team
from generations.queries.credentials.calls import Call, calls_of, refusals_of
from generations.queries.credentials.cards import card_of, shared_card_of
from generations.queries.credentials.parts import Card, Page, Rows, Standing, Trouble, Use, Vendor

__all__ = [
    "Call",
    "Card",
    "Page",
    "Rows",
    "Standing",
    "Trouble",
    "Use",
    "Vendor",
    "calls_of",
    "page_of",
    "refusals_of",
    "rows_for",
    "vendors",
    "waiting_for",
]


def rows_for(team: Team) -> Rows:
    """Two queries."""
    own = sorted(Credential.objects.kept_by(team), key=lambda row: not row.takes_work)
    shared = [row for row in Credential.objects.kept_by(None) if row.takes_work]
    return Rows(own=own, shared=shared)


def page_of(rows: Rows, *, viewer: Member, standings: Mapping[int, Standing], now: datetime) -> Page:
    sales = Sales.read()
    order = [row.pk for row in rows.own if row.takes_work]
    cards = [
        card_of(
            row,
            standings.get(row.pk, Standing()),
            sales,
            now,
            is_first=row.pk in order[:1],
            is_last=row.pk in order[-1:],
        )
        for row in rows.own
    ]
    shared = [shared_card_of(row, standings.get(row.pk, Standing()), sales, now) for row in rows.shared]
    return Page(cards=cards, shared=shared, team_name=viewer.team.name)


def vendors() -> list[Vendor]:
    """Those a key can be added for, in the order of the table; last those that need none."""
    return [
        Vendor(
            key=vendor.key,
            label=vendor.label,
            homepage=vendor.homepage,
            host=urlsplit(vendor.homepage).hostname or "",
            sells=", ".join(offer.label for offer in vendor.offers),
            needs_key=vendor.needs_key,
            announces=vendor.announces,
        )
        for vendor in sorted(providers.PROVIDERS.values(), key=lambda vendor: not vendor.needs_key)
    ]


def waiting_for(credential: Credential) -> int:
    """How many orders of its team wait for this vendor and have no other key that could take them."""
    if credential.team is None:
        return 0
    others = Credential.objects.serving(credential.team).filter(provider=credential.provider)
    if others.exclude(pk=credential.pk).exists():
        return 0
    queued = Generation.objects.filter(team=credential.team, provider=credential.provider, state=State.QUEUED)
    return queued.filter(credential=None).count()
