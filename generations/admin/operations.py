"""The first page of the desk: for who runs the studio, how it does; and for everybody there what they may look at."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.template.response import TemplateResponse

from generations.admin import rights
from generations.queries.operations import board

_first_page = admin.site.index


def _index(request: HttpRequest, extra_context: dict[str, Any] | None = None) -> TemplateResponse:
    may_review = rights.may(request.user, "reviewcase", rights.LOOK)
    shown = board(may_review=may_review) if rights.may(request.user, "overview", rights.LOOK) else None
    return _first_page(request, {**(extra_context or {}), "board": shown})


admin.site.index = _index  # type: ignore[method-assign]
