"""A vendor of our own invention that sells every kind of offer, and pictures that read as if it had drawn them.

Nothing is ever sent to it: it is for what pages, forms and orders make of offers.
"""

from datetime import timedelta

import pytest

from generations import providers
from generations.models import Credential, Generation, Image, Price, Team, clock
from generations.providers.base import Offer, Operation, Provider, SourceBy

BYTES_MAX = 20_000

SKETCH = Offer(
    key="sketch",
    label="Bureau sketch",
    operation=Operation.DRAW,
    credits=4,
    usual_seconds=(5, 10),
    shapes=("1:1", "3:2"),
    shapes_off=("16:9", "9:16"),
    prompt_max=40,
    result_bytes_max=1_000_000,
    limit_group="all",
    running_max=5,
    hourly_max=50,
)
AGAIN = Offer(
    key="again",
    label="Bureau again",
    operation=Operation.UPSCALE,
    credits=12,
    usual_seconds=(8, 12),
    source_by=SourceBy.TASK_ID,
    result_bytes_max=1_000_000,
    limit_group="all",
    running_max=5,
    hourly_max=50,
    character="Keeps the look.",
)
LARGE = Offer(
    key="large",
    label="Bureau large",
    operation=Operation.UPSCALE,
    credits=6,
    usual_seconds=(20, 120),
    source_by=SourceBy.URL,
    source_bytes_max=BYTES_MAX,
    choices={"resolution": ("2k", "4k", "8k"), "output_format": ("jpg", "png", "webp")},
    defaults={"resolution": "4k"},
    result_bytes_max=1_000_000,
    limit_group="all",
    running_max=5,
    hourly_max=50,
    character="Adds detail.",
)


class Bureau(Provider):
    """Draws, and enlarges by task id and by address."""

    key = "bureau"
    label = "Bureau"
    offers = (SKETCH, AGAIN, LARGE)


def open_bureau(team: Team, monkeypatch: pytest.MonkeyPatch) -> Credential:
    """Set it up for the team, with prices."""
    monkeypatch.setitem(providers.PROVIDERS, Bureau.key, Bureau)
    Price.seed()
    credential: Credential = Credential.objects.create(team=team, provider=Bureau.key, label="Desk", position=1)
    return credential


def drawn_there(image: Image, credential: Credential, *, hours: float = 1, links: bool = False) -> Image:
    """The picture as if that account had drawn it so long ago, and, if wished, still showed it."""
    urls = [f"https://bureau.test/{number}.jpg" for number in range(6)] if links else []
    Generation.objects.filter(pk=image.generation_id).update(
        provider=credential.provider,
        offer_key=SKETCH.key,
        credential=credential,
        vendor_task_id=f"task-{image.generation_id}",
        accepted_at=clock.now() - timedelta(hours=hours),
        result_urls=urls,
    )
    return Image.objects.select_related("generation__credential").get(pk=image.pk)


def weigh(image: Image, size_bytes: int) -> Image:
    """The picture as if its file were so large."""
    Image.objects.filter(pk=image.pk).update(size_bytes=size_bytes)
    image.size_bytes = size_bytes
    return image
