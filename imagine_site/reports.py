"""What a report of an error may show: never what somebody typed as a secret, not even to a developer with DEBUG on."""

from django.http import HttpRequest
from django.views.debug import SafeExceptionReporterFilter


class AlwaysMasked(SafeExceptionReporterFilter):
    """Django unmasks everything under DEBUG; a real key must not end up on a screen somebody shares."""

    def is_active(self, request: HttpRequest | None) -> bool:
        return True
