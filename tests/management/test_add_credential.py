"""`add_credential` stores what stdin brings, may be run again, and says nothing of the key itself."""

import io
import subprocess
import sys
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from generations import connections
from generations.models import Credential, CredentialState, Team
from tests.conftest import Cast
from tests.keys import KEY, OTHER_KEY, WEBHOOK_KEY, keyed, occupy, opened
from tests.management.procs import ROOT, environment

__all__ = ["keyed"]


def run(monkeypatch: pytest.MonkeyPatch, typed: str, *arguments: str, team: str = "North", label: str = "Main") -> str:
    monkeypatch.setattr(sys, "stdin", io.StringIO(typed))
    out, err = StringIO(), StringIO()
    words = [f"--team={team}", "--provider=keyed", f"--label={label}", *arguments]
    call_command("add_credential", *words, stdout=out, stderr=err)
    return out.getvalue() + err.getvalue()


@pytest.mark.usefixtures("keyed")
class TestAKey:
    def test_is_stored_from_stdin(self, cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
        said = run(monkeypatch, f"{KEY}\n{WEBHOOK_KEY}\n", "--key-stdin", "--webhook-key-stdin")
        account = connections.account_of(Credential.objects.get(team=cast.team, provider="keyed"))

        assert said == "Keyed, Main, of North: added.\n"
        assert (account.secret, account.webhook_secret) == (KEY, WEBHOOK_KEY)

    def test_that_is_there_already_changes_nothing(self, cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
        run(monkeypatch, KEY, "--key-stdin")
        before = list(Credential.objects.order_by("pk").values())
        said = run(monkeypatch, f"{KEY}\r\n", "--key-stdin")

        assert "stored already. Nothing was changed." in said
        assert list(Credential.objects.order_by("pk").values()) == before

    def test_that_is_another_one_takes_over(self, cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
        run(monkeypatch, KEY, "--key-stdin")
        old = Credential.objects.get(provider="keyed")
        occupy(old, cast.ben)
        said = run(monkeypatch, OTHER_KEY, "--key-stdin")
        old.refresh_from_db()

        assert "replaced. What runs on the old key is finished with it." in said
        assert old.state == CredentialState.DRAINING
        assert opened(Credential.objects.get(label="Main")) == OTHER_KEY
        assert OTHER_KEY not in said

    def test_may_be_for_a_team_called_by_its_number(self, cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
        Team.objects.create(name="North")
        with pytest.raises(CommandError, match=f"by its number: #{cast.team.pk}, #"):
            run(monkeypatch, KEY, "--key-stdin")
        run(monkeypatch, KEY, "--key-stdin", team=f"#{cast.team.pk}")
        run(monkeypatch, OTHER_KEY, "--key-stdin", team=str(cast.team.pk), label="Backup")
        assert Credential.objects.filter(team=cast.team, provider="keyed").count() == 2

    @pytest.mark.parametrize(
        ("typed", "arguments", "said"),
        [
            ("", ["--key-stdin"], "The key on stdin cannot be used. The key is empty."),
            ("two words", ["--key-stdin"], "A key has no blanks"),
            (KEY, [], "needs a key: give --key-stdin"),
            (f"{KEY}\n", ["--key-stdin", "--webhook-key-stdin"], "The webhook key on stdin cannot be used."),
            (KEY, ["--key-stdin", "--team=Nowhere"], "There is no team 'Nowhere'."),
            (KEY, ["--key-stdin", "--label= "], "1 to 80 characters"),
            (f"{KEY}\n{KEY}", ["--key-stdin", "--webhook-key-stdin", "--provider=mute"], "has no webhook key"),
        ],
    )
    def test_that_cannot_be_used_is_refused(
        self, cast: Cast, monkeypatch: pytest.MonkeyPatch, typed: str, arguments: list[str], said: str
    ) -> None:
        with pytest.raises(CommandError) as refusal:
            run(monkeypatch, typed, *arguments)
        assert said in str(refusal.value)
        assert KEY not in str(refusal.value)
        assert not Credential.objects.filter(provider__in=["keyed", "mute"]).exists()


@pytest.mark.usefixtures("keyed")
def test_the_demo_needs_no_key(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "stored already" in run(monkeypatch, "", "--provider=demo", label="Demo")
    assert "added" in run(monkeypatch, "", "--provider=demo", label="Second")


@pytest.mark.parametrize("arguments", [["--team=North"], ["--team=North", "--provider=nobody", "--label=x"]])
def test_wrong_arguments_end_with_two(tmp_path: Path, arguments: list[str]) -> None:
    variables = environment(tmp_path, DJANGO_SETTINGS_MODULE="imagine_site.settings", INSECURE_HTTP="1")
    command = [sys.executable, "-m", "django", "add_credential", *arguments]
    done = subprocess.run(command, env=variables, cwd=ROOT, capture_output=True, timeout=60, check=False)
    assert done.returncode == 2
    assert b"usage" in done.stderr
