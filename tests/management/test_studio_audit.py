"""`studio_audit` lists what is wrong, for people and for scripts, and fails only when asked to be strict."""

import json
from io import StringIO

import pytest
from django.core.management import call_command

from generations.models import Generation, Member
from tests.engines import Engine, engine, template
from tests.ledger import rows

__all__ = ["engine", "template"]


@pytest.fixture
def member(db: None) -> Member:
    member = rows.join(rows.found())
    rows.fund(member, 50)
    rows.succeed(rows.order(member, 5)[0])
    return member


@pytest.fixture
def unheld(member: Member) -> Generation:
    """Something wrong: a generation nobody pays for."""
    return rows.write(member, [5])[0]


def run(*options: str) -> tuple[str, int]:
    """What was printed, and the exit code."""
    out = StringIO()
    try:
        call_command("studio_audit", *options, stdout=out)
    except SystemExit as end:
        return out.getvalue(), int(str(end.code))
    return out.getvalue(), 0


def test_right_books_are_clean_and_exit_0(member: Member) -> None:
    assert run() == run("--strict") == ("20 rules checked, 0 findings.\n", 0)


def test_a_finding_is_listed_with_its_id(unheld: Generation) -> None:
    said, code = run()

    assert said == f"I6 generation {unheld.pk}: has no hold\n20 rules checked, 1 findings.\n"
    assert code == 0


def test_strict_exits_1_for_a_finding(unheld: Generation) -> None:
    assert run("--strict")[1] == 1
    assert run("--strict", "--json")[1] == 1


def test_json_says_the_same(unheld: Generation) -> None:
    answer = json.loads(run("--json")[0])

    assert answer["clean"] is False
    assert answer["findings"] == [{"rule": "I6", "subject": "generation", "id": str(unheld.pk), "words": "has no hold"}]
    assert "I20" in answer["rules"]
    assert answer["cut"] == []


def test_it_works_on_both_engines(engine: Engine) -> None:
    answer = engine.ask("django", "studio_audit", "--strict", "--json")

    assert (answer["clean"], answer["findings"]) == (True, [])
