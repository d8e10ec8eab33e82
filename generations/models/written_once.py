"""Rows that are inserted and then stay: no save, no update and no removal passes here."""

from collections.abc import Iterable
from typing import Any, ClassVar, NoReturn, TypeVar

from django.db import models

Row = TypeVar("Row", bound=models.Model)


class Unchangeable(TypeError):
    """Code tried to change or remove a row that is written once."""


class WrittenOnceQuerySet(models.QuerySet[Row]):
    """Refuses what would change many rows at once. A class with a way past that gives `_rewrite` a name."""

    def update(self, **_: Any) -> NoReturn:
        raise Unchangeable(_words(self.model))

    def bulk_update(self, *_: Any, **__: Any) -> NoReturn:
        raise Unchangeable(_words(self.model))

    def delete(self) -> NoReturn:
        raise Unchangeable(_words(self.model))

    def _rewrite(self, **changes: Any) -> int:
        return super().update(**changes)


class WrittenOnce(models.Model):
    """A row that is inserted, and never saved again or removed. `changes_by` says what is done instead."""

    changes_by: ClassVar = "It is written once, and kept."

    objects: ClassVar = WrittenOnceQuerySet.as_manager()

    class Meta:
        abstract = True

    def save(
        self,
        *,
        force_insert: Any = False,
        force_update: bool = False,
        using: str | None = None,
        update_fields: Iterable[str] | None = None,
    ) -> None:
        """Only ever a new row. Raises Unchangeable for any other."""
        if not self._state.adding:
            raise Unchangeable(_words(type(self)))
        super().save(force_insert=True, using=using)

    def delete(self, *_: Any, **__: Any) -> NoReturn:
        raise Unchangeable(_words(type(self)))


def _words(model: type[models.Model]) -> str:
    return f"{model._meta.verbose_name}: {getattr(model, 'changes_by', WrittenOnce.changes_by)}"
