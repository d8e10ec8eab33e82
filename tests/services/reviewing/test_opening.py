"""A reviewer takes up a picture nobody reported."""

import pytest

from generations.models import AuditEntry, Member
from generations.services import reviewing
from tests.services.reviewing.bench import Bench, reviewer, told


class TestTakingUp:
    def test_finds_the_case_that_is_open(self, bench: Bench) -> None:
        case = bench.report()

        assert reviewing.open_case(image=bench.picture, reviewer=bench.mona) == case
        assert reviewing.open_on(generation=bench.picture.generation, reviewer=bench.ada) != case

    def test_is_for_who_reaches_the_picture(self, bench: Bench) -> None:
        with pytest.raises(reviewing.NotTheirs):
            reviewing.open_case(image=bench.picture, reviewer=reviewer(bench.cast.mallory))
        with pytest.raises(reviewing.NotTheirs):
            reviewing.open_on(generation=bench.picture.generation, reviewer=reviewer(bench.cast.mallory))


def test_who_takes_up_a_case_is_written_down(bench: Bench) -> None:
    case = reviewing.open_case(image=bench.picture, reviewer=bench.otto)
    assert reviewing.open_case(image=bench.picture, reviewer=bench.ada) == case
    line = AuditEntry.objects.get(action="case_opened")
    assert (line.person, line.after) == (bench.otto.person, {"case": case.pk})


def test_reviewers_are_not_mailed_what_somebody_keeps_to_themselves(bench: Bench) -> None:
    bench.picture.generation.share(private=True)
    bench.report(member=bench.cast.ada)
    assert "lamp" in bench.picture.generation.prompt
    assert "A private picture" in told(Member.objects.get(person=bench.otto.person))[0].words
