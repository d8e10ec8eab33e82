"""Boards at the desk: moderators rename and remove what teams share; private ones are nobody's there."""

import pytest
from django.urls import reverse

from generations.models import Board
from tests.conftest import Cast
from tests.desk import person_of, seated
from tests.services.boards.hanging import begin

pytestmark = pytest.mark.django_db


def test_a_moderator_renames_and_removes_what_a_team_shares(cast: Cast) -> None:
    shared, own = begin(cast.ben, "Something foul"), begin(cast.ben, "Hush", is_private=True)
    begin(cast.ada, "Taken")
    client = seated(person_of("moderator"))
    every = reverse("admin:generations_board_changelist")
    page = client.get(every).content.decode()
    assert "Something foul" in page
    assert "Hush" not in page
    assert client.get(reverse("admin:generations_board_change", args=[own.pk])).status_code == 302

    one = reverse("admin:generations_board_change", args=[shared.pk])
    refused = client.post(one, {"name": "taken"}, follow=True).content.decode()
    assert "There is a board called “taken” already" in refused
    client.post(one, {"name": "Something", "is_private": "on", "search": "q=x"})
    assert Board.objects.filter(pk=shared.pk, name="Something", is_private=False, search="").exists()

    client.post(every, {"action": "remove", "_selected_action": [shared.pk, own.pk]})
    assert set(Board.objects.values_list("name", flat=True)) == {"Hush", "Taken"}
