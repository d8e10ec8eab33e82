"""The review queue: moderators look at what was reported in the whole studio, owners and admins in their team."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Concatenate, ParamSpec

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from django_htmx.http import HttpResponseClientRedirect, push_url

from generations.forms.review import Decide, Word
from generations.models import Action, ReviewCase, ReviewDecision, Reviewer
from generations.queries.review import Desk, desk_of, desk_with, next_after
from generations.queries.review_narrow import Narrow
from generations.services import factors, looking, proving, reviewing
from generations.views import errors, sheets
from generations.views.proving import for_proven
from generations.views.request import StudioRequest, for_manager

Rest = ParamSpec("Rest")
Guarded = Callable[Concatenate[StudioRequest, Reviewer, Rest], HttpResponse]

DONE = {
    Action.KEEP: "Kept. Everybody who could see it still can.",
    Action.HIDE: "Hidden everywhere. Its maker is told why.",
    Action.ESCALATE: "Passed on. The studio’s moderators decide now.",
    Action.SUSPEND: "Hidden, and its maker is suspended and told why.",
}


@dataclass(frozen=True, kw_only=True)
class Sheet:
    """A question before something is done: `act` stands on its button, `done` is said afterwards."""

    title: str
    lede: str
    act: str
    done: str
    step: str = ""
    is_final: bool = False


SHOW_AGAIN = Sheet(
    title="Show it again?",
    lede="Everybody who could see it before sees it again, and a suspension that came with it ends. Its maker is told.",
    act="Show it again",
    done="Shown again. The log keeps both decisions.",
)
HIDE_AGAIN = Sheet(
    title="Hide it after all?",
    lede="It is hidden everywhere from that moment. Its maker is told.",
    act="Hide it",
    done="Hidden after all. The log keeps both decisions.",
)
ASK_PURGE = Sheet(
    title="Ask to remove it for good?",
    lede="Nothing is removed yet: another reviewer has to confirm. Until then it stays hidden and can come back.",
    act="Ask for it",
    done="Asked for. Another reviewer has to confirm before anything is removed.",
    step="ask",
)
PURGE = Sheet(
    title="Remove it for good?",
    lede="The picture and all its copies are removed from the studio. Nobody can bring them back.",
    act="Remove for good",
    done="Removed for good. The log keeps what was decided and why.",
    step="purge",
    is_final=True,
)
FACTOR_FIRST = "Reviewing opens to staff with a second way to show who you are. Set one up first."


def for_reviewer(view: Guarded[Rest]) -> Callable[Concatenate[HttpRequest, Rest], HttpResponse]:
    """Let in moderators of the studio, and who manages the team; staff only with a second factor (S17)."""

    @for_manager
    def of_a_team(request: StudioRequest, /, *args: Rest.args, **kwargs: Rest.kwargs) -> HttpResponse:
        reviewer = Reviewer.of_member(request.member)
        return view(request, reviewer, *args, **kwargs) if reviewer else errors.forbidden(request)

    @wraps(view)
    def guarded(request: StudioRequest, /, *args: Rest.args, **kwargs: Rest.kwargs) -> HttpResponse:
        if request.user.is_staff and not proving.used_a_factor(request.session):
            return _to_a_factor(request)
        reviewer = Reviewer.of_staff(request.user)
        return view(request, reviewer, *args, **kwargs) if reviewer else of_a_team(request, *args, **kwargs)

    return guarded  # type: ignore[return-value]  # Django passes a plain request that the middleware has completed


def _to_a_factor(request: StudioRequest) -> HttpResponse:
    """Show the second factor, or set one up; what was sent is not kept."""
    if not factors.has_factor(request.user):
        messages.info(request, FACTOR_FIRST)
        return _lead(request, reverse("factors"))
    to = request.get_full_path() if request.method in {"GET", "HEAD"} else reverse("review")
    return _lead(request, proving.way(request.user, to=to, by_factor=True))


def _lead(request: StudioRequest, to: str) -> HttpResponse:
    return HttpResponseClientRedirect(to) if request.htmx else redirect(to)


@require_safe
@for_reviewer
def review(request: StudioRequest, reviewer: Reviewer) -> HttpResponse:
    """What waits, what is hidden, or the log, with the first case open."""
    asked = {name: request.GET.get(name, "") for name in ("which", "before", "at")}
    return _page(request, desk_of(reviewer, narrow=Narrow.parse(request.GET, reviewer), **asked))


@require_safe
@for_reviewer
def review_case(request: StudioRequest, reviewer: Reviewer, pk: int) -> HttpResponse:
    """One case, in the list it stands in; `?shown=1` uncovers its picture."""
    case = get_object_or_404(ReviewCase.objects.within(reviewer), pk=pk)
    return _page(request, _desk(request, reviewer, case, is_shown="shown" in request.GET))


@require_POST
@for_reviewer
def review_claim(request: StudioRequest, reviewer: Reviewer, pk: int) -> HttpResponse:
    """Take a case for a few minutes, or give it back."""
    case = get_object_or_404(ReviewCase.objects.within(reviewer), pk=pk)
    act = reviewing.claim if request.POST.get("on") == "1" else reviewing.let_go
    trouble = ""
    try:
        act(case=case, reviewer=reviewer)
    except reviewing.ReviewRefused as refusal:
        trouble = str(refusal)
    if not (request.htmx or trouble):
        return redirect("review_case", pk=pk)
    case.refresh_from_db()
    desk = _desk(request, reviewer, case, is_shown="shown" in request.POST)
    return _page(request, desk, trouble=trouble, status=409 if trouble else 200)


@require_POST
@for_reviewer
def review_decision(request: StudioRequest, reviewer: Reviewer, pk: int) -> HttpResponse:
    """Keep, hide, pass on, or hide and suspend; on to the next. What somebody else decided meanwhile stands."""
    case = get_object_or_404(ReviewCase.objects.within(reviewer), pk=pk)
    form = Decide(request.POST)
    if not form.is_valid():
        return _undecided(request, reviewer, case, form)
    facts = form.cleaned_data
    following = next_after(case, reviewer=reviewer, narrow=Narrow.parse(request.GET, reviewer))
    try:
        reviewing.decide(
            case=case,
            reviewer=reviewer,
            action=facts["action"],
            reason=facts["reason"],
            words=facts["words"],
            version=facts["version"],
            until=form.until,
        )
    except (reviewing.ReasonMissing, reviewing.SuspensionRefused) as refusal:
        form.add_error("reason" if isinstance(refusal, reviewing.ReasonMissing) else "span", str(refusal))
        return _undecided(request, reviewer, case, form)
    except reviewing.ReviewRefused as refusal:
        return _undecided(request, reviewer, case, form, trouble=str(refusal))
    return _next(request, reviewer, following, news=DONE[Action(facts["action"])])


@require_http_methods(["GET", "HEAD", "POST"])
@for_reviewer
def review_reversal(request: StudioRequest, reviewer: Reviewer, pk: int) -> HttpResponse:
    """Take a decision back: what was hidden is shown again, what was kept is hidden."""
    mine = ReviewDecision.objects.filter(case__in=ReviewCase.objects.within(reviewer)).select_related("case")
    decision = get_object_or_404(mine, pk=pk)
    sheet = HIDE_AGAIN if decision.action in {Action.KEEP, Action.RESTORE} else SHOW_AGAIN
    return _sheet(request, sheet, lambda words: reviewing.reverse(decision=decision, reviewer=reviewer, words=words))


@require_http_methods(["GET", "HEAD", "POST"])
@for_reviewer
@for_proven(back="review", keeps=("words",))
def review_purge(request: StudioRequest, reviewer: Reviewer, pk: int) -> HttpResponse:
    """Ask for the files to be removed for good; a second person does it."""
    case = get_object_or_404(ReviewCase.objects.within(reviewer).hidden().filter(purged_at=None), pk=pk)
    sheet = PURGE if case.purge_asked_by_id else ASK_PURGE
    if request.method == "POST" and request.POST.get("step") == ASK_PURGE.step:
        sheet = ASK_PURGE  # the page offered no more than that, whoever asked meanwhile
    act = reviewing.purge if sheet is PURGE else reviewing.ask_purge
    return _sheet(request, sheet, lambda words: act(case=case, reviewer=reviewer, words=words))


def _sheet(request: StudioRequest, sheet: Sheet, act: Callable[[str], ReviewDecision]) -> HttpResponse:
    """The question over the page, and what is done once it is answered; nothing typed is lost."""
    sent = request.method == "POST"
    kept = {} if sent else proving.take_kept(request.session, place=request.path)
    form = Word(request.POST if sent else None, initial=kept)
    if sent and form.is_valid():
        try:
            act(form.cleaned_data["words"])
        except reviewing.ReviewRefused as refusal:
            form.add_error(None, str(refusal))
        else:
            return sheets.done(request, sheet.done, "review")
    context = {"form": form, "sheet": sheet}
    status = 422 if sent else 200
    if not request.htmx:
        return render(request, "generations/review_sheet.html", context, status=status)
    response = render(request, "generations/_review_sheet.html", context, status=status)
    response["HX-Retarget"], response["HX-Reswap"] = "#dialog", "innerHTML"
    return response


def _undecided(
    request: StudioRequest, reviewer: Reviewer, case: ReviewCase, form: Decide, trouble: str = ""
) -> HttpResponse:
    """The case as it is now, with what was typed. Somebody else may have decided it, or passed it on, meanwhile."""
    found = ReviewCase.objects.within(reviewer).filter(pk=case.pk).first()
    if found is None:
        return _page(request, _desk(request, reviewer), trouble=trouble, unsent=form["words"].value(), status=409)
    desk = _desk(request, reviewer, found, is_shown="shown" in request.POST)
    unsent = "" if found.is_open else form["words"].value()
    return _page(request, desk, form=form, trouble=trouble, unsent=unsent, status=409 if trouble else 422)


def _next(request: StudioRequest, reviewer: Reviewer, following: ReviewCase | None, news: str) -> HttpResponse:
    """On to the next case."""
    desk = _desk(request, reviewer, following)
    to = f"{reverse('review_case', args=[following.pk]) if following else reverse('review')}{desk.query}"
    if not request.htmx:
        messages.success(request, news)
        return redirect(to)
    return push_url(_page(request, desk, news=news), to)


def _desk(
    request: StudioRequest, reviewer: Reviewer, case: ReviewCase | None = None, *, is_shown: bool = False
) -> Desk:
    """As narrow as the page was: the addresses of its forms say so. What is private stays covered till it is opened."""
    narrow = Narrow.parse(request.GET, reviewer)
    if case is None:
        return desk_of(reviewer, narrow=narrow)
    is_open = is_shown and looking.may_review(by=reviewer, case=case)
    return desk_with(case, reviewer=reviewer, is_shown=is_open, narrow=narrow)


def _page(
    request: StudioRequest,
    desk: Desk,
    *,
    form: Decide | None = None,
    trouble: str = "",
    unsent: str = "",
    news: str = "",
    status: int = 200,
) -> HttpResponse:
    """The whole page, or to htmx what changes of it."""
    fresh = Decide(initial={"version": desk.case.version}) if desk.case else None
    context = {"desk": desk, "form": form or fresh, "trouble": trouble, "unsent": unsent, "news": news}
    if not request.htmx:
        return render(request, "generations/review.html", context, status=status)
    response = render(request, "generations/_review_answer.html", context, status=status)
    if trouble:  # whatever part was asked for, all of it may have changed
        response["HX-Retarget"], response["HX-Reselect"], response["HX-Reswap"] = "#review", "#review", "outerHTML"
    return response
