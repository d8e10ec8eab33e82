"""Sealing every stored secret with the newest key, so that older ones may go.

Each column is written by itself and only if nobody changed it meanwhile: a run that is cut short leaves nothing worse
than before, and the next one goes on.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from django.db import models

from generations import connections
from generations.models import Credential
from generations.vault import Unreadable, Vault


@dataclass(frozen=True)
class Column:
    """One column of sealed secrets, and the place the secret of a row is sealed for."""

    model: type[models.Model]
    name: str
    place: Callable[[Any], str]

    def rows(self) -> list[Any]:
        return list(self.model._default_manager.exclude(**{self.name: ""}).order_by("pk"))

    def write(self, row: Any, *, sealed: str) -> None:
        """Nothing, when the row has another secret by now."""
        before = {self.name: getattr(row, self.name)}
        self.model._default_manager.filter(pk=row.pk, **before).update(**{self.name: sealed})


SEALED = (
    Column(Credential, "sealed_key", connections.key_place),
    Column(Credential, "sealed_webhook_key", connections.webhook_key_place),
)
"""Whatever the studio seals is listed here, or a change of the sealing key would lose it."""


@dataclass
class Seals:
    """How many secrets the newest key opens, how many need an older one, and where the ones are that nothing opens."""

    current: int = 0
    older: int = 0
    unreadable: list[str] = field(default_factory=list)


def survey() -> Seals:
    """Look at every secret and change nothing. Raises ValueError without a usable sealing key."""
    vault, seals = connections.vault(), Seals()
    for column in SEALED:
        for row in column.rows():
            sealed = getattr(row, column.name)
            try:
                vault.open(sealed, binding=column.place(row))
            except Unreadable:
                seals.unreadable.append(column.place(row))
            else:
                seals.current += vault.is_current(sealed)
                seals.older += not vault.is_current(sealed)
    return seals


def reseal() -> Seals:
    """Seal with the newest key what an older one sealed, and survey the result. Raises as `survey` does."""
    vault = connections.vault()
    for column in SEALED:
        for row in column.rows():
            sealed = getattr(row, column.name)
            if vault.is_current(sealed):
                continue
            try:
                column.write(row, sealed=vault.reseal(sealed, binding=column.place(row)))
            except Unreadable:
                continue  # the survey names it
    for row in Credential.objects.exclude(sealed_key="").order_by("pk"):
        _print_anew(row, vault)
    return survey()


def _print_anew(row: Credential, vault: Vault) -> None:
    """Which key it is, told with the newest sealing key: what an older one told can be compared with nothing new."""
    try:
        secret = vault.open(row.sealed_key, binding=connections.key_place(row))
    except Unreadable:
        return
    row.keep_print(connections.key_print(vault, row.provider, secret))
