"""A process beside the studio's own that does what people and staff do: orders, cancels, counts, audits.

It reads one JSON line per wish from its input and answers with one on its output, so that a test keeps it for as long
as it lasts: `Hands` is the test's side, `main` the other.
"""

import io
import json
import subprocess
import sys
import traceback
from types import ModuleType
from typing import Any

from tests.engines import ROOT


class Hands:
    """Calls the functions of this module's other half by name, in a process of their own."""

    def __init__(self, env: dict[str, str], *, module: str = "tests.faults.hands") -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", module],
            cwd=ROOT,
            env=env,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def ask(self, wish: str, **facts: Any) -> Any:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps([wish, facts]) + "\n")
        self._process.stdin.flush()
        answer = json.loads(self._process.stdout.readline() or '{"trouble": "the hands are gone"}')
        if "trouble" in answer:
            raise AssertionError(f"{wish} {facts}: {answer['trouble']}")
        return answer["answer"]

    def close(self) -> None:
        with self._process:  # closes both ends, and waits
            pass


def main() -> None:
    import django  # noqa: PLC0415  # the test's own process imports this module without Django

    django.setup()
    from tests.faults import wishes  # noqa: PLC0415  # needs the loaded apps

    serve(wishes)


def serve(wishes: ModuleType) -> None:
    """Grant what the input asks for, until it ends."""
    out, sys.stdout = sys.stdout, io.StringIO()  # whatever a command prints is no answer
    for line in sys.stdin:
        wish, facts = json.loads(line)
        try:
            answer: dict[str, Any] = {"answer": getattr(wishes, wish)(**facts)}
        except Exception:  # noqa: BLE001  # whatever it was, the test wants to read it
            answer = {"trouble": traceback.format_exc()}
        out.write(json.dumps(answer) + "\n")
        out.flush()


if __name__ == "__main__":
    main()
