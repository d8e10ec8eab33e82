"""Nothing crosses from one team to another: neither to a stranger, nor in the hands of somebody who is in both
(S22, S23, F59)."""

import uuid
from typing import Any

import pytest
from django.db import models
from django.urls import reverse

from generations import ledger
from generations.models import (
    AuditEntry,
    Batch,
    Board,
    Credential,
    CreditAccount,
    CreditEntry,
    Generation,
    Image,
    Invitation,
    Member,
    Note,
    Person,
    Role,
    Tag,
    Team,
    UpscaleRule,
)
from generations.services import boards
from tests.addresses.table import SENT, TABLE, VISITORS
from tests.addresses.visitors import address, person_called, visitor
from tests.addresses.walking import Seen, Step, walk
from tests.conftest import Cast, join
from tests.making import finish_one, make_waiting

__all__ = ["address"]

NAMES = ("Ottoline Quince", "Benedict Thorne", "Veronica Ashby")
CANARIES = (
    "heron-among-reeds", "otter-at-the-weir", "North’s own brush", "7,419,263", "7419263", "canary-friend@studio.test",
    "For the canary", "adas-canary", "plum-and-saffron", "hangs over the stair", *NAMES, "canary-on-a-board",
    "canary-in-a-search",
)  # fmt: skip
"""What only the northern team knows: prompts, a key, an amount, an address, a reason, a tag, a note, people, boards."""
PERSONAL = {"account_deletion", "account_export", "account_export_file", "readyz"}
"""About a person in all their teams, or slow and about none."""
MALLORY = VISITORS.index("mallory")
DUMB = {"405", "in", "ask", "503"}
NOTHING: tuple[dict[str, Any], tuple[str, ...]] = ({}, ())
ENDING = PERSONAL | {"account_logout", "account_deletion", "sessions_end", "session_end"}


@pytest.fixture
def north(cast: Cast, address: dict[str, str]) -> dict[str, str]:
    """The northern team with all its canaries; gives the addresses of its things."""
    for member, name in zip((cast.ada, cast.ben, cast.vera), NAMES, strict=True):
        Person.objects.filter(memberships=member).update(name=name)
    Person.objects.filter(memberships=cast.ada).update(email="adas-canary@studio.test")
    Generation.objects.filter(team=cast.team).update(prompt=CANARIES[0])
    for _ in range(3):
        make_waiting(cast.ben, CANARIES[1])
    Credential.objects.filter(team=cast.team).update(label=CANARIES[2])
    Tag.objects.filter(team=cast.team).update(name=CANARIES[8], folded="plum and saffron")
    Note.objects.filter(member=cast.ben).update(text=CANARIES[9])
    Board.objects.filter(team=cast.team, deleted_at=None).update(name=CANARIES[-2])
    boards.make(member=cast.ben, name="Kept", is_private=False, search=f"q={CANARIES[-1]}")
    zoe = Member.objects.get(team=cast.team, person=person_called(cast, "zoe"))
    purse = ledger.account_of(zoe)
    ledger.grant(account=purse, amount=7_419_263 - purse.available, reason=CANARIES[6], key="canary", actor="test")
    Invitation.make(team=cast.team, email=CANARIES[5], role=Role.VIEWER, invited_by=cast.ada)
    return address


def steps_to(addresses: dict[str, str], cast: Cast) -> list[Step]:
    """Everything that answers, asked for plainly and as a fragment, and sent with the other team's things in it."""
    image, row = Image.objects.filter(team=cast.team)[0], Generation.objects.filter(team=cast.team)[0]
    entry = CreditEntry.objects.filter(account__team=cast.team).latest("pk")
    there = f"http://testserver{addresses['image']}"
    headers = {"HX-Request": "true", "HX-Current-URL": there, "HX-Target": f"generation-{row.pk}"}
    body = {"cursor": "0.0.0", "source": str(image.pk), "image": str(image.pk), "team": str(cast.team.pk)}
    shown = [name for name, row in TABLE.items() if row.get[MALLORY] not in DUMB and name not in PERSONAL]
    sent = [name for name, row in TABLE.items() if row.post[MALLORY] not in DUMB and name not in ENDING]
    steps = [Step(name, addresses[name], "GET", {}, more) for name in shown for more in ({}, headers)]
    steps += [Step(name, addresses[name], "POST", body | SENT.get(name, NOTHING)[0], headers) for name in sent]
    asked = {
        "studio": [f"from={row.pk}", "whose=team", "whose=mine", f"from={image.pk}"],
        "library": [
            f"before={uuid.UUID(int=2**128 - 1)}",
            f"before={image.pk}",
            "q=heron",
            "q=Ottoline",
            "vendor=demo",
            f"board={addresses['board'].split('/')[2]}",
        ],
        "tags": ["name=pl"],
        "library_facets": [
            f"tag={Tag.objects.get(team=cast.team).pk}",
            "q=heron",
            "q=Benedict&whose=mine",
            f"q=_team_{cast.team.pk}",
        ],
        "credits": [f"before={entry.pk + 1}", f"before={10**9}"],
        "feed": ["cursor=0.0.0", "cursor=0.1.1", f"cursor={10**6}.0.0&whose=mine", "whose=everybody"],
        "inbox": [f"before={10**9}"],
    }
    steps += [Step(name, f"{addresses[name]}?{query}") for name, queries in asked.items() for query in queries]
    return steps


def leaks(seen: Seen, words: tuple[str, ...]) -> list[str]:
    """Which of the words an answer holds, in its body or its headers, that the question did not."""
    text = seen.body.decode(errors="replace") + str(seen.headers) + str(seen.cookies)
    return [word for word in words if word in text and word not in str(seen.step.body)]


@pytest.mark.parametrize("who", ["mallory", "zoe"])
def test_no_answer_tells_of_another_team(cast: Cast, north: dict[str, str], who: str) -> None:
    """Zoe owns both teams, and is in the other one. Mallory may not even read what the team is called."""
    Team.objects.filter(pk=cast.team.pk).update(name="In the North")
    client = visitor(cast, who)
    client.get("/account/")
    words = CANARIES if who == "zoe" else (*CANARIES, "In the North")
    # Whoever holds a link is told who invites to what: that is what it is for.
    steps = [step for step in steps_to(north, cast) if step.name not in {"invitation", "invitation_question"}]

    assert {str(seen.step): told for seen in walk(client, steps) if (told := leaks(seen, words))} == {}


def test_the_canaries_sing_at_home(cast: Cast, north: dict[str, str]) -> None:
    """Each word that is looked for elsewhere stands on some page of its own team."""
    client = visitor(cast, "zoe")
    client.post(reverse("team_choice", args=[cast.team.pk]))
    places = ("studio", "library", "boards", "credits", "team", "credentials", "image")
    text = "".join(client.get(north[name]).content.decode() for name in places)

    assert [word for word in CANARIES if word not in text and word != "7419263"] == []


def test_a_switch_shows_the_one_and_then_the_other(cast: Cast, north: dict[str, str]) -> None:
    client = visitor(cast, "zoe")
    finish_one(cast.mallory, "a fox in the south")
    pages = ("/", "/library/", "/credits/", "/team/", "/team/keys/")
    for team, has, has_not in (
        (cast.mallory.team, "a fox in the south", CANARIES),
        (cast.team, CANARIES[0], ("a fox",)),
    ):
        client.post(reverse("team_choice", args=[team.pk]), {"place": "library"})
        text = "".join(client.get(place).content.decode() for place in pages)

        assert has in text
        assert [word for word in has_not if word in text] == []


def test_places_and_counts_are_those_of_the_own_team(cast: Cast, north: dict[str, str]) -> None:
    """Mallory waits first in a line of her own, whatever the others have ordered from the same vendor."""
    make_waiting(cast.mallory, "a fox in the south")
    page = visitor(cast, "zoe").get("/").content.decode()

    assert "1 waiting" in page
    assert not {"2 waiting", "3 waiting", "4 waiting", "5 waiting"} & set(page.split("<"))
    assert "First in line" in page or "1st in line" in page or "Next in line" in page


def rows_of(team: Team) -> dict[str, list[Any]]:
    """Everything that is a team's, as the database has it."""
    found: dict[str, list[Any]] = {"Team": list(Team.objects.filter(pk=team.pk).values())}
    kept: tuple[type[models.Model], ...] = (
        AuditEntry, Batch, Board, Credential, CreditAccount, Generation, Image, Invitation, Member, UpscaleRule,
    )  # fmt: skip
    for model in kept:
        found[model.__name__] = list(model._default_manager.filter(team=team).order_by("pk").values())
    return found


def test_nothing_of_the_other_team_is_changed_from_here(cast: Cast, north: dict[str, str]) -> None:
    """Every form of the southern team is sent with ids of the northern one, in the path and in the body."""
    zoe, south = person_called(cast, "zoe"), cast.mallory.team
    here = Member.objects.get(team=south, person=zoe)
    image, mine = Image.objects.filter(team=cast.team)[0], finish_one(cast.mallory)
    own, row = Credential.objects.get(team=south), Generation.objects.filter(team=cast.team, state="queued")[0]
    theirs = {
        "team": cast.team.pk, "member": cast.ben.pk, "person": cast.ben.person_id, "user": cast.ben.person_id,
        "credential": Credential.objects.get(team=cast.team).pk, "source": image.pk, "image": image.pk,
        "generation": row.pk, "pk": cast.ben.pk, "heir": cast.ben.pk, "account": ledger.account_of(cast.ben).pk,
        "in_team": south.pk,
    }  # fmt: skip
    before = rows_of(cast.team)
    gus = join(south, "Gus", Role.CREATOR)
    places = {
        "image_upscale": reverse("image_upscale", args=[mine.pk]),
        "image_privacy": reverse("image_privacy", args=[mine.pk]),
        "image_report": reverse("image_report", args=[mine.pk]),
        "member_role": reverse("member_role", args=[gus.pk]),
        "member_removal": reverse("member_removal", args=[gus.pk]),
        "credential_details": reverse("credential_details", args=[own.pk]),
        "credential_pause": reverse("credential_pause", args=[own.pk]),
    }
    client = visitor(cast, "zoe")
    for name in TABLE.keys() - ENDING - {"team_choice", "invitation"}:
        for place in {north[name], places.get(name, north[name])}:
            sent = {key: str(value) for key, value in theirs.items()}
            client.post(place, SENT.get(name, NOTHING)[0] | sent)

    assert rows_of(cast.team) == before
    assert not Generation.objects.filter(team=south, source=image).exists()
    assert not Generation.objects.filter(team=south, credential__team=cast.team).exists()
    assert set(Generation.objects.filter(member=here).values_list("team", "batch__team")) == {(south.pk, south.pk)}
    assert Member.objects.get(pk=gus.pk).left_at is None  # the heir was of the other team


def test_an_order_for_one_team_is_not_placed_in_another(cast: Cast, north: dict[str, str]) -> None:
    """Zoe's page was of the northern team; in another tab she went to the southern one."""
    client, before = visitor(cast, "zoe"), Generation.objects.count()
    for words in ({"in_team": str(cast.team.pk)}, {"in_team": "1 OR 1=1"}, {"in_team": "-1"}):
        client.post(north["batches"], SENT["batches"][0] | words)
    client.post(north["batches"], SENT["batches"][0], headers={"X-Studio-Team": str(cast.team.pk)})

    assert Generation.objects.count() == before


def test_a_page_left_open_in_another_team_changes_nothing_here(cast: Cast, north: dict[str, str]) -> None:
    """The forms of the northern team say so, and are sent without script when she is in the southern one."""
    client, south = visitor(cast, "zoe"), cast.mallory.team
    client.post(reverse("team_choice", args=[cast.team.pk]))
    names = ("team_settings", "invitations", "credential_new", "brake")
    for name in names:
        assert f'name="in_team" value="{cast.team.pk}"' in client.get(north[name]).content.decode(), name
    client.post(reverse("team_choice", args=[south.pk]))
    before = rows_of(south)
    for name in names:
        client.post(north[name], SENT[name][0] | {"in_team": str(cast.team.pk)})
    assert rows_of(south) == before


def test_a_place_to_switch_to_is_one_of_ours(cast: Cast) -> None:
    """S12: the way on is a name, never an address."""
    client = visitor(cast, "zoe")
    for place in (
        "//evil.test/",
        "https:evil.test",
        "\\evil.test",
        "/\t/evil.test",
        "admin:index",
        "account_logout",
        "",
    ):
        answer = client.post(reverse("team_choice", args=[cast.team.pk]), {"place": place, "next": "//evil.test/"})
        assert (answer.status_code, answer.headers["Location"]) == (302, "/")
