"""S32: what a vendor says is written down without our keys, without its own, and without what else opens something."""

import logging

import pytest
from django.db import connection

from generations.connections import vault
from generations.models import Attempt, Credential, Generation, State
from generations.providers.base import Account, Failed, Fault, Ready
from generations.providers.errors import Refused, Unknown
from generations.services import ordering, pumping
from generations.services.pumping import verdicts
from generations.services.pumping.hushing import safe, without_keys
from generations.services.pumping.talk import Looked, Submitted
from tests.conftest import Cast
from tests.making import hand_over, make_waiting
from tests.simulators.invented import Invented
from tests.simulators.vendor import Script, Vendor

KEY = "canary-key-a-vendor-says-back-7fc1"
HEADER = "canary-of-a-header-2b90"
TOKEN = "canary-of-a-token-5d3e"
SAID = f"No such key {KEY}. You sent Authorization: Bearer {HEADER}\nand ?token={TOKEN}&size=2"
CANARIES = (KEY, HEADER, TOKEN)


def test_a_vendor_that_says_our_secrets_back_leaves_none_in_a_row_or_a_line(
    cast: Cast, vendor: Vendor, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    for credential in Credential.objects.filter(provider="invented"):
        credential.sealed_key = vault().seal(KEY, binding=f"credential:{credential.pk}:key")
        credential.save()
    vendor.script = Script(create=lambda _: (400, {"code": "bad", "message": SAID, "error": SAID}))
    made = ordering.order_drawing(
        member=cast.ben,
        provider="invented",
        offer=Invented.offers[0],
        prompt="a lamp",
        shape="3:2",
        count=1,
        request_key="k",
    )
    pumping.run(shard=0)
    row = made.generations.get()

    assert vendor.calls == ["create a lamp"]
    assert row.state != State.QUEUED
    assert "No such key ***" in Attempt.objects.get(generation=row).detail + row.vendor_text
    assert not [canary for canary in CANARIES if canary in caplog.text]
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")
            rows = repr(cursor.fetchall())
            assert not [canary for canary in CANARIES if canary in rows], table


@pytest.mark.parametrize(
    "said",
    [
        Failed(fault=Fault.VENDOR, vendor_code=SAID, vendor_text=SAID),
        Ready(urls=(), vendor_text=SAID),
        Unknown(SAID),
        Refused(SAID, fault=Fault.VENDOR, vendor_code=SAID, vendor_text=SAID),
    ],
    ids=["failed", "ready", "unknown", "refused"],
)
def test_the_key_it_was_asked_with_is_blotted_out_of_every_word(said: object) -> None:
    hushed = without_keys(said, Account(secret=KEY))
    assert KEY not in repr(vars(hushed) if isinstance(hushed, Exception) else hushed) + str(hushed)


def test_addresses_of_results_stay_what_they_are() -> None:
    """Pictures are fetched there; and a key so short is a word like any other."""
    ready = Ready(urls=(f"https://cdn.test/a.jpg?token={TOKEN}",), vendor_text="a lamp")
    assert without_keys(ready, Account(secret="lamp")) == ready


def test_what_a_look_brings_is_masked_before_it_is_written(cast: Cast) -> None:
    row = hand_over(make_waiting(cast.ben))
    verdicts.apply([Looked(row.pk, Failed(fault=Fault.VENDOR, vendor_code="E1", vendor_text=SAID))])

    row.refresh_from_db()
    assert row.vendor_text == safe(SAID)
    assert not [canary for canary in (HEADER, TOKEN) if canary in row.vendor_text]


def test_so_is_why_a_try_led_nowhere(cast: Cast) -> None:
    row = make_waiting(cast.ben)
    hand_over(row)
    attempt = Attempt.objects.filter(generation=row).order_by("-pk")[0]
    Attempt.objects.filter(pk=attempt.pk).update(outcome="open", detail="")
    verdicts.apply([Submitted(row.pk, attempt.pk, "nobody's", Unknown(SAID))])

    attempt.refresh_from_db()
    assert attempt.detail.startswith("No such key")
    assert not [canary for canary in (HEADER, TOKEN) if canary in attempt.detail]
    assert Generation.objects.get(pk=row.pk).state == State.RUNNING
