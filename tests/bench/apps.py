"""Makes the bench an app, for its one hook: what it changes once all other apps have had their word."""

import os

from django.apps import AppConfig
from django.conf import settings

from tests.bench import counting


class Bench(AppConfig):
    name = "tests.bench"

    def ready(self) -> None:
        counting.install()
        if os.environ.get("BENCH_BARE") == "1":  # a server to compare with; libraries insist on theirs until now
            settings.MIDDLEWARE = []
