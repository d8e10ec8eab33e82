"""What machines are told, and which machines."""

import pytest
from django.test import Client


@pytest.mark.parametrize(
    "facts",
    [
        {"HTTP_X_FORWARDED_FOR": "203.0.113.9"},
        {"HTTP_FORWARDED": "for=203.0.113.9"},
        {"REMOTE_ADDR": "203.0.113.9"},
    ],
)
def test_readiness_is_for_this_machine_alone(db: None, facts: dict[str, str]) -> None:
    """Also behind a proxy that nobody told the settings about."""
    assert Client().get("/readyz", **facts).status_code == 404  # type: ignore[arg-type]
    assert Client().get("/readyz").status_code == 503


def test_anybody_may_ask_whether_it_is_up(db: None) -> None:
    answer = Client().get("/healthz", headers={"X-Forwarded-For": "203.0.113.9"})
    assert (answer.status_code, answer.content) == (200, b"ok")
