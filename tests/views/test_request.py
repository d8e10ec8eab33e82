"""A page that was left open in one team does nothing in another one."""

from collections.abc import Callable

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse

from generations.models import Batch, Lease, Member, Role
from generations.queries.pulse import TEAM_HEADER
from tests.conftest import Cast
from tests.making import make_waiting
from tests.views.test_studio import HTMX, ORDER, poll_address


@pytest.fixture
def page(cast: Cast, signed_in: Callable[[Member], Client]) -> Client:
    """Ben's browser; he is in Mallory's team too, and has just gone there."""
    assert cast.ben.person
    client = signed_in(cast.ben)
    Member.objects.create(team=cast.mallory.team, person=cast.ben.person, role=Role.CREATOR)
    return client


def switch(client: Client, member: Member) -> None:
    assert client.post(reverse("team_choice", args=[member.team_id])).status_code == 302


class TestAnOldPage:
    def test_orders_nothing_in_the_other_team(self, cast: Cast, page: Client) -> None:
        switch(page, cast.mallory)
        answer = page.post(reverse("batches"), ORDER | {"in_team": cast.team.pk}, follow=True)

        assert not Batch.objects.exists()
        assert b"nothing charged" in answer.content

    def test_loads_itself_anew_instead(self, cast: Cast, page: Client) -> None:
        switch(page, cast.mallory)
        answer = page.post(reverse("batches"), ORDER, headers=HTMX | {TEAM_HEADER: str(cast.team.pk)})

        assert not Batch.objects.exists()
        assert answer.headers["HX-Refresh"] == "true"

    def test_hears_nothing_of_the_other_team(self, cast: Cast, page: Client) -> None:
        """Also once its poll is answered by a pass."""
        make_waiting(cast.ben)
        Lease.objects.take("pump:0", seconds=1000)
        address, own = poll_address(page.get(reverse("studio")).content), HTMX | {TEAM_HEADER: str(cast.team.pk)}
        assert page.get(address, headers=own).status_code == 204
        assert settings.POLL_COOKIE_NAME in page.cookies
        assert page.get(address, headers=own).status_code == 204
        switch(page, cast.mallory)
        answer = page.get(address, headers=own)

        assert answer.headers["HX-Refresh"] == "true"

    def test_of_an_empty_team_is_not_taken_for_that_of_another(self, cast: Cast, page: Client) -> None:
        """Both have the same cursor: nothing ever happened there."""
        own = HTMX | {TEAM_HEADER: str(cast.team.pk)}
        address = f"{reverse('feed')}?cursor=0.0.0"
        assert page.get(address, headers=own).status_code == 204
        switch(page, cast.mallory)

        assert page.get(address, headers=own).headers["HX-Refresh"] == "true"


def test_a_page_of_this_team_goes_on(cast: Cast, page: Client) -> None:
    answer = page.post(reverse("batches"), ORDER, headers=HTMX | {TEAM_HEADER: str(cast.team.pk)})

    assert answer.status_code == 200
    assert Batch.objects.count() == 1
