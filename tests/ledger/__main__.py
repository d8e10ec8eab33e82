"""`python -m tests.ledger play | refuse | race <name>`: the same proofs in a process and on a database of their own.

The last line printed is the result, as JSON.
"""

import json
import sys
import tempfile
from pathlib import Path

import django
from django.conf import settings

django.setup()

from tests.ledger import machine, races, wrong  # noqa: E402  # the models are there only after set-up

with tempfile.TemporaryDirectory() as shelf:
    settings.MEDIA_ROOT = Path(shelf)
    match sys.argv[1:]:
        case ["play"]:
            machine.play()
            result: object = "played"
        case ["refuse"]:
            result = {name: wrong.ending(name) for name in wrong.ATTEMPTS}
        case ["race", name]:
            result = races.hold_race(name)
        case other:
            sys.exit(f"{other}: say play, refuse or race <name>.")
sys.stdout.write(json.dumps(result) + "\n")
