"""Settings make the data folder for its owner alone, come from the environment, and are all in the README."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent

NOT_FOR_PEOPLE = {"DEBUG_FAULTS", "STUDIO_FAILPOINTS", "S3_BUCKET", "STUDIO_SUPERVISOR"}
"""What tests break the studio with, a name kept for later, which a check refuses, and what a worker tells its parts."""


def test_every_variable_an_operator_may_set_is_in_the_readme() -> None:
    read = re.findall(r"env\.\w+\(\"([A-Z0-9_]+)\"", (ROOT / "imagine_site" / "settings.py").read_text())
    table = "".join(line for line in (ROOT / "README.md").read_text().splitlines() if line.startswith("| `"))
    assert len(read) > 15
    assert set(read) - NOT_FOR_PEOPLE - set(re.findall(r"`([A-Z0-9_]+)`", table)) == set()


def test_the_data_folder_is_its_owners(tmp_path: Path) -> None:
    """It holds the database and every picture."""
    told = {name: value for name, value in os.environ.items() if name not in {"DATABASE_URL", "PUBLIC_URL"}}
    folder = tmp_path / "data"
    subprocess.run(
        [sys.executable, "-c", "import imagine_site.settings"],
        cwd=ROOT,
        env=told | {"DATA_DIR": str(folder)},
        check=True,
    )

    assert folder.stat().st_mode & 0o777 == 0o700


def lines_of(tmp_path: Path, **told: str) -> list[str]:
    """What a process with these settings writes when something goes wrong."""
    code = "import django, logging; django.setup(); logging.getLogger('generations').error('it broke'); "
    code += "logging.getLogger('django.request').warning('Not Found: /setup/abc/')"
    kept = {name: value for name, value in os.environ.items() if name not in {"DATABASE_URL", "PUBLIC_URL"}}
    facts = {
        "DJANGO_SETTINGS_MODULE": "imagine_site.settings",
        "DATA_DIR": str(tmp_path / "data"),
        "INSECURE_HTTP": "0",
    }
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env=kept | facts | told, check=False, capture_output=True, text=True
    )
    return done.stderr.splitlines()


def test_a_log_is_for_machines_unless_people_watch(tmp_path: Path) -> None:
    """Each event once, whoever else has a handler."""
    for told in ({}, {"LOG_FORMAT": "json", "DEBUG": "1"}):
        assert [json.loads(line)["message"] for line in lines_of(tmp_path, **told)] == [
            "it broke", "Not Found: /setup/***/",
        ]  # fmt: skip
    for told in ({"INSECURE_HTTP": "1"}, {"DEBUG": "1"}, {"LOG_FORMAT": "line"}):
        assert [line.split(" ", 2)[2] for line in lines_of(tmp_path, **told)] == [
            "ERROR generations: it broke", "WARNING django.request: Not Found: /setup/***/",
        ]  # fmt: skip
    assert "LOG_FORMAT is 'xml': write line or json." in lines_of(tmp_path, LOG_FORMAT="xml")[-1]


def test_a_short_token_for_machines_is_refused(tmp_path: Path) -> None:
    assert "METRICS_TOKEN is too short" in lines_of(tmp_path, METRICS_TOKEN="guessable")[-1]


def test_addresses_of_vendors_come_from_the_environment(tmp_path: Path) -> None:
    names = "[PROVIDER_BASE_URLS, PROVIDER_UPLOAD_URLS]"
    asked = f"import json; from imagine_site.settings import *; print(json.dumps({names}))"
    told = {name: value for name, value in os.environ.items() if name not in {"DATABASE_URL", "PUBLIC_URL"}}
    told |= {"DATA_DIR": str(tmp_path / "data"), "APIKLEY_BASE_URL": "http://127.0.0.1:8900/apikley/"}
    told |= {"APIXO_BASE_URL": "https://apixo.example.org/api/v1", "APIKLEY_UPLOAD_URL": "https://files.example.org"}
    done = subprocess.run([sys.executable, "-c", asked], cwd=ROOT, env=told, check=True, capture_output=True, text=True)

    bases, uploads = json.loads(done.stdout)
    assert bases == {
        "apikley": "http://127.0.0.1:8900/apikley",
        "apixo": "https://apixo.example.org/api/v1",
        "apiinone": "https://apiin.one/api/v1",
    }
    assert uploads == {"apikley": "https://files.example.org"}
