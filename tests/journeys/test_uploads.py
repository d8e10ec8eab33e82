"""A picture somebody brought goes to every vendor that enlarges pictures it did not draw, each in its own way."""

import pytest

from generations.models import State
from generations.queries.fits import fits_for
from generations.services import auditing
from tests.journeys.street import Street
from tests.uploads import bring, drawn

BY_TASK_ONLY = {("apikley", "grok-upscale"), ("apiinone", "grok-upscale")}
"""They know nothing but what they drew themselves."""


@pytest.mark.parametrize(
    ("provider", "offer", "is_public"),
    [("apikley", "crisp-upscale", False), ("apikley", "crisp-upscale", True), ("apixo", "image-upscaler", True)],
    ids=["uploaded to the vendor", "Apikley at our address", "APIXO at our address"],
)
def test_it_comes_back_larger(street: Street, provider: str, offer: str, is_public: bool) -> None:
    if is_public:
        street.open_door()
    image = bring(street.cast.ben, street.clock_file.parent, drawn(size=(96, 64)))
    row = street.enlarge(image, provider, offer)
    street.go()
    row = street.now(row)
    assert (row.state, row.source, row.images.get().parent) == (State.SUCCEEDED, image, image)
    assert auditing.audit() == []


def test_what_goes_by_the_vendor_s_own_task_is_not_offered(street: Street) -> None:
    street.open_door()
    image = bring(street.cast.ben, street.clock_file.parent)
    closed = {(fit.provider.key, fit.offer.key) for fit in fits_for(image, member=street.cast.ben) if not fit.possible}
    assert closed & BY_TASK_ONLY == BY_TASK_ONLY
    assert ("apixo", "image-upscaler") not in closed
