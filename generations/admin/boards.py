"""Boards that teams share, at the desk: their names are looked at there, changed, or taken away with the board.

What somebody keeps to themselves is not listed.
"""

from typing import Any, cast

from django import forms
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from generations.admin import rights
from generations.admin.records import Desk
from generations.forms.names import NameField
from generations.models import Board, Person
from generations.models.board import NAME_CHARACTERS_MAX
from generations.services import boards


class Renamed(forms.ModelForm):  # type: ignore[type-arg]  # Django's own class takes no type at run time
    name = NameField(max_length=NAME_CHARACTERS_MAX)

    class Meta:
        model = Board
        fields = ("name",)


@admin.register(Board)
class BoardDesk(Desk):
    form = Renamed
    fields = ("name", "team", "maker", "search", "created_at", "changed_at", "deleted_at")
    readonly_fields = ("team", "maker", "search", "created_at", "changed_at", "deleted_at")
    list_display = ("name", "team", "maker", "is_live", "changed_at", "deleted_at")
    list_filter = (("deleted_at", admin.EmptyFieldListFilter),)
    list_select_related = ("team", "maker__person", "maker__team")
    search_fields = ("name", "team__name")
    ordering = ("-pk",)
    actions = ("remove",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Board]:
        shared: QuerySet[Board] = super().get_queryset(request).filter(is_private=False)
        return shared

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """By the action, which tells whose it was."""
        return False

    def has_remove_permission(self, request: HttpRequest) -> bool:
        return self.may(request, rights.REMOVE)

    @admin.display(boolean=True, description="Live")
    def is_live(self, board: Board) -> bool:
        return board.is_live

    def changeform_view(self, request: HttpRequest, *args: Any, **more: Any) -> HttpResponse:
        """What cannot be is not done, and they read why."""
        try:
            answer: HttpResponse = super().changeform_view(request, *args, **more)
        except boards.BoardRefused as refusal:
            messages.error(request, str(refusal))
            return redirect("admin:generations_board_changelist")
        return answer

    def save_model(self, request: HttpRequest, obj: Board, form: Any, change: bool) -> None:
        """By the service, which tells whose it is."""
        boards.correct(by=cast(Person, request.user), board=obj, name=form.cleaned_data["name"])

    @admin.action(description="Remove for good: its name was not to be read", permissions=["remove"])
    def remove(self, request: HttpRequest, rows: QuerySet[Board]) -> None:
        found = list(rows)
        for board in found:
            boards.take_away(by=cast(Person, request.user), board=board)
        self.message_user(request, f"{len(found)} removed. Whoever made them was told; every picture is where it was.")
