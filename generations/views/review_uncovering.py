"""What a case is about, as its reviewers see it: its pictures, and what is private only for who uncovered it."""

from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from generations import storage
from generations.models import ReviewCase, Reviewer
from generations.queries.review_case import pictures_of
from generations.queries.review_narrow import Narrow
from generations.services import looking
from generations.views import files
from generations.views.request import StudioRequest
from generations.views.review import for_reviewer


@require_POST
@for_reviewer
def review_opening(request: StudioRequest, reviewer: Reviewer, pk: int) -> HttpResponse:
    """Uncover what its maker keeps to themselves; it is written down, and they are told."""
    case = get_object_or_404(_cases(reviewer), pk=pk)
    looking.note_review(by=reviewer, case=case)
    narrowed = Narrow.parse(request.GET, reviewer).query
    return redirect(f"{reverse('review_case', args=[pk])}?shown=1{'&' if narrowed else ''}{narrowed}")


@require_safe
@for_reviewer
def review_picture(request: StudioRequest, reviewer: Reviewer, pk: int, index: int) -> HttpResponse:
    """A picture of a case, hidden or not, for its reviewers only; a private one for who uncovered it a while ago."""
    case = get_object_or_404(_cases(reviewer), pk=pk)
    image = next((one for one in pictures_of(case) if one.index == index and one.sha256), None)
    if image is None or not looking.may_review(by=reviewer, case=case):
        raise Http404
    width = max(image.widths, default=0)
    path = storage.rendition_path(image, width) if width else storage.original_path(image)
    try:
        file = files.Picture(path.open("rb"), content_type="image/webp" if width else storage.MEDIA_TYPES[image.format])
    except FileNotFoundError:
        raise Http404 from None  # removed behind our back; the audit reports it
    file["Cache-Control"] = "private, no-store"
    file["Content-Security-Policy"] = "default-src 'none'; sandbox"
    file["X-Content-Type-Options"] = "nosniff"
    return file  # type: ignore[return-value]  # a file streams; Django serves any response


def _cases(reviewer: Reviewer) -> QuerySet[ReviewCase]:
    parts = ("image__generation__member__person", "generation__member__person", "generation__kept_by__person")
    found: QuerySet[ReviewCase] = ReviewCase.objects.within(reviewer).select_related(*parts)
    return found
