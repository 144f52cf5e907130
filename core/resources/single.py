"""Rows that a resource wants imported the library's way, one after the other: told and kept as the others are."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from django.core.exceptions import ValidationError
from django.db import connection
from django.utils.translation import gettext as _
from import_export.resources import Diff
from import_export.results import RowResult

from core.models import TableChange
from core.resources.choices import REFUSED, Choices, is_blank, is_clear_mark, unescape_mark

if TYPE_CHECKING:
    from core.resources.bulk import BulkResource


class PairsDiff(Diff):
    """The cells before and after instead of coloured HTML."""

    def as_html(self) -> list[tuple[Any, Any]]:
        """Return (before, after) of each field."""
        left = [""] * len(self.left) if self.new else self.left
        return list(zip(left, self.right or left, strict=True))


class SingleRows:
    """One import, row by row."""

    def __init__(self, resource: BulkResource, choices: Choices, *, is_trial: bool) -> None:
        self.resource = resource
        self.choices = choices
        self.is_trial = is_trial
        self.keys = {resource.fields[name].column_name for name in resource.get_import_id_fields()}

    def cell(self, name: str, row: Mapping[str, Any]) -> Mapping[str, Any] | None:
        """Return the row with the cell as the widget is to read it; None when the cell says nothing."""
        cell = row.get(name)
        if is_clear_mark(cell):
            return {**row, name: ""}
        if name not in self.keys and not self.choices.clears_blanks and is_blank(cell):
            return None
        return {**row, name: unescape_mark(cell)} if isinstance(cell, str) and cell.startswith("\\") else row

    @property
    def keeps(self) -> bool:
        """Whether undo data is written."""
        return self.choices.table_import is not None and not self.is_trial

    def stored(self, pk: Any) -> dict[str, Any]:
        """Return the row as it is stored, less what is derived."""
        meta = self.resource._meta.model._meta
        left_out = {f.column for f in meta.concrete_fields if f.generated or getattr(f, "auto_now", False)}
        left_out |= set(self.resource.derived)
        quote = connection.ops.quote_name
        with connection.cursor() as cursor:
            cursor.execute(
                f"SELECT (to_jsonb(t) - %s::text[])::text FROM {quote(meta.db_table)} t "  # noqa: S608 names of the model
                f"WHERE t.{quote(meta.pk.column)} = %s",
                [sorted(left_out), pk],
            )
            found = cursor.fetchone()
        return dict(json.loads(found[0])) if found else {}

    def keep(self, row_number: int, pk: Any, before: Mapping[str, Any] | None) -> None:
        """Write what undoing needs; ``before`` is None for a created row."""
        assert self.choices.table_import is not None  # noqa: S101 asked by ``keeps``
        after = self.stored(pk)
        changed = {name: value for name, value in after.items() if before is None or before.get(name) != value}
        TableChange.objects.create(
            table_import_id=self.choices.table_import, part=self.choices.part, row_no=row_number - 1,
            table=self.resource._meta.model._meta.label_lower, object_id=pk, created=before is None,
            before={name: before[name] for name in changed} if before is not None else {}, after=changed,
        )  # fmt: skip

    def refused(self, row_result: Any) -> None:
        """Make of an error that only one row has the refusal of that row."""
        if row_result.errors:
            error = row_result.errors[0].error
            diagnosis = getattr(error.__cause__, "diag", None)
            sentence = self.resource.refusal(diagnosis.constraint_name or "") if diagnosis else str(error)
            row_result.errors = []
            row_result.import_type = RowResult.IMPORT_TYPE_INVALID
            row_result.validation_error = ValidationError(sentence or _("This row cannot be imported."))

    def tell(self, result: Any) -> None:
        """Number the rows and keep those to show."""
        columns = {field.attribute: field.column_name for field in self.resource.fields.values()}
        result.shown = self.choices.shown.choose([row.import_type for row in result.rows])
        shown = set(result.shown)
        for row in result.invalid_rows:
            row.index, row.file_number = row.number - 1, self.choices.number_of(row.number - 1)
            row.cells = dict(zip(self.resource.headers_read, row.values, strict=False))
            row.error_by_column = {columns.get(name, name): texts for name, texts in row.error_dict.items()}
        kept = []
        for index, row in enumerate(result.rows):
            if index in shown and row.import_type != REFUSED:
                row.index, row.number, row.changes = index, self.choices.number_of(index), row.diff or []
                row.diff = [str(new) for _old, new in row.changes]
                kept.append(row)
        result.rows = kept
