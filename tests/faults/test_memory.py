"""F53: the largest picture a vendor may send, 8192 x 8192, is taken in within a worker's memory."""

import subprocess
import sys
from pathlib import Path

from PIL import Image

from tests.engines import ROOT

SIDE = 8192
GROWTH_MAX = 400 << 20
PROGRAM = """
import resource, sys
from pathlib import Path
from generations import pictures

KIBIBYTE = 1024
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
processed = pictures.process(Path(sys.argv[1]), to_folder=Path(sys.argv[2]))
grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) * KIBIBYTE
print(processed.facts.width, processed.facts.height, len(processed.renditions), grown)
"""


def test_a_picture_of_sixty_seven_megapixels_is_taken_in_without_its_weight(linux: None, tmp_path: Path) -> None:
    file = tmp_path / "large.jpg"
    Image.linear_gradient("L").resize((SIDE, SIDE)).convert("RGB").save(file, "JPEG", quality=75)
    ran = subprocess.run(
        [sys.executable, "-c", PROGRAM, str(file), str(tmp_path)],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
        timeout=120,
    )
    width, height, renditions, grown = map(int, ran.stdout.split())
    assert (width, height, renditions) == (SIDE, SIDE, 3)
    assert grown < GROWTH_MAX, f"{grown >> 20} MiB"
