"""API in One's two offers from the order to the shelf, whichever way it answers: nobody has published which it is."""

from decimal import Decimal

import pytest

from generations.models import Generation, Image, Reason, State
from generations.services import ordering
from tests.journeys.street import Street

DRAW, UPSCALE = "grok-imagine/text-to-image", "grok-imagine/upscale"
PROFILES = ["P1", "P2", "P3", "P4", "P5"]


def only_image(row: Generation) -> Image:
    image: Image = row.images.get()
    return image


class TestADrawing:
    @pytest.mark.parametrize(("shape", "said"), [("1:1", {}), ("3:2", {"aspect_ratio": "3:2"})])
    def test_is_asked_for_as_the_documents_say(self, street: Street, shape: str, said: dict[str, str]) -> None:
        row = street.draw("apiinone", "A fox on a tram", shape=shape)

        (sent,) = street.calls("apiinone")
        assert sent.path == "/api/v1/images/generations"
        assert sent.headers["authorization"] == "Bearer aio_1"
        assert sent.json() == {"model": DRAW, "prompt": "A fox on a tram", **said}
        looks = street.calls("apiinone", "look")
        assert {look.path for look in looks} == {f"/api/v1/tasks/{row.vendor_task_id}"}
        assert {look.headers["authorization"] for look in looks} == {"Bearer aio_1"}
        assert len(looks) <= 3

    def test_has_no_address_to_be_called_back_at(self, street: Street) -> None:
        """What it would say is unpublished, so it is not asked to."""
        street.open_door()
        street.draw("apiinone", shape="1:1")
        assert set(street.bodies("apiinone")[0]) == {"model", "prompt"}

    @pytest.mark.parametrize("form", ["A", "B"])
    @pytest.mark.parametrize("profile", PROFILES)
    def test_is_found_in_any_answer(self, street: Street, profile: str, form: str) -> None:
        street.apiinone.knobs.profile, street.apiinone.knobs.form = profile, form
        row = street.draw("apiinone", "several lamps")

        assert row.state == State.SUCCEEDED
        assert [image.index for image in row.images.order_by("index")] == [0, 1, 2, 3, 4, 5]
        assert (row.vendor_cost or row.assumed_cost) == Decimal(5)
        assert street.balance() == (495, 0)
        assert street.apiinone.counts.creates == {"several lamps": 1}

    @pytest.mark.parametrize("profile", PROFILES)
    @pytest.mark.parametrize(
        ("words", "reason"), [("a lamp fail", Reason.VENDOR), ("a lamp unsafe", Reason.CONTENT_POLICY)]
    )
    def test_that_failed_is_understood_in_any_answer(
        self, street: Street, profile: str, words: str, reason: Reason
    ) -> None:
        street.apiinone.knobs.profile = profile
        row = street.draw("apiinone", words)

        assert (row.state, row.reason) == (State.FAILED, reason)
        assert street.balance() == (500, 0)
        assert street.apiinone.left("aio_1") == 1000

    def test_that_moves_only_when_it_is_asked_for_is_asked_for(self, street: Street) -> None:
        street.apiinone.knobs.lazy = True
        assert street.draw("apiinone").state == State.SUCCEEDED

    def test_without_an_address_is_given_up_and_staff_hear_which_keys_the_answer_had(self, street: Street) -> None:
        row = street.draw("apiinone", "an empty lamp")

        assert (row.state, row.reason) == (State.FAILED, Reason.BAD_ANSWER)
        assert street.alerts() == {"vendor"}
        assert "output" in street.heard_by_staff()


class TestAnUpscale:
    @pytest.mark.parametrize("profile", PROFILES)
    def test_names_the_task_at_the_account_that_drew_it(self, street: Street, profile: str) -> None:
        street.apiinone.knobs.profile = profile
        street.keys["apiinone"].pause()
        second = street.add_key("apiinone", "Second", key="aio_2")
        drawn = street.draw("apiinone")
        street.keys["apiinone"].resume()
        row = street.enlarge(only_image(drawn), "apiinone", "grok-upscale")
        street.go()

        row = street.now(row)
        assert (row.state, row.credential, row.vendor_cost or row.assumed_cost) == (
            State.SUCCEEDED,
            second,
            Decimal(12),
        )
        sent = street.calls("apiinone")[-1]
        assert sent.headers["authorization"] == "Bearer aio_2"
        assert sent.json() == {"model": UPSCALE, "task_id": drawn.vendor_task_id}
        assert only_image(row).width == 2 * only_image(drawn).width
        assert street.balance() == (500 - 5 - 12, 0)

    def test_is_sent_once_more_with_the_prompt_where_that_is_missed(self, street: Street) -> None:
        street.apiinone.knobs.wants_prompt = True
        drawn = street.draw("apiinone", "a lamp")
        row = street.enlarge(only_image(drawn), "apiinone", "grok-upscale")
        street.go()

        asked = street.bodies("apiinone")[1:]
        plain = {"model": UPSCALE, "task_id": drawn.vendor_task_id}
        assert asked == [plain, {**plain, "prompt": "a lamp"}]
        assert street.now(row).state == State.SUCCEEDED
        assert street.now(row).attempts.count() == 1

    def test_of_another_vendors_picture_is_refused_before_any_hold(self, street: Street) -> None:
        drawn = street.draw("apikley")

        with pytest.raises(ordering.OfferUnavailable, match="Only for pictures drawn by API in One"):
            street.enlarge(only_image(drawn), "apiinone", "grok-upscale")
        assert street.balance() == (495, 0)
