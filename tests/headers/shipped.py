"""The site as it is shipped, on https: tests run on plain http, with other names for cookies."""

import os
import runpy
from pathlib import Path
from typing import Any

import pytest

SETTINGS = Path(__file__).resolve().parent.parent.parent / "imagine_site" / "settings.py"
NAMES = (
    "SESSION_COOKIE_NAME", "SESSION_COOKIE_SECURE", "CSRF_COOKIE_NAME", "CSRF_COOKIE_SECURE", "POLL_COOKIE_NAME",
    "SECURE_HSTS_SECONDS", "SECURE_HSTS_INCLUDE_SUBDOMAINS", "SECURE_HSTS_PRELOAD", "SECURE_SSL_REDIRECT",
    "SECURE_REDIRECT_EXEMPT", "INSECURE_HTTP", "PUBLIC_URL", "CSRF_TRUSTED_ORIGINS", "TRUSTED_PROXY_COUNT",
    "ALLAUTH_TRUSTED_PROXY_COUNT",
)  # fmt: skip


def settings_for(monkeypatch: pytest.MonkeyPatch, **environment: str) -> dict[str, Any]:
    """What the settings file says in that environment."""
    for name in ("INSECURE_HTTP", "PUBLIC_URL", "TRUSTED_PROXY_COUNT"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    said = runpy.run_path(str(SETTINGS))
    monkeypatch.setenv("INSECURE_HTTP", os.environ.get("INSECURE_HTTP", "1"))
    return said


@pytest.fixture
def shipped(settings: Any, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """Put on: what depends on https is as on a studio behind one proxy that ends it."""
    said = settings_for(monkeypatch, PUBLIC_URL="https://testserver", TRUSTED_PROXY_COUNT="1")
    for name in NAMES:
        setattr(settings, name, said[name])
    if "SECURE_PROXY_SSL_HEADER" in said:
        settings.SECURE_PROXY_SSL_HEADER = said["SECURE_PROXY_SSL_HEADER"]
    return said


BY_PROXY = {"X-Forwarded-For": "198.51.100.7", "X-Forwarded-Proto": "https"}
