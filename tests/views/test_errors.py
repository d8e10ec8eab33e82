"""Errors name themselves once for the person and once in the log, and strangers cannot fill that log."""

import re
from collections.abc import Callable
from typing import NoReturn

import pytest
from django.test import Client

from generations.models import Member
from generations.views import errors, studio
from tests.conftest import Cast


def test_the_number_on_the_page_stands_in_the_log(
    cast: Cast,
    signed_in: Callable[[Member], Client],
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    def break_down(**_: object) -> NoReturn:
        raise RuntimeError("the lamp fell")

    monkeypatch.setattr(studio, "composer_for", break_down)
    client = signed_in(cast.ada)
    client.raise_request_exception = False
    found = re.search(r"e-[0-9a-f]{8}", client.get("/?prompt=secret").content.decode())
    assert found

    (line,) = [record for record in caplog.records if record.name == errors.__name__]
    assert (line.levelname, line.getMessage()) == ("ERROR", f"error {found[0]} at GET /")
    assert line.exc_info
    assert str(line.exc_info[1]) == "the lamp fell"


def test_many_reports_make_few_lines(
    db: None,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    pass_time: Callable[[float], None],
) -> None:
    monkeypatch.setattr(errors, "reports", errors.Reports())

    def report() -> int:
        return Client().post("/csp-report/", "{}", content_type="application/csp-report").status_code

    assert {report() for _ in range(20)} == {204}
    assert len(caplog.records) == 3
    pass_time(61)
    report()

    assert "18 reports since the last line" in caplog.records[-1].getMessage()


def test_a_report_too_long_is_refused(db: None, caplog: pytest.LogCaptureFixture) -> None:
    body = "x" * (errors.REPORT_BYTES_MAX + 1)
    assert Client().post("/csp-report/", body, content_type="application/csp-report").status_code == 413
    assert not [record for record in caplog.records if record.name == errors.__name__]
