"""What the nightly audits found, to be looked at."""

from django.contrib import admin

from generations.admin.records import ReadOnly
from generations.models import AuditRun


@admin.register(AuditRun)
class AuditRunRecords(ReadOnly):
    list_display = ("started_at", "ended_at", "pictures", "is_clean", "cut")
    date_hierarchy = "started_at"
    ordering = ("-pk",)

    @admin.display(boolean=True, description="Clean")
    def is_clean(self, run: AuditRun) -> bool:
        return run.is_clean
