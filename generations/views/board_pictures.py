"""Pictures on boards: which boards one hangs on, taken off, put back, and moved to another place."""

import uuid
from collections.abc import Iterable

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST
from django_htmx.http import trigger_client_event

from generations.forms.board import BoardForm
from generations.models import Board, Image
from generations.queries.boards import boards_with, count_on, hooks_of
from generations.services import boards as service
from generations.views.request import StudioRequest, for_member

MOVED = "studio:moved"
"""What the browser is told: which picture stands before which now."""


@require_http_methods(["GET", "HEAD", "POST"])
@for_member
def image_boards(request: StudioRequest, pk: uuid.UUID) -> HttpResponse:
    """Choose the boards of one picture, and begin a new one with it."""
    image = get_object_or_404(Image.objects.visible_to(request.member).select_related("generation"), pk=pk)
    if request.method != "POST":
        return _sheet(request, image, BoardForm(use_required_attribute=False))
    form = BoardForm(request.POST)
    if request.POST.get("name", "").strip():
        try:
            if not form.is_valid():
                return _sheet(request, image, form)
            is_private = form.cleaned_data["is_private"] or not request.member.may_create
            made = service.make(member=request.member, name=form.cleaned_data["name"], is_private=is_private)
            service.add(member=request.member, board=made, images=[image])
        except service.BoardRefused as refusal:
            form.add_error(refusal.field, str(refusal))
            return _sheet(request, image, form)
    return _chosen(request, image)


@require_POST
@for_member
def board_pictures(request: StudioRequest, pk: int) -> HttpResponse:
    """Take pictures off the board; with `act=put`, put them on it."""
    board = get_object_or_404(Board.objects.fillable_by(request.member), pk=pk)
    images = Image.objects.visible_to(request.member).filter(pk__in=_ids(request.POST.getlist("image")))
    puts = request.POST.get("act") == "put"
    try:
        (service.add if puts else service.remove)(member=request.member, board=board, images=images)
    except service.BoardRefused as refusal:
        messages.error(request, str(refusal))
        return _arranging(request, board)
    if not request.htmx:
        return _arranging(request, board)
    context = {"board": board, "count_text": count_on(board, request.member), "oob": True}
    return render(request, "generations/_board_count.html", context)


@require_POST
@for_member
def board_order(request: StudioRequest, pk: int) -> HttpResponse:
    """Move one picture: by a `step`, or to the place `of` another one."""
    board = get_object_or_404(Board.objects.fillable_by(request.member), pk=pk)
    image = _on(request, board, "image")
    step = request.POST.get("step", "")
    to = service.Step(step) if step in list(service.Step) else _on(request, board, "of")
    try:
        place = service.move(member=request.member, board=board, image=image, to=to)
    except service.BoardRefused as refusal:
        messages.error(request, str(refusal))
        return _arranging(request, board, image)
    if not request.htmx:
        return _arranging(request, board, image)
    response = render(request, "generations/_board_news.html", {"image": image, "place": place, "oob": True})
    told = {"image": str(image.pk), "before": str(place.before or "")}
    return trigger_client_event(response, MOVED, told)


def _chosen(request: StudioRequest, image: Image) -> HttpResponse:
    """What was ticked of what was shown; of other boards nothing was said."""
    among = {int(one) for one in request.POST.getlist("shown") if _is_number(one)}
    chosen = {int(one) for one in request.POST.getlist("board") if _is_number(one)}
    try:
        service.choose(member=request.member, image=image, among=among | chosen, chosen=chosen)
    except service.BoardRefused as refusal:
        messages.error(request, str(refusal))
    if not request.htmx:
        return redirect("image", pk=image.pk)
    hooks = boards_with(image, request.member)
    return render(request, "generations/_image_boards.html", {"image_id": image.pk, "hooks": hooks, "oob": True})


def _sheet(request: StudioRequest, image: Image, form: BoardForm) -> HttpResponse:
    template = "generations/_board_choice.html" if request.htmx else "generations/board_choice.html"
    hooks = hooks_of(image, request.member)
    status = 422 if form.is_bound else 200
    response = render(request, template, {"image": image, "form": form, "hooks": hooks}, status=status)
    if request.htmx:
        response["HX-Retarget"], response["HX-Reswap"] = "#dialog", "innerHTML"
    return response


def _arranging(request: StudioRequest, board: Board, image: Image | None = None) -> HttpResponse:
    """Back to where it was pressed; with script nothing there changes, and it says why."""
    if not request.htmx:
        place = f"#place-{image.pk}" if image else ""
        return redirect(f"{reverse('board', args=[board.pk])}?arrange=1{place}")
    response = render(request, "_toasts.html", {"oob": True})
    response["HX-Reswap"] = "none"
    return response


def _on(request: StudioRequest, board: Board, field: str) -> Image:
    """The picture that field names, if the member sees it on this board."""
    found: Image | None = (
        Image.objects.visible_to(request.member)
        .on(board)
        .select_related("generation")
        .filter(pk__in=_ids([request.POST.get(field, "")]))
        .first()
    )
    if found is None:
        raise Http404
    return found


def _ids(texts: Iterable[str]) -> list[uuid.UUID]:
    found = []
    for text in texts:
        try:
            found.append(uuid.UUID(text))
        except ValueError:
            continue
    return found


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) < 19
