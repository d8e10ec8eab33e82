"""What a member may order is decided by what they are and see at that moment, not when their page was made."""

import uuid

import pytest

from generations import ledger, providers
from generations.models import Batch, Generation, Image, Member, Role, clock
from generations.providers.base import Failed, Fault
from generations.services import ordering
from tests.conftest import Cast, join
from tests.making import fail, finish_one, make_waiting

TWICE = providers.offer("demo", "enlarge-2x")


@pytest.fixture
def nina(cast: Cast) -> Member:
    return join(cast.team, "Nina", Role.CREATOR)


def enlarge(member: Member, image: Image) -> Generation:
    key = uuid.uuid4().hex
    batch = ordering.order_upscale(member=member, image=image, provider="demo", offer=TWICE, request_key=key)
    made: Generation = batch.generations.get()
    return made


class TestASourceThatBecamePrivate:
    def test_is_not_upscaled_again_by_who_no_longer_sees_it(self, cast: Cast, nina: Member) -> None:
        image = finish_one(cast.ben)
        failed = fail(enlarge(nina, image), Failed(fault=Fault.VENDOR))
        image.generation.share(private=True)
        before = ledger.account_of(nina).available

        with pytest.raises(ordering.OfferUnavailable, match="no longer shared with you"):
            ordering.retry(member=nina, generation=failed, request_key="again")
        assert (ledger.account_of(nina).available, Batch.objects.filter(member=nina).count()) == (before, 1)

    def test_between_the_page_and_the_press_is_not_upscaled_either(self, cast: Cast, nina: Member) -> None:
        image = finish_one(cast.ben)
        Generation.objects.filter(pk=image.generation_id).update(is_private=True)
        with pytest.raises(ordering.OfferUnavailable):
            enlarge(nina, image)

    def test_is_upscaled_by_who_made_it_all_the_same(self, cast: Cast) -> None:
        image = finish_one(cast.ben)
        image.generation.share(private=True)
        assert enlarge(cast.ben, image).is_private


class TestARoleThatChangedMeanwhile:
    """The objects still say what they were when the page was made."""

    def test_a_viewer_orders_nothing(self, cast: Cast) -> None:
        Member.objects.filter(pk=cast.ben.pk).update(role=Role.VIEWER)
        with pytest.raises(ordering.MayNotCreate):
            make_waiting(cast.ben)

    def test_who_was_taken_out_orders_nothing(self, cast: Cast) -> None:
        Member.objects.filter(pk=cast.ben.pk).update(left_at=clock.now())
        with pytest.raises(ordering.OrderRefused, match="no longer in this team"):
            make_waiting(cast.ben)
        assert (Batch.objects.count(), ledger.account_of(cast.ben).held) == (0, 0)
