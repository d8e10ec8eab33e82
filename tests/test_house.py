"""The house keeps its own rules: sizes, names, who may write what, and what may never be committed."""

import ast
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
APP = ROOT / "generations"

MODULE_LINES_MAX = 350
SETTINGS_LINES_MAX = 450
FUNCTION_LINES_MAX = 50
VIEW_LINES_MAX = 30
JOB_LINES_MAX = 8
PAGE_LINES_MAX = 150
FRAGMENT_LINES_MAX = 80
STYLESHEET_LINES_MAX = 350
SCRIPT_LINES_MAX = 100
TEST_LINES_MAX = 500

TOP_LEVEL = {
    "manage.py", "pyproject.toml", "README.md", "imagine_site", "generations", "templates", "static", "tests",
    "requirements.txt", "requirements-dev.txt", "requirements-scale.txt", "LICENSE", "Dockerfile", "compose.yaml",
}  # fmt: skip

STATE_WRITERS = {"generations/models/generation/row.py"}
CREDIT_ROWS = {"CreditHold", "CreditEntry", "CreditAccount"}
WRITES = {"create", "bulk_create", "update", "bulk_update", "get_or_create", "update_or_create", "delete"}


def lines(path: Path) -> int:
    return len(path.read_text(encoding="utf-8").splitlines())


def python_files(folder: Path) -> list[Path]:
    return [path for path in sorted(folder.rglob("*.py")) if "migrations" not in path.parts]


def tracked() -> list[str]:
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT, capture_output=True, text=True, check=True,
    )  # fmt: skip
    return [name for name in listed.stdout.splitlines() if (ROOT / name).is_file()]


def functions(path: Path) -> Iterator[tuple[str, int]]:
    """Each function's name and its lines without the docstring."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            length = (node.end_lineno or node.lineno) - node.lineno + 1
            first = node.body[0]
            if ast.get_docstring(node) is not None:
                length -= (first.end_lineno or first.lineno) - first.lineno + 1
            yield node.name, length


def too_long(paths: list[Path], most: int) -> list[str]:
    return [f"{path.relative_to(ROOT)}: {lines(path)}" for path in paths if lines(path) > most]


class TestSizes:
    def test_of_modules(self) -> None:
        site = [path for path in python_files(ROOT / "imagine_site") if path.name != "settings.py"]
        assert too_long([*python_files(APP), *site, ROOT / "manage.py"], MODULE_LINES_MAX) == []
        assert lines(ROOT / "imagine_site" / "settings.py") <= SETTINGS_LINES_MAX

    def test_of_tests(self) -> None:
        paths = [path for path in python_files(ROOT / "tests") if "simulators" not in path.parts]
        assert too_long(paths, TEST_LINES_MAX) == []

    def test_of_templates(self) -> None:
        paths = sorted((ROOT / "templates").rglob("*.html"))
        assert too_long([path for path in paths if path.name.startswith("_")], FRAGMENT_LINES_MAX) == []
        assert too_long([path for path in paths if not path.name.startswith("_")], PAGE_LINES_MAX) == []

    def test_of_styles_and_scripts(self) -> None:
        assert too_long(sorted((ROOT / "static").rglob("*.css")), STYLESHEET_LINES_MAX) == []
        assert too_long(sorted((ROOT / "static").rglob("*.js")), SCRIPT_LINES_MAX) == []

    def test_of_functions(self) -> None:
        long = []
        for path in [*python_files(APP), *python_files(ROOT / "imagine_site"), ROOT / "manage.py"]:
            most = VIEW_LINES_MAX if path.parent.name == "views" else FUNCTION_LINES_MAX
            most = JOB_LINES_MAX if path == APP / "jobs.py" else most
            names = [(name, length) for name, length in functions(path) if length > most]
            # The wrapper around jobs is not a job.
            long += [f"{path.relative_to(ROOT)}:{name} {length}" for name, length in names if name != "job"]
        assert long == []


class TestWords:
    @pytest.mark.parametrize("path", [*python_files(APP), *python_files(ROOT / "imagine_site")], ids=str)
    def test_every_module_with_code_says_what_it_is_for(self, path: Path) -> None:
        tree = ast.parse(path.read_text(encoding="utf-8"))
        assert not tree.body or ast.get_docstring(tree), path

    def test_nothing_is_left_for_later(self) -> None:
        marks = re.compile(r"\b(" + "|".join(["TO" + "DO", "FIX" + "ME", "X" * 3, "HA" + "CK"]) + r")\b")
        paths = [ROOT / name for name in tracked() if Path(name).suffix in {".py", ".html", ".css", ".js"}]
        assert [str(path) for path in paths if marks.search(path.read_text(encoding="utf-8"))] == []

    def test_fragments_start_with_an_underscore_and_pages_do_not(self) -> None:
        for path in (ROOT / "templates").rglob("*.html"):
            text = path.read_text(encoding="utf-8")
            if path.name.startswith("_"):
                assert "{% extends" not in text, path

    def test_every_test_mirrors_a_module(self) -> None:
        mirrored = ["models", "services", "queries", "views", "forms", "providers"]
        lost = []
        for room in mirrored:
            for test in (ROOT / "tests" / room).rglob("test_*.py"):
                name = test.name.removeprefix("test_").removesuffix(".py")
                home = APP / test.relative_to(ROOT / "tests").parent
                if not ((home / f"{name}.py").exists() or (home / name).is_dir()):
                    lost.append(str(test.relative_to(ROOT)))
        assert lost == []


class TestWriters:
    def test_only_the_generation_changes_its_state(self) -> None:
        """R1: nobody else assigns `.state` or passes `state=` to an update of generations."""
        found = []
        for path in python_files(APP):
            name = str(path.relative_to(ROOT))
            if name in STATE_WRITERS:
                continue
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "update":
                    owner = ast.unparse(node.func.value)
                    if "Generation" in owner and any(word.arg == "state" for word in node.keywords):
                        found.append(f"{name}:{node.lineno}")
                if isinstance(node, ast.Assign | ast.AugAssign):
                    targets = node.targets if isinstance(node, ast.Assign) else [node.target]
                    for target in targets:
                        if isinstance(target, ast.Attribute) and target.attr == "state":
                            owner = ast.unparse(target.value)
                            if owner in {"row", "generation"}:
                                found.append(f"{name}:{node.lineno}")
        assert found == []

    def test_only_the_ledger_writes_credits(self) -> None:
        """R1: rows of the ledger are made and moved in `ledger` alone."""
        found = []
        for path in python_files(APP):
            name = path.relative_to(APP)
            if name.parts[0] == "ledger" or name == Path("models/credit.py"):
                continue
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if not isinstance(node, ast.Call):
                    continue
                made = isinstance(node.func, ast.Name) and node.func.id in CREDIT_ROWS
                written = (
                    isinstance(node.func, ast.Attribute)
                    and node.func.attr in WRITES
                    and any(row in ast.unparse(node.func.value) for row in CREDIT_ROWS)
                )
                if made or written:
                    found.append(f"{name}:{node.lineno}")
        assert found == []

    def test_nothing_waits_in_memory_or_reads_another_clock(self) -> None:
        """R6: the moment comes from the studio's clock."""
        asked = re.compile(r"timezone\.now\(|datetime\.now\(|datetime\.utcnow\(")
        allowed = {"models/clock.py", "queue/__init__.py", "queue/broker.py"}
        found = [
            str(path.relative_to(APP))
            for path in python_files(APP)
            if asked.search(path.read_text(encoding="utf-8")) and str(path.relative_to(APP)) not in allowed
        ]
        assert found == []


class TestTheTree:
    def test_has_only_its_rooms_at_the_top(self) -> None:
        top = {name.partition("/")[0] for name in tracked()}
        assert {name for name in top if not name.startswith(".")} <= TOP_LEVEL

    def test_names_no_machine_and_no_index(self) -> None:
        # The words are put together here so that this file does not hold them.
        told = re.compile("|".join(["/" + "root/", "/" + "work/", "--(extra-)?index-" + "url", "--find-" + "links"]))
        suffixes = {".py", ".html", ".css", ".js", ".md", ".txt", ".toml", ".yaml", ".yml", ""}
        paths = [ROOT / name for name in tracked() if Path(name).suffix in suffixes]
        assert [str(path) for path in paths if told.search(path.read_text(encoding="utf-8"))] == []
