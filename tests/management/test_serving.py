"""The web server's process speaks as everything else of the studio does."""

import json
import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent


@pytest.mark.parametrize("form", ["json", "line"])
def test_what_the_server_itself_says_is_a_line_of_ours(form: str) -> None:
    """A site that cannot be loaded makes it speak."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    ran = subprocess.run(
        [sys.executable, "-m", "generations.management.serving", "127.0.0.1", str(port), form],
        cwd=ROOT,
        env=os.environ | {"DJANGO_SETTINGS_MODULE": "no.such.settings"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    said = next(line for line in ran.stderr.splitlines() if "_granian" in line)
    if form == "json":
        facts = json.loads(said)
        assert (facts["level"], facts["logger"], "worker" in facts["message"]) == ("ERROR", "_granian", True)
    else:
        assert " ERROR _granian: " in said
