"""I15: a vendor's secret in plain words is found wherever it lies, and the finding does not repeat it."""

import pytest
from django_q.models import OrmQ

from generations import queue
from generations.models import Credential, Generation, Member, State
from generations.services import credentials
from generations.services.auditing import audit
from tests.services.auditing.planted import found, generation, somebody, tamper

pytestmark = pytest.mark.django_db
CANARY = "sk-canary-b3f1%_x"
HOOK = "hook-canary-77aa"


@pytest.fixture
def member() -> Member:
    return somebody()


@pytest.fixture
def key(member: Member) -> Credential:
    return credentials.add(
        team=member.team, actor="test", provider="apikley", label="Key", key=CANARY, webhook_key=HOOK
    )


def test_a_sealed_key_and_its_end_are_no_finding(key: Credential) -> None:
    assert CANARY.endswith(key.last_four)
    assert audit() == []


@pytest.mark.parametrize("secret", [CANARY, HOOK])
def test_a_key_among_words_is_found(key: Credential, secret: str) -> None:
    row = generation(State.SUCCEEDED)
    tamper(Generation, row.pk, vendor_text=f"Bearer {secret} is not welcome")
    [finding] = audit()

    assert (finding.rule, finding.subject, finding.id) == ("I15", "generations_generation", str(row.pk))
    assert finding.words.endswith("in its column vendor_text")
    assert secret not in str(finding)


def test_a_key_in_something_structured_and_in_a_table_of_a_library_is_found(key: Credential) -> None:
    tamper(Generation, generation(State.SUCCEEDED).pk, choices={"note": [CANARY]})
    queue.later("beat")
    OrmQ.objects.update(key=f"lane {CANARY}")

    assert found() == {("I15", "generations_generation"), ("I15", "django_q_ormq")}


def test_words_that_only_resemble_it_are_none(key: Credential) -> None:
    tamper(Generation, generation(State.SUCCEEDED).pk, vendor_text="sk-canary-b3f1ZZx")

    assert audit() == []
