"""What people sign in with beside a password: codes of an app, recovery codes, passkeys.

The secrets of the first two are sealed for the person they belong to, and a code is good once: the app's because the
row remembers the last period it was used in, a recovery code because the row remembers which are spent.
"""

import logging
from collections.abc import Iterator
from dataclasses import dataclass

from allauth.mfa import app_settings
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from django.db import transaction
from django.db.models import Q
from django.utils.crypto import constant_time_compare

from generations import connections
from generations.models import Person, clock
from generations.vault import Unreadable

log = logging.getLogger(__name__)

TYPE = Authenticator.Type
PERIODS_AROUND = 1
"""A phone's clock may be off by half a minute, and fingers are slow."""
USED = "used_period"
SEALED = {TYPE.TOTP: "secret", TYPE.RECOVERY_CODES: "seed"}
"""Where in a row's data the sealed secret is."""


@dataclass
class Seals:
    """How many secrets the newest key opens and how many only an older one does; and where none helps."""

    current: int
    older: int
    unreadable: list[str]


def has_factor(person: Person) -> bool:
    """Whether they have a passkey or an app; recovery codes alone are none."""
    return bool(Authenticator.objects.filter(user=person, type__in=[TYPE.TOTP, TYPE.WEBAUTHN]).exists())


def place_of(person_pk: int) -> str:
    """What the secrets of that person are sealed for."""
    return f"person:{person_pk}:factor"


def can_seal() -> bool:
    """Whether there is a key to seal with, without which nothing can be set up."""
    try:
        connections.vault()
    except ValueError:
        return False
    return True


def seal(text: str, *, person: Person) -> str:
    """Raises ValueError without a usable sealing key."""
    return connections.vault().seal(text, binding=place_of(person.pk))


def open_sealed(token: str) -> str:
    """What one row holds. The row says whose it is, so a text that stands in two rows, or in none, opens nowhere.

    Raises Unreadable, also without a usable sealing key.
    """
    holders = Authenticator.objects.filter(Q(data__secret=token) | Q(data__seed=token)).values_list(
        "user_id", flat=True
    )
    owners = list(holders[:2])
    if len(owners) != 1:
        raise Unreadable("This secret does not belong to one row.")
    try:
        return connections.vault().open(token, binding=place_of(owners[0]))
    except ValueError as error:
        raise Unreadable(str(error)) from error


def code_fits(secret: str, code: str) -> int | None:
    """The period, counted from the epoch, for which the app of this secret shows this code; None if it is none."""
    digits = "".join(code.split())
    now = int(clock.now().timestamp()) // app_settings.TOTP_PERIOD
    for period in range(now - PERIODS_AROUND, now + PERIODS_AROUND + 1):
        if constant_time_compare(format_hotp_value(hotp_value(secret, period)), digits):
            return period
    return None


def spend(person: Person, code: str) -> Authenticator | None:
    """Use up a code of the person's app or a recovery code; returns the row it belongs to, None for a wrong one.

    Raises Unreadable when a row's secret cannot be opened and no other row knows the code.
    """
    failed: Unreadable | None = None
    for kind, uses in ((TYPE.TOTP, _spend_code), (TYPE.RECOVERY_CODES, _spend_recovery_code)):
        with transaction.atomic():
            row = Authenticator.objects.select_for_update().filter(user=person, type=kind).first()
            try:
                if row is not None and uses(row, code):
                    return row
            except Unreadable as error:
                failed = error
    if failed is not None:
        log.error("the secrets of person %s cannot be opened: the key they were sealed with is missing", person.pk)
        raise failed
    return None


def _spend_code(row: Authenticator, code: str) -> bool:
    period = code_fits(open_sealed(row.data["secret"]), code)
    if period is None or period <= row.data.get(USED, 0):
        return False
    row.data[USED] = period
    row.save(update_fields=["data"])
    return True


def _spend_recovery_code(row: Authenticator, code: str) -> bool:
    spent: bool = row.wrap().validate_code("".join(code.split()))
    return spent


def forget(person: Person) -> int:
    """Take all of them away, for somebody who can use none of them any more; says how many there were."""
    number: int = Authenticator.objects.filter(user=person).delete()[0]
    log.warning("all factors of person %s were taken away", person.pk)
    return number


def survey() -> Seals:
    """Look at every secret and change nothing. Raises ValueError without a usable sealing key."""
    vault, seals = connections.vault(), Seals(0, 0, [])
    for row, field in _sealed():
        try:
            vault.open(row.data[field], binding=place_of(row.user_id))
        except Unreadable:
            seals.unreadable.append(f"{place_of(row.user_id)} ({row.type})")
        else:
            seals.current += vault.is_current(row.data[field])
            seals.older += not vault.is_current(row.data[field])
    return seals


def reseal() -> Seals:
    """Seal with the newest key what an older one sealed, and survey the result. Raises as `survey` does."""
    vault = connections.vault()
    for pk in [row.pk for row, field in _sealed() if not vault.is_current(row.data[field])]:
        with transaction.atomic():
            row = Authenticator.objects.select_for_update().filter(pk=pk).first()
            if row is None:
                continue
            field = SEALED[row.type]
            try:
                row.data[field] = vault.reseal(row.data[field], binding=place_of(row.user_id))
            except Unreadable:
                continue  # the survey names it
            row.save(update_fields=["data"])
    return survey()


def _sealed() -> Iterator[tuple[Authenticator, str]]:
    for row in Authenticator.objects.filter(type__in=SEALED).order_by("pk"):
        yield row, SEALED[row.type]
