"""Settings make the data folder for its owner alone."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent


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
