"""The studio page through its addresses: ordering, what comes back, and what a poll costs."""

import re
from collections.abc import Callable
from urllib.parse import urlencode

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django_q.models import OrmQ

from generations import ledger
from generations.models import Batch, Credential, CreditHold, Generation, Lease, Member, OfferSwitch, State
from generations.queries import feed
from tests.bureau import open_bureau
from tests.conftest import Cast
from tests.making import finish, finish_many, hand_over, make_waiting, set_price

HTMX = {"HX-Request": "true"}
ORDER = {"prompt": "a lamp", "shape": "3:2", "model": "demo:painter", "count": "2", "request_key": "k1"}

SignIn = Callable[[Member], Client]


@pytest.fixture
def ben(cast: Cast, signed_in: SignIn) -> Client:
    return signed_in(cast.ben)


def poll_address(page: bytes) -> str:
    found = re.search(rb'hx-get="(/feed/\?[^"]+)"', page)
    assert found, "the page has no live poll"
    return found[1].decode().replace("&amp;", "&")


def cursor_in(page: bytes) -> str:
    found = re.search(rb'name="cursor"[^>]*value="([^"]+)"', page)
    assert found
    return found[1].decode()


class TestAnOrder:
    def test_answers_with_its_cards_at_once(self, ben: Client) -> None:
        answer = ben.post(reverse("batches"), ORDER, headers=HTMX)

        assert answer.status_code == 200
        for row in Generation.objects.all():
            assert f'id="generation-{row.pk}"'.encode() in answer.content
        assert answer.content.count(b'data-state="queued"') == 2

    def test_moves_the_balance_in_the_rail(self, ben: Client) -> None:
        answer = ben.post(reverse("batches"), ORDER, headers=HTMX)

        assert b"490" in answer.content

    def test_brings_a_fresh_key_for_the_next_one(self, ben: Client) -> None:
        answer = ben.post(reverse("batches"), ORDER, headers=HTMX)

        found = re.search(rb'name="request_key"[^>]*value="([^"]+)"', answer.content)
        assert found
        assert found[1] != b"k1"

    def test_without_script_leads_back_to_the_studio(self, ben: Client) -> None:
        answer = ben.post(reverse("batches"), ORDER)

        assert (answer.status_code, answer.headers["Location"]) == (302, reverse("studio"))

    def test_sent_twenty_times_is_one(self, ben: Client) -> None:
        for _ in range(20):
            assert ben.post(reverse("batches"), ORDER, headers=HTMX).status_code == 200

        assert Batch.objects.count() == 1
        assert CreditHold.objects.count() == 2

    def test_with_a_used_key_and_another_prompt_is_a_conflict(self, ben: Client) -> None:
        ben.post(reverse("batches"), ORDER)
        answer = ben.post(reverse("batches"), ORDER | {"prompt": "something else"})

        assert answer.status_code == 409
        assert Batch.objects.count() == 1

    @pytest.mark.parametrize(
        ("change", "words"),
        [
            ({"prompt": ""}, "Write what the picture should show"),
            ({"prompt": "   \n "}, "Write what the picture should show"),
            ({"prompt": "x" * 5001}, "1 character too many"),
            ({"prompt": "a\0b"}, "Null characters are not allowed"),
            ({"count": "0"}, "at least 1"),
            ({"count": "9"}, "at most 8"),
            ({"count": "many"}, "a number from 1 to 8"),
            ({"shape": "16:9"}, "does not draw this shape"),
            ({"shape": ""}, "Choose a shape"),
            ({"model": "nobody:nothing"}, "not set up here"),
            ({"model": "demo:enlarge-2x"}, "Choose one that draws"),
        ],
    )
    def test_that_is_wrong_says_why_and_loses_nothing(self, ben: Client, change: dict[str, str], words: str) -> None:
        answer = ben.post(reverse("batches"), ORDER | change, headers=HTMX)

        assert answer.status_code == 422
        assert words in answer.content.decode()
        if "prompt" not in change:
            assert "a lamp</textarea>" in answer.content.decode()
        assert not Generation.objects.exists()
        assert not CreditHold.objects.exists()

    @pytest.mark.parametrize("prompt", [b"half \xed\xa0\xbd of it", "half \ufffd of it", b"\xfcber"])
    def test_with_half_a_character_says_where_and_loses_nothing(self, ben: Client, prompt: str | bytes) -> None:
        """F57: a lone surrogate is no text; what cannot be kept as it was typed is not kept."""
        fields = urlencode({**ORDER, "prompt": prompt})
        answer = ben.post(reverse("batches"), fields, content_type="application/x-www-form-urlencoded", headers=HTMX)

        assert answer.status_code == 422
        assert re.search(r'id="prompt-error">.*write anew what stands at \ufffd', answer.content.decode(), re.DOTALL)
        assert re.search("\ufffd.*</textarea>", answer.content.decode())
        assert not Generation.objects.exists()
        assert not CreditHold.objects.exists()

    @pytest.mark.parametrize(
        "prompt",
        [
            "<script>alert(1)</script>",
            "{{ 7 * 7 }}",
            "\U0001f40b \u202eright to left",
            "x" * 5000,
            'a "quote" & more',
            "a\r\nb",
        ],
    )
    def test_keeps_any_words_exactly(self, ben: Client, prompt: str) -> None:
        assert ben.post(reverse("batches"), ORDER | {"prompt": prompt}, headers=HTMX).status_code == 200
        assert Generation.objects.first().prompt == prompt.replace("\r\n", "\n")  # type: ignore[union-attr]
        page = ben.get(reverse("studio")).content
        assert b"<script>alert(1)" not in page
        assert b">49<" not in page

    def test_of_a_model_that_is_switched_off_is_refused_at_its_field(self, ben: Client) -> None:
        OfferSwitch.objects.create(provider="demo", offer_key="painter", is_on=False)
        answer = ben.post(reverse("batches"), ORDER, headers=HTMX)

        assert answer.status_code == 422
        assert re.search(rb'id="model-error">.*Demo painter is switched off here', answer.content, re.DOTALL)
        assert not CreditHold.objects.exists()

    def test_in_a_shape_that_is_off_is_refused_at_its_field_until_it_is_on(
        self, cast: Cast, ben: Client, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        open_bureau(cast.team, monkeypatch)
        order = ORDER | {"model": "bureau:sketch", "shape": "16:9"}
        answer = ben.post(reverse("batches"), order, headers=HTMX)

        assert (answer.status_code, CreditHold.objects.count()) == (422, 0)
        assert re.search(rb'id="shape-error">.*Bureau sketch does not draw this shape', answer.content, re.DOTALL)

        OfferSwitch.objects.create(provider="bureau", offer_key="sketch", shapes_on=["16:9"])
        assert ben.post(reverse("batches"), order, headers=HTMX).status_code == 200
        assert set(Generation.objects.values_list("shape", flat=True)) == {"16:9"}

    def test_at_a_vendor_that_rests_is_taken_and_at_a_paused_one_refused(self, cast: Cast, ben: Client) -> None:
        credential = Credential.objects.get(team=cast.team)
        credential.rest(seconds=300, because="The account is empty.")
        assert b"Resting just now: The account is empty." in ben.get(reverse("studio")).content
        assert ben.post(reverse("batches"), ORDER, headers=HTMX).status_code == 200

        credential.pause()
        answer = ben.post(reverse("batches"), ORDER | {"request_key": "k2"}, headers=HTMX)
        assert (answer.status_code, Batch.objects.count()) == (422, 1)
        assert b"Demo is paused for this team. Your owner can resume it." in answer.content

    def test_too_dear_names_what_is_missing(self, cast: Cast, ben: Client) -> None:
        set_price("demo", "painter", 300)
        answer = ben.post(reverse("batches"), ORDER, headers=HTMX)

        assert answer.status_code == 422
        assert "600" in answer.content.decode()
        assert not Generation.objects.exists()

    def test_cannot_name_its_price_state_or_maker(self, cast: Cast, ben: Client) -> None:
        """S23: fields that are not in the form change nothing."""
        forged = {"price": "0", "state": "succeeded", "member": str(cast.ada.pk), "team": str(cast.mallory.team.pk)}
        ben.post(reverse("batches"), ORDER | forged, headers=HTMX)

        row = Generation.objects.order_by("pk")[0]
        assert (row.price, row.state, row.member, row.team) == (5, State.QUEUED, cast.ben, cast.team)

    def test_keeps_the_price_it_was_sold_at(self, cast: Cast, ben: Client) -> None:
        ben.post(reverse("batches"), ORDER | {"count": "1"}, headers=HTMX)
        set_price("demo", "painter", 300)
        finish(Generation.objects.get())

        account = ledger.account_of(cast.ben)
        assert (account.posted, account.held) == (495, 0)


class TestAPoll:
    def test_with_nothing_new_costs_three_queries_and_no_write(self, cast: Cast, ben: Client) -> None:
        make_waiting(cast.ben)
        address = poll_address(ben.get(reverse("studio")).content)
        Lease.objects.take("pump:0", seconds=10)

        with CaptureQueriesContext(connection) as queries:
            answer = ben.get(address)

        assert answer.status_code == 204
        assert [query["sql"].partition(" ")[0] for query in queries] == ["SELECT"] * 3

    def test_wakes_a_pump_that_is_not_there(self, cast: Cast, ben: Client) -> None:
        make_waiting(cast.ben)
        address = poll_address(ben.get(reverse("studio")).content)
        OrmQ.objects.all().delete()
        Lease.objects.all().delete()
        for _ in range(5):
            ben.get(address)

        assert OrmQ.objects.count() == 1

    def test_brings_only_what_changed(self, cast: Cast, ben: Client) -> None:
        first, second = make_waiting(cast.ben), make_waiting(cast.ben, "another")
        hand_over(first)
        address = poll_address(ben.get(reverse("studio")).content)
        finish(first)
        answer = ben.get(address)

        assert answer.status_code == 200
        assert f'id="generation-{first.pk}"'.encode() in answer.content
        assert b'data-state="succeeded"' in answer.content
        assert f'id="generation-{second.pk}"'.encode() not in answer.content

    def test_shows_what_a_colleague_ordered(self, cast: Cast, ben: Client) -> None:
        make_waiting(cast.ben)
        address = poll_address(ben.get(reverse("studio")).content)
        theirs = make_waiting(cast.ada, "Ada's lighthouse")

        assert f'id="generation-{theirs.pk}"'.encode() in ben.get(address).content

    def test_never_shows_another_teams(self, cast: Cast, ben: Client) -> None:
        make_waiting(cast.ben)
        address = poll_address(ben.get(reverse("studio")).content)
        make_waiting(cast.mallory, "a secret of Mallory's")

        assert ben.get(address).status_code == 204

    def test_ends_when_nothing_is_open(self, cast: Cast, ben: Client) -> None:
        row = make_waiting(cast.ben)
        address = poll_address(ben.get(reverse("studio")).content)
        finish(row)
        answer = ben.get(address)

        assert answer.status_code == 200
        assert b'hx-get="/feed/' not in answer.content

    def test_notices_a_move_whose_event_came_late(self, cast: Cast, ben: Client) -> None:
        """Another process may commit an event with a smaller number after ours: the sum of versions tells."""
        row = make_waiting(cast.ben)
        hand_over(row)
        address = poll_address(ben.get(reverse("studio")).content)
        Generation.objects.filter(pk=row.pk).update(version=row.version + 1)

        assert f'id="generation-{row.pk}"'.encode() in ben.get(address).content

    @pytest.mark.parametrize("cursor", ["", "x", "1.2", "1.2.3.4", "-1.2.3", "9" * 30 + ".1.1", "1.1.\u0661"])
    def test_with_a_broken_cursor_still_answers(self, cast: Cast, ben: Client, cursor: str) -> None:
        make_waiting(cast.ben)

        assert ben.get(reverse("feed"), {"cursor": cursor}).status_code == 200

    def test_of_someone_signed_out_leads_to_the_login(self, cast: Cast) -> None:
        answer = Client().get(reverse("feed"), headers=HTMX)

        assert answer.headers.get("HX-Redirect", "").startswith(reverse("account_login"))

    def test_costs_the_same_however_many_cards_changed(self, cast: Cast, ben: Client) -> None:
        counts = []
        for number in (1, 8):
            make_waiting(cast.ben)
            address = poll_address(ben.get(reverse("studio")).content)
            hand_over(make_waiting(cast.ben, count=number))
            with CaptureQueriesContext(connection) as queries:
                assert ben.get(address).status_code == 200
            counts.append(len(queries))

        assert counts[0] == counts[1]


class TestThePage:
    def test_costs_the_same_however_many_pictures_hang_there(self, cast: Cast, ben: Client) -> None:
        counts = []
        for _ in range(2):
            for _ in range(3):
                make_waiting(cast.ben, count=2)
            with CaptureQueriesContext(connection) as queries:
                assert ben.get(reverse("studio")).status_code == 200
            counts.append(len(queries))

        assert counts[0] == counts[1]

    def test_says_each_waiting_picture_its_place_in_the_teams_line(self, cast: Cast, ben: Client) -> None:
        """Turns go round the members; what another team has waiting is not told, not even as a number."""
        make_waiting(cast.mallory, count=3)
        make_waiting(cast.ada, count=2)
        row = make_waiting(cast.ben)

        assert feed.places([row]) == {row.pk: 2}

    def test_starts_from_an_earlier_order(self, cast: Cast, ben: Client) -> None:
        row = make_waiting(cast.ada, "Ada's lighthouse", shape="2:3")
        page = ben.get(reverse("studio"), {"from": str(row.pk)}).content.decode()

        assert "Ada&#x27;s lighthouse</textarea>" in page
        assert re.search(r'value="2:3"[^>]*checked', page)

    def test_starts_from_nothing_of_another_team(self, cast: Cast, ben: Client) -> None:
        row = make_waiting(cast.mallory, "a secret of Mallory's")

        for word in (str(row.pk), "nonsense", ""):
            assert b"secret" not in ben.get(reverse("studio"), {"from": word}).content

    def test_of_mine_stays_mine_after_an_action(self, cast: Cast, ben: Client) -> None:
        cursor = cursor_in(ben.get(reverse("studio") + "?whose=mine").content)
        theirs = make_waiting(cast.ada, "Ada's lighthouse")
        here = HTMX | {"HX-Current-URL": "http://testserver/?whose=mine"}
        answer = ben.post(reverse("batches"), ORDER | {"cursor": cursor}, headers=here)

        assert str(theirs.pk).encode() not in answer.content
        assert answer.content.count(b'data-state="queued"') == 2

    def test_shows_one_card_for_six_pictures_with_the_first_one_and_their_number(self, cast: Cast, ben: Client) -> None:
        images = finish_many(cast.ben, 6)
        page = ben.get(reverse("studio")).content.decode()

        assert page.count('class="card__link"') == 1
        assert f'id="picture-{images[0].pk}"' in page
        assert "6 pictures" in page

    def test_links_each_finished_card_to_its_picture(self, cast: Cast, ben: Client) -> None:
        image = finish(make_waiting(cast.ben))

        assert reverse("image", args=[image.pk]).encode() in ben.get(reverse("studio")).content

    def test_shows_a_viewer_no_way_to_order(self, cast: Cast, signed_in: SignIn) -> None:
        make_waiting(cast.ben)
        page = signed_in(cast.vera).get(reverse("studio")).content

        assert b"composer__prompt" not in page
        assert b"cancellation" not in page
