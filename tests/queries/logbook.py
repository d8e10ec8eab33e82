"""Writes lines of the audit log, finds them again and counts what there is, on the database of the environment; prints
JSON."""

import json
import os
from typing import Any

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "imagine_site.settings")
django.setup()

from generations.admin.lists import Calendar  # noqa: E402
from generations.models import AuditEntry  # noqa: E402
from generations.queries import audit, metrics  # noqa: E402


def main() -> dict[str, Any]:
    for action in ("log_lit", "log_asked", "log_lit"):
        AuditEntry.note(action, by=None, actor="command", target="lamp:1", request_id="proxy-7f3a")
    lines: Calendar[AuditEntry] = Calendar(AuditEntry).filter(target="lamp:1")
    moment = lines[0].at
    return {
        "actions": [action for action in audit.known_actions() if action.startswith("log_")],
        "found": audit.lines_about("proxy-7f3a", AuditEntry.objects.all()).count(),
        "days": [day.isoformat() for day in lines.datetimes("at", "day")] == [f"{moment:%Y-%m-%d}T00:00:00+00:00"],
        "rows": len(list(audit.file_of(lines))),
        "samples": metrics.text_of(metrics.gauges()).count('studio_vendor_ended_hour{provider="demo"'),
    }


if __name__ == "__main__":
    print(json.dumps(main()))  # noqa: T201  # the answer
