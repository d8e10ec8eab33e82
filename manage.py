#!/usr/bin/env python3
"""The front door of every command: readies the Python packages, then hands over to Django, or to pytest for `test`.

Outside a virtual environment it always uses `.venv` beside itself: made on first use, filled with the pinned and
hash-checked requirements, and marked with a stamp once that is complete. Inside a virtual environment it only checks
what is installed and never installs. Standard library alone, in words an older Python can read far enough to refuse.
"""

from __future__ import annotations

import contextlib
import hashlib
import importlib.util
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NoReturn

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl

ROOT = Path(__file__).resolve().parent
ENVIRONMENT = ROOT / ".venv"
PYTHON = ENVIRONMENT / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
LOCK_FILE = ROOT / ".venv.lock"  # beside the environment, because a rebuild empties it
EVERYDAY, DEVELOPMENT = "requirements.txt", "requirements-dev.txt"  # the second holds all of the first
OLDEST_PYTHON = (3, 11)
NAMED_MISMATCHES = 3
PIN = re.compile(r"^([A-Za-z0-9][\w.-]*)(?:\[[^]]*])?==([^\s;\\]+)\s*(;?)", re.MULTILINE)


def main(arguments: list[str]) -> None:
    if sys.version_info < OLDEST_PYTHON:
        oldest, this = ".".join(map(str, OLDEST_PYTHON)), sys.version.split()[0]
        refuse(f"Imagine Studio needs Python {oldest} or newer; this is {this}.")
    testing = arguments[:1] == ["test"]
    requirements = DEVELOPMENT if testing else EVERYDAY
    if sys.prefix == sys.base_prefix:
        prepare(requirements)
        hand_over([str(PYTHON), str(ROOT / "manage.py"), *arguments])
    check(requirements)
    if testing:
        os.chdir(ROOT)
        hand_over([sys.executable, "-m", "pytest", *arguments[1:]])
    run_django(arguments)


def run_django(arguments: list[str]) -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "imagine_site.settings")
    from django.core.exceptions import ImproperlyConfigured  # noqa: PLC0415  # it may not be installed any earlier
    from django.core.management import execute_from_command_line  # noqa: PLC0415  # likewise

    try:
        if arguments[:1] == ["studio"]:  # its address and data folder must be known before the settings are read
            from generations.management import launching  # noqa: PLC0415  # likewise

            launching.prepare(arguments[1:])
        execute_from_command_line(["manage.py", *arguments])
    except ImproperlyConfigured as problem:
        refuse(f"The settings are wrong. {problem}")


# --- Outside a virtual environment ------------------------------------------------------------------------------------


def prepare(requirements: str) -> None:
    """Make `.venv` and install into it, unless its stamp says that this was done."""
    if is_ready(requirements):
        return
    try:
        with locked():
            if not is_ready(requirements):  # another start may have done it while we waited
                make_environment()
                install(requirements)
    except OSError as problem:
        refuse(f"The virtual environment cannot be made in {ROOT}: {problem.strerror or problem}.")


def stamp_file(requirements: str) -> Path:
    return ENVIRONMENT / (requirements + ".sha256")


def stamp_text(requirements: str) -> str:
    """The hash of the requirements, and which interpreter they are for: a system upgrade may swap it under us."""
    digest = hashlib.sha256((ROOT / requirements).read_bytes()).hexdigest()
    return f"{digest}\n{PYTHON.resolve()}\n"


def is_ready(requirements: str) -> bool:
    try:
        return PYTHON.exists() and stamp_file(requirements).read_text() == stamp_text(requirements)
    except FileNotFoundError:
        return False


@contextlib.contextmanager
def locked() -> Iterator[None]:
    """Two starts at once take turns; the system lets go of the lock when its holder dies."""
    with LOCK_FILE.open("a+") as file:
        try:
            take_lock(file.fileno(), wait=False)
        except OSError:
            say("Another start is installing packages; waiting for it.")
            take_lock(file.fileno(), wait=True)
        yield


def take_lock(handle: int, *, wait: bool) -> None:
    if sys.platform == "win32":
        msvcrt.locking(handle, msvcrt.LK_LOCK if wait else msvcrt.LK_NBLCK, 1)
    else:
        fcntl.flock(handle, fcntl.LOCK_EX if wait else fcntl.LOCK_EX | fcntl.LOCK_NB)


def make_environment() -> None:
    if PYTHON.exists() and run([str(PYTHON), "-I", "-c", "import pip"]).returncode == 0:
        return
    if not all(importlib.util.find_spec(module) for module in ("venv", "ensurepip")):
        refuse(
            "This Python cannot make virtual environments: its venv and ensurepip modules are missing.",
            "On Debian or Ubuntu: sudo apt install python3-venv. Then run the same command again.",
        )
    say("Making a virtual environment in .venv")
    made = run([sys.executable, "-m", "venv", "--clear", str(ENVIRONMENT)])
    if made.returncode:
        refuse("The virtual environment could not be made:", *last_lines(made.stdout))


def install(requirements: str) -> None:
    """Install the pinned packages; the stamps are written last, so a broken install is done again."""
    complete = [EVERYDAY] if requirements == EVERYDAY else [EVERYDAY, DEVELOPMENT]
    stamps = {stamp_file(name): stamp_text(name) for name in complete}
    for name in (EVERYDAY, DEVELOPMENT):
        stamp_file(name).unlink(missing_ok=True)
    say(f"Installing the packages in {requirements} (this can take a minute)")
    pip = [str(PYTHON), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-input"]
    done = run([*pip, "--require-hashes", "--requirement", str(ROOT / requirements)])
    if done.returncode:
        refuse(
            "The packages could not be installed. pip says:",
            *last_lines(done.stdout),
            "Check the network, and pip's own settings if you use another index, then run the same command again.",
        )
    for path, text in stamps.items():
        path.write_text(text)


def run(command: list[str]) -> subprocess.CompletedProcess[str]:
    """Run one of our own commands and keep all it says."""
    return subprocess.run(  # noqa: S603
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace", check=False
    )


def last_lines(output: str) -> list[str]:
    return ["  " + line.strip()[:300] for line in output.splitlines() if line.strip()][-3:]


def hand_over(command: list[str]) -> NoReturn:
    """Become that command: same process, same signals, its exit code is ours."""
    os.environ.pop("__PYVENV_LAUNCHER__", None)  # on macOS it would lead the new Python back to the old one's packages
    sys.stdout.flush()
    if os.name == "nt":
        sys.exit(subprocess.call(command))  # noqa: S603
    os.execv(command[0], command)  # noqa: S606


# --- Inside a virtual environment -------------------------------------------------------------------------------------


def check(requirements: str) -> None:
    """Compare what is installed with the pins; a package pinned for other systems may be absent."""
    found = installed_versions()
    wrong = []
    for name, version, marker in PIN.findall((ROOT / requirements).read_text()):
        have = found.get(plain(name))
        if have != version and not (have is None and marker):
            wrong.append(f"{name} {version} ({have + ' is installed' if have else 'missing'})")
    if wrong:
        more = f", and {len(wrong) - NAMED_MISMATCHES} more" if len(wrong) > NAMED_MISMATCHES else ""
        refuse(
            f"This virtual environment does not hold what {requirements} asks for:",
            f"  {', '.join(wrong[:NAMED_MISMATCHES])}{more}",
            "Install it with:",
            f"  {sys.executable} -m pip install --require-hashes --requirement {ROOT / requirements}",
        )


def installed_versions() -> dict[str, str]:
    """Read from the folders' names, a hundred times quicker than opening every package's description."""
    found: dict[str, str] = {}
    for folder in filter(os.path.isdir, sys.path):
        for entry in os.listdir(folder):
            if entry.endswith(".dist-info"):
                name, _, version = entry[: -len(".dist-info")].rpartition("-")
                found.setdefault(plain(name), version)
    return found


def plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def say(line: str) -> None:
    sys.stderr.write(f"{line}\n")


def refuse(*lines: str) -> NoReturn:
    sys.exit("\n".join(lines))


if __name__ == "__main__":
    try:
        main(sys.argv[1:])
    except KeyboardInterrupt:
        sys.exit(130)
