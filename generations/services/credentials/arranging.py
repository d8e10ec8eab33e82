"""The order of a team's keys: work goes to the first one that can take it."""

from django.db import transaction

from generations import providers
from generations.models import Credential, Team


def move(*, credential: Credential, up: bool) -> None:
    """One place earlier or later in the order; at the end of it nothing happens."""
    with transaction.atomic():
        rows = _in_order(credential.team)
        here = next((place for place, row in enumerate(rows) if row.pk == credential.pk), None)
        if here is None:
            return
        there = max(0, here - 1) if up else min(len(rows) - 1, here + 1)
        rows.insert(there, rows.pop(here))
        _number(rows)


def give_place(new: Credential) -> None:
    rows = [row for row in _in_order(new.team) if row.pk != new.pk]
    sisters = [place for place, row in enumerate(rows) if row.provider == new.provider]
    keyless = [place for place, row in enumerate(rows) if not _needs_key(row.provider)]
    if sisters:
        rows.insert(sisters[-1] + 1, new)
    elif _needs_key(new.provider) and keyless:
        rows.insert(keyless[0], new)
    else:
        rows.append(new)
    _number(rows)


def _needs_key(provider: str) -> bool:
    vendor = providers.PROVIDERS.get(provider)
    return vendor is None or vendor.needs_key


def _in_order(team: Team | None) -> list[Credential]:
    # Locked by ascending id, as everywhere, and only then sorted.
    kept = Credential.objects.kept_by(team).order_by("pk").select_for_update(no_key=True)
    return sorted((row for row in kept if row.takes_work), key=lambda row: (row.position, row.pk))


def _number(rows: list[Credential]) -> None:
    for place, row in enumerate(rows):
        if row.position != place:
            row.position = place
            row.save(update_fields=["position"])
