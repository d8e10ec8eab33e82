"""I10: the files of pictures, and their smaller copies, lie where the rows say, whole."""

import pytest

from generations import storage
from generations.models import Image, Member
from generations.services.auditing import audit
from tests.services.auditing.planted import somebody, tamper

pytestmark = pytest.mark.django_db
WHOLE = b"RIFF" + (14).to_bytes(4, "little") + b"WEBP" + b"ten bytes."


@pytest.fixture
def member() -> Member:
    return somebody()


@pytest.mark.usefixtures("member")
def test_a_copy_that_is_lost_or_broken_is_found() -> None:
    image = Image.objects.get()
    for width, content in ((384, WHOLE), (768, WHOLE[:-1]), (1024, b"x" * 22), (1280, b"")):
        path = storage.rendition_path(image, width)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    tamper(Image, image.pk, renditions=[{"width": width} for width in (384, 768, 1024, 1280, 2048)])

    assert [(finding.rule, finding.id, finding.words) for finding in audit()] == [
        ("I10", str(image.pk), "has a broken copy of width 768"),
        ("I10", str(image.pk), "has a broken copy of width 1024"),
        ("I10", str(image.pk), "has a broken copy of width 1280"),
        ("I10", str(image.pk), "has lost its copy of width 2048"),
    ]
