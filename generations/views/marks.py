"""What people say about one picture: hearts, stars, picks, tags and notes. Each answers with what shows it now."""

import uuid

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST

from generations.models import Image, Note
from generations.queries.marks import marks_of
from generations.services import marking
from generations.views import answers
from generations.views.request import StudioRequest, for_member

CARD = "heart-"
"""On the wall only the heart is drawn anew."""


@require_POST
@for_member
def favorite(request: StudioRequest, pk: uuid.UUID) -> HttpResponse:
    """Count it among one's favorites, or no more."""
    picture = _visible(request, pk)
    is_favorite = request.POST.get("on") == "1"
    marking.favor(member=request.member, images=[picture], is_favorite=is_favorite)
    if (request.htmx.target or "").startswith(CARD):
        return render(request, "generations/_heart.html", {"image": pk, "is_favorite": is_favorite})
    return _answer(request, picture, "judgement", "Added to your favorites" if is_favorite else "No favorite any more")


@require_POST
@for_member
def rating(request: StudioRequest, pk: uuid.UUID) -> HttpResponse:
    """One to five stars of one's own, or none."""
    picture = _visible(request, pk)
    stars = request.POST.get("rating", "")
    if stars not in {"0", "1", "2", "3", "4", "5"}:
        return _refusal(request, picture, "judgement", "Choose one to five stars, or none.")
    marking.rate(member=request.member, images=[picture], rating=int(stars) or None)
    return _answer(request, picture, "judgement", f"{stars} of 5 stars" if stars != "0" else "No stars")


@require_POST
@for_member
def pick(request: StudioRequest, pk: uuid.UUID) -> HttpResponse:
    """Make it the team's pick, or no more."""
    picture = _visible(request, pk)
    is_picked = request.POST.get("on") == "1"
    try:
        marking.pick(member=request.member, images=[picture], is_picked=is_picked)
    except marking.MarkingRefused as refusal:
        return _refusal(request, picture, "judgement", str(refusal))
    return _answer(request, picture, "judgement", "The team’s pick" if is_picked else "No pick any more")


@require_POST
@for_member
def tags(request: StudioRequest, pk: uuid.UUID) -> HttpResponse:
    """Put tags on it, several with commas between them."""
    picture = _visible(request, pk)
    typed = request.POST.get("name", "")
    try:
        marking.tag(member=request.member, images=[picture], names=[typed])
    except marking.MarkingRefused as refusal:
        return _refusal(request, picture, "tags", str(refusal), typed=typed)
    return _answer(request, picture, "tags", "Tagged")


@require_POST
@for_member
def tag_off(request: StudioRequest, pk: uuid.UUID) -> HttpResponse:
    """Take one tag off it."""
    picture = _visible(request, pk)
    name = request.POST.get("name", "")
    try:
        marking.untag(member=request.member, images=[picture], names=[name])
    except marking.MarkingRefused as refusal:
        return _refusal(request, picture, "tags", str(refusal))
    return _answer(request, picture, "tags", f"Took {name} off", goes_on=True)


@require_POST
@for_member
def notes(request: StudioRequest, pk: uuid.UUID) -> HttpResponse:
    """Write something under it."""
    picture = _visible(request, pk)
    typed = request.POST.get("text", "")
    try:
        marking.note(member=request.member, image=picture, text=typed)
    except marking.MarkingRefused as refusal:
        return _refusal(request, picture, "notes", str(refusal), typed=typed)
    return _answer(request, picture, "notes", "Note written")


@require_POST
@for_member
def note(request: StudioRequest, pk: int) -> HttpResponse:
    """Have one's own note say something else."""
    row = _note(request, pk)
    try:
        marking.edit_note(member=request.member, note=row, text=request.POST.get("text", ""))
    except marking.MarkingRefused as refusal:
        return _refusal(request, row.image, "notes", str(refusal))
    return _answer(request, row.image, "notes", "Note changed", goes_on=True)


@require_POST
@for_member
def note_removal(request: StudioRequest, pk: int) -> HttpResponse:
    """Delete a note."""
    row = _note(request, pk)
    try:
        marking.unnote(member=request.member, note=row)
    except marking.MarkingRefused as refusal:
        return _refusal(request, row.image, "notes", str(refusal))
    return _answer(request, row.image, "notes", "Note deleted", goes_on=True)


def _visible(request: StudioRequest, pk: uuid.UUID) -> Image:
    rows = Image.objects.visible_to(request.member).select_related("generation")
    picture: Image = get_object_or_404(rows, pk=pk)
    return picture


def _note(request: StudioRequest, pk: int) -> Note:
    rows = Note.objects.seen_by(request.member).select_related("image__generation")
    found: Note = get_object_or_404(rows, pk=pk)
    return found


def _answer(request: StudioRequest, picture: Image, part: str, said: str, *, goes_on: bool = False) -> HttpResponse:
    """What shows it now; `goes_on` puts the cursor where the next one is typed, as what was pressed is gone."""
    if not request.htmx:
        return redirect("image", pk=picture.pk)
    picture.refresh_from_db(fields=["picked_at", "picked_by"])
    marks = marks_of(picture, viewer=request.member)
    return render(request, f"generations/_image_{part}.html", {"marks": marks, "said": said, "goes_on": goes_on})


def _refusal(request: StudioRequest, picture: Image, part: str, words: str, *, typed: str = "") -> HttpResponse:
    """Why not, beside the field it was typed in; what has no field says it in a toast."""
    if not request.htmx:
        messages.error(request, words)
        return redirect("image", pk=picture.pk)
    if part == "judgement":
        return answers.refusal(request, words)
    context = {"marks": marks_of(picture, viewer=request.member), "error": words, "typed": typed, "goes_on": True}
    return render(request, f"generations/_image_{part}.html", context, status=422)
