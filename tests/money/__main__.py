"""`python -m tests.money play`: the machine in a process and on a database of its own.

The last line printed is the result, as JSON.
"""

import json
import sys
import tempfile
from pathlib import Path

import django
from django.conf import settings
from django.test.utils import setup_test_environment
from hypothesis.configuration import set_hypothesis_home_dir

django.setup()
setup_test_environment()

from tests.money import machine  # noqa: E402  # the models are there only after set-up

with tempfile.TemporaryDirectory() as shelf:
    settings.MEDIA_ROOT = Path(shelf)
    set_hypothesis_home_dir(Path(shelf) / "hypothesis")  # it notes what it reads in our modules
    machine.play()
sys.stdout.write(json.dumps("played") + "\n")
