"""What could not be taken back, cell by cell, as people read it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.apps import apps
from django.db import models
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from import_export.widgets import ForeignKeyWidget

from core.models import TableChange
from core.resources.columns import PersonalField
from core.resources.composite import CompositeResource
from core.resources.parts import BulkPart
from core.resources.widgets import MoneyWidget

if TYPE_CHECKING:
    from core.resources.bulk import BulkResource

_NOTES = {
    "gone": gettext_lazy("It was deleted since."),
    "others": gettext_lazy("This row belongs to others."),
    "changed": gettext_lazy("It was changed since."),
    "unknown": gettext_lazy("This version does not know any more how to take this back."),
}


@dataclass(frozen=True)
class Conflict:
    """One cell that stays, or a whole row (``column`` empty): what was before, what was imported, what stands now."""

    change: TableChange
    name: str  # of the object
    column: str
    before: Any
    imported: Any
    stands: Any
    note: str


def sentence(note: str, resource: BulkResource) -> str:
    """Return a note of a change in the reader's language; a part's own sentence stays as it is."""
    code, _blank, rest = note.partition(" ")
    if code == "referred":
        try:
            label = apps.get_model(rest)._meta.verbose_name_plural if rest else ""
        except LookupError:
            label = rest
        return _("It is used: %(what)s.") % {"what": label} if label else _("It is used.")
    if code == "constraint":
        return resource.refusal(rest)
    return str(_NOTES.get(note, note))


def conflicts_of(changes: Sequence[TableChange], resource: BulkResource) -> list[Conflict]:
    """Return the cells of these changes that stay; personal ones masked for who may not see them."""
    told: list[Conflict] = []
    for table in dict.fromkeys(change.table for change in changes):
        owner = _owner(table, resource)
        rows = [change for change in changes if change.table == table]
        told += _Teller(owner or resource, rows, is_own=owner is not None).conflicts()
    return sorted(told, key=lambda conflict: conflict.change.row_no)


def _owner(table: str, resource: BulkResource) -> BulkResource | None:
    """Return the resource whose rows the changes of this table are; None for a part of its own."""
    if not isinstance(resource, CompositeResource):
        return resource
    part = next((part for part in resource.parts if part.label == table), None)
    return part.made(resource.user) if isinstance(part, BulkPart) else None


class _Teller:
    """Values of one table's changes in words."""

    def __init__(self, resource: BulkResource, changes: Sequence[TableChange], *, is_own: bool) -> None:
        self.resource = resource
        self.changes = changes
        self.model: type[models.Model] = resource._meta.model
        self.columns: dict[str, models.Field[Any, Any]] = (
            {str(f.column): f for f in self.model._meta.concrete_fields} if is_own else {}
        )
        self.fields: dict[str, Any] = {}
        for field in resource.fields.values() if is_own else ():
            model_field = resource.model_field(field)
            if model_field is not None:
                self.fields[str(model_field.column)] = field
        self.objects = self.model._default_manager.in_bulk([c.object_id for c in changes]) if is_own else {}
        self.keys = self._keys()

    def conflicts(self) -> Iterator[Conflict]:
        """Yield the cells that stay."""
        for change in self.changes:
            found = self.objects.get(change.object_id)
            name = self._name(found) if found is not None else f"#{change.object_id}"
            note = sentence(change.note, self.resource)
            cells = change.conflicts or ({} if change.created or found is None else change.before)
            if not cells:
                yield Conflict(change, name, "", "", "", "", note)
            for column in cells:
                values = (change.before.get(column, ""), change.after.get(column, ""))
                stands = change.conflicts.get(column, values[1])
                told = [self._told(column, value, found) for value in (*values, stands)]
                label = self.columns[column].verbose_name if column in self.columns else column
                yield Conflict(change, name, str(label), told[0], told[1], told[2], note)

    def _name(self, found: Any) -> str:
        """Return the object's key as files write it; its name might be somebody's."""
        told = []
        for key in self.resource.get_import_id_fields():
            field = self.resource.fields[key]
            value = getattr(found, field.attribute)
            at = getattr(field.widget, "field", "pk") if isinstance(field.widget, ForeignKeyWidget) else ""
            told.append(str(getattr(value, at) if at and value is not None else value or ""))
        return " / ".join(filter(None, told)) or f"#{found.pk}"

    def _told(self, column: str, value: Any, found: Any) -> Any:
        field = self.fields.get(column)
        if value is None or value == "":
            return ""
        if isinstance(field, PersonalField) and not self.resource.sees_personal_data:
            return field.mask(str(value))
        if column in self.keys:
            return self.keys[column].get(value, f"#{value}")
        if field is not None and isinstance(field.widget, MoneyWidget) and found is not None:
            currency = found
            for step in field.widget.currency_path.split("__"):
                currency = getattr(currency, step)
            return field.widget.cell(value, str(currency))
        model_field = self.columns.get(column)
        choices = dict(model_field.flatchoices) if model_field is not None else {}
        return choices.get(value, value)

    def _keys(self) -> dict[str, dict[Any, Any]]:
        """Return for each reference by a key that people know: primary key -> that key."""
        keys: dict[str, dict[Any, Any]] = {}
        for column, field in self.fields.items():
            if isinstance(field.widget, ForeignKeyWidget) and self.columns[column].is_relation:
                pks = set(self._values(column))
                rows = field.widget.model._default_manager.filter(pk__in=pks).values_list("pk", field.widget.field)
                keys[column] = dict(rows)
        return keys

    def _values(self, column: str) -> Iterable[Any]:
        for change in self.changes:
            for cells in (change.before, change.after, change.conflicts):
                if cells.get(column) is not None:
                    yield cells[column]
