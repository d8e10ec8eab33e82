"""The first page of the desk tells a superuser how the studio does, and nobody else."""

import re

import pytest
from django.urls import reverse

from generations.models import Alert, Person
from tests.conftest import Cast
from tests.desk import seated
from tests.making import make_waiting


@pytest.fixture
def root(cast: Cast) -> Person:
    return Person.objects.create_superuser("root@studio.test", "a lamp beside the window", name="Root")


def test_a_superuser_reads_what_must_be_done_and_follows_each_number(root: Person, cast: Cast) -> None:
    make_waiting(cast.ben)
    Alert.objects.tell("offer", subject="x", words="Something broke.")
    desk = seated(root)
    page = desk.get(reverse("admin:index")).content.decode()
    assert "Read what the studio could not settle by itself." in page
    board = page.split('class="board"')[1].split("</section>")[0]
    assert "?provider__exact=demo&amp;state__exact=queued" in board
    assert "?state__in=submitting,in_doubt,running,fetching" in board
    links = [link.replace("&amp;", "&") for link in re.findall(r'href="([^"]+)"', board)]
    assert len(links) > 12
    for link in links:
        if link not in {reverse("review"), reverse("review_prompts")}:
            assert desk.get(link).status_code == 200, link


def test_others_at_the_desk_do_not_read_it(cast: Cast) -> None:
    staff = Person.objects.create_user("staff@studio.test", "a lamp beside the window", name="Staff")
    Person.objects.filter(pk=staff.pk).update(is_staff=True)
    page = seated(Person.objects.get(pk=staff.pk)).get(reverse("admin:index")).content.decode()
    assert "How the studio does" not in page
