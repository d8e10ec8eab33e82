"""Who is suspended reads why on every page, looks at everything, and does nothing."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from generations.models import Batch, ImageReport, Invitation, Member, Suspension, clock
from tests.conftest import Cast
from tests.making import PAINTER, finish_one
from tests.views.test_studio import HTMX

SignIn = Callable[[Member], Client]
ORDER = {"prompt": "a lamp", "model": f"demo:{PAINTER.key}", "shape": "3:2", "count": "1", "request_key": "k"}
WORDS = "Your account is suspended until the studio’s staff lift it. Insults."


@pytest.fixture
def suspended(cast: Cast) -> Suspension:
    made: Suspension = Suspension.objects.create(person=cast.ben.person, reason="Insults")
    return made


class TestWhoIsSuspended:
    @pytest.mark.parametrize("place", ["studio", "library", "credits", "team", "inbox", "account", "asks"])
    def test_looks_at_every_page_and_reads_why(
        self, cast: Cast, suspended: Suspension, signed_in: SignIn, place: str
    ) -> None:
        answer = signed_in(cast.ben).get(reverse(place))

        assert answer.status_code == 200
        assert WORDS in answer.content.decode()
        assert WORDS not in signed_in(cast.ada).get(reverse(place)).content.decode()

    @pytest.mark.parametrize("headers", [{}, HTMX])
    def test_does_nothing_and_is_told_why(
        self, cast: Cast, suspended: Suspension, signed_in: SignIn, headers: dict[str, str]
    ) -> None:
        ben, theirs = signed_in(cast.ben), finish_one(cast.ada)
        acts = [
            (reverse("batches"), ORDER),
            (reverse("image_upscale", args=[theirs.pk]), {"choice": "demo:enlarge-2x", "request_key": "u"}),
            (reverse("image_report", args=[theirs.pk]), {"reason": "other"}),
            (reverse("asks"), {"amount": "5", "reason": "more"}),
        ]
        before = Batch.objects.count()
        for address, typed in acts:
            answer = ben.post(address, typed, headers=headers)
            assert answer.status_code == (200 if headers else 403)
            assert WORDS in answer.content.decode()
            assert "nothing was charged" in answer.content.decode()

        assert (Batch.objects.count(), ImageReport.objects.count()) == (before, 0)

    def test_may_ask_for_their_data_and_sign_out(self, cast: Cast, suspended: Suspension, signed_in: SignIn) -> None:
        ben = signed_in(cast.ben)

        assert ben.post(reverse("account_export")).status_code == 302
        assert ben.post(reverse("account_logout")).status_code == 302
        assert ben.get(reverse("studio")).status_code == 302

    def test_may_act_again_at_the_end(self, cast: Cast, suspended: Suspension, signed_in: SignIn) -> None:
        Suspension.objects.update(until=clock.now() - timedelta(seconds=1))
        ben = signed_in(cast.ben)

        assert "is suspended" not in ben.get(reverse("studio")).content.decode()
        assert ben.post(reverse("batches"), ORDER, headers=HTMX).status_code == 200
        assert Batch.objects.count() == 1


class TestATeamThatIsSuspended:
    def test_holds_back_even_its_owner(self, cast: Cast, signed_in: SignIn) -> None:
        Suspension.objects.create(team=cast.team, reason="Unpaid.", until=clock.now() + timedelta(days=1))
        ada = signed_in(cast.ada)
        answer = ada.post(reverse("invitations"), {"emails": "friend@studio.test", "role": "creator"})

        assert (answer.status_code, Invitation.objects.count()) == (403, 0)
        assert "The team North is suspended until" in answer.content.decode()
        assert "is suspended" not in signed_in(cast.mallory).get(reverse("studio")).content.decode()
