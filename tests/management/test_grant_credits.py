"""`grant_credits` adds what was asked for, once per key, and says plainly what it will not do."""

from collections.abc import Callable
from io import StringIO

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from generations import ledger
from generations.models import CreditEntry, Member, Team
from generations.services.auditing import audit
from tests.engines import Engine, engine, template
from tests.ledger import rows

__all__ = ["engine", "template"]


@pytest.fixture
def team(db: None) -> Team:
    team = rows.found()
    team.name = "North"
    team.save()
    return team


@pytest.fixture
def ben(team: Team) -> Member:
    member = rows.join(team)
    assert member.person is not None
    member.person.email = "ben@studio.test"
    member.person.save()
    return member


def grant(*arguments: str, team: str = "North", amount: str = "30", reason: str = "June") -> str:
    out = StringIO()
    call_command("grant_credits", f"--team={team}", f"--amount={amount}", f"--reason={reason}", *arguments, stdout=out)
    return out.getvalue()


def pool(team: Team) -> int:
    return rows.now(ledger.pool_of(team)).posted


class TestAGrant:
    def test_goes_to_the_pool(self, team: Team) -> None:
        assert grant().startswith("30 credits for the pool of North. Key: command:")

        assert pool(team) == 30
        assert CreditEntry.objects.get().reason == "June"
        assert audit() == []

    def test_goes_through_the_pool_to_a_member(self, team: Team, ben: Member) -> None:
        assert "30 credits for BEN@studio.test in North." in grant("--to=BEN@studio.test")

        assert (pool(team), rows.balance(ben)) == (0, (30, 0))
        assert audit() == []

    def test_without_a_key_is_the_same_grant_all_day(self, team: Team, pass_time: Callable[[float], None]) -> None:
        grant()
        said = grant()
        assert "was used before" in said
        assert "Another --key grants them again" in said
        assert pool(team) == 30
        grant(reason="another")
        pass_time(24 * 3600)
        grant()

        assert pool(team) == 90

    @pytest.mark.parametrize("to", [(), ("--to=ben@studio.test",)], ids=["pool", "member"])
    def test_with_a_key_is_made_once_and_says_so(self, team: Team, ben: Member, to: tuple[str, ...]) -> None:
        grant("--key=june", *to)

        assert "The key june was used before" in grant("--key=june", *to)
        assert pool(team) + rows.balance(ben)[0] == 30


class TestWhatIsRefused:
    def refused(self, *arguments: str, **changes: str) -> str:
        with pytest.raises(CommandError) as error:
            grant(*arguments, **changes)
        assert not CreditEntry.objects.exclude(reason="earlier").exists()
        return str(error.value)

    def test_an_unknown_team(self, team: Team) -> None:
        assert self.refused(team="South") == "There is no team 'South'."

    def test_a_name_that_two_teams_have(self, team: Team) -> None:
        other = Team.objects.create(name="North")

        assert f"by its number: #{team.pk}, #{other.pk}." in self.refused()
        grant(team=f"#{other.pk}")
        assert pool(other) == 30

    @pytest.mark.parametrize("amount", ["0", "-5", "1000000001"])
    def test_an_amount_out_of_range(self, team: Team, amount: str) -> None:
        assert f"The amount is {amount}:" in self.refused(amount=amount)

    @pytest.mark.parametrize("amount", ["five", "1.5"])
    def test_an_amount_that_is_not_whole(self, team: Team, amount: str) -> None:
        assert "invalid int value" in self.refused(amount=amount)

    def test_an_empty_or_endless_reason(self, team: Team) -> None:
        assert "The reason is empty" in self.refused(reason="  ")
        assert "200 characters" in self.refused(reason="x" * 201)

    def test_an_empty_or_endless_key(self, team: Team) -> None:
        for key in ("", "x" * 191):
            assert "1 to 190 characters" in self.refused(f"--key={key}")

    def test_somebody_who_is_not_in_the_team(self, team: Team, ben: Member) -> None:
        stranger = rows.join(rows.found())
        assert stranger.person is not None
        said = self.refused(f"--to={stranger.person.email}")

        assert said == f"North has no member with the address '{stranger.person.email}'."

    def test_a_key_that_was_used_for_something_else(self, team: Team, ben: Member) -> None:
        pool_account = ledger.pool_of(team)
        ledger.grant(account=pool_account, amount=5, reason="earlier", key="june", actor="test")

        for to in ((), ("--to=ben@studio.test",)):
            assert "The key 'june' was used before" in self.refused("--key=june", *to)
        assert pool(team) == 5


def test_a_monthly_grant_run_twice_at_once_is_made_once(engine: Engine) -> None:
    """F66."""
    name = f"Monthly {rows.key()}"
    made = f"from generations.models import Team; Team.objects.create(name={name!r})"
    engine.run("-m", "django", "shell", "--no-imports", "-c", made)
    command = ["-m", "django", "grant_credits", f"--team={name}", "--amount=30", "--reason=June", "--key=june"]

    runs = [engine.start(*command) for _ in range(2)]
    said = sorted(run.communicate(timeout=60)[0][:2] for run in runs)

    assert [run.returncode for run in runs] == [0, 0]
    assert said == ["30", "Th"]
    assert engine.ask("django", "studio_audit", "--strict", "--json")["clean"] is True
