"""Storing a key, replacing it, and everything else a person does to a credential, each in one transaction.

A new key never takes the place of one that works: it becomes a row of its own, and the old row goes on until nothing
runs on it. What a person typed as a key is sealed here and forgotten; no function gives one back.
"""

import hmac
import logging
from enum import Enum

from django.db import IntegrityError, transaction
from django.views.decorators.debug import sensitive_variables

from generations import providers
from generations.models import Credential, Team
from generations.services.credentials import arranging, retiring
from generations.services.credentials.proving import ask_for_proof, forgive
from generations.services.credentials.sealing import CredentialRefused, opened, seal, webhook_key_of

log = logging.getLogger(__name__)


class LabelTaken(CredentialRefused):
    """Two keys of one vendor would look the same."""


class SameKey(CredentialRefused):
    """It is the key in use already."""

    def __init__(self) -> None:
        super().__init__("This is the key in use already. Nothing was changed.")


class KeyGone(CredentialRefused):
    """Somebody removed or replaced it meanwhile."""

    def __init__(self) -> None:
        super().__init__("This key was removed or replaced meanwhile. Nothing was changed.")


class KeyUnusable(CredentialRefused):
    """There is no key it could stand beside."""

    def __init__(self) -> None:
        super().__init__("The key itself cannot be used now. Replace it first; the webhook key can be given with it.")


class Stored(Enum):
    """What became of a key that was to be there."""

    ADDED = "added"
    REPLACED = "replaced"
    UNCHANGED = "unchanged"


@sensitive_variables("key", "webhook_key")
def add(
    *,
    team: Team | None,
    provider: str,
    label: str,
    key: str,
    webhook_key: str = "",
    base_url: str = "",
    running_max: int | None = None,
    hourly_max: int | None = None,
    actor: str,
) -> Credential:
    """Store a key for a team, or with None for everybody, give it its place in the order, and have it tested.

    The first key of a vendor comes before what needs none, a further one after its sisters. Raises LabelTaken,
    CannotSeal.
    """
    try:
        with transaction.atomic():
            credential = Credential.objects.create(
                team=team,
                provider=provider,
                label=label,
                base_url=base_url,
                running_max=running_max,
                hourly_max=hourly_max,
            )
            seal(credential, key, webhook_key)
            arranging.give_place(credential)
            ask_for_proof(credential)
    except IntegrityError as error:
        raise _label_taken(provider, label) from error
    log.info("credential %s for %s was added by %s", credential.pk, provider, actor)
    return credential


@sensitive_variables("key", "webhook_key")
def replace(*, credential: Credential, key: str, webhook_key: str = "", actor: str) -> Credential:
    """Use another key from now on; returns the row that holds it. Without a webhook key the old one stays.

    The old row drains. Where its key cannot be used any more there is nothing to drain with: then the new key takes
    its place, and what runs is watched again. Raises SameKey, KeyGone, CannotSeal.
    """
    with transaction.atomic():
        old = _locked(credential)
        secrets = opened(old)
        if secrets is not None and hmac.compare_digest(secrets[0].encode(), key.encode()):
            new = _change_webhook_key(old, secrets, webhook_key)
        elif secrets is None:
            new = old
            seal(old, key, webhook_key or webhook_key_of(old))
            forgive(old)
        else:
            new = _succeed(old, key, webhook_key or secrets[1])
        ask_for_proof(new)
    log.info("the key of credential %s was replaced by %s; it is in credential %s", old.pk, actor, new.pk)
    return new


@sensitive_variables("key", "webhook_key")
def ensure(*, team: Team, provider: str, label: str, key: str, webhook_key: str = "", actor: str) -> Stored:
    """Have this key in use under this label, whatever was there before, and whoever else is at it.

    Raises CannotSeal, KeyGone, LabelTaken.
    """
    rows = Credential.objects.kept_by(team).filter(provider=provider, label=label)
    known = rows.first()
    if known is None:
        try:
            add(team=team, provider=provider, label=label, key=key, webhook_key=webhook_key, actor=actor)
            return Stored.ADDED
        except LabelTaken:  # between our look and our write
            known = rows.first()
            if known is None:
                raise
    try:
        replace(credential=known, key=key, webhook_key=webhook_key, actor=actor)
    except SameKey:
        return Stored.UNCHANGED
    return Stored.REPLACED


@sensitive_variables("webhook_key")
def change(
    *,
    credential: Credential,
    label: str,
    running_max: int | None,
    hourly_max: int | None,
    webhook_key: str = "",
    actor: str,
) -> None:
    """Another name, other limits of its own (None: the vendor's), another webhook key ("": the one it has).

    Raises LabelTaken, KeyGone, KeyUnusable, CannotSeal.
    """
    try:
        with transaction.atomic():
            row = _locked(credential)
            row.label, row.running_max, row.hourly_max = label, running_max, hourly_max
            row.save(update_fields=["label", "running_max", "hourly_max"])
            if webhook_key:
                secrets = opened(row)
                if secrets is None:
                    raise KeyUnusable
                seal(row, secrets[0], webhook_key)
    except IntegrityError as error:
        raise _label_taken(credential.provider, label) from error
    log.info("credential %s was changed by %s", credential.pk, actor)


def readdress(*, credential: Credential, base_url: str, actor: str) -> None:
    """Talk to the vendor at another address, for superusers. The key is not sent there until it is entered again."""
    Credential.objects.filter(pk=credential.pk).update(base_url=base_url)
    credential.base_url = base_url
    log.warning("credential %s was given another address by %s", credential.pk, actor)


def pause(*, credential: Credential, actor: str) -> None:
    """Send nothing new on it; nothing happens if it is switched off already. Raises KeyGone."""
    if not credential.pause():
        return _expect_kept(credential)
    log.info("credential %s was switched off by %s", credential.pk, actor)


def resume(*, credential: Credential, actor: str) -> None:
    """Use it again; nothing happens if it is in use already. Raises KeyGone."""
    if not credential.resume():
        return _expect_kept(credential)
    log.info("credential %s was switched on by %s", credential.pk, actor)


def remove(*, credential: Credential, actor: str) -> bool:
    """Give it up: at once (True) when nothing runs on it, else when that is done."""
    with transaction.atomic():
        row = _locked(credential)
        gone = retiring.give_up(row, is_replaced=False)
    log.info("credential %s was removed by %s%s", row.pk, actor, "" if gone else " and drains")
    return gone


def _expect_kept(credential: Credential) -> None:
    credential.refresh_from_db(fields=["state"])
    if not credential.takes_work:
        raise KeyGone


def _locked(credential: Credential) -> Credential:
    """The row as it is now, kept from the pump and from other people until the transaction ends."""
    row: Credential | None = Credential.objects.select_for_update(no_key=True).filter(pk=credential.pk).first()
    if row is None or not row.takes_work:
        raise KeyGone
    return row


@sensitive_variables()
def _change_webhook_key(credential: Credential, secrets: tuple[str, str], webhook_key: str) -> Credential:
    """The key is the same; perhaps the webhook key is not. Raises SameKey."""
    if not webhook_key or hmac.compare_digest(secrets[1].encode(), webhook_key.encode()):
        raise SameKey
    seal(credential, secrets[0], webhook_key)
    return credential


@sensitive_variables("key", "webhook_key")
def _succeed(old: Credential, key: str, webhook_key: str) -> Credential:
    """A new row with the name and the place of the old one, which drains under another name."""
    label, place, state = old.label, old.position, old.state
    retiring.give_up(old, is_replaced=True)
    new = Credential.objects.create(
        team=old.team,
        provider=old.provider,
        label=label,
        replaces=old,
        position=place,
        state=state,
        base_url=old.base_url,
        running_max=old.running_max,
        hourly_max=old.hourly_max,
    )
    seal(new, key, webhook_key)
    return new


def _label_taken(provider: str, label: str) -> LabelTaken:
    vendor = providers.PROVIDERS.get(provider)
    whose = vendor.label if vendor else provider
    return LabelTaken(f"A key of {whose} is called “{label}” already. Choose another name.")
