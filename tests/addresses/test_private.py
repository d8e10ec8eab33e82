"""What a creator keeps to themselves: not there for others, opened by managers only under the eyes of its maker."""

import uuid
from collections.abc import Callable

import pytest
from django.http import HttpResponseBase
from django.test import Client
from django.urls import reverse

from generations.models import AuditEntry, Generation, Image, Notice
from tests.addresses.visitors import person_called, visitor
from tests.addresses.walking import Step, ask, plain, walk
from tests.conftest import Cast
from tests.making import fail_one, finish, finish_one, make_waiting

CANARY = "heron-among-reeds"
Forward = Callable[[float], None]


@pytest.fixture
def kept(cast: Cast) -> Image:
    """Ben's, beside one he shares."""
    image = finish_one(cast.ben, CANARY)
    finish_one(cast.ben)
    keep(image.generation)
    return image


def keep(*rows: Generation) -> None:
    for row in rows:
        row.share(private=True)


def looks(pk: uuid.UUID) -> dict[str, str]:
    """Every address at which a picture itself may be looked at."""
    return {
        "page": reverse("image", args=[pk]),
        "file": reverse("image_file", args=[pk, 384]),
        "original": reverse("image_original", args=[pk]),
        "download": f"{reverse('image_original', args=[pk])}?download=1",
    }


def acts(pk: uuid.UUID) -> list[Step]:
    sheet, privacy = reverse("image_upscale", args=[pk]), reverse("image_privacy", args=[pk])
    return [
        Step("sheet", sheet),
        Step("order", sheet, "POST", {"choice": "demo:enlarge-2x"}),
        Step("share", privacy, "POST", {"private": "0"}),
        Step("keep", privacy, "POST", {"private": "1"}),
    ]


def body(answer: HttpResponseBase) -> bytes:
    content = b"".join(answer) if answer.streaming else answer.content  # type: ignore[attr-defined]  # both are iterable
    return plain(content)


def test_is_not_there_for_anybody_else(cast: Cast, kept: Image) -> None:
    """Not even as something that is hidden: its addresses answer as if it did not exist."""
    for who in ("vera", "nina", "mallory", "zoe"):
        client = visitor(cast, who)
        for name, place in looks(kept.pk).items():
            answer, nothing = client.get(place), client.get(looks(uuid.uuid4())[name])
            assert (answer.status_code, body(answer)) == (404, body(nothing)), (who, name)


def test_is_shown_in_no_list(cast: Cast, kept: Image) -> None:
    """Also to those who may open it: nobody comes across it by chance."""
    failed, waiting = fail_one(cast.ben), make_waiting(cast.ben, CANARY)
    keep(waiting, failed)
    beside = Image.objects.exclude(pk=kept.pk)
    places = ["/", "/library/", f"/?from={kept.generation.pk}", f"/?from={waiting.pk}", "/feed/?cursor=0.0.0", "/team/"]
    places += [f"/library/?before={uuid.UUID(int=2**128 - 1)}", *(reverse("image", args=[one.pk]) for one in beside)]
    from_there = {"HX-Request": "true", "HX-Current-URL": f"http://testserver{looks(kept.pk)['page']}"}
    steps = [Step(place, place, "GET", {}, headers) for place in places for headers in ({}, from_there)]
    for who in ("vera", "nina", "otto", "ada", "mallory", "zoe"):
        for seen in walk(visitor(cast, who), steps):
            assert seen.status in {200, 204, 404}, seen.step
            # A page may repeat the address it was asked for; what is behind it, it does not tell.
            said = seen.body.decode().replace(seen.step.address, "")
            shown = [word for word in (CANARY, kept.pk, waiting.pk, failed.pk, kept.sha256) if str(word) in said]
            assert shown == [], (who, seen.step.address)


def test_is_acted_on_by_nobody_else(cast: Cast, kept: Image) -> None:
    failed, waiting = fail_one(cast.ben), make_waiting(cast.ben)
    keep(waiting, failed)
    places = [reverse("generation_cancellation", args=[waiting.pk]), reverse("generation_retry", args=[failed.pk])]
    steps = [*acts(kept.pk), *(Step(place, place, "POST") for place in places)]
    for who in ("vera", "nina", "otto", "ada", "mallory", "zoe"):
        outcomes = {seen.step.name: seen.outcome for seen in walk(visitor(cast, who), steps)}
        assert outcomes == {step.name: "404" for step in steps}, who


def test_staff_see_it_on_no_page_of_the_studio(cast: Cast, kept: Image) -> None:
    for who in ("staff", "root"):
        client = visitor(cast, who)
        for place in looks(kept.pk).values():
            answer = client.get(place)
            assert (answer.status_code, CANARY in body(answer).decode()) == (403, False), who


@pytest.mark.parametrize("who", ["otto", "ada"])
def test_opens_for_managers_who_are_seen_doing_it(cast: Cast, kept: Image, who: str, pass_time: Forward) -> None:
    """One line and one word to the maker for a visit, however many files it loads; an hour later it is another."""
    client, manager = visitor(cast, who), person_called(cast, who)
    for opened in (1, 2):
        for place in [*looks(kept.pk).values()] * 2:
            answer = client.get(place)
            assert (answer.status_code, body(answer) != b"") == (200, True)
        lines = AuditEntry.objects.filter(action="private_picture_opened", target=f"image:{kept.pk}")
        told = Notice.objects.filter(person=cast.ben.person, kind="private_picture_opened")
        assert [(line.person, line.team) for line in lines] == [(manager, cast.team)] * opened
        assert [word.path for word in told] == [looks(kept.pk)["page"]] * opened
        pass_time(3601)
    assert manager.called in visitor(cast, "ben").get(looks(kept.pk)["page"]).content.decode()


def test_two_managers_are_two_visits(cast: Cast, kept: Image) -> None:
    for who in ("otto", "ada", "otto"):
        assert visitor(cast, who).get(looks(kept.pk)["page"]).status_code == 200

    assert AuditEntry.objects.filter(action="private_picture_opened").count() == 2
    assert Notice.objects.filter(person=cast.ben.person).count() == 2


def test_its_maker_comes_and_goes_unseen(cast: Cast, kept: Image) -> None:
    client = visitor(cast, "ben")
    seen = [ask(client, Step(place, place)) for place in looks(kept.pk).values()]

    assert {one.status for one in seen} == {200}
    assert [one.status for one in walk(client, acts(kept.pk))] == [200, 302, 302, 302]
    assert not AuditEntry.objects.filter(action="private_picture_opened").exists()
    assert not Notice.objects.filter(kind="private_picture_opened").exists()


def test_shared_pictures_are_looked_at_without_a_line(cast: Cast, kept: Image) -> None:
    shared = Image.objects.exclude(pk=kept.pk)[0]
    assert visitor(cast, "ada").get(looks(shared.pk)["page"]).status_code == 200

    assert not AuditEntry.objects.filter(action="private_picture_opened").exists()


def test_what_is_made_of_it_is_kept_too(cast: Cast, kept: Image) -> None:
    ben = visitor(cast, "ben")
    assert ben.post(reverse("image_upscale", args=[kept.pk]), {"choice": "demo:enlarge-2x"}).status_code == 302
    larger = finish(Generation.objects.get(source=kept))
    nina = visitor(cast, "nina")
    assert nina.get(reverse("image", args=[larger.pk])).status_code == 404

    ben.post(reverse("image_privacy", args=[larger.pk]), {"private": "0"})
    page = nina.get(reverse("image", args=[larger.pk]))
    assert page.status_code == 200
    assert str(kept.pk) not in page.content.decode()
    assert Client().get(reverse("image", args=[larger.pk])).status_code == 302
