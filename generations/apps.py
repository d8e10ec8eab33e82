"""The studio's one Django app."""

from django.apps import AppConfig
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from generations import failpoints


class Generations(AppConfig):
    name = "generations"
    verbose_name = "Imagine Studio"

    def ready(self) -> None:
        """Register the system checks, and what begins with each login; set the traps of a test that asked for some."""
        from generations import checks, middleware  # noqa: F401, PLC0415  # registering needs the loaded apps

        try:
            failpoints.arm(failpoints.read(settings.FAILPOINTS), folder=settings.DATA_DIR / "failpoints")
        except ValueError as error:
            raise ImproperlyConfigured(f"STUDIO_FAILPOINTS: {error}") from None
