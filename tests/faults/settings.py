"""The studio's own settings, and a vendor of the tests' own that its processes know and may reach."""

import os

from generations import providers
from imagine_site.settings import *  # noqa: F403  # a settings module is extended so
from tests.simulators.invented import Invented

providers.PROVIDERS["invented"] = Invented
PROVIDER_BASE_URLS = {"invented": os.environ["INVENTED_BASE_URL"]}
ALLOW_PRIVATE_HOSTS = frozenset({"127.0.0.1"})
# Nothing is collected before a test: addresses of static files need no names made from their content.
STORAGES = {**STORAGES, "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}  # noqa: F405
if "PATIENCE_SECONDS" in os.environ:  # how long SQLite waits for another writer
    DATABASES["default"]["OPTIONS"]["timeout"] = float(os.environ["PATIENCE_SECONDS"])  # noqa: F405
