"""Addresses that are secrets do not reach the log."""

import logging

import pytest
from django.test import Client

from generations.models import SetupLink
from imagine_site.logs import MaskTokens, masked


@pytest.mark.parametrize(
    ("text", "safe"),
    [
        ("Not Found: /setup/abc-DEF_1/", "Not Found: /setup/***/"),
        ('"POST /setup/abc?x=1 HTTP/1.1" 404', '"POST /setup/***?x=1 HTTP/1.1" 404'),
        ("/hooks/demo/abc/", "/hooks/demo/***/"),
        ("/images/abc/upscale/", "/images/abc/upscale/"),
    ],
)
def test_a_token_is_masked_and_nothing_else(text: str, safe: str) -> None:
    assert masked(text) == safe


def test_a_line_that_does_not_fit_its_values_is_left_to_the_handler() -> None:
    record = logging.makeLogRecord({"msg": "%s and %s", "args": ("/setup/abc/",)})
    assert MaskTokens().filter(record)
    assert record.msg == "%s and %s"


def test_a_form_sent_wrongly_does_not_tell_the_token(db: None, caplog: pytest.LogCaptureFixture) -> None:
    token = SetupLink.make()
    Client().post(f"/setup/{token}/", {"team": "North"})
    Client(enforce_csrf_checks=True).post(f"/setup/{token}/", {"team": "North"})
    Client().get(f"/setup/{token}x/")

    assert caplog.text.count("/setup/***/") >= 3
    assert token not in caplog.text
