"""What is said about a picture, by forms: as fragments, without script, and refused in words."""

from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from generations.models import Image, Mark, Member, Note
from generations.services import marking, teams
from tests.conftest import Cast
from tests.making import finish_one

pytestmark = pytest.mark.django_db

SignIn = Callable[[Member], Client]
HTMX = {"HX-Request": "true"}


@pytest.fixture
def lamp(cast: Cast) -> Image:
    return finish_one(cast.ben, "a lamp")


def post(client: Client, name: str, pk: object, /, *, target: str = "", **words: str) -> tuple[int, str]:
    answer = client.post(reverse(name, args=[pk]), words, headers=HTMX | {"HX-Target": target})
    return answer.status_code, answer.content.decode()


class TestJudging:
    def test_a_heart_is_drawn_anew_and_said_aloud(self, cast: Cast, signed_in: SignIn, lamp: Image) -> None:
        _, text = post(signed_in(cast.vera), "image_favorite", lamp.pk, on="1")

        assert text.count('aria-pressed="true"') == 1
        assert 'role="status" hx-swap-oob="innerHTML">Added to your favorites<' in text
        assert 'name="on" value="0"' in text

    def test_on_the_wall_it_is_the_heart_alone(self, cast: Cast, signed_in: SignIn, lamp: Image) -> None:
        client = signed_in(cast.vera)
        _, text = post(client, "image_favorite", lamp.pk, target=f"heart-{lamp.pk}", on="1")
        assert text.startswith(f'<form class="card__heart" id="heart-{lamp.pk}"')

        assert 'aria-pressed="true" aria-label="Favorite"' in client.get("/library/").content.decode()
        assert 'aria-pressed="true" aria-label="Favorite"' not in signed_in(cast.ada).get("/library/").content.decode()

    def test_stars_are_lit_up_to_the_rating(self, cast: Cast, signed_in: SignIn, lamp: Image) -> None:
        client = signed_in(cast.ben)
        _, text = post(client, "image_rating", lamp.pk, rating="3")
        assert (text.count("data-lit"), text.count('aria-pressed="true" aria-label="3 stars"')) == (3, 1)
        _, text = post(client, "image_rating", lamp.pk, rating="0")
        assert "data-lit" not in text

    @pytest.mark.parametrize("stars", ["6", "-1", "x", "", "½"])
    def test_what_is_no_rating_is_refused_in_words(
        self, cast: Cast, signed_in: SignIn, lamp: Image, stars: str
    ) -> None:
        _, text = post(signed_in(cast.ben), "image_rating", lamp.pk, rating=stars)

        assert "Choose one to five stars" in text
        assert not Mark.objects.exists()

    def test_a_pick_says_who_made_it_and_viewers_only_see_it(self, cast: Cast, signed_in: SignIn, lamp: Image) -> None:
        _, text = post(signed_in(cast.ben), "image_pick", lamp.pk, on="1")
        assert "Picked by Ben" in text
        page = signed_in(cast.vera).get(f"/images/{lamp.pk}/").content.decode()
        assert "Team pick</p>" in page
        assert reverse("image_pick", args=[lamp.pk]) not in page

        _, text = post(signed_in(cast.vera), "image_pick", lamp.pk, on="")
        assert "Viewers only look" in text


class TestWords:
    def test_a_tag_is_added_and_taken_off(self, cast: Cast, signed_in: SignIn, lamp: Image) -> None:
        client = signed_in(cast.ben)
        status, text = post(client, "image_tags", lamp.pk, name="Brass, <b>hall</b>")
        assert (status, text.count('class="worn__tag"')) == (200, 2)
        assert "&lt;b&gt;hall" in text
        _, text = post(client, "image_tag_removal", lamp.pk, name="brass")

        assert text.count('class="worn__tag"') == 1
        assert "autofocus" in text

    def test_what_is_no_tag_stays_in_the_field(self, cast: Cast, signed_in: SignIn, lamp: Image) -> None:
        status, text = post(signed_in(cast.ben), "image_tags", lamp.pk, name="★")

        assert status == 422
        assert 'value="★"' in text
        assert "has no letter or digit" in text

    def test_a_note_is_written_changed_and_deleted(self, cast: Cast, signed_in: SignIn, lamp: Image) -> None:
        client = signed_in(cast.ben)
        _, text = post(client, "image_notes", lamp.pk, text="For <i>the</i>\nhallway")
        assert "For &lt;i&gt;the&lt;/i&gt;<br>hallway" in text
        note = Note.objects.get()
        assert ", edited" in post(client, "note", note.pk, text="For the attic")[1]
        assert "said__note" not in post(client, "note_removal", note.pk)[1]
        assert post(client, "note", note.pk, text="Again")[0] == 404

    def test_who_manages_deletes_what_others_wrote_and_changes_none(
        self, cast: Cast, signed_in: SignIn, lamp: Image
    ) -> None:
        note = marking.note(member=cast.ben, image=lamp, text="For the hallway")
        assert note is not None
        page = signed_in(cast.ada).get(f"/images/{lamp.pk}/").content.decode()
        assert (
            reverse("note_removal", args=[note.pk]) in page,
            f'action="{reverse("note", args=[note.pk])}"' in page,
        ) == (
            True,
            False,
        )
        page = signed_in(cast.vera).get(f"/images/{lamp.pk}/").content.decode()
        assert reverse("note_removal", args=[note.pk]) not in page
        assert "For the hallway" in page


def test_without_script_each_leads_back_to_the_picture(cast: Cast, signed_in: SignIn, lamp: Image) -> None:
    client = signed_in(cast.ben)
    sent = {
        "image_favorite": {"on": "1"},
        "image_rating": {"rating": "9"},
        "image_tags": {"name": "★"},
        "image_notes": {"text": ""},
    }
    for name, words in sent.items():
        answer = client.post(reverse(name, args=[lamp.pk]), words)
        assert (answer.status_code, answer.headers["Location"]) == (302, f"/images/{lamp.pk}/")
    page = client.get(f"/images/{lamp.pk}/").content.decode()

    assert "Choose one to five stars" in page
    assert "has no letter or digit" in page
    assert "Write something first" in page


def test_a_picture_of_another_is_read_by_who_manages_and_marked_by_nobody(
    cast: Cast, signed_in: SignIn, lamp: Image
) -> None:
    marking.tag(member=cast.ben, images=[lamp], names=["surprise"])
    marking.note(member=cast.ben, image=lamp, text="For Ada")
    teams.choose_privacy(by=cast.ben, generation=lamp.generation, private=True)
    client = signed_in(cast.ada)
    page = client.get(f"/images/{lamp.pk}/").content.decode()

    assert "surprise" in page
    assert "For Ada" in page
    assert reverse("image_favorite", args=[lamp.pk]) not in page
    assert post(client, "image_favorite", lamp.pk, on="1")[0] == 404


def test_nothing_of_a_hidden_picture_is_shown(cast: Cast, signed_in: SignIn, lamp: Image) -> None:
    marking.tag(member=cast.ben, images=[lamp], names=["velvet"])
    note = marking.note(member=cast.ben, image=lamp, text="For the hallway")
    assert note is not None
    Image.objects.filter(pk=lamp.pk).update(hidden_at=lamp.created_at)
    for member in (cast.ben, cast.ada):
        client = signed_in(member)
        text = "".join(client.get(place).content.decode() for place in ("/library/", "/tags/", f"/images/{lamp.pk}/"))
        assert "velvet" not in text
        assert "hallway" not in text
        assert post(client, "note", note.pk, text="Mine")[0] == 404


def test_the_page_of_a_picture_asks_as_often_for_many_words_as_for_one(
    cast: Cast, signed_in: SignIn, lamp: Image, django_assert_max_num_queries: Callable[[int], object]
) -> None:
    client, numbers = signed_in(cast.ada), []
    for number in range(3):
        marking.tag(member=cast.ben, images=[lamp], names=[f"tag {number}"])
        marking.note(member=cast.ben, image=lamp, text=f"note {number}")
        with django_assert_max_num_queries(60) as asked:  # type: ignore[attr-defined]  # a fixture without a type
            client.get(f"/images/{lamp.pk}/")
        numbers.append(len(asked))

    assert numbers[1] == numbers[2]
