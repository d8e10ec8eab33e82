"""The studio's one Django app."""

from django.apps import AppConfig


class Generations(AppConfig):
    name = "generations"
    verbose_name = "Imagine Studio"

    def ready(self) -> None:
        """Register the system checks, and what begins with each login."""
        from generations import checks, middleware  # noqa: F401, PLC0415  # registering needs the loaded apps
