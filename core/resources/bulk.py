"""import-export's resource for many rows: the library parses and maps, whole columns are cleaned, SQL merges.

What a ``BulkResource`` does not do, because it never makes objects: ``save()``, ``full_clean()`` of whole objects and
signals. In their place stand the fields' own cleaning, the table's constraints, ``rules`` and ``after_merge``. A
resource that overrides one of the library's per-row hooks or has many-to-many fields is imported row by row.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from django.core.exceptions import ValidationError
from django.db import connection, models
from django.utils.translation import gettext as _
from import_export import resources
from import_export.fields import Field
from import_export.results import Result, RowResult
from import_export.widgets import ManyToManyWidget

from core.resources import widgets
from core.resources.columns import Column, PersonalField, RowFaults
from core.resources.merge import Merge, Outcome, Rule
from core.resources.reading import header_key
from core.resources.rows import export_rows

PER_ROW_HOOKS = [
    "get_instance",
    "init_instance",
    "get_or_init_instance",
    "before_import_row",
    "after_import_row",
    "import_row",
    "import_instance",
    "import_field",
    "after_init_instance",
    "skip_row",
    "for_delete",
    "validate_instance",
    "save_instance",
    "do_instance_save",
    "before_save_instance",
    "after_save_instance",
    "save_m2m",
]
PREVIEW_ROWS = 50
KEPT_FAULTS = 1000
LONG = 20_000  # rows; beyond, statements get more time than a web request's


class BulkResult(Result):
    """The library's result with the counts of faults and what the file had that was not used."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.unknown_columns: list[str] = []
        self.ignored_columns: list[str] = []


class BulkResource(resources.ModelResource):
    """A table in and out of files; pass ``user`` so that personal columns show only to who may see them.

    ``import_id_fields`` name a unique key: rows with a known key update, others create. A column that is absent leaves
    the stored value, an empty cell empties it. Fields with ``editable=False`` are exported and never imported.
    """

    WIDGETS_MAP = {
        **resources.ModelResource.WIDGETS_MAP,
        "CharField": widgets.TextWidget,
        "TextField": widgets.TextWidget,
        "SlugField": widgets.TextWidget,
        "BooleanField": widgets.FlagWidget,
        "DateTimeField": widgets.MomentWidget,
        **dict.fromkeys(
            (name for name in resources.ModelResource.WIDGETS_MAP if name.endswith(("IntegerField", "AutoField"))),
            widgets.WholeNumberWidget,
        ),
    }

    rules: Sequence[Rule] = ()
    personal_permission = "customers.see_contact_data"
    can_import = True
    may_create = True
    refusals: dict[str, Any] = {}  # name of a constraint -> sentence

    class Meta:
        skip_unchanged = True
        report_skipped = True

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.user = kwargs.get("user")
        self.reach = kwargs.get("reach")  # a queryset: rows outside it can neither be changed nor told apart
        self.may_create = kwargs.get("may_create", self.may_create)
        for field in self.fields.values():
            model_field = self.model_field(field)
            field.readonly = field.readonly or (model_field is not None and self._is_guarded(field, model_field))

    @classmethod
    def get_result_class(cls) -> type[Result]:
        """Return the result with our additions."""
        return BulkResult

    # --- for subclasses

    def after_merge(self, *, created: list[int], updated: list[int]) -> None:
        """Refresh what is derived from the rows through the owning app's service; same transaction, dry runs too."""

    def after_import(self, dataset: Any, result: Any, **kwargs: Any) -> None:
        """Leave the library's reset of sequences out: ids come from the sequence, and the app's role may not set it."""

    # --- who may see what

    @property
    def sees_personal_data(self) -> bool:
        """Whether the person may see personal columns; without a person (commands, tests) everything shows."""
        return self.user is None or self.user.has_perm(self.personal_permission)

    @property
    def has_personal_data(self) -> bool:
        """Whether any column is personal."""
        return any(isinstance(field, PersonalField) for field in self.fields.values())

    # --- import

    def import_data_inner(
        self,
        dataset: Any,
        dry_run: bool,  # noqa: FBT001 the library's signature
        raise_errors: bool,  # noqa: FBT001
        using_transactions: bool,  # noqa: FBT001
        collect_failed_rows: bool,  # noqa: FBT001
        **kwargs: Any,
    ) -> Any:
        """Import all rows; see the module's docstring."""
        unknown, ignored = self._match_headers(dataset)
        if self.is_row_by_row():
            result = super().import_data_inner(
                dataset, dry_run, raise_errors, using_transactions, collect_failed_rows, **kwargs
            )
        else:
            result = self._import_in_bulk(dataset, raise_errors, collect_failed_rows, dry_run=dry_run, **kwargs)
        result.unknown_columns, result.ignored_columns = unknown, ignored
        return result

    @classmethod
    def is_row_by_row(cls) -> bool:
        """Tell whether the resource asks for the library's way, which makes and saves one object after the other."""
        own = any(getattr(cls, hook) is not getattr(resources.ModelResource, hook) for hook in PER_ROW_HOOKS)
        return own or any(
            isinstance(field.widget, ManyToManyWidget)
            or type(field).save is not Field.save
            or type(field).clean is not Field.clean
            for field in cls.fields.values()
        )

    def _import_in_bulk(self, dataset: Any, raise_errors: bool, collect_failed_rows: bool, **kwargs: Any) -> Any:  # noqa: FBT001
        result = self.get_result_class()()
        result.diff_headers = self.get_diff_headers()
        try:
            self.before_import(dataset, **kwargs)
            self._check_import_id_fields(dataset.headers)
            columns = self._columns(dataset.headers)
        except Exception as error:  # noqa: BLE001 whatever is wrong with the whole file is said once
            self.handle_import_error(result, error, raise_errors)
            return result
        rows = list(dataset)
        result.total_rows = len(rows)
        if collect_failed_rows:
            result.add_dataset_headers(dataset.headers)
        if len(rows) > LONG:
            with connection.cursor() as cursor:
                cursor.execute("SET LOCAL statement_timeout = '10min'")
        faults = RowFaults()
        for column in columns:
            column.clean(rows, faults, lambda index: dict(zip(dataset.headers, rows[index], strict=False)))
        merge = Merge(model=self._meta.model, columns=columns, rules=self.rules)
        try:
            outcome, before = self._merge(merge, len(rows), faults)
            self._report(result, rows, dataset.headers, merge, outcome, before, faults, collect_failed_rows)
            self.after_import(dataset, result, **kwargs)
        except Exception as error:  # noqa: BLE001 as the library: said once, rolled back by import_data
            self.handle_import_error(result, error, raise_errors)
        return result

    def _merge(self, merge: Merge, row_count: int, faults: RowFaults) -> tuple[Outcome, dict[Any, list[Any]]]:
        self._find_repeated(merge, row_count, faults)
        merge.stage([n for n in range(row_count) if n not in faults])
        try:
            merge.match()
            self._find_impossible(merge, row_count, faults)
            for index, broken in merge.broken():
                faults.add(index, "", str(broken.message) if isinstance(broken, Rule) else self._refusal(broken))
            merge.leave_out(list(faults.by_row))
            before = self._rendered(match.pk for n, match in merge.matches.items() if n < PREVIEW_ROWS)
            outcome = merge.apply([n for n in range(row_count) if n not in faults])
        finally:
            if not connection.needs_rollback:
                merge.drop()
        for index, constraint in outcome.refused.items():
            faults.add(index, "", self._refusal(constraint))
        if outcome.created or outcome.updated:
            self.after_merge(created=list(outcome.created.values()), updated=list(outcome.updated.values()))
        return outcome, before

    def _find_repeated(self, merge: Merge, row_count: int, faults: RowFaults) -> None:
        """Refuse every row after the first of the same key: which one is meant, nobody can know."""
        first: dict[tuple[Any, ...], int] = {}
        names = ", ".join(column.field.column_name for column in merge.keys)
        for index in range(row_count) if merge.keys else ():
            key = tuple(column.values[index] for column in merge.keys)
            if index in faults or (len(key) == 1 and key[0] is None):
                continue
            other = first.setdefault(key, index)
            if other != index:
                faults.add(index, names, _("Row %(row)s has the same key.") % {"row": other + 2})

    def _find_impossible(self, merge: Merge, row_count: int, faults: RowFaults) -> None:
        """Refuse new rows that cannot be made: an unknown id, a missing required column."""
        given = {column.model_field for column in merge.columns}
        missing = [f.name for f in self._meta.model._meta.concrete_fields if f not in given and _is_required(f)]
        by_id = next((column for column in merge.keys if column.model_field.primary_key), None)
        reach = self._pks_in_reach([match.pk for match in merge.matches.values()])
        for index in range(row_count):
            if index in faults or index in merge.matches:
                if self._is_out_of_reach(merge, index, reach):
                    faults.add(index, "", _("This row belongs to others."))
                continue
            if by_id is not None and by_id.values[index] is not None:
                faults.add(index, by_id.field.column_name, _("There is no row with this number."))
            elif not self.may_create:
                faults.add(index, "", _("There is nothing with this key, and rows cannot be created here."))
            elif missing:
                faults.add(index, "", _("A new row needs these columns: %(names)s.") % {"names": ", ".join(missing)})

    def _pks_in_reach(self, pks: list[Any]) -> set[Any] | None:
        if self.reach is None:
            return None
        return set(self.reach.order_by().filter(pk__in=pks).values_list("pk", flat=True))

    @staticmethod
    def _is_out_of_reach(merge: Merge, index: int, reach: set[Any] | None) -> bool:
        return reach is not None and index in merge.matches and merge.matches[index].pk not in reach

    def _refusal(self, constraint: str) -> str:
        if constraint in self.refusals:
            return str(self.refusals[constraint])
        for rule in self._meta.model._meta.constraints:
            if rule.name == constraint and rule.violation_error_message != rule.default_violation_error_message:
                return str(rule.violation_error_message)
        return _("The row breaks the rule “%(name)s”.") % {"name": constraint or "?"}

    # --- columns

    def _match_headers(self, dataset: Any) -> tuple[list[str], list[str]]:
        """Write headers as the resource does ("SKU " is "sku") and return the unknown and the ignored ones."""
        known = {header_key(field.column_name): field for field in self.fields.values()}
        unknown, ignored, headers = [], [], []
        for header in dataset.headers or ():
            field = known.get(header_key(str(header or "")))
            headers.append(field.column_name if field else header)
            if field is None:
                unknown.append(str(header or ""))
            elif not self._is_imported(field):
                ignored.append(field.column_name)
        if headers:
            dataset.headers = headers
        return unknown, ignored

    def _columns(self, headers: Sequence[str]) -> list[Column]:
        columns = []
        for name, field in self.fields.items():
            model_field = self.model_field(field)
            if field.column_name in headers and model_field is not None and self._is_imported(field):
                self._check_needs(field, headers)
                columns.append(
                    Column(
                        name=name,
                        field=field,
                        model_field=model_field,
                        position=headers.index(field.column_name),
                        is_key=name in self.get_import_id_fields(),
                    )
                )
        if not columns:
            raise ValidationError(_("No column of the file can be imported here."))
        return columns

    def _check_needs(self, field: Field, headers: Sequence[str]) -> None:
        for needed in getattr(field.widget, "needs", ()):
            if needed not in headers:
                raise ValidationError(
                    _("The column “%(column)s” can only be read together with “%(needed)s”.")
                    % {"column": field.column_name, "needed": needed}
                )

    def _is_imported(self, field: Field) -> bool:
        return not field.readonly and (self.sees_personal_data or not isinstance(field, PersonalField))

    def _is_guarded(self, field: Field, model_field: models.Field[Any, Any]) -> bool:
        names = [self.fields[name] for name in self.get_import_id_fields() if name in self.fields]
        if model_field.primary_key:
            return field not in names
        return not model_field.editable

    def model_field(self, field: Field) -> models.Field[Any, Any] | None:
        """Return the model's own column behind a field; None for what is read through a relation."""
        by_name = {f.name: f for f in self._meta.model._meta.concrete_fields}
        by_column = {f.attname: f for f in self._meta.model._meta.concrete_fields}
        return by_name.get(field.attribute) or by_column.get(field.attribute)

    # --- result

    def _rendered(self, pks: Iterable[Any]) -> dict[Any, list[Any]]:
        wanted = list(pks)
        if not wanted:
            return {}
        names = [name for name in self.get_import_order() if name in self.fields]
        queryset = self._meta.model._default_manager.filter(pk__in=wanted)
        return dict(export_rows(self, queryset, names, with_pk=True))

    def _report(
        self,
        result: Any,
        rows: list[Any],
        headers: Sequence[str],
        merge: Merge,
        outcome: Outcome,
        before: dict[Any, list[Any]],
        faults: RowFaults,
        collect_failed_rows: bool,  # noqa: FBT001
    ) -> None:
        shown = {n: pk for n, pk in [*outcome.created.items(), *outcome.updated.items()] if n < PREVIEW_ROWS}
        after = self._rendered(shown.values())
        for index, cells in enumerate(rows):
            if index in faults:
                result.totals[RowResult.IMPORT_TYPE_INVALID] += 1
                self._report_fault(result, index, dict(zip(headers, cells, strict=False)), faults, collect_failed_rows)
                continue
            kind = _kind(index, outcome)
            result.totals[kind] += 1
            if index < PREVIEW_ROWS:
                row = RowResult()
                row.import_type = kind
                row.number = index + 2
                match = merge.matches.get(index)
                row.object_id = match.pk if match else outcome.created.get(index)
                old = before.get(row.object_id, [""] * len(result.diff_headers))
                new = after.get(row.object_id, old)
                row.changes = list(zip(old, new, strict=True))
                row.diff = [str(cell) for cell in new]
                result.append_row_result(row)

    def _report_fault(self, result: Any, index: int, row: dict[str, Any], faults: RowFaults, collect: bool) -> None:  # noqa: FBT001
        sentences = {column or "__all__": [text] for column, text in faults.by_row[index].items()}
        error = ValidationError(sentences)
        if len(result.invalid_rows) < KEPT_FAULTS:
            result.append_invalid_row(index + 1, row, error)
        if collect:
            texts = [f"{column}: {text}" if column else text for column, text in faults.by_row[index].items()]
            result.failed_dataset.append([*row.values(), " ".join(texts)])

    # --- export

    def export(self, queryset: Any = None, **kwargs: Any) -> Any:
        """Return a dataset of the queryset in key order; personal columns masked unless the person may see them."""
        names = kwargs.get("export_fields") or None
        chosen = self.export_names(names)
        dataset = resources.tablib.Dataset(headers=[self.fields[name].column_name for name in chosen])
        for cells in export_rows(self, self.get_queryset() if queryset is None else queryset, chosen):
            dataset.append(cells)
        return dataset

    def is_personal(self, name: str) -> bool:
        """Tell whether the field of this name is personal data."""
        return isinstance(self.fields[name], PersonalField)

    def export_names(self, names: Sequence[str] | None = None) -> list[str]:
        """Return the fields to export, in order; all when ``names`` is empty, unknown names are left out."""
        return [name for name in self.get_export_order() if name in self.fields and (not names or name in names)]


def _kind(index: int, outcome: Outcome) -> str:
    if index in outcome.created:
        return str(RowResult.IMPORT_TYPE_NEW)
    return str(RowResult.IMPORT_TYPE_UPDATE if index in outcome.updated else RowResult.IMPORT_TYPE_SKIP)


def _is_required(model_field: models.Field[Any, Any]) -> bool:
    has_value = model_field.null or model_field.has_default() or model_field.primary_key or model_field.blank
    automatic = model_field.db_default is not models.NOT_PROVIDED or getattr(model_field, "auto_now", False)
    return not has_value and not automatic
