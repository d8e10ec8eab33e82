"""What a member has, holds and has spent; for who manages the team also the pool and everybody in it."""

from collections.abc import Iterator

from django.contrib import messages
from django.http import Http404, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods

from generations.models import CreditAccount, Member
from generations.queries import statement as lines
from generations.queries.credits_page import CHIPS, address_of, credits_page
from generations.queries.months import Month
from generations.queries.proofs import proof_of
from generations.queries.sheets import csv_of
from generations.queries.statement_file import whole_statement
from generations.queries.statement_sheet import sheet_of
from generations.services import auditing
from generations.views.request import StudioRequest, for_manager, for_member

CURSOR_DIGITS_MAX = 18
HEAD = ("When (UTC)", "Kind", "What", "By", "Change", "On account", "Change of what is set aside", "Set aside")


@require_GET
@for_member
def statement(request: StudioRequest) -> HttpResponse:
    """An account's balance and lines, newest first."""
    page = credits_page(_account(request), _asked(request), viewer=request.member)
    return render(request, "generations/credits.html", {"page": page})


@require_GET
@for_member
def statement_sheet(request: StudioRequest) -> HttpResponse:
    """The same lines to print, oldest first, under a letterhead."""
    asked = _asked(request)
    sheet = sheet_of(_account(request), asked, viewer=request.member, kinds=dict(CHIPS))
    context = {"sheet": sheet, "back_url": address_of("credits", asked, viewer=request.member)}
    return render(request, "generations/statement_sheet.html", context)


@require_GET
@for_member
def statement_file(request: StudioRequest) -> HttpResponse:
    """All lines of the account or of one month, oldest first. What changed adds up to what is on the account."""
    account = _account(request)
    month = Month.parse(request.GET.get("month", ""))
    pieces = csv_of(_rows(account, month, request.member))
    answer = StreamingHttpResponse(pieces, content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="credits-{month or "all"}.csv"'
    return answer  # type: ignore[return-value]  # streamed, and an answer all the same


@require_http_methods(["GET", "HEAD", "POST"])
@for_manager
def books_proof(request: StudioRequest) -> HttpResponse:
    """Have the team's books added up by a worker, and say what came of it; 204 while there is nothing new to say."""
    team = request.member.team
    if request.method == "POST" and not auditing.ask_to_prove(team=team) and not proof_of(team).is_asked:
        messages.info(request, "They were added up less than a minute ago.")
    if not request.htmx:
        return redirect("credits")
    proof = proof_of(team)
    if request.method != "POST" and proof.is_asked:
        return HttpResponse(status=204)
    return render(request, "generations/_proof_news.html", {"proof": proof})


def _account(request: StudioRequest) -> CreditAccount | None:
    """The account asked for. One of others does not exist for who may not see it."""
    whose = request.GET.get("whose", "")
    account = lines.account_for(request.member, whose)
    if account is None and whose not in {"", str(request.member.pk)}:
        raise Http404
    return account


def _asked(request: StudioRequest) -> lines.Asked:
    return lines.Asked(
        whose=request.GET.get("whose", ""),
        month=Month.parse(request.GET.get("month", "")),
        kinds=lines.kinds_of(request.GET.getlist("kind")),
        before=_cursor(request.GET.get("before", "")),
    )


def _rows(account: CreditAccount | None, month: Month | None, viewer: Member) -> Iterator[tuple[str | int, ...]]:
    yield HEAD
    if account is None:
        return
    if month is not None:
        opening = lines.opening_of(account, month, viewer=viewer)
        yield (f"{month.start(viewer.team.time_zone):%Y-%m-%d %H:%M:%S}", "", "Before", "", opening, opening, "", "")
    for line in whole_statement(account, month, viewer=viewer):
        when = f"{line.when:%Y-%m-%d %H:%M:%S}"
        held = (line.delta_held, line.held_after)
        yield (when, line.kind, line.words, line.by, line.delta_posted, line.posted_after, *held)


def _cursor(text: str) -> int | None:
    """None for anything no page of ours links to."""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= CURSOR_DIGITS_MAX else None
