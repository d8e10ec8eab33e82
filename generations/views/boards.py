"""Boards: all of them, one as a wall, and what is done with one as a whole."""

from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST
from django_htmx.http import HttpResponseClientRedirect

from generations.forms.board import BoardForm
from generations.models import Board
from generations.queries.boards import board_page, shelf_for
from generations.queries.facets import facets
from generations.queries.search import Wanted, said
from generations.services import boards as service
from generations.views.request import StudioRequest, for_member

PLACES_MAX = 6
"""Digits of a place in the list: further nobody turns its pages."""


@require_GET
@for_member
def boards(request: StudioRequest) -> HttpResponse:
    """Every board the member sees, with its first pictures."""
    begin = request.GET.get("from", "")
    is_place = begin.isascii() and begin.isdecimal() and len(begin) <= PLACES_MAX
    shelf = shelf_for(request.member, begin=int(begin) if is_place else 0)
    return render(request, "generations/boards.html", {"shelf": shelf})


@require_GET
@for_member
def board(request: StudioRequest, pk: int) -> HttpResponse:
    """The wall of one board, to look at or to arrange; htmx asks for its next part only."""
    rows = Board.objects.visible_to(request.member).select_related("maker__person")
    found = get_object_or_404(rows, pk=pk)
    page = board_page(
        found, request.member, before=request.GET.get("before"), is_arranging=request.GET.get("arrange") == "1"
    )
    is_part = request.htmx and "before" in request.GET
    part = "generations/_board_places.html" if page.is_arranging else "generations/_board_wall.html"
    return render(request, part if is_part else "generations/board.html", {"page": page})


@require_http_methods(["GET", "HEAD", "POST"])
@for_member
def board_new(request: StudioRequest) -> HttpResponse:
    """Begin a board; with the fields of a search in the address, one that keeps it."""
    if request.method != "POST":
        wanted = Wanted.read(request.member, request.GET)
        return _new(request, BoardForm(initial={"search": wanted.text}), wanted)
    form = BoardForm(request.POST)
    wanted = Wanted.read(request.member, QueryDict(request.POST.get("search", "")))
    if not form.is_valid():
        return _new(request, form, wanted)
    is_private = form.cleaned_data["is_private"] or not request.member.may_create
    name, search = form.cleaned_data["name"], "" if wanted.is_all else wanted.text
    try:
        made = service.make(member=request.member, name=name, is_private=is_private, search=search)
    except service.BoardRefused as refusal:
        form.add_error(refusal.field, str(refusal))
        return _new(request, form, wanted)
    return _go_to(request, made)


@require_http_methods(["GET", "HEAD", "POST"])
@for_member
def board_details(request: StudioRequest, pk: int) -> HttpResponse:
    """What it is called and who sees it."""
    found = get_object_or_404(Board.objects.changeable_by(request.member), pk=pk)
    first = {"name": found.name, "is_private": found.is_private}
    form = BoardForm(request.POST if request.method == "POST" else None, initial=first)
    if request.method == "POST" and form.is_valid():
        facts = form.cleaned_data
        is_own = found.maker_id == request.member.pk and request.member.may_create
        is_private = facts["is_private"] if is_own else found.is_private
        try:
            service.change(member=request.member, board=found, name=facts["name"], is_private=is_private)
        except service.BoardRefused as refusal:
            form.add_error(refusal.field, str(refusal))
        else:
            return _go_to(request, found)
    return _sheet(request, form, {"board": found, "may_choose": found.maker_id == request.member.pk})


@require_http_methods(["GET", "HEAD", "POST"])
@for_member
def board_removal(request: StudioRequest, pk: int) -> HttpResponse:
    """Delete it for now, after a question."""
    found = get_object_or_404(Board.objects.changeable_by(request.member), pk=pk)
    if request.method != "POST":
        return render(request, "generations/board_removal.html", {"board": found})
    try:
        service.delete(member=request.member, board=found)
    except service.BoardRefused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, f"“{found.name}” is deleted, and can come back. Its pictures are where they were.")
    return redirect("boards")


@require_POST
@for_member
def board_return(request: StudioRequest, pk: int) -> HttpResponse:
    """Have a deleted one back."""
    found = get_object_or_404(Board.objects.returnable_by(request.member), pk=pk)
    try:
        service.bring_back(member=request.member, board=found)
    except service.BoardRefused as refusal:
        messages.error(request, str(refusal))
        return redirect("boards")
    return redirect("board", pk=found.pk)


def _new(request: StudioRequest, form: BoardForm, wanted: Wanted) -> HttpResponse:
    """A search that is to be kept is said in words."""
    asked = "" if wanted.is_all else said(facets(request.member), wanted)
    return _sheet(request, form, {"asked": asked, "may_choose": True})


def _sheet(request: StudioRequest, form: BoardForm, facts: dict[str, object]) -> HttpResponse:
    template = "generations/_board_form.html" if request.htmx else "generations/board_form.html"
    status = 422 if form.errors else 200
    response = render(request, template, {"form": form, **facts}, status=status)
    if request.htmx:
        response["HX-Retarget"], response["HX-Reswap"] = "#dialog", "innerHTML"
    return response


def _go_to(request: StudioRequest, board: Board) -> HttpResponse:
    there = reverse("board", args=[board.pk])
    return HttpResponseClientRedirect(there) if request.htmx else redirect(there)
