"""The studio's one Django app."""

from django.apps import AppConfig


class Generations(AppConfig):
    name = "generations"
    verbose_name = "Imagine Studio"

    def ready(self) -> None:
        """Register the system checks."""
        from generations import checks  # noqa: F401, PLC0415  # registering needs the loaded apps
