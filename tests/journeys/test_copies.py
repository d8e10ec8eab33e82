"""A picture too large for a vendor goes there as a smaller copy, once its owner agreed: by our address or by upload."""

from urllib.parse import urlsplit

import pytest

from generations import storage
from generations.models import Generation, Image, State
from generations.services import ordering
from tests.bureau import weigh
from tests.journeys.street import Street

LIMIT = 10_000_000


def heavy(street: Street) -> Image:
    """A drawing of the demo's, as if its file were larger than either vendor reads."""
    image: Image = street.draw("demo").images.get()
    return weigh(image, LIMIT + 1)


def as_it_is(image: Image) -> Image:
    """Its true weight again, or the audit would object."""
    return weigh(image, storage.original_path(image).stat().st_size)


def test_at_our_address_the_vendor_reads_the_copy(street: Street) -> None:
    door = street.open_door()
    image = heavy(street)
    row = street.enlarge(image, "apixo", "image-upscaler", resolution="2k", output_format="png", copy="jpeg")
    street.go()
    as_it_is(image)

    assert street.standing(row) == (State.SUCCEEDED, "")
    copy = storage.copy_path(image, LIMIT)
    assert copy is not None
    (sent,) = street.bodies("apixo")
    (address,) = sent["input"].pop("image_urls")
    assert sent["input"] == {"mode": "image-to-image", "resolution": "2k", "output_format": "png"}
    fetched = [visit for visit in door.visits if visit.path == urlsplit(address).path]
    assert [visit.status for visit in fetched] == [200]
    assert storage.source_of(address.rpartition("/sources/")[2].rstrip("/")).copy_bytes_max == LIMIT
    assert row.images.get().format == "PNG"


def test_without_one_the_copy_is_uploaded(street: Street) -> None:
    image = heavy(street)
    row = street.enlarge(image, "apikley", "crisp-upscale", copy="jpeg")
    street.go()
    as_it_is(image)

    assert street.standing(row) == (State.SUCCEEDED, "")
    copy = storage.copy_path(image, LIMIT)
    assert copy is not None
    (sent,) = street.bodies("apikley")
    assert street.apikley.file_named(sent["input"]["image"]) == copy.read_bytes()


def test_without_agreement_nothing_is_sent(street: Street) -> None:
    street.open_door()
    image = heavy(street)
    with pytest.raises(ordering.OfferUnavailable, match="without a smaller copy"):
        street.enlarge(image, "apixo", "image-upscaler")
    as_it_is(image)

    assert not street.calls("apixo")
    assert Generation.objects.count() == 1
