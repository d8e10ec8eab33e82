"""What the nightly audits found, and when each part of the studio last showed a sign of life."""

from django.contrib import admin
from django.utils.safestring import SafeString

from generations.admin import looks
from generations.admin.records import ReadOnly
from generations.models import AuditRun, Heartbeat


@admin.register(AuditRun)
class AuditRunRecords(ReadOnly):
    list_display = ("started_at", "ended_at", "pictures", "is_clean", "cut")
    date_hierarchy = "started_at"
    ordering = ("-pk",)

    @admin.display(boolean=True, description="Clean")
    def is_clean(self, run: AuditRun) -> bool:
        return run.is_clean


@admin.register(Heartbeat)
class HeartbeatRecords(ReadOnly):
    """Clusters of workers, and what runs now and then: housekeeping, the audit, backups."""

    list_display = ("name", "at", "age")
    ordering = ("-at", "pk")

    @admin.display(description="Age")
    def age(self, stamp: Heartbeat) -> SafeString:
        return looks.age(stamp.at)
