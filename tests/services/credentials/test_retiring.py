"""A key that was replaced or removed is erased as soon as nothing needs it any more, and no sooner."""

import re
from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from generations.models import Credential, CredentialState, Generation, Image, Member, State, clock
from generations.services import credentials
from tests.bureau import AGAIN, LARGE, Bureau, drawn_there, open_bureau
from tests.conftest import Cast
from tests.keys import ACTOR, KEY, OTHER_KEY, add, keyed, now, occupy, opened
from tests.making import finish_one

__all__ = ["keyed"]

pytestmark = pytest.mark.usefixtures("keyed")


def test_a_drained_key_is_erased_and_others_are_left_alone(cast: Cast) -> None:
    done, busy, used = add(cast.team, "Done"), add(cast.team, "Busy"), add(cast.team, "Used")
    rows = [occupy(one, cast.ben) for one in (done, busy, used)]
    for one in (done, busy):
        credentials.replace(credential=one, key=OTHER_KEY, actor=ACTOR)
    assert credentials.retire_drained() == 0
    Generation.objects.filter(pk=rows[0].pk).update(state=State.FAILED, finished_at=clock.now())

    assert credentials.retire_drained() == 1
    assert (now(done).state, now(done).sealed_key) == (CredentialState.RETIRED, "")
    assert now(done).label.startswith("Done (replaced ")
    assert now(busy).state == CredentialState.DRAINING
    assert now(used).state == CredentialState.ACTIVE
    assert opened(busy) == opened(used) == KEY
    assert credentials.retire_drained() == 0


def test_a_long_name_still_says_what_became_of_the_key(cast: Cast) -> None:
    long = add(cast.team, "x" * 80)
    credentials.remove(credential=long, actor=ACTOR)
    assert len(now(long).label) == 80
    assert "x (removed " in now(long).label


class TestAKeyThatDrew:
    """The bureau enlarges its own drawings by their names, for a day, and only for the account that ordered them."""

    @pytest.fixture
    def key(self, cast: Cast, monkeypatch: pytest.MonkeyPatch) -> Credential:
        open_bureau(cast.team, monkeypatch).delete()
        return add(cast.team, provider=Bureau.key)

    @pytest.fixture
    def image(self, cast: Cast, key: Credential) -> Image:
        return drawn_there(finish_one(cast.ben), key, hours=1)

    def test_is_kept_for_a_day_when_it_is_replaced(
        self,
        cast: Cast,
        key: Credential,
        image: Image,
        pass_time: Callable[[float], None],
        signed_in: Callable[[Member], Client],
    ) -> None:
        credentials.replace(credential=key, key=OTHER_KEY, actor=ACTOR)
        assert (now(key).state, opened(key)) == (CredentialState.DRAINING, KEY)

        pass_time(23 * 3600 - 60)
        assert credentials.retire_drained() == 0
        sheet = signed_in(cast.ada).get(reverse("image_upscale", args=[image.pk])).content.decode()
        assert re.search(rf'value="{Bureau.key}:{AGAIN.key}"(?![^>]* disabled)', sheet)

        pass_time(120)
        assert credentials.retire_drained() == 1
        assert (now(key).state, now(key).sealed_key) == (CredentialState.RETIRED, "")

    def test_says_so_on_its_card(
        self, cast: Cast, key: Credential, image: Image, signed_in: Callable[[Member], Client]
    ) -> None:
        credentials.replace(credential=key, key=OTHER_KEY, actor=ACTOR)
        page = signed_in(cast.ada).get(reverse("credentials")).content.decode()
        assert "It is kept for pictures it drew, which only it can enlarge" in page

    def test_says_so_only_if_it_is(
        self, cast: Cast, key: Credential, image: Image, signed_in: Callable[[Member], Client]
    ) -> None:
        busy = occupy(key, cast.ben)
        credentials.remove(credential=key, actor=ACTOR)
        Generation.objects.filter(pk=busy.pk).update(state=State.FAILED, finished_at=clock.now())
        page = signed_in(cast.ada).get(reverse("credentials")).content.decode()
        assert "Its key is erased within the hour" in page

    def test_is_not_kept_for_a_deleted_picture(self, key: Credential, image: Image) -> None:
        Image.objects.filter(pk=image.pk).update(deleted_at=clock.now())
        credentials.replace(credential=key, key=OTHER_KEY, actor=ACTOR)
        assert now(key).state == CredentialState.RETIRED

    def test_is_not_kept_when_somebody_removes_it(self, key: Credential, image: Image) -> None:
        assert credentials.remove(credential=key, actor=ACTOR)
        assert (now(key).state, now(key).sealed_key) == (CredentialState.RETIRED, "")

    def test_is_not_kept_where_no_offer_needs_it(
        self, key: Credential, image: Image, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(Bureau, "offers", (LARGE,))
        credentials.replace(credential=key, key=OTHER_KEY, actor=ACTOR)
        assert now(key).state == CredentialState.RETIRED
