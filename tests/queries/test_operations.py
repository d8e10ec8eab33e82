"""What is read first at the desk: right numbers, each leading to its rows, and red only where somebody must act."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from generations.models import (
    Alert,
    AuditRun,
    Credential,
    Heartbeat,
    HeldOrder,
    Image,
    ReviewCase,
    RuleAppeal,
    clock,
)
from generations.models.lease import BACKUP, WORKER
from generations.providers.base import Fault
from generations.queries import operations
from generations.queries.image_page import file_size
from generations.queries.operations import Board, Figure
from generations.queries.vendor_lines import Line
from generations.services import housekeeping
from generations.services.pumping.verdicts import ends
from tests.conftest import Cast
from tests.making import fail_one, finish_one, hand_over, make_waiting
from tests.prompts import stop_prompts


@pytest.fixture
def calm(cast: Cast) -> Cast:
    """A studio where all is well."""
    Heartbeat.objects.stamp(WORKER)
    Heartbeat.objects.stamp(BACKUP)
    AuditRun.objects.create(ended_at=clock.now())
    return cast


def figure(board: Board, name: str) -> Figure:
    return next(one for one in (*board.work, *board.money, *board.studio) if one.name == name)


def line(board: Board, vendor: str) -> Line:
    return next(one for one in board.vendors if one.vendor == vendor)


def todos() -> list[str]:
    return [one.name if isinstance(one, Figure) else one.vendor for one in operations.board(may_review=True).todos]


def test_a_calm_studio_needs_nobody(calm: Cast) -> None:
    assert todos() == []


def test_work_is_counted_by_where_it_is(calm: Cast, pass_time: Callable[[float], None]) -> None:
    hand_over(make_waiting(calm.ben, "at the vendor"))
    make_waiting(calm.ben, "in line")
    pass_time(120)
    board = operations.board(may_review=True)
    waiting, at_work = figure(board, "Waiting"), figure(board, "Running")
    assert (waiting.value, waiting.detail) == ("1", "the oldest came 2 min ago")
    assert (at_work.value, figure(board, "In doubt").value) == ("1", "0")
    assert waiting.url.endswith("/generation/?state__exact=queued")
    assert at_work.url.endswith("?state__in=submitting,running,fetching")
    assert figure(board, "Credits held").value == "10"


def test_vendors_are_told_by_what_ended_within_a_day(calm: Cast, pass_time: Callable[[float], None]) -> None:
    finish_one(calm.ben, "long ago")
    pass_time(25 * 3600)
    for number in range(3):
        finish_one(calm.ben, f"today {number}")
    fail_one(calm.ben)
    board = operations.board(may_review=True)
    demo = line(board, "Demo")
    assert (demo.done, demo.failed, demo.rate, demo.keys) == (3, 1, "75.0 %", "2 working")
    assert demo.p50.endswith(" s")
    assert (demo.took, demo.charged) == ("0 credits", "15 credits")
    assert demo.failed_url.endswith("?provider__exact=demo&ended=day&state__in=failed,lapsed")
    assert (line(board, "Apikley").rate, line(board, "Apikley").p95, line(board, "Apikley").keys) == ("–", "–", "none")
    assert figure(board, "Credits paid").value == "15"
    stored = sum(Image.objects.values_list("size_bytes", flat=True))
    assert figure(board, "Pictures stored").value == "not added up yet"
    housekeeping.weigh_shelf()
    assert figure(operations.board(may_review=True), "Pictures stored").value == file_size(stored)


def test_the_queries_are_as_many_however_much_there_is(
    calm: Cast, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    finish_one(calm.ben)
    operations.board(may_review=True)
    with CaptureQueriesContext(connection) as first:
        operations.board(may_review=True)
    for number in range(4):
        finish_one(calm.ben, f"lamp {number}")
    with django_assert_num_queries(len(first)):
        operations.board(may_review=True)


class TestSomebodyMustAct:
    def test_when_no_worker_lives(self, calm: Cast, pass_time: Callable[[float], None]) -> None:
        pass_time(200)
        assert todos() == ["Workers alive"]
        assert "Start the worker" in figure(operations.board(may_review=True), "Workers alive").todo

    def test_when_the_studio_tells_something(self, calm: Cast) -> None:
        Alert.objects.tell("offer", subject="x", words="Something broke.")
        assert todos() == ["Alerts"]

    def test_when_a_report_waits_for_more_than_a_day(self, calm: Cast) -> None:
        image = finish_one(calm.ben)
        case = ReviewCase.objects.create(team=calm.team, generation=image.generation, image=image)
        assert (figure(operations.board(may_review=True), "Reports waiting").value, todos()) == ("1", [])
        ReviewCase.objects.filter(pk=case.pk).update(opened_at=clock.now() - timedelta(hours=25))
        assert todos() == ["Reports waiting"]

    def test_when_a_held_prompt_or_an_appeal_waits_for_more_than_a_day(self, calm: Cast) -> None:
        stopped = stop_prompts(calm.ben)
        board = operations.board(may_review=True)
        held, appeals = figure(board, "Held prompts"), figure(board, "Appeals")
        assert (held.value, appeals.value, todos()) == ("1", "1", [])
        assert held.detail.startswith("the oldest came")
        assert held.url == appeals.url == reverse("review_prompts")
        late = clock.now() - timedelta(hours=25)
        HeldOrder.objects.filter(pk=stopped.held.pk).update(asked_at=late)
        assert todos() == ["Held prompts"]
        RuleAppeal.objects.filter(pk=stopped.appeal.pk).update(asked_at=late)
        assert todos() == ["Held prompts", "Appeals"]

    def test_when_the_audit_found_something_or_did_not_run(
        self, calm: Cast, pass_time: Callable[[float], None]
    ) -> None:
        AuditRun.objects.create(ended_at=clock.now(), findings=["I1: a line too many"])
        assert "do not add up" in figure(operations.board(may_review=True), "Last audit").todo
        AuditRun.objects.create(ended_at=clock.now())
        assert todos() == []
        pass_time(37 * 3600)
        assert "did not run" in figure(operations.board(may_review=True), "Last audit").todo

    def test_when_there_are_pictures_and_no_backup(self, calm: Cast) -> None:
        Heartbeat.objects.filter(name=BACKUP).delete()
        assert todos() == []
        finish_one(calm.ben)
        assert todos() == ["Last backup"]

    def test_when_pictures_cannot_be_stored(self, calm: Cast, settings: Any, tmp_path: Path) -> None:
        """F44: staff read it on their first page, long before anything is given up."""
        nowhere = tmp_path / "nowhere"
        nowhere.write_text("a file where the shelf should be")
        settings.MEDIA_ROOT = nowhere
        assert todos() == ["Free on the disk"]
        assert "cannot be stored" in figure(operations.board(may_review=True), "Free on the disk").todo

    def test_when_every_key_of_a_vendor_rests(self, calm: Cast) -> None:
        first, second = Credential.objects.filter(provider="demo")
        first.rest(seconds=600, because=ends.REST_BECAUSE[Fault.CREDENTIALS])
        assert (todos(), line(operations.board(may_review=True), "Demo").keys) == ([], "1 working, 1 resting")
        second.rest(seconds=600, because=ends.REST_BECAUSE[Fault.CREDENTIALS])
        assert todos() == ["Demo"]
        assert line(operations.board(may_review=True), "Demo").todo.startswith("No key works. ")
