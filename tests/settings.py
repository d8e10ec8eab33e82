"""The studio's own settings, with a data folder of its own and passwords that cost nothing to check."""

import atexit
import os
import shutil
import tempfile
from pathlib import Path

from cryptography.fernet import Fernet

DATA_PATH = Path(tempfile.mkdtemp(prefix="studio-tests-"))
atexit.register(shutil.rmtree, DATA_PATH, ignore_errors=True)
os.environ["DATA_DIR"] = str(DATA_PATH)
os.environ.setdefault("SECRET_KEY", "a key for tests alone, long enough for every check that looks at it")
os.environ.setdefault("FIELD_KEYS", Fernet.generate_key().decode())
os.environ.setdefault("INSECURE_HTTP", "1")
for name in ("PUBLIC_URL", "REDIS_URL", "DATABASE_URL", "ALLOWED_HOSTS"):
    os.environ.pop(name, None)

from imagine_site.settings import *  # noqa: E402, F403  # the environment above comes first

ALLOWED_HOSTS = ["testserver", "localhost", "127.0.0.1"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
WHITENOISE_AUTOREFRESH = True
CONN_MAX_AGE = 0
