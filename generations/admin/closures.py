"""Pausing, draining, maintenance and the words over every page: operators and superusers, each on a page that asks."""

from typing import Any, cast

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path
from django.utils.decorators import method_decorator
from django.views.decorators.http import require_http_methods

from generations.admin import rights
from generations.admin.records import Desk
from generations.forms.closure import Closing, Maintenance, Posting
from generations.models import Banner, Closure, Mood, Person, Shut
from generations.models.closure import STUDIO
from generations.queries.doors import ACTS, EFFECTS, STUDIO_WORD, Door, door_of, kinds_of
from generations.services import posting, shutting

ASKED = ("GET", "HEAD", "POST")


class Operated(Desk):
    """What who operates the studio closes and hangs up."""

    def expect(self, request: HttpRequest, right: str) -> None:
        """Raises PermissionDenied."""
        if not self.may(request, right):
            raise PermissionDenied

    def page(self, request: HttpRequest, template: str, facts: dict[str, Any], *, status: int = 200) -> HttpResponse:
        context = {**self.admin_site.each_context(request), "opts": self.model._meta, **facts}
        return render(request, template, context, status=status)


@admin.register(Closure)
class ClosureDesk(Operated):
    """All that was ever closed; what is done about it begins at the board on the desk's first page."""

    list_display = ("__str__", "reason", "begins_at", "ends_at", "by", "lifted_at", "lifted_by")
    list_filter = ("kind", "provider", ("lifted_at", admin.EmptyFieldListFilter))
    list_select_related = ("by", "lifted_by")
    search_fields = ("reason",)
    ordering = ("-pk",)

    def get_urls(self) -> list[Any]:
        begin, end = self.admin_site.admin_view(self.beginning), self.admin_site.admin_view(self.ending)
        return [
            path("begin/<slug:target>/<slug:kind>/", begin, name="generations_closure_beginning"),
            path("end/<int:pk>/", end, name="generations_closure_ending"),
            *super().get_urls(),
        ]

    @method_decorator(require_http_methods(ASKED))
    def beginning(self, request: HttpRequest, target: str, kind: str) -> HttpResponse:
        """Asks why and for how long, says what it will touch, and closes it."""
        self.expect(request, rights.SHUT)
        door, shut = _door(target, kind)
        form = _form_of(request, door, shut)
        if request.method == "POST" and form.is_valid():
            try:
                shutting.shut(kind=shut, provider=door.provider, by=cast(Person, request.user), **form.cleaned_data)
            except shutting.ShutRefused as refusal:
                form.add_error(None, str(refusal))
            else:
                messages.success(request, f"Done. {EFFECTS[shut]}")
                return redirect("admin:index")
        title = f"{ACTS[shut]}: {door.name}"
        facts = {"title": title, "door": door, "effect": EFFECTS[shut], "form": form, "kind": shut}
        return self.page(request, "admin/closure_form.html", facts, status=422 if form.errors else 200)

    @method_decorator(require_http_methods(ASKED))
    def ending(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Asks once more, and opens it."""
        self.expect(request, rights.SHUT)
        closure = get_object_or_404(Closure, pk=pk)
        if request.method == "POST":
            done = shutting.reopen(closure=closure, by=cast(Person, request.user))
            words = f"{closure.target}: open again." if done else "That was over already. Nothing was changed."
            messages.success(request, words)
            return redirect("admin:index")
        facts = {"title": f"Open again: {closure.target}", "closure": closure, "door": door_of(closure.provider)}
        return self.page(request, "admin/closure_end.html", facts)


def _door(target: str, kind: str) -> tuple[Door, Shut]:
    """What the address names; 404 for anything else."""
    door = door_of(STUDIO if target == STUDIO_WORD else target)
    if door is None or kind not in kinds_of(door.provider):
        raise Http404
    return door, Shut(kind)


def _form_of(request: HttpRequest, door: Door, kind: Shut) -> Closing:
    form = Maintenance if kind is Shut.MAINTENANCE else Closing
    if request.method == "POST":
        return form(request.POST)
    closure = door.closure
    if closure is None:
        return form()
    kept: dict[str, Any] = {"instead_of": closure.pk}
    if closure.kind == kind:
        begins = None if door.is_closed else closure.begins_at
        kept |= {"reason": closure.reason, "ends_at": closure.ends_at, "begins_at": begins}
    return form(initial=kept)


@admin.register(Banner)
class BannerDesk(Operated):
    """Words over every page."""

    list_display = ("words", "mood", "begins_at", "ends_at", "by")
    list_filter = ("mood",)
    list_select_related = ("by",)
    search_fields = ("words",)
    ordering = ("-pk",)
    actions = ("take_down",)

    @method_decorator(require_http_methods(ASKED))
    def changeform_view(self, request: HttpRequest, object_id: str | None = None, *_: Any, **__: Any) -> HttpResponse:
        """By a form of ours: the desk's own would save the row itself."""
        self.expect(request, rights.CHANGE if object_id else rights.ADD)
        banner = self.get_object(request, object_id) if object_id else None
        if object_id and banner is None:
            raise Http404
        form = Posting(request.POST or None, initial=_hung(banner))
        if request.method == "POST" and form.is_valid():
            facts = {**form.cleaned_data, "mood": Mood(form.cleaned_data["mood"])}
            try:
                posting.post(by=cast(Person, request.user), banner=banner, **facts)
            except posting.BannerRefused as refusal:
                form.add_error(None, str(refusal))
            else:
                messages.success(request, "Every page says so, from its time on.")
                return redirect("admin:generations_banner_changelist")
        title = "Change a banner" if banner else "Hang a banner over every page"
        status = 422 if request.method == "POST" else 200
        return self.page(request, "admin/banner_form.html", {"title": title, "form": form}, status=status)

    @admin.action(description="Take down", permissions=["change"])
    def take_down(self, request: HttpRequest, rows: QuerySet[Banner]) -> None:
        taken = sum(posting.take_down(by=cast(Person, request.user), banner=row) for row in rows)
        self.message_user(request, f"{taken} taken down.")


def _hung(banner: Banner | None) -> dict[str, Any]:
    if banner is None:
        return {"mood": Mood.INFO}
    shown = {name: getattr(banner, name) for name in ("words", "mood", "begins_at", "ends_at")}
    return {**shown, "seen": posting.print_of(banner)}
