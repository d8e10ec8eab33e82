"""S16: the limits of logins are counted once for all processes of the studio, not once in each."""

import json
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TRIES = """
import json, sys
import django
django.setup()
from django.test import Client
names = sys.argv[1:]
sys.stdin.readline()
said = [Client().post("/login/", {"login": name, "password": "wrong"}).status_code for name in names]
print(json.dumps(said))
"""
READY = """
import django
django.setup()
from django.core.management import call_command
call_command("migrate", verbosity=0)
call_command("createcachetable", verbosity=0)
call_command("collectstatic", interactive=False, verbosity=0)
"""


def test_eleven_tries_from_two_processes_are_one_too_many(tmp_path: Path) -> None:
    told = {name: value for name, value in os.environ.items() if name in {"PATH", "HOME", "LANG", "VIRTUAL_ENV"}}
    told |= {"DATA_DIR": str(tmp_path), "INSECURE_HTTP": "1", "ALLOWED_HOSTS": "testserver", "SECRET_KEY": "k" * 50}
    told |= {"DJANGO_SETTINGS_MODULE": "imagine_site.settings"}
    subprocess.run([sys.executable, "-c", READY], env=told, cwd=ROOT, check=True)
    people = [f"x{number}@studio.test" for number in range(11)]
    processes = [
        subprocess.Popen(
            [sys.executable, "-W", "ignore", "-c", TRIES, *names],
            env=told, cwd=ROOT, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        )
        for names in (people[:6], people[6:])
    ]  # fmt: skip
    statuses: list[int] = []
    for process in processes:
        assert process.stdin is not None
        process.stdin.write("now\n")
        process.stdin.flush()
    for process in processes:
        out, errors = process.communicate(timeout=60)
        assert process.returncode == 0, errors
        statuses += json.loads(out)

    assert sorted(statuses) == [200] * 10 + [429]
