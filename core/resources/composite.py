"""One flat file whose rows feed several tables in order: product, text, variant, code, price.

    class ProductFileResource(CompositeResource):
        main = ["variant"]                            # a flat row is "new" when this part made something

        class Meta:
            model = Variant                           # what one row of an export is

        def make_parts(self):
            return [
                BulkPart("product", ProductResource, columns={"product": "code", "name": "name"}),
                BulkPart("text", TextResource, columns={"product": "product", "title": "title"},
                         constants={"language": "ko"}),
                BulkPart("variant", VariantResource, columns={"sku": "sku", "product": "product", "g": "weight_g"}),
                PricePart("price", columns={"sku": "variant", "price": "amount"}, keys=["variant"]),
            ]

It stands wherever a ``BulkResource`` does: ``import_data(dataset, dry_run=, choices=)``, ``export``, the admin's pages
and undo. Its columns are the flat columns of all parts, in their order.

* Flat rows of one key make one row of a part: blank cells take the value of the first filled one, and a later row that
  disagrees is refused with both values.
* A part passes over rows that say nothing to it (all blank but the key), unless it is made with ``always=True``.
* A flat row goes in whole or not at all. When a part refuses one of which an earlier part wrote something, that is
  taken back and the file is gone through again without the refused rows.
* A refusal stands at the flat column and row that hold the cell; other rows of the same key refer to that row.
* Undo goes part by part, the last one first.
* Exports read a flat column by the ``attribute`` of a ``Field`` declared on the class (a path from Meta.model);
  override ``rows_of`` where paths do not do, and yield cells in key order, some thousands at a time.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db import models
from import_export.fields import Field

from core.resources.bulk import BulkResource
from core.resources.choices import Choices
from core.resources.columns import PersonalField
from core.resources.flat import FlatRun
from core.resources.outcome import report
from core.resources.parts import BulkPart, Part


class CompositeResource(BulkResource):
    """See the module's docstring."""

    main: Sequence[str] = ()  # names of the parts that make a flat row a new one; empty: any part does

    def __init__(self, **kwargs: Any) -> None:
        self.parts: list[Part] = []
        super().__init__(**kwargs)
        self.parts = list(self.make_parts())
        declared: dict[str, tuple[str, Field]] = {f.column_name: (name, f) for name, f in self.fields.items()}
        self.fields: dict[str, Field] = dict(
            declared.get(column) or (column, self._field_of(column))
            for column in dict.fromkeys(column for part in self.parts for column in part.columns)
        )
        for field in self.fields.values():
            field.readonly = False

    # --- for subclasses

    def make_parts(self) -> Sequence[Part]:
        """Return the parts in the order in which they are written; ``self.user`` is known."""
        raise NotImplementedError

    # --- columns

    def get_import_order(self) -> list[str]:
        """Return the flat columns in the order of the parts."""
        return list(self.fields)

    def get_export_order(self) -> list[str]:
        """Return the flat columns that an export can write."""
        reads_all = type(self).rows_of is not BulkResource.rows_of
        return [name for name, field in self.fields.items() if reads_all or field.attribute]

    def export_names(self, names: Sequence[str] | None = None) -> list[str]:
        """Return the columns to export in the order of ``names``; all when it is empty."""
        known = self.get_export_order()
        return [name for name in names or known if name in known]

    def get_import_id_fields(self) -> list[str]:
        """Return the flat columns that tell rows of the main parts apart, of the first one where none is named."""
        mains = [part for part in self.parts if part.name in self.main] or self.parts[:1]
        keys = {column for part in mains for column, own in part.columns.items() if own in part.keys}
        return [name for name, field in self.fields.items() if field.column_name in keys]

    def key_headers(self) -> list[str]:
        """Return the flat columns that tell rows of the main parts apart, such as the product's code and the SKU."""
        parts = [part for part in self.parts if part.name in self.main] or self.parts[:1]
        keys = {flat for part in parts for flat, own in part.columns.items() if own in part.keys}
        return [field.column_name for field in self.fields.values() if field.column_name in keys]

    def unread_headers(self) -> list[str]:
        """Return the flat columns of parts that are no tables, and those that a table's part only looks at."""
        read: set[str] = set()
        for part in self.parts:
            if isinstance(part, BulkPart):
                known = {field.column_name for field in part.resource.fields.values()}
                read |= {flat for flat, own in part.columns.items() if own in known}
        return [field.column_name for field in self.fields.values() if field.column_name not in read]

    def get_diff_headers(self) -> list[str]:
        """Return the flat columns."""
        return [field.column_name for field in self.fields.values()]

    @classmethod
    def is_row_by_row(cls) -> bool:
        """Tell that rows go part by part."""
        return False

    def model_field(self, field: Field) -> models.Field[Any, Any] | None:
        """Return the column of the part's table behind a flat column, where a resource feeds it."""
        for part in self.parts:
            own = part.columns.get(field.column_name)
            if own is not None and isinstance(part, BulkPart):
                resource = part.made(self.user)
                found = next((f for f in resource.fields.values() if f.column_name == own), None)
                return resource.model_field(found) if found is not None else None
        return None

    def _field_of(self, column: str) -> Field:
        for part in self.parts:
            own = part.columns.get(column)
            if own is not None and isinstance(part, BulkPart):
                found = next((f for f in part.resource.fields.values() if f.column_name == own), None)
                if isinstance(found, PersonalField):
                    return PersonalField(column_name=column, mask=found.mask)
        return Field(column_name=column)

    # --- import

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
        if collect_failed_rows:
            result.add_dataset_headers(dataset.headers)
        try:
            self.before_import(dataset, **kwargs)
            run = FlatRun(self, dataset.headers, list(dataset), choices=choices, is_trial=dry_run)
            result.total_rows = len(run.rows)
            changes = run.run()
            result.cleared = run.cleared()
            report(
                result,
                kinds=run.kinds(),
                faults=run.faults,
                rows=run.rows,
                headers=dataset.headers,
                choices=choices,
                changes=changes,
                pks={},
            )
            self.after_import(dataset, result, **kwargs)
        except Exception as error:  # noqa: BLE001 as the library: said once, rolled back by import_data
            self.handle_import_error(result, error, raise_errors)
        return result
