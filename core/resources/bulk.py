"""import-export's resource for many rows: the library parses and maps, whole columns are cleaned, SQL merges.

What a ``BulkResource`` does not do, because it never makes objects: ``save()``, ``full_clean()`` of whole objects and
signals. In their place stand the fields' own cleaning, the table's constraints, ``rules`` and ``after_merge``. A
resource that overrides one of the library's per-row hooks or has many-to-many fields is imported row by row.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext as _
from import_export import resources
from import_export.fields import Field
from import_export.results import Result
from import_export.widgets import ManyToManyWidget

from core.garbage import rare_collections
from core.resources import widgets
from core.resources.batch import Batch
from core.resources.choices import Choices, escape_mark
from core.resources.columns import Column, PersonalField
from core.resources.merge import Rule
from core.resources.outcome import BulkResult, report, tried
from core.resources.reading import header_key
from core.resources.rows import export_rows
from core.resources.single import PairsDiff, SingleRows

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


class BulkResource(resources.ModelResource):
    """A table in and out of files; pass ``user`` so that personal columns show only to who may see them.

    ``import_id_fields`` name a unique key: rows with a known key update, others create. What absent, blank and cleared
    cells mean is told in ``choices``. Fields with ``editable=False`` are exported and never imported.

    For undoing: ``derived`` columns are refreshed by others and do not tell whether a row was changed since; rows of
    ``dependents`` (models) belong to their row and go with it, while any other row that refers to it keeps it.
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
    derived: Sequence[str] = ("search_text",)
    derives: Sequence[str] = ()  # those of them that ``derive`` gives, in the order of the table
    dependents: Sequence[type[models.Model]] = ()
    belongs_to = ""  # name of a foreign key: whoever changes rows here locks what they belong to first

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

    def derive(self, batch: Batch, indexes: Sequence[int]) -> Iterable[Mapping[int, Sequence[Any]]]:
        """Yield the cells of ``derives`` for rows that are about to be written, by row index, some thousands at a time.

        They are written with the row; ``after_merge`` would need a second UPDATE, which pays every index again. Called
        before anything is written; rows left out keep what they have.
        """
        return ()

    def after_merge(self, *, created: list[int], updated: list[int]) -> None:
        """Refresh what is derived from the rows through the owning app's service; same transaction, dry runs too."""

    def after_undo(self, *, restored: list[int], deleted: Sequence[Mapping[str, Any]]) -> None:
        """Refresh what is derived after an undo; ``deleted`` are the columns of the created rows that went."""
        if restored:
            self.after_merge(created=[], updated=restored)

    def after_import(self, dataset: Any, result: Any, **kwargs: Any) -> None:
        """Leave the library's reset of sequences out: ids come from the sequence, and the app's role may not set it."""

    @property
    def owner(self) -> models.ForeignKey[Any, Any] | None:
        """What is locked before the rows."""
        fields = self._meta.model._meta.concrete_fields
        return next((f for f in fields if f.name == self.belongs_to and isinstance(f, models.ForeignKey)), None)

    # --- who may see what

    @property
    def sees_personal_data(self) -> bool:
        """Whether the person may see personal columns; without a person (commands, tests) everything shows."""
        return self.user is None or self.user.has_perm(self.personal_permission)

    @property
    def has_personal_data(self) -> bool:
        """Whether any column is personal."""
        return bool(self.personal_names)

    @property
    def personal_names(self) -> list[str]:
        """The names of the columns that are personal."""
        return [name for name, field in self.fields.items() if isinstance(field, PersonalField)]

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
        choices = kwargs.pop("choices", None) or Choices()
        if self.is_row_by_row():
            self.headers_read = list(dataset.headers or ())
            self._single = SingleRows(self, choices, is_trial=dry_run)
            result = super().import_data_inner(
                dataset, dry_run, raise_errors, using_transactions, collect_failed_rows, **kwargs
            )
            self._single.tell(result)
        else:
            with rare_collections():
                result = self._import_in_bulk(
                    dataset, raise_errors, collect_failed_rows, dry_run=dry_run, choices=choices, **kwargs
                )
        result.unknown_columns, result.ignored_columns = unknown, ignored
        return result

    @classmethod
    def is_row_by_row(cls) -> bool:
        """Tell whether the resource asks for the library's way, which makes and saves one object after the other."""
        own = any(getattr(cls, hook) is not getattr(BulkResource, hook) for hook in PER_ROW_HOOKS)
        return own or any(
            isinstance(field.widget, ManyToManyWidget)
            or type(field).save is not Field.save
            or type(field).clean is not Field.clean
            for field in cls.fields.values()
        )

    def get_diff_class(self) -> type[PairsDiff]:
        """Return the cells before and after, as the preview shows them."""
        return PairsDiff

    def import_row(self, row: Any, instance_loader: Any, **kwargs: Any) -> Any:
        """Import one row (row by row only); an error of the row alone refuses the row alone."""
        row_result = super().import_row(row, instance_loader, **kwargs)
        self._single.refused(row_result)
        return row_result

    def import_field(self, field: Field, instance: Any, row: Any, is_m2m: bool = False, **kwargs: Any) -> None:  # noqa: FBT001, FBT002 the library's signature
        """Set one field (row by row only), unless its cell says nothing."""
        read = self._single.cell(field.column_name, row) if field.column_name in row else row
        if read is not None:
            super().import_field(field, instance, read, is_m2m, **kwargs)

    def save_instance(self, instance: Any, is_create: bool, row: Any, **kwargs: Any) -> None:  # noqa: FBT001 the library's signature
        """Save one object (row by row only) and keep what undoing needs."""
        before = self._single.stored(instance.pk) if self._single.keeps and not is_create else None
        super().save_instance(instance, is_create, row, **kwargs)
        if self._single.keeps:
            self._single.keep(kwargs["row_number"], instance.pk, before)

    def _import_in_bulk(
        self,
        dataset: Any,
        raise_errors: bool,  # noqa: FBT001
        collect_failed_rows: bool,  # noqa: FBT001
        *,
        dry_run: bool,
        choices: Choices,
        **kwargs: Any,
    ) -> Any:
        result = self.get_result_class()()
        result.diff_headers = self.get_diff_headers()
        try:
            self.before_import(dataset, **kwargs)
            self._check_import_id_fields(dataset.headers)
            rows = dataset[:]
            batch = self.batch(dataset.headers, rows, choices=choices, is_trial=dry_run)
        except Exception as error:  # noqa: BLE001 whatever is wrong with the whole file is said once
            self.handle_import_error(result, error, raise_errors)
            return result
        result.total_rows = len(rows)
        if collect_failed_rows:
            result.add_dataset_headers(dataset.headers)
        try:
            self._tell(result, batch, rows, tried(batch, choices.shown))
            self.after_import(dataset, result, **kwargs)
        except Exception as error:  # noqa: BLE001 as the library: said once, rolled back by import_data
            self.handle_import_error(result, error, raise_errors)
        return result

    def _tell(
        self, result: Any, batch: Batch, rows: Sequence[Sequence[Any]], shown: Mapping[int, list[tuple[Any, Any]]]
    ) -> None:
        columns = {name: field.column_name for name, field in self.fields.items()}
        result.cleared = {columns[name]: count for name, count in batch.cleared.items()}
        report(
            result,
            kinds=batch.kinds(),
            faults=batch.faults,
            rows=rows,
            headers=batch.headers,
            choices=batch.choices,
            changes=shown,
            pks={n: batch.pk_of(n) for n in shown},
        )

    def batch(self, headers: Sequence[str], rows: Sequence[Sequence[Any]], **kwargs: Any) -> Batch:
        """Return the rows as a set that can be run; ValidationError when nothing of them can be imported here."""
        return Batch(self, headers, rows, **kwargs)

    def pks_in_reach(self, pks: Sequence[Any]) -> set[Any] | None:
        """Return those of the keys that the person may change; None when all are."""
        if self.reach is None:
            return None
        return set(self.reach.order_by().filter(pk__in=pks).values_list("pk", flat=True))

    def refusal(self, constraint: str) -> str:
        """Return the sentence for a row that breaks a constraint."""
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

    def columns_of(self, headers: Sequence[str], *, clears_blanks: bool = False) -> list[Column]:
        """Return the columns to import; ValidationError when there is none or one lacks another that it needs."""
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
                        clears_blanks=clears_blanks,
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

    # --- what pages say of the columns

    def column_label(self, field: Field) -> str:
        """Return what a column means, empty where its name says all there is to say."""
        held = self.model_field(field)
        return str(held.verbose_name) if held is not None else ""

    def column_group(self, field: Field) -> str:
        """Return the heading under which a column stands in long lists; empty: none."""
        return ""

    def key_headers(self) -> list[str]:
        """Return the columns that tell rows apart, as they are called in the file."""
        return [self.fields[name].column_name for name in self.get_import_id_fields()]

    def unread_headers(self) -> list[str]:
        """Return the columns whose stored values a trial does not read: it tells only those that change."""
        return []

    # --- export

    def export(self, queryset: Any = None, **kwargs: Any) -> Any:
        """Return a dataset of the queryset in key order; personal columns masked unless the person may see them."""
        names = kwargs.get("export_fields") or None
        chosen = self.export_names(names)
        dataset = resources.tablib.Dataset(headers=[self.fields[name].column_name for name in chosen])
        for cells in self.rows_of(self.get_queryset() if queryset is None else queryset, chosen):
            dataset.append(cells)
        return dataset

    def rows_of(self, queryset: Any, names: Sequence[str]) -> Iterator[list[Any]]:
        """Yield the cells of these fields for each object, in key order; memory stays flat."""
        for cells in export_rows(self, queryset, names):
            yield [escape_mark(cell) for cell in cells]

    def is_personal(self, name: str) -> bool:
        """Tell whether the field of this name is personal data."""
        return isinstance(self.fields[name], PersonalField)

    def export_names(self, names: Sequence[str] | None = None) -> list[str]:
        """Return the fields to export in the order of ``names``; all when it is empty, unknown names are left out."""
        return [name for name in names or self.get_export_order() if name in self.fields]
