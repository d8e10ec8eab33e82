"""The studio's own settings with the bench's vendor, its counter of statements, and two addresses to compare with."""

import os
from dataclasses import replace

from generations import providers
from imagine_site.settings import *  # noqa: F403  # a settings module is extended so
from tests.simulators.invented import Invented

# What its page would say of this vendor: a picture takes four to six seconds. The wire is the invented vendor's.
Invented.offers = (replace(Invented.offers[0], usual_seconds=(4.0, 6.0), running_max=50, hourly_max=100_000),)
Invented.reads_per_second_max = float(os.environ["BENCH_READS"])
providers.PROVIDERS["invented"] = Invented
PROVIDER_BASE_URLS = {"invented": os.environ["BENCH_VENDOR"]}
ALLOW_PRIVATE_HOSTS = frozenset({"127.0.0.1"})
INSTALLED_APPS = [*INSTALLED_APPS, "tests.bench.apps.Bench"]  # noqa: F405
ROOT_URLCONF = "tests.bench.urls"
