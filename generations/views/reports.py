"""What the team's pictures cost, for its owners and admins."""

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from generations.queries.reports import KEYS, PERIODS, Report, report_for, report_rows
from generations.queries.sheets import csv_of
from generations.queries.vendor_costs import vendor_cost_rows, vendor_costs
from generations.views.request import StudioRequest, for_manager

USUAL_PERIOD = 30


@require_GET
@for_manager
def report(request: StudioRequest) -> HttpResponse:
    """A drawing of what each day cost, and the same as a table."""
    found = _report(request)
    context = {"report": found, "periods": PERIODS, "period": len(found.days), "keys": KEYS}
    return render(request, "generations/report.html", context)


@require_GET
@for_manager
def report_file(request: StudioRequest) -> HttpResponse:
    """The table as a file."""
    found = _report(request)
    answer = StreamingHttpResponse(csv_of(report_rows(found)), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="credits-by-{found.by}.csv"'
    return answer  # type: ignore[return-value]  # streamed, and an answer all the same


@require_GET
@for_manager
def vendor_report(request: StudioRequest) -> HttpResponse:
    """What vendors took for work on the team's own keys, beside what it brought in."""
    costs = vendor_costs(request.member.team, period=_period(request))
    return render(request, "generations/vendor_report.html", {"costs": costs, "periods": PERIODS})


@require_GET
@for_manager
def vendor_report_file(request: StudioRequest) -> HttpResponse:
    """Every order a vendor took on the team's own keys, as a file."""
    rows = vendor_cost_rows(request.member.team, period=_period(request))
    answer = StreamingHttpResponse(csv_of(rows), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = 'attachment; filename="costs-at-vendors.csv"'
    return answer  # type: ignore[return-value]  # streamed, and an answer all the same


def _report(request: StudioRequest) -> Report:
    """As the address asks; what it asks wrongly is as usual."""
    by = request.GET.get("by", "")
    return report_for(request.member.team, by=by if by in KEYS else "member", period=_period(request))


def _period(request: HttpRequest) -> int:
    return next((one for one in PERIODS if str(one) == request.GET.get("days", "")), USUAL_PERIOD)
