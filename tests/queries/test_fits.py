"""From any finished picture: everything its team's vendors sell, with what the catalogue has to know about it."""

from typing import Any

import pytest

from generations import providers
from generations.models import Credential, Image, OfferSwitch
from generations.queries.fits import fit_of, fits_for, subject_of
from tests.bureau import BYTES_MAX, Bureau, drawn_there, open_bureau, weigh
from tests.conftest import Cast
from tests.making import finish_many, finish_one


@pytest.fixture
def bureau(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> Credential:
    return open_bureau(cast.team, monkeypatch)


@pytest.fixture
def image(cast: Cast, bureau: Credential) -> Image:
    return weigh(finish_one(cast.ada), BYTES_MAX)


def reasons(image: Image, cast: Cast) -> dict[str, str]:
    return {fit.offer.key: fit.reason for fit in fits_for(image, member=cast.ada)}


class TestTheList:
    def test_holds_every_upscale_of_every_vendor_set_up(self, cast: Cast, image: Image) -> None:
        assert list(reasons(image, cast)) == ["enlarge-2x", "enlarge-4x", "again", "large"]
        assert [fit.offer.key for fit in fits_for(image, member=cast.mallory)] == ["enlarge-2x", "enlarge-4x"]

    def test_leaves_out_what_an_admin_switched_off(self, cast: Cast, image: Image) -> None:
        OfferSwitch.objects.create(provider="bureau", offer_key="large", is_on=False)
        assert "large" not in reasons(image, cast)
        assert fit_of(image, member=cast.ada, provider="bureau", offer="large") is None

    def test_keeps_a_paused_vendor_and_says_so_and_sends_nobody_there(self, cast: Cast, image: Image) -> None:
        Credential.objects.filter(provider="demo").update(state="paused")
        found = reasons(image, cast)
        assert found["enlarge-2x"] == "Demo is paused for this team. Your owner can resume it."
        assert "Demo" not in found["again"]

    def test_keeps_what_the_vendor_refuses_on_every_key_and_says_so(
        self, cast: Cast, bureau: Credential, image: Image
    ) -> None:
        """What only the account that drew the picture can do is a question of its key alone."""
        bureau.turn_off("large", because="The vendor answered 403.")
        bureau.turn_off("again", because="The vendor answered 505.")
        found = reasons(drawn_there(image, bureau), cast)
        words = "Bureau does not take orders for {} on the key at hand. Your owner can test the key to try again."
        labels = {offer.key: offer.label for offer in providers.get("bureau").offers}
        assert found["large"] == words.format(labels["large"])
        assert found["again"] == words.format(labels["again"])

        Credential.objects.create(team=cast.team, provider="bureau", label="Another")
        found = reasons(drawn_there(image, bureau), cast)
        assert found["large"].startswith("Bureau must fetch")
        assert found["again"] == words.format(labels["again"])

    def succeed(self, bureau: Credential, label: str = "Desk 2", state: str = "active") -> Credential:
        """Replace the key, as a person would."""
        Credential.objects.filter(pk=bureau.pk).update(state="draining")
        facts = {"provider": bureau.provider, "label": label, "state": state, "replaces": bureau}
        made: Credential = Credential.objects.create(team=bureau.team, **facts)
        return made

    def test_keeps_the_account_that_drew_it_while_it_drains(self, cast: Cast, bureau: Credential, image: Image) -> None:
        heir = self.succeed(bureau)
        assert reasons(drawn_there(image, bureau), cast)["again"] == ""
        self.succeed(heir, "Desk 3")
        assert reasons(drawn_there(image, bureau), cast)["again"] == ""

    def test_closes_it_while_the_key_in_its_place_is_paused(self, cast: Cast, bureau: Credential, image: Image) -> None:
        Credential.objects.create(team=cast.team, provider="bureau", label="Another")
        self.succeed(bureau, state="paused")
        assert "that one is paused. Your owner can resume it." in reasons(drawn_there(image, bureau), cast)["again"]

    def test_closes_what_only_a_removed_key_could_do_while_it_drains(
        self, cast: Cast, bureau: Credential, image: Image
    ) -> None:
        """Whoever removed it read that nothing new is sent on it."""
        Credential.objects.filter(pk=bureau.pk).update(state="draining")
        found = reasons(drawn_there(image, bureau), cast)
        assert found["again"].startswith("Only with the Bureau key that drew this picture, and that one is not in use.")
        assert "large" not in found

    @pytest.mark.parametrize(
        ("state", "words"), [("paused", "is paused. Your owner can resume it."), ("retired", "is not in use.")]
    )
    def test_closes_what_only_that_account_could_do(
        self, cast: Cast, bureau: Credential, image: Image, state: str, words: str
    ) -> None:
        Credential.objects.create(team=cast.team, provider="bureau", label="Another")
        Credential.objects.filter(pk=bureau.pk).update(state=state)
        found = reasons(drawn_there(image, bureau), cast)
        assert found["again"].startswith(f"Only with the Bureau key that drew this picture, and that one {words}")


class TestTheSubject:
    def test_is_a_drawing_of_its_vendor_with_its_age(self, cast: Cast, bureau: Credential, image: Image) -> None:
        subject = subject_of(drawn_there(image, bureau, hours=3))
        assert (subject.drawn_by, subject.image_index, subject.account_is_in_use) == ("bureau", 0, True)
        assert subject.task_age_seconds == pytest.approx(3 * 3600, abs=60)

    def test_knows_which_of_several_it_is(self, cast: Cast) -> None:
        assert [subject_of(one).image_index for one in finish_many(cast.ada, 3)] == [0, 1, 2]

    @pytest.mark.parametrize(("hours", "has_link"), [(1, True), (20.5, False)])
    def test_has_a_link_while_the_vendor_surely_shows_it(
        self, cast: Cast, bureau: Credential, image: Image, hours: float, has_link: bool
    ) -> None:
        subject = subject_of(drawn_there(image, bureau, hours=hours, links=True))
        assert subject.has_link is has_link
        assert subject.has_url(Bureau) is has_link

    @pytest.mark.parametrize(
        ("url", "has"), [("", False), ("http://localhost:8000", False), ("https://studio.example.org", True)]
    )
    def test_has_a_public_address_if_the_studio_has_one(self, image: Image, settings: Any, url: str, has: bool) -> None:
        settings.PUBLIC_URL = url
        assert subject_of(image).has_public_address is has

    def test_is_reached_at_any_address_by_a_vendor_of_our_own_network(
        self, cast: Cast, image: Image, settings: Any
    ) -> None:
        settings.PUBLIC_URL = "http://localhost:8000"
        assert reasons(image, cast)["large"].startswith("Bureau must fetch the picture from the web")
        settings.PROVIDER_BASE_URLS = {**settings.PROVIDER_BASE_URLS, "bureau": "http://127.0.0.1:8900"}
        settings.ALLOW_PRIVATE_HOSTS = frozenset({"127.0.0.1"})
        assert reasons(image, cast)["large"] == ""
