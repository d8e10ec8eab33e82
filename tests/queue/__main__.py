"""`python -m tests.queue <scene>`: plays one scene on the database of the environment.

The last line printed is what was seen, as JSON.
"""

import json
import sys

import django

django.setup()

from tests.queue import scenes  # noqa: E402  # the models are there only after set-up

[scene] = sys.argv[1:]
sys.stdout.write(json.dumps(scenes.play(scene)) + "\n")
