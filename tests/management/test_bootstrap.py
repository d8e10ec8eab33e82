"""What `manage.py` does before Django: the virtual environment, its stamp, the checks, the hand-over.

Runs the real file in a folder of its own, with stand-in packages small enough to install from a local folder.
"""

import base64
import hashlib
import os
import subprocess
import sys
import zipfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

MANAGE = Path(__file__).resolve().parents[2] / "manage.py"
BARE_PYTHON = str(Path(getattr(sys, "_base_executable", sys.executable)).resolve())

DJANGO = {
    "django/__init__.py": "",
    "django/core/__init__.py": "",
    "django/core/exceptions.py": "class ImproperlyConfigured(Exception): ...\n",
    "django/core/management.py": (
        "import os, sys\n"
        "from django.core.exceptions import ImproperlyConfigured\n"
        "def execute_from_command_line(argv):\n"
        "    if os.environ.get('BREAK_SETTINGS'): raise ImproperlyConfigured('PORT is wrong.')\n"
        "    print('django', argv[1:], sys.prefix)\n"
    ),
}
PYTEST = {
    "pytest/__init__.py": "",
    "pytest/__main__.py": "import os, sys; print('pytest', sys.argv[1:]); sys.exit(7)\n",
}


def wheel(folder: Path, name: str, version: str, files: dict[str, str]) -> str:
    """Build a wheel in `folder` and give its line for a requirements file."""
    info = f"{name}-{version}.dist-info"
    files = {
        **files,
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n",
        f"{info}/WHEEL": "Wheel-Version: 1.0\nGenerator: tests\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    record = ""
    path = folder / f"{name}-{version}-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as archive:
        for file, text in files.items():
            archive.writestr(file, text)
            digest = base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).rstrip(b"=").decode()
            record += f"{file},sha256={digest},{len(text)}\n"
        archive.writestr(f"{info}/RECORD", record + f"{info}/RECORD,,\n")
    return f"{name}=={version} \\\n    --hash=sha256:{hashlib.sha256(path.read_bytes()).hexdigest()}\n"


class Project:
    """A fresh clone: `manage.py`, two requirements files and a folder that stands for the package index."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.index = folder / "index"
        self.index.mkdir(parents=True)
        (folder / "manage.py").write_bytes(MANAGE.read_bytes())
        self.django = wheel(self.index, "django", "5.2", DJANGO)
        self.pytest = wheel(self.index, "pytest", "8.0", PYTEST)
        self.require(self.django)
        self.first: subprocess.CompletedProcess[str] | None = None

    def require(self, everyday: str) -> None:
        (self.folder / "requirements.txt").write_text(everyday)
        (self.folder / "requirements-dev.txt").write_text(everyday + self.pytest)

    def stamp(self, name: str = "requirements.txt") -> Path:
        return self.folder / ".venv" / f"{name}.sha256"

    def start(
        self, *arguments: str, python: str = BARE_PYTHON, before: str = "", **variables: str
    ) -> subprocess.CompletedProcess[str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("PIP_", "PYTHON", "VIRTUAL"))}
        command = [python, str(self.folder / "manage.py"), *arguments]
        if before:
            run = f"{before}; import runpy; sys.argv = sys.argv[1:]; runpy.run_path(sys.argv[0], run_name='__main__')"
            command = [python, "-c", f"import sys; {run}", *command[1:]]
        environment = {**kept, "PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(self.index), **variables}
        return subprocess.run(
            command, cwd=self.folder.parent, env=environment, capture_output=True, text=True, timeout=120, check=False
        )


@pytest.fixture(scope="module")
def used(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """One project for the module, because making a virtual environment takes seconds."""
    project = Project(tmp_path_factory.mktemp("used") / "studio")
    project.first = project.start("greet", "--loud")
    return project


@pytest.fixture
def project(used: Project) -> Project:
    """That project, complete and up to date, whatever the test before did to it."""
    used.require(used.django)
    used.start("help")
    return used


@pytest.fixture
def fresh(tmp_path: Path) -> Project:
    return Project(tmp_path / "studio")


def inside(project: Project) -> str:
    return str(project.folder / ".venv/bin/python")


def test_a_first_start_makes_the_environment_and_goes_on_in_it(used: Project) -> None:
    first = used.first
    assert first is not None
    assert first.returncode == 0, first.stderr
    assert first.stdout.strip() == f"django ['greet', '--loud'] {used.folder / '.venv'}"
    assert first.stderr.splitlines() == [
        "Making a virtual environment in .venv",
        "Installing the packages in requirements.txt (this can take a minute)",
    ]


def test_the_stamp_holds_the_hash_of_the_requirements(project: Project) -> None:
    digest = hashlib.sha256((project.folder / "requirements.txt").read_bytes()).hexdigest()
    assert project.stamp().read_text().splitlines()[0] == digest


def test_two_starts_on_an_environment_whose_python_is_gone_make_it_anew_once(project: Project) -> None:
    python = project.folder / ".venv/bin/python"
    python.unlink()
    python.symlink_to("/nowhere/python")
    with ThreadPoolExecutor() as pool:
        runs = list(pool.map(lambda _: project.start("greet"), range(2)))
    assert [run.returncode for run in runs] == [0, 0]
    told = "".join(run.stderr for run in runs)
    assert told.count("Making a virtual environment") == 1
    assert told.count("Installing the packages") == 1


def test_a_package_with_another_hash_is_refused(project: Project) -> None:
    line = wheel(project.index, "forged", "1.0", {"forged.py": ""})
    project.require(f"{project.django}{line.split('=sha256:')[0]}=sha256:{'0' * 64}\n")
    refused = project.start("greet")
    assert refused.returncode == 1
    assert "hash" in refused.stderr.lower() or "sha256" in refused.stderr
    assert not list((project.folder / ".venv").glob("lib/*/site-packages/forged*"))
    assert not project.stamp().exists()


def test_a_later_start_installs_nothing_and_needs_no_index(project: Project) -> None:
    later = project.start("greet", PIP_FIND_LINKS="/nowhere")
    assert (later.returncode, later.stderr) == (0, "")


def test_a_missing_stamp_installs_again(project: Project) -> None:
    project.stamp().unlink()
    again = project.start("greet")
    assert again.returncode == 0
    assert "Installing the packages in requirements.txt" in again.stderr
    assert project.stamp().exists()


def test_changed_requirements_install_again(project: Project) -> None:
    project.require(project.django + wheel(project.index, "extra", "1.0", {"extra.py": ""}))
    again = project.start("greet")
    assert again.returncode == 0
    assert "Installing the packages" in again.stderr


def test_without_an_index_it_says_so_and_leaves_no_stamp(project: Project) -> None:
    project.require(project.django + f"absent==1.0 --hash=sha256:{'0' * 64}\n")
    refused = project.start("greet", PIP_FIND_LINKS="/nowhere")
    assert refused.returncode == 1
    assert "The packages could not be installed. pip says:" in refused.stderr
    assert "absent==1.0" in refused.stderr
    assert "Check the network" in refused.stderr
    assert "Traceback" not in refused.stderr
    assert not project.stamp().exists()


def test_a_python_without_venv_is_told_what_to_install(fresh: Project) -> None:
    refused = fresh.start("greet", before="sys.modules['ensurepip'] = None")
    assert refused.returncode == 1
    assert "sudo apt install python3-venv" in refused.stderr
    assert "Traceback" not in refused.stderr


def test_an_old_python_is_told_which_one_is_needed(fresh: Project) -> None:
    refused = fresh.start("greet", before="sys.version_info = (3, 10, 4)")
    assert refused.returncode == 1
    assert "needs Python 3.11 or newer" in refused.stderr
    assert not (fresh.folder / ".venv").exists()


def test_test_uses_the_development_requirements_and_passes_arguments_and_exit_code_through(project: Project) -> None:
    run = project.start("test", "-k", "one and two", "--maxfail=1")
    assert run.returncode == 7
    assert run.stdout.strip() == "pytest ['-k', 'one and two', '--maxfail=1']"
    assert project.stamp("requirements-dev.txt").exists()
    assert project.start("greet").stderr == ""  # the development packages hold the everyday ones


def test_inside_an_environment_a_wrong_package_is_named_and_nothing_is_installed(project: Project) -> None:
    project.require(project.django.replace("5.2", "5.3") + wheel(project.index, "late", "2.0", {"late.py": ""}))
    refused = project.start("greet", python=inside(project))
    assert refused.returncode == 1
    assert "django 5.3 (5.2 is installed), late 2.0 (missing)" in refused.stderr
    assert f"{inside(project)} -m pip install --require-hashes --requirement" in refused.stderr
    assert not list((project.folder / ".venv").glob("lib/*/site-packages/late*"))


def test_inside_an_environment_a_package_for_other_systems_may_be_absent(project: Project) -> None:
    project.require(project.django + f"elsewhere==1.0 ; sys_platform == 'nowhere' \\\n    --hash=sha256:{'0' * 64}\n")
    run = project.start("greet", python=inside(project))
    assert run.returncode == 0, run.stderr


def test_a_malformed_setting_is_one_sentence_and_not_a_traceback(project: Project) -> None:
    refused = project.start("greet", BREAK_SETTINGS="1")
    assert (refused.returncode, refused.stderr) == (1, "The settings are wrong. PORT is wrong.\n")
