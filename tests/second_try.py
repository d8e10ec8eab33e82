"""One more chance for a run of thousands: what failed is run once more, alone and in the order it stands in its file.

A run tells a studio that is wrong from a machine that was slow or two tests that got in each other's way: what is
wrong fails again. Money has no second try, nor has what keeps teams apart, nor what two do at once, nor a run in which
more than a few files failed. Whatever passes only now is named, and is a defect to be mended.

`python -m tests.second_try` after a failed `manage.py test`, in the same checkout; its exit code is that of the run.
"""

import json
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

TESTS = Path(__file__).resolve().parent
ROOT = TESTS.parent
FILES_MAX = 3
EXACT = (
    "tests/money/", "tests/ledger/", "tests/faults/test_money.py", "tests/services/auditing/",
    "tests/addresses/", "tests/headers/", "tests/test_secrecy.py",
    "tests/doors/", "tests/services/reviewing/", "tests/services/prompting/", "tests/services/operating/",
    "tests/services/teams/",
)  # fmt: skip


class NoSecondTry(Exception):
    """The run stays failed; the message says why."""


def failed_in(checkout: Path) -> list[str]:
    """Ids of the tests that failed in the last run there."""
    kept = checkout / ".pytest_cache/v/cache/lastfailed"
    return sorted(json.loads(kept.read_text())) if kept.exists() else []


def files_to_try(failed: Iterable[str]) -> list[str]:
    """The files to run again. Raises NoSecondTry."""
    files = sorted({test.split("::")[0] for test in failed})
    if not files:
        raise NoSecondTry("No test is named as failed, so something else is wrong.")
    if len(files) > FILES_MAX:
        raise NoSecondTry(f"{len(files)} files failed; up to {FILES_MAX} get a second try.")
    if exact := [file for file in files if file.startswith(EXACT)]:
        raise NoSecondTry(f"{', '.join(exact)}: such a test is right the first time.")
    return files


def main() -> int:
    failed = failed_in(ROOT)
    try:
        files = files_to_try(failed)
    except NoSecondTry as refusal:
        print(f"No second try. {refusal}")
        return 1
    print("Second try, alone:", *failed, sep="\n  ")
    ran = subprocess.run(
        [sys.executable, "-m", "pytest", "-n0", "--randomly-dont-reorganize", *files], cwd=ROOT, check=False
    )
    if ran.returncode == 0:
        print("These passed only at the second try, and are to be mended:", *failed, sep="\n  ")
    return ran.returncode


if __name__ == "__main__":
    sys.exit(main())
