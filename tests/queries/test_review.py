"""What the review queue reads: in which order, how much, and that many cases cost no more queries than one."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import RequestFactory
from django.test.utils import CaptureQueriesContext
from django.urls import resolve, reverse

from generations import ledger
from generations.models import Image, Member, ReviewCase, ReviewDecision, Reviewer, Role
from generations.providers.base import Fault
from generations.queries import counting, review
from generations.queries.rail import rail
from generations.queries.review import age, desk_of, desk_with, next_after
from generations.queries.review_narrow import Narrow
from generations.services import reviewing
from tests.cases import decide, make_moderator, report, reviewer_of
from tests.conftest import Cast, join
from tests.engines import Engine
from tests.making import fail_one, finish_one
from tests.prompts import stop_prompts


@pytest.fixture
def image(cast: Cast) -> Image:
    return finish_one(cast.ben)


@pytest.fixture
def ada(cast: Cast) -> Reviewer:
    return reviewer_of(cast.ada)


@pytest.fixture
def mo(db: None) -> Reviewer:
    return Reviewer(person=make_moderator())


def test_each_list_is_read_by_an_index_of_its_own_and_never_sorted(engine: Engine) -> None:
    plans = engine.ask("tests.services.reviewing", "plans")
    indexes = {
        "studio waiting": "case_queue",
        "studio hidden": "case_decided",
        "team waiting": "case_team_queue",
        "team hidden": "case_team_decided",
    }
    assert plans.keys() == indexes.keys()
    for name, index in indexes.items():
        assert re.search(rf"\b{index}\b", plans[name]), (name, plans[name])
        assert not re.search(r"TEMP B-TREE FOR ORDER BY|\bSort\b", plans[name]), (name, plans[name])


def cases_of(cast: Cast, number: int) -> list[ReviewCase]:
    """So many, each about a picture of its own."""
    return [report(cast.vera, finish_one(cast.ben, f"lamp {place}")) for place in range(number)]


def facts_of(desk: review.Desk) -> dict[str, str]:
    assert desk.case is not None
    return dict(desk.case.facts)


class TestTheQueue:
    def test_begins_with_who_waited_longest(self, cast: Cast, ada: Reviewer) -> None:
        first, second, third = cases_of(cast, 3)
        desk = desk_of(ada)

        assert [line.id for line in desk.lines] == [first.pk, second.pk, third.pk]
        assert desk.case is not None
        assert desk.case.id == first.pk
        middle = desk_with(second, reviewer=ada)
        around = [reverse("review_case", args=[one.pk]) for one in (first, third)]
        assert [middle.previous_url, middle.next_url] == around
        assert desk_with(third, reviewer=ada).next_url == ""

    def test_begins_for_staff_with_what_they_alone_decide(self, cast: Cast, mo: Reviewer) -> None:
        first, second = cases_of(cast, 2)
        decide(second, cast.ada, "escalate")
        lines = desk_of(mo).lines

        assert [(line.id, line.for_staff) for line in lines] == [(second.pk, True), (first.pk, False)]

    def test_leads_on_to_the_next_and_from_the_last_to_the_first(self, cast: Cast, ada: Reviewer) -> None:
        first, second, third = cases_of(cast, 3)

        for case, following in ((first, second), (second, third), (third, first)):
            found = next_after(case, reviewer=ada)
            assert found is not None
            assert found.pk == following.pk
        for case in (second, third):
            decide(case, cast.ada)
        assert next_after(first, reviewer=ada) is None

    def test_counts_no_further_than_anybody_reads(
        self, cast: Cast, ada: Reviewer, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(counting, "COUNTED_MAX", 2)
        monkeypatch.setattr(review, "COUNTED_MAX", 2)
        monkeypatch.setattr(review, "SHOWN", 1)
        cases_of(cast, 4)
        desk = desk_of(ada)

        assert [tab.count_text for tab in desk.tabs] == ["2+", "0", "0"]
        assert desk.more == "1+"
        assert ada.member is not None
        request = RequestFactory().get(reverse("library"))
        request.user, request.member = ada.person, ada.member  # type: ignore[attr-defined]  # as the middleware does
        request.resolver_match = resolve(reverse("library"))
        places = rail(request)["rail"].places
        assert [place.count_text for place in places if place.name == "Review"] == ["2+"]

    def test_counts_what_each_tab_holds(self, cast: Cast, ada: Reviewer) -> None:
        kept, hidden, _ = cases_of(cast, 3)
        decide(kept, cast.ada, "keep", reason="fine")
        decide(hidden, cast.ada)
        desk = desk_of(ada)

        assert [(tab.name, tab.count) for tab in desk.tabs] == [("Waiting", 1), ("Hidden", 1), ("Decided", 2)]
        assert desk.waiting == "1"
        assert [line.id for line in desk_of(ada, which="hidden").lines] == [hidden.pk]
        assert [line.what for line in desk_of(ada, which="decided").log] == ["hid ", "kept "]
        assert desk_of(ada, which="1 OR 1=1").which == "waiting"

    def test_is_cut_where_a_page_ends(self, cast: Cast, ada: Reviewer, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(review, "SHOWN", 2)
        cases = cases_of(cast, 3)
        assert desk_of(ada).more == "1"
        for case in cases:
            decide(case, cast.ada)
        desk = desk_of(ada, which="decided")
        before = ReviewDecision.objects.order_by("pk")[1].pk
        assert desk.older_url == f"{reverse('review')}?which=decided&before={before}"
        assert [line.url for line in desk_of(ada, which="decided", before=str(before)).log] == [
            reverse("review_case", args=[cases[0].pk])
        ]
        assert len(desk_of(ada, which="decided", before="9" * 30).log) == 2

    @pytest.mark.parametrize("which", ["waiting", "hidden", "decided"])
    def test_costs_as_much_with_many_cases_as_with_one(
        self, cast: Cast, ada: Reviewer, mo: Reviewer, which: str
    ) -> None:
        def settle(cases: list[ReviewCase]) -> None:
            for case in cases if which != "waiting" else ():
                decide(case, cast.ada)

        settle(cases_of(cast, 1))
        few = [queries_of(reviewer, which) for reviewer in (ada, mo)]
        otto = join(cast.team, "Otto", Role.ADMIN)
        more = cases_of(cast, 6)
        for case in more:
            assert case.image is not None
            report(otto, case.image, reason="other")
        settle(more)

        assert [queries_of(reviewer, which) for reviewer in (ada, mo)] == few
        assert max(few) <= 20


def queries_of(reviewer: Reviewer, which: str) -> int:
    with CaptureQueriesContext(connection) as queries:
        desk_of(reviewer, which=which)
    return len(queries)


class TestACase:
    def test_says_who_reported_what(self, cast: Cast, ada: Reviewer, image: Image) -> None:
        case = report(cast.vera, image, reason="real_person", words="My neighbor.")
        report(join(cast.team, "Otto", Role.ADMIN), image, reason="other")
        shown = desk_with(case, reviewer=ada).case

        assert shown is not None
        assert (shown.title, shown.who) == ("Reported: a real person", "Ben’s picture, by 2 people")
        assert [(told.by, told.reason, told.words) for told in shown.reports] == [
            ("Vera", "A real person", "My neighbor."),
            ("Otto", "Something else", ""),
        ]

    def test_tells_the_makers_record(self, cast: Cast, ada: Reviewer, image: Image) -> None:
        before = report(cast.vera, finish_one(cast.ben))
        decide(before, cast.ada)
        fail_one(cast.ben, Fault.CONTENT_POLICY)
        facts = facts_of(desk_with(report(cast.vera, image), reviewer=ada))

        assert facts["Maker"] == "Ben, creator in North"
        assert facts["So far"] == "2 pictures, 1 hidden before, 1 order refused by a vendor’s safety check"
        assert facts["Seen by"] == "Everybody in North"

    def test_tells_what_rules_stopped_of_theirs(self, cast: Cast, ada: Reviewer, image: Image) -> None:
        stop_prompts(cast.ben)
        so_far = facts_of(desk_with(report(cast.vera, image), reviewer=ada))["So far"]
        assert so_far.endswith("2 prompts blocked by a rule, 1 prompt held by a rule")

    def test_tells_staff_of_suspensions_and_of_all_their_teams(
        self, cast: Cast, ada: Reviewer, mo: Reviewer, image: Image
    ) -> None:
        again = Member.objects.create(team=cast.mallory.team, person=cast.ben.person, role=Role.ADMIN)
        case = report(cast.vera, image)
        pool, purse = ledger.pool_of(again.team), ledger.account_of(again)
        ledger.transfer(source=pool, target=purse, amount=50, reason="begin", key="again", actor="test")
        other = report(join(again.team, "Sue", Role.VIEWER), finish_one(again))
        suspend(other, mo)

        assert facts_of(desk_with(case, reviewer=ada))["So far"] == "1 picture, none hidden before"
        assert facts_of(desk_with(case, reviewer=mo))["So far"] == "2 pictures, 1 hidden before, suspended now"

    def test_tells_who_sees_it(self, cast: Cast, ada: Reviewer, image: Image) -> None:
        case = report(cast.vera, image)
        image.generation.share(private=True)
        case.refresh_from_db()
        assert facts_of(desk_with(case, reviewer=ada))["Seen by"].startswith("Ben only.")
        decide(case, cast.ada)
        assert facts_of(desk_with(case, reviewer=ada))["Seen by"] == "Nobody, since it is hidden"

    def test_keeps_its_history_newest_first(self, cast: Cast, ada: Reviewer, image: Image) -> None:
        case = report(cast.vera, image, reason="copied")
        decide(case, cast.ada, reason="copied", words="It is a poster.")
        shown = desk_with(case, reviewer=ada).case

        assert shown is not None
        assert [(step.by, step.what, step.words) for step in shown.steps] == [
            ("Ada", "hid it: copied work", "It is a poster."),
            ("Vera", "reported it: copied work", ""),
            ("Ben", "ordered it", ""),
        ]
        assert shown.last_word == "Ada hid it: copied work."


def suspend(case: ReviewCase, reviewer: Reviewer) -> None:
    reviewing.decide(case=case, reviewer=reviewer, action="suspend", reason="hateful", version=case.version)


class TestTheRail:
    def shown(self, member: Member | None, person: Any = None) -> Any:
        request: Any = RequestFactory().get("/")
        request.user = person or (member.person if member else None)
        request.member, request.resolver_match = member, resolve("/")
        return rail(request)["rail"]

    def test_counts_what_waits_for_whom_it_concerns(self, cast: Cast, mo: Reviewer, image: Image) -> None:
        report(cast.vera, image)
        for one in (self.shown(cast.ada), self.shown(None, mo.person)):
            assert [place.count for place in one.places if place.name == "Review"] == [1]
        for member, counts in ((cast.mallory, [0]), (cast.ben, []), (cast.vera, [])):
            assert [place.count for place in self.shown(member).places if place.name == "Review"] == counts

    def test_asks_one_thing_more_for_them_and_nothing_for_others(self, cast: Cast) -> None:
        asked = {}
        for member in (cast.ada, cast.ben, cast.vera):
            with CaptureQueriesContext(connection) as queries:
                assert self.shown(member).available
            asked[member.role] = len([one for one in queries if "reviewcase" in one["sql"]])

        assert asked == {Role.OWNER: 1, Role.CREATOR: 0, Role.VIEWER: 0}


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0, "now"), (59, "now"), (60, "1 min"), (3599, "59 min"), (3600, "1 h"), (86400, "1 day"), (200_000, "2 days")],
)
def test_an_age_is_short(seconds: int, words: str) -> None:
    assert age(timedelta(seconds=seconds)) == words


class TestNarrowed:
    def lines(self, who: Reviewer, **asked: str) -> list[int]:
        return [line.id for line in desk_of(who, narrow=Narrow.parse(asked, who)).lines]

    def test_by_reason_and_by_how_many_reported_it(self, cast: Cast, ada: Reviewer) -> None:
        first, second = finish_one(cast.ben), finish_one(cast.ben)
        one = report(cast.vera, first, reason="copied")
        two = report(cast.vera, second)
        report(cast.ada, second)
        mine = reviewer_of(join(cast.team, "Otto", Role.ADMIN))

        assert self.lines(mine, reason="copied") == [one.pk]
        assert self.lines(mine, people="2") == [two.pk]
        assert self.lines(mine, people="3") == []
        assert self.lines(mine) == [one.pk, two.pk]

    def test_by_level_and_team_for_staff_alone(self, cast: Cast, ada: Reviewer, mo: Reviewer) -> None:
        first, second = cases_of(cast, 2)
        decide(second, cast.ada, "escalate")

        assert self.lines(mo, level="staff") == [second.pk]
        assert self.lines(mo, team=str(cast.team.pk)) == [second.pk, first.pk]
        assert self.lines(mo, team=str(cast.mallory.team_id)) == []
        assert self.lines(ada, level="staff", team=str(cast.mallory.team_id)) == [first.pk]
        choices = [choice.name for choice in desk_of(ada).choices]
        assert (choices, len(desk_of(mo).choices)) == (["reason", "people"], 4)

    @pytest.mark.parametrize("wild", ["\0", "1 OR 1=1", "9" * 30, "٣", "x" * 10_000, "-1"])
    def test_by_nonsense_is_not_narrowed(self, cast: Cast, mo: Reviewer, wild: str) -> None:
        [case] = cases_of(cast, 1)
        assert self.lines(mo, reason=wild, people=wild, level=wild, team=wild) == [case.pk]

    def test_stays_so_from_case_to_case(self, cast: Cast, ada: Reviewer) -> None:
        cases = [report(cast.vera, finish_one(cast.ben), reason=reason) for reason in ("copied", "hateful", "copied")]
        narrow = Narrow.parse({"reason": "copied"}, ada)
        desk = desk_of(ada, narrow=narrow)

        assert desk.next_url == f"{reverse('review_case', args=[cases[2].pk])}?reason=copied"
        assert desk.tabs[0].count == 2
        assert all(tab.url.endswith("reason=copied") for tab in desk.tabs[:2])
        following = next_after(cases[0], reviewer=ada, narrow=narrow)
        assert following is not None
        assert following.pk == cases[2].pk

    def test_looks_again_with_the_case_that_is_open(self, cast: Cast, ada: Reviewer) -> None:
        first, second = cases_of(cast, 2)
        desk = desk_of(ada, at=str(second.pk))

        assert [line.is_current for line in desk.lines] == [False, True]
        assert desk.poll_url == f"{reverse('review')}?which=waiting&at={second.pk}"
        assert desk_of(ada, at="\0").lines[0].is_current
        assert first.pk == desk_of(ada, at="7" * 40).lines[0].id

    def test_shows_again_as_free_what_was_claimed_too_long_ago(
        self, cast: Cast, ada: Reviewer, pass_time: Callable[[float], None]
    ) -> None:
        [case] = cases_of(cast, 1)
        otto = reviewer_of(join(cast.team, "Otto", Role.ADMIN))
        reviewing.claim(case=case, reviewer=otto)
        assert desk_of(ada).lines[0].holder == "Otto"
        assert desk_of(ada).is_read_only

        pass_time(reviewing.CLAIM.total_seconds() + 1)
        assert desk_of(ada).lines[0].holder == ""
        assert not desk_of(ada).is_read_only
