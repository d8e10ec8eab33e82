"""Notes and tags at the desk: moderators read them, delete them by the service, and see none that is private."""

import pytest
from django.urls import reverse

from generations.models import AuditEntry, Note, Tag, Tagging
from generations.services import marking
from tests.cases import make_moderator
from tests.conftest import Cast
from tests.desk import seated
from tests.making import finish_one
from tests.services.marking.finding import found

pytestmark = pytest.mark.django_db

SURE = {"post": "yes"}


def test_what_is_deleted_there_is_found_no_more_and_written_down(cast: Cast) -> None:
    lamp = finish_one(cast.ben, "a lamp")
    marking.tag(member=cast.ben, images=[lamp], names=["vile"])
    note = marking.note(member=cast.ben, image=lamp, text="Nasty words")
    assert note is not None
    client = seated(make_moderator())
    assert "Nasty words" in client.get(reverse("admin:generations_note_changelist")).content.decode()
    assert "vile" in client.get(reverse("admin:generations_tag_changelist")).content.decode()
    for model, row in (("note", note), ("tag", Tag.objects.get())):
        client.post(reverse(f"admin:generations_{model}_delete", args=[row.pk]), SURE)

    assert not Note.objects.exists()
    assert not Tagging.objects.exists()
    assert found(cast.ada, "nasty") == found(cast.ada, "vile") == []
    actions = AuditEntry.objects.filter(action__in=["note_deleted", "tag_removed"]).values_list("action", flat=True)
    assert sorted(actions) == ["note_deleted", "tag_removed"]


def test_what_somebody_keeps_to_themselves_is_not_read_there(cast: Cast) -> None:
    lamp = finish_one(cast.ben)
    lamp.generation.share(private=True)
    marking.tag(member=cast.ben, images=[lamp], names=["surprise"])
    note = marking.note(member=cast.ben, image=lamp, text="For Ada")
    assert note is not None
    client = seated(make_moderator())
    places = [
        reverse("admin:generations_note_changelist"),
        reverse("admin:generations_note_change", args=[note.pk]),
        reverse("admin:generations_tag_changelist"),
    ]
    text = "".join(client.get(place).content.decode() for place in places)

    assert "Under a private picture" in text
    assert "For Ada" not in text
    assert "surprise" not in text
