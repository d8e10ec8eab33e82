"""The review queue through its addresses: who comes in, what is shown, and what becomes of a decision."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.test import Client
from django.urls import reverse

from generations.models import Image, Member, Person, ReviewCase, ReviewDecision, Role, Suspension
from tests.cases import decide, enter, make_moderator, report
from tests.conftest import PASSWORD, Cast, join
from tests.making import finish_one

SignIn = Callable[[Member], Client]
HTMX = {"HX-Request": "true"}
CANARY = "heron-among-reeds"
KEYS = 'class="dialog keys"'
"""Where the list of keys begins, which names every act."""


@pytest.fixture
def image(cast: Cast) -> Image:
    return finish_one(cast.ben, CANARY)


@pytest.fixture
def case(cast: Cast, image: Image) -> ReviewCase:
    """Of a picture of Ben's that Vera reported."""
    return report(cast.vera, image, words="The sign in the middle.")


@pytest.fixture
def otto(cast: Cast) -> Member:
    return join(cast.team, "Otto", Role.ADMIN)


def place(name: str, pk: int) -> str:
    return reverse(name, args=[pk])


def send(client: Client, case: ReviewCase, action: str, *, htmx: bool = True, **facts: str) -> Any:
    """Decide as the page does, which shows the case as it is."""
    body = {"action": action, "reason": "hateful", "version": str(case.version)} | facts
    return client.post(place("review_decision", case.pk), body, headers=HTMX if htmx else {})


def words_of(answer: Any) -> str:
    return " ".join(answer.content.decode().replace("&#x27;", "'").split())


def file_of(case: ReviewCase) -> str:
    """Where the only picture of the case is."""
    return reverse("review_picture", args=[case.pk, 0])


class TestTheDoor:
    def test_opens_to_owners_and_admins_in_their_team(
        self, cast: Cast, case: ReviewCase, otto: Member, signed_in: SignIn
    ) -> None:
        for member in (cast.ada, otto):
            page = words_of(signed_in(member).get(reverse("review")))
            assert "Reported: hateful" in page
            assert "The sign in the middle." in page
        assert "Nothing waits for you" in words_of(signed_in(cast.mallory).get(reverse("review")))

    def test_opens_to_moderators_in_all_teams(self, cast: Cast, case: ReviewCase) -> None:
        page = words_of(enter(make_moderator()).get(reverse("review")))

        assert "Ben’s picture in North, by 1 person" in page
        assert "The whole studio" in page

    def test_is_closed_to_whoever_may_not(self, cast: Cast, case: ReviewCase, signed_in: SignIn) -> None:
        plain = Person.objects.create_user("plain@studio.test", PASSWORD, is_staff=True)
        for client in (signed_in(cast.ben), signed_in(cast.vera), enter(plain)):
            answer = client.get(place("review_case", case.pk))
            assert answer.status_code in {302, 403}
            assert CANARY not in answer.content.decode()

    def test_asks_staff_for_a_second_factor(self, case: ReviewCase) -> None:
        """S17: who has none is led to one, and a password is not enough for who has."""
        person = make_moderator()
        for where in (reverse("review"), place("review_case", case.pk), file_of(case)):
            answer = enter(person, by_factor=False).get(where)
            assert urlsplit(answer.headers["Location"]).path == reverse("mfa_reauthenticate")
        plain = Person.objects.create_user("new@studio.test", PASSWORD, is_staff=True, desk_role="moderator")
        answer = enter(plain, by_factor=False).get(reverse("review"))
        assert answer.headers["Location"] == reverse("factors")

    def test_shows_nobody_a_case_of_their_own_picture(self, cast: Cast, signed_in: SignIn) -> None:
        own = report(cast.vera, finish_one(cast.ada))

        assert signed_in(cast.ada).get(place("review_case", own.pk)).status_code == 404


class TestThePicture:
    def test_is_covered_until_somebody_asks(self, cast: Cast, case: ReviewCase, signed_in: SignIn) -> None:
        """Nothing of it is sent before: no file of any size is named in the page."""
        ada, file = signed_in(cast.ada), file_of(case)
        for where in (reverse("review"), place("review_case", case.pk)):
            page = words_of(ada.get(where))
            assert "Show picture" in page
            assert file not in page
            assert "<img" not in page
        assert f'src="{file}"' in words_of(ada.get(f"{place('review_case', case.pk)}?shown=1"))

    def test_is_served_to_its_reviewers_alone_also_when_hidden(
        self, cast: Cast, case: ReviewCase, image: Image, otto: Member, signed_in: SignIn
    ) -> None:
        decide(case, cast.ada)
        for client in (signed_in(otto), enter(make_moderator())):
            answer = client.get(file_of(case))
            assert (answer.status_code, answer.headers["Content-Type"]) == (200, "image/webp")
            assert answer.headers["Cache-Control"] == "private, no-store"
            assert b"".join(answer)[8:12] == b"WEBP"
        assert signed_in(otto).get(reverse("image_original", args=[image.pk])).status_code == 404
        for member, status in ((cast.ben, 403), (cast.vera, 403), (cast.mallory, 404)):
            assert signed_in(member).get(file_of(case)).status_code == status


class TestDeciding:
    def test_keeps_and_hides_and_opens_the_next(self, cast: Cast, case: ReviewCase, signed_in: SignIn) -> None:
        second = report(cast.vera, finish_one(cast.ben, "a fox"), reason="copied")
        answer = send(signed_in(cast.ada), case, "hide", words="Not here.")

        case.refresh_from_db()
        assert (answer.status_code, case.state, case.words) == (200, "hidden", "Not here.")
        assert answer.headers["HX-Push-Url"] == place("review_case", second.pk)
        assert "Reported: copied work" in words_of(answer)
        assert "Hidden everywhere" in words_of(answer)
        assert 'id="rail" hx-swap-oob="true"' in words_of(answer)

        answer = send(signed_in(cast.ada), second, "keep", reason="fine")
        second.refresh_from_db()
        assert second.state == "kept"
        assert answer.headers["HX-Push-Url"] == reverse("review")
        assert "Nothing waits for you" in words_of(answer)

    def test_without_script_leads_on_with_a_word(self, cast: Cast, case: ReviewCase, signed_in: SignIn) -> None:
        ada = signed_in(cast.ada)
        answer = send(ada, case, "keep", htmx=False, reason="fine")

        assert answer.headers["Location"] == reverse("review")
        assert "Kept. Everybody" in words_of(ada.get(reverse("review")))

    @pytest.mark.parametrize("htmx", [True, False])
    def test_without_a_reason_says_so_at_the_chips_and_keeps_what_was_typed(
        self, cast: Cast, case: ReviewCase, signed_in: SignIn, htmx: bool
    ) -> None:
        answer = send(signed_in(cast.ada), case, "hide", htmx=htmx, reason="", words="half a thought", shown="1")
        page = words_of(answer)

        assert answer.status_code == 422
        assert "Choose a reason first. Nothing was decided yet." in page
        assert 'aria-invalid="true" aria-describedby="reason-error"' in page
        assert "half a thought" in page
        assert file_of(case) in page  # what was uncovered stays so
        case.refresh_from_db()
        assert case.is_open

    @pytest.mark.parametrize(
        ("action", "facts"),
        [
            ("hide", {"reason": "fine"}),
            ("hide", {"reason": "rude"}),
            ("keep", {"version": ""}),
            ("keep", {"version": "9" * 30}),
            ("purge", {}),
            ("escalate", {"words": "w" * 501}),
            ("suspend", {"span": ""}),
            ("suspend", {"span": "9999"}),
            ("suspend", {"span": "7", "words": "w" * 300}),
        ],
    )
    def test_of_what_makes_no_sense_changes_nothing(self, case: ReviewCase, action: str, facts: dict[str, str]) -> None:
        answer = send(enter(make_moderator()), case, action, htmx=True, **facts)

        assert answer.status_code == 422
        assert not ReviewDecision.objects.exists()
        assert not Suspension.objects.exists()

    def test_passes_on_to_staff_what_a_team_cannot_settle(
        self, cast: Cast, case: ReviewCase, signed_in: SignIn
    ) -> None:
        ada, mo = signed_in(cast.ada), enter(make_moderator())
        assert send(ada, case, "escalate").status_code == 200

        assert ada.get(place("review_case", case.pk)).status_code == 404
        assert "For you" in words_of(mo.get(reverse("review")))
        assert "Escalate" not in words_of(mo.get(reverse("review"))).split(KEYS)[0]

    def test_suspends_by_staff_alone(self, cast: Cast, case: ReviewCase, signed_in: SignIn) -> None:
        ada = signed_in(cast.ada)
        assert "Suspend" not in words_of(ada.get(reverse("review"))).split(KEYS)[0]
        refused = send(ada, case, "suspend", span="7")
        assert (refused.status_code, Suspension.objects.count()) == (409, 0)

        assert send(enter(make_moderator()), case, "suspend", span="7", words="Again.").status_code == 200
        case.refresh_from_db()
        suspension = Suspension.objects.get()
        assert (suspension.person, case.state) == (cast.ben.person, "hidden")
        assert suspension.until is not None
        assert timedelta(days=6, hours=23) < suspension.until - suspension.at <= timedelta(days=7)

    def test_never_goes_over_what_somebody_decided_meanwhile(
        self, cast: Cast, case: ReviewCase, otto: Member, signed_in: SignIn
    ) -> None:
        """It is said who did what, and the note that was not sent is given back."""
        decide(case, otto, "keep", reason="fine")
        answer = send(signed_in(cast.ada), case, "hide", words="my long note")
        page = words_of(answer)

        assert answer.status_code == 409
        assert "Otto decided this meanwhile" in page
        assert "Otto kept it: within the rules." in page
        assert "my long note" in page
        assert answer.headers["HX-Retarget"] == "#review"
        case.refresh_from_db()
        assert case.state == "kept"

    def test_of_a_case_that_was_passed_on_meanwhile_says_so(
        self, cast: Cast, case: ReviewCase, otto: Member, signed_in: SignIn
    ) -> None:
        ada = signed_in(cast.ada)
        decide(case, otto, "escalate")

        assert send(ada, case, "hide").status_code == 404


class TestClaims:
    def test_lock_a_case_to_others_with_a_name(
        self, cast: Cast, case: ReviewCase, otto: Member, signed_in: SignIn
    ) -> None:
        ada, other = signed_in(cast.ada), signed_in(otto)
        claimed = ada.post(place("review_claim", case.pk), {"on": "1"}, headers=HTMX)
        assert "Yours until" in words_of(claimed)

        page = words_of(other.get(place("review_case", case.pk)))
        assert "Ada is at it" in page
        assert "<strong>Ada</strong> is at this one until" in page
        assert 'value="hide"' not in page
        refused = send(other, case, "hide")
        assert (refused.status_code, "Ada is looking at this one" in words_of(refused)) == (409, True)
        taken = other.post(place("review_claim", case.pk), {"on": "1"}, headers=HTMX)
        assert (taken.status_code, taken.headers["HX-Retarget"]) == (409, "#review")

        assert ada.post(place("review_claim", case.pk), {"on": "0"}).status_code == 302
        assert send(other, case, "hide").status_code == 200

    def test_end_by_themselves(
        self, cast: Cast, case: ReviewCase, otto: Member, signed_in: SignIn, pass_time: Callable[[float], None]
    ) -> None:
        signed_in(cast.ada).post(place("review_claim", case.pk), {"on": "1"})
        pass_time(301)

        assert send(signed_in(otto), case, "hide").status_code == 200

    def test_of_others_are_passed_over_by_the_first_page(
        self, cast: Cast, case: ReviewCase, otto: Member, signed_in: SignIn
    ) -> None:
        second = report(cast.vera, finish_one(cast.ben, "a fox"), reason="copied")
        signed_in(cast.ada).post(place("review_claim", case.pk), {"on": "1"})

        assert place("review_decision", second.pk) in words_of(signed_in(otto).get(reverse("review")))


class TestTakingBack:
    def test_shows_again_what_was_hidden_and_logs_both(
        self, cast: Cast, case: ReviewCase, image: Image, signed_in: SignIn
    ) -> None:
        ada = signed_in(cast.ada)
        decide(case, cast.ada)
        log = words_of(ada.get(f"{reverse('review')}?which=decided"))
        there = place("review_reversal", ReviewDecision.objects.get().pk)
        assert there in log
        assert "Show it again?" in words_of(ada.get(there, headers=HTMX))

        assert ada.post(there, {"words": "My mistake."}).headers["Location"] == reverse("review")
        case.refresh_from_db()
        image.refresh_from_db()
        assert (case.state, image.hidden_at) == ("kept", None)
        log = words_of(ada.get(f"{reverse('review')}?which=decided"))
        assert "</strong> showed <a" in log
        assert "My mistake." in log
        assert there not in log

    def test_twice_is_refused_in_words(self, cast: Cast, case: ReviewCase, signed_in: SignIn) -> None:
        ada = signed_in(cast.ada)
        decide(case, cast.ada)
        there = place("review_reversal", ReviewDecision.objects.get().pk)
        ada.post(there)
        again = ada.post(there, {"words": "Once more."}, headers=HTMX)

        assert (again.status_code, again.headers["HX-Retarget"]) == (422, "#dialog")
        assert "Once more." in again.content.decode()
        assert ReviewDecision.objects.count() == 2

    def test_of_a_moderators_decision_is_offered_to_moderators_alone(
        self, cast: Cast, case: ReviewCase, signed_in: SignIn
    ) -> None:
        mo = enter(make_moderator())
        send(mo, case, "hide")
        there = place("review_reversal", ReviewDecision.objects.get().pk)
        page = f"{reverse('review')}?which=decided"

        assert there not in words_of(signed_in(cast.ada).get(page))
        assert there in words_of(mo.get(page))


class TestRemovingForGood:
    def test_takes_two_people(
        self, cast: Cast, case: ReviewCase, image: Image, otto: Member, signed_in: SignIn
    ) -> None:
        decide(case, cast.ada)
        ada, there = signed_in(cast.ada), place("review_purge", case.pk)
        assert "Nothing is removed yet" in words_of(ada.get(there, headers=HTMX))
        ada.post(there, {"step": "ask", "words": "Twice reported."})
        assert "You</strong> asked to remove it for good" in words_of(ada.get(place("review_case", case.pk)))
        alone = ada.post(there, {"step": "purge"}, headers=HTMX)
        assert (alone.status_code, "You asked for this yourself" in alone.content.decode()) == (422, True)

        other = signed_in(otto)
        assert "button--destroy" in words_of(other.get(there, headers=HTMX))
        assert other.post(there, {"step": "purge"}).status_code == 302
        image.refresh_from_db()
        case.refresh_from_db()
        assert (image.sha256, case.purged_at is not None) == ("", True)
        assert other.get(file_of(case)).status_code == 404
        assert other.get(there).status_code == 404
        assert "Removed for good. There is no file any more." in words_of(other.get(place("review_case", case.pk)))

    def test_is_not_done_by_who_only_meant_to_ask(
        self, cast: Cast, case: ReviewCase, image: Image, otto: Member, signed_in: SignIn
    ) -> None:
        """Two of them had the page open before anybody asked."""
        decide(case, cast.ada)
        there = place("review_purge", case.pk)
        signed_in(cast.ada).post(there, {"step": "ask"})
        late = signed_in(otto).post(there, {"step": "ask"}, headers=HTMX)

        image.refresh_from_db()
        assert (late.status_code, image.sha256 != "") == (422, True)

    def test_asks_once_more_who_one_is(
        self, cast: Cast, case: ReviewCase, signed_in: SignIn, pass_time: Callable[[float], None]
    ) -> None:
        decide(case, cast.ada)
        ada = signed_in(cast.ada)
        pass_time(301)
        answer = ada.post(place("review_purge", case.pk), {"step": "ask"})

        assert answer.headers["Location"].startswith(reverse("account_reauthenticate"))
        case.refresh_from_db()
        assert case.purge_asked_by is None

    def test_is_not_offered_for_what_is_not_hidden(self, cast: Cast, case: ReviewCase, signed_in: SignIn) -> None:
        assert signed_in(cast.ada).get(place("review_purge", case.pk)).status_code == 404
