"""Pictures at the desk, small: those that are there for their team. Hidden ones are looked at in review alone."""

import uuid
from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseNotModified
from django.shortcuts import get_object_or_404
from django.urls import path
from django.utils.decorators import method_decorator
from django.utils.http import parse_etags
from django.utils.safestring import SafeString
from django.views.decorators.http import require_POST, require_safe

from generations import storage
from generations.admin import looks, rights
from generations.admin.filters import ByStanding
from generations.admin.lists import ById, period_of
from generations.admin.records import Long
from generations.admin.taking_up import take_up
from generations.admin.work import is_open_to
from generations.models import Image
from generations.queries.finding import pictures_about
from generations.queries.image_page import file_size
from generations.services import reviewing

KEPT = "private, no-cache"
"""Kept by the browser and asked for each time: what a moderator hid is gone at once, everything else costs a 304."""


@admin.register(Image)
class ImageDesk(Long):
    list_display = ("picture", "name", "standing", "pixels", "size", "order", "team", "age")
    list_display_links = ("name",)
    list_filter = (ByStanding,)
    list_select_related = ("team", "generation")
    search_fields = ("id",)
    search_help_text = "One whole id, of a picture or of its generation, or the hash of its file."
    date_hierarchy = "created_at"
    ordering = ("-id",)
    change_form_template = "admin/picture_page.html"
    fields = (
        "thumb",
        "standing",
        "pixels",
        "size",
        "format",
        "sha256",
        "order",
        "team",
        "created_at",
        "hidden_at",
        "deleted_at",
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Image]:
        return ById(Image).within(period_of(request.GET, "created_at"))

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Image], search_term: str
    ) -> tuple[QuerySet[Image], bool]:
        return pictures_about(search_term.strip(), queryset), False

    def get_readonly_fields(self, request: HttpRequest, obj: Image | None = None) -> tuple[str, ...]:
        return self.fields

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Image | None:
        image: Image | None = super().get_object(request, object_id, from_field)
        if image is not None:
            image.opened = is_open_to(request, image.generation)  # type: ignore[attr-defined]  # for the page alone
        return image

    @admin.display(description="Picture")
    def picture(self, image: Image) -> SafeString:
        return looks.thumbnail(image, why_not=looks.why_not_shown(image, is_open=not image.generation.is_private))

    @admin.display(description="Picture")
    def thumb(self, image: Image) -> SafeString:
        return looks.thumbnail(image, why_not=looks.why_not_shown(image, is_open=getattr(image, "opened", False)))

    @admin.display(description="Id")
    def name(self, image: Image) -> str:
        return str(image.pk)

    @admin.display(description="Standing")
    def standing(self, image: Image) -> SafeString:
        why = looks.why_not_shown(image, is_open=not image.generation.is_private)
        return looks.chip(why.lower() or "shown", why or "Shown")

    @admin.display(description="Pixels")
    def pixels(self, image: Image) -> str:
        return f"{image.width} × {image.height}"

    @admin.display(description="Size")
    def size(self, image: Image) -> str:
        return file_size(image.size_bytes)

    @admin.display(description="Generation")
    def order(self, image: Image) -> SafeString:
        return looks.page_of(image.generation, "Its order")

    @admin.display(description="Age")
    def age(self, image: Image) -> SafeString:
        return looks.age(image.created_at)

    def get_urls(self) -> list[Any]:
        seen = self.admin_site.admin_view(self.thumbnail, cacheable=True)
        review = self.admin_site.admin_view(self.review)
        return [
            path("<uuid:pk>/thumbnail/", seen, name="generations_image_thumbnail"),
            path("<uuid:pk>/review/", review, name="generations_image_review"),
            *super().get_urls(),
        ]

    def render_change_form(self, request: HttpRequest, context: dict[str, Any], *args: Any, **how: Any) -> HttpResponse:
        image = context.get("original")
        context["may_review"] = image is not None and self.may(request, rights.REVIEW) and bool(image.sha256)
        answer: HttpResponse = super().render_change_form(request, context, *args, **how)
        return answer

    @method_decorator(require_POST)
    def review(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        """Take up this one picture."""
        if not self.may(request, rights.REVIEW):
            raise PermissionDenied
        image = get_object_or_404(Image.objects.select_related("generation__team"), pk=pk)
        return take_up(request, image, lambda reviewer: reviewing.open_case(image=image, reviewer=reviewer))

    @method_decorator(require_safe)
    def thumbnail(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponseBase:
        """The smallest copy, of a picture that nobody hid, deleted or keeps from who asks."""
        if not self.may(request, rights.LOOK):
            raise PermissionDenied
        rows = Image.objects.select_related("generation__member", "generation__kept_by")
        image = get_object_or_404(rows, pk=pk, hidden_at=None, deleted_at=None)
        if not image.widths or not is_open_to(request, image.generation):
            raise Http404
        return _file(request, image, image.widths[0])


def _file(request: HttpRequest, image: Image, width: int) -> HttpResponseBase:
    """With the headers of S43. What somebody keeps to themselves stays in no cache."""
    tag = f'"{image.sha256}-{width}"'
    answer: HttpResponseBase
    if tag in parse_etags(request.headers.get("If-None-Match", "")):
        answer = HttpResponseNotModified()
    else:
        try:
            answer = FileResponse(storage.rendition_path(image, width).open("rb"), content_type="image/webp")
        except FileNotFoundError:
            raise Http404 from None  # removed behind our back; the audit reports it
    answer["ETag"] = tag
    answer["Cache-Control"] = "private, no-store" if image.generation.is_private else KEPT
    answer["Content-Security-Policy"] = "default-src 'none'; sandbox"
    answer["X-Content-Type-Options"] = "nosniff"
    return answer
