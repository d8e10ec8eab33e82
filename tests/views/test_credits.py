"""The statement through its address: a cursor nobody was given shows the newest lines."""

from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from generations.models import Member
from tests.conftest import Cast


@pytest.mark.parametrize("before", ["9" * 18, "9" * 19, "9" * 5000, "-1", "\u0661", "x", ""])
def test_answers_whatever_the_cursor(cast: Cast, signed_in: Callable[[Member], Client], before: str) -> None:
    answer = signed_in(cast.ada).get(reverse("credits"), {"before": before})

    assert answer.status_code == 200
    assert b"Moved in" in answer.content or b"Credits added" in answer.content
