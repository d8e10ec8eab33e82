"""What is done to several rows of a list at once: first a page that says what becomes of each, then the act."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.contrib.admin import ModelAdmin, helpers
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

AT_ONCE_MAX = 50


@dataclass(frozen=True, kw_only=True)
class Question:
    """`name` is that of the act in the list; `foretell` says what would become of one row."""

    name: str
    title: str
    lede: str
    button: str
    foretell: Callable[[Any], str]
    is_final: bool = False


@dataclass(frozen=True)
class Answer:
    """Either the page to show, or the rows somebody said yes to; neither leads back to the list."""

    page: HttpResponse | None = None
    rows: list[Any] | None = None


def ask(desk: "ModelAdmin[Any]", request: HttpRequest, rows: QuerySet[Any], question: Question) -> Answer:
    chosen = list(rows.order_by("pk")[: AT_ONCE_MAX + 1])
    if len(chosen) > AT_ONCE_MAX:
        messages.error(request, f"Choose at most {AT_ONCE_MAX} at once. Nothing was done.")
        return Answer()
    if request.POST.get("confirmed"):
        return Answer(rows=chosen)
    page = {
        **desk.admin_site.each_context(request),
        "title": question.title,
        "question": question,
        "lines": [(row, question.foretell(row)) for row in chosen],
        "opts": desk.model._meta,
        "back": reverse(f"admin:generations_{desk.model._meta.model_name}_changelist"),
        "checkbox": helpers.ACTION_CHECKBOX_NAME,
    }
    return Answer(page=render(request, "admin/asked.html", page))
