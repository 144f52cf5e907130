"""Rows of an export: read in key order, a few thousand plain tuples at a time, masked where needed."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from django.core.exceptions import FieldDoesNotExist
from django.db import models
from import_export.widgets import ForeignKeyWidget

from core.resources.columns import PersonalField

CHUNK = 2000


def export_rows(resource: Any, queryset: Any, names: Sequence[str], *, with_pk: bool = False) -> Iterator[Any]:
    """Yield a list of cells for each object, in the order of ``names``; (primary key, cells) with ``with_pk``.

    Cells are texts or numbers. The queryset's own order is replaced by the key, so that memory stays flat and no row is
    skipped or seen twice while others write.
    """
    ordered = queryset.order_by("pk")
    found = [_reader(resource, name) for name in names]
    readers = [reader for reader in found if reader is not None]
    if len(readers) < len(found):
        yield from _object_by_object(resource, ordered, names, with_pk=with_pk)
        return
    paths = [path for reader in readers for path in reader[0]]
    cut = [len(reader[0]) for reader in readers]
    last = None
    while True:
        chunk = list((ordered if last is None else ordered.filter(pk__gt=last)).values_list("pk", *paths)[:CHUNK])
        for pk, *values in chunk:
            cells, at = [], 0
            for (_paths, render), width in zip(readers, cut, strict=True):
                cells.append(render(*values[at : at + width]))
                at += width
            yield (pk, cells) if with_pk else cells
        if len(chunk) < CHUNK:
            return
        last = chunk[-1][0]


def _reader(resource: Any, name: str) -> tuple[list[str], Callable[..., Any]] | None:
    """Return the columns to read and how they become a cell; None when only an object can tell."""
    field = resource.fields[name]
    if (
        hasattr(resource, f"dehydrate_{name}")
        or field.dehydrate_method
        or not _is_path(resource._meta.model, field.attribute)
    ):
        return None
    widget = field.widget
    if hasattr(widget, "paths"):
        paths, render = widget.paths(field.attribute), widget.cell
    elif isinstance(widget, ForeignKeyWidget) and not widget.key_is_id:
        paths, render = [f"{field.attribute}__{widget.field}"], _text
    elif isinstance(widget, ForeignKeyWidget):
        paths, render = [field.attribute], _text
    else:
        paths, render = [field.attribute], widget.render
    return paths, _masked(resource, field, render)


def _masked(resource: Any, field: Any, render: Callable[..., Any]) -> Callable[..., Any]:
    if not isinstance(field, PersonalField) or resource.sees_personal_data:
        return render
    return lambda *values: field.mask(str(render(*values)))


def _text(value: Any) -> str:
    return "" if value is None else str(value)


def _is_path(model: type[models.Model], attribute: str) -> bool:
    for part in attribute.split("__"):
        try:
            found = model._meta.get_field(part.removesuffix("_id") if part.endswith("_id") else part)
        except FieldDoesNotExist:
            return False
        if found.many_to_many or found.one_to_many:
            return False
        model = found.related_model or model
    return True


def _object_by_object(resource: Any, ordered: Any, names: Sequence[str], *, with_pk: bool) -> Iterator[Any]:
    for instance in ordered.iterator(chunk_size=CHUNK):
        cells = []
        for name in names:
            field = resource.fields[name]
            cell = resource.export_field(field, instance)
            hides = isinstance(field, PersonalField) and not resource.sees_personal_data
            cells.append(field.mask(_text(cell)) if hides else cell)
        yield (instance.pk, cells) if with_pk else cells
