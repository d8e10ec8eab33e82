"""`python -m tests.faults.keeper <act> [...]`: one act of `belongings` in a process of its own, its answer as JSON."""

import itertools
import json
import sys
import time

import django

django.setup()

from generations.models import Price  # noqa: E402  # the models are there only after set-up
from generations.providers.demo import Demo  # noqa: E402  # likewise
from tests.faults import belongings  # noqa: E402  # likewise

asked = itertools.count()
setattr(Demo, "clock", staticmethod(lambda: time.time() + 100 * next(asked)))  # noqa: B010  # no test waits for it
Price.seed()
act, *words = sys.argv[1:]
sys.stdout.write(json.dumps(getattr(belongings, act)(*words)) + "\n")
