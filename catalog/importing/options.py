"""Options of variants out of a file: axes and values are made as they are named, no two variants may be the same."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Exists, OuterRef
from django.utils.translation import gettext as _

from catalog.importing.columns import AXES, OPTIONS, VALUES
from catalog.importing.known import variants_by_sku
from catalog.importing.touched import Touched
from catalog.models import OptionAxis, OptionValue, Product, ProductStatus, Variant, VariantOption
from catalog.services.products.creating import MAX_AXES
from catalog.services.review.reviewing import content_changed
from core.copying import copy_rows, draw_ids, update_rows
from core.models import TableChange
from core.resources import Part, PartRow, PartRun, settle
from core.resources.choices import CHANGED, is_blank, is_clear_mark

AXIS_LENGTH, VALUE_LENGTH = 60, 80


@dataclass
class _Stored:
    """What the products of the file have."""

    variants: dict[str, tuple[int, int]]  # SKU -> (variant, product)
    skus: dict[int, str]
    axes: dict[int, dict[str, int]] = field(default_factory=dict)  # product -> name -> axis
    values: dict[int, dict[str, int]] = field(default_factory=dict)  # axis -> name -> value
    chosen: dict[int, dict[str, str]] = field(default_factory=dict)  # variant -> axis name -> value name
    options: dict[tuple[int, int], tuple[int, int]] = field(default_factory=dict)  # (variant, axis) -> (option, value)
    by_product: dict[int, set[int]] = field(default_factory=dict)


class OptionsPart(Part):
    """The values by which a variant differs; keyed by SKU."""

    model = VariantOption

    def __init__(self, touched: Touched) -> None:
        columns = {"sku": "variant", **{name: name for name in (*AXES, *VALUES)}}
        super().__init__("options", columns=columns, keys=["variant"], label="catalog.options")
        self.touched = touched

    def wants(self, given: Any) -> bool:
        """Tell whether the file has values of options."""
        return bool(set(given) & set(VALUES))

    def concerns(self, cells: Mapping[str, Any]) -> bool:
        """Tell whether the row has a value."""
        return any(not is_blank(cells.get(name)) for name in VALUES)

    def apply(self, run: PartRun) -> None:
        """Check all rows, then write axes, values and options in a few statements."""
        stored = _read([str(row.cells["variant"]).strip() for row in run.good_rows()])
        wanted = {row.index: _named(run, row) for row in run.good_rows()}
        self._refuse_unknown(run, stored)
        self._refuse_axes(run, stored, wanted)
        self._refuse_same(run, stored, wanted)
        rows = run.good_rows()
        self._make_axes(run, stored, rows, wanted)
        self._make_values(run, stored, rows, wanted)
        self._write(run, stored, rows, wanted)

    # --- checks; nothing is written yet

    @staticmethod
    def _refuse_unknown(run: PartRun, stored: _Stored) -> None:
        for row in run.good_rows():
            if str(row.cells["variant"]).strip() not in stored.variants:
                run.refuse(row, "variant", _("There is no variant with this SKU."))

    @staticmethod
    def _refuse_axes(run: PartRun, stored: _Stored, wanted: Mapping[int, Sequence["_Choice"]]) -> None:
        names = {product: set(axes) for product, axes in stored.axes.items()}
        for row in run.good_rows():
            product = stored.variants[str(row.cells["variant"]).strip()][1]
            known = names.setdefault(product, set())
            new = {choice.axis for choice in wanted[row.index]} - known
            if len(known) + len(new) > MAX_AXES:
                run.refuse(row, "", _("A product has at most three options."))
            else:
                known |= new

    @staticmethod
    def _refuse_same(run: PartRun, stored: _Stored, wanted: Mapping[int, Sequence["_Choice"]]) -> None:
        """Refuse rows after which two variants of a product would be the same thing."""
        of_variant = {stored.variants[str(row.cells["variant"]).strip()][0]: row for row in run.good_rows()}
        for variants in stored.by_product.values():
            seen: dict[frozenset[tuple[str, str]], int] = {}
            # those the file does not speak of come first: they keep what they have
            for variant in sorted(
                variants, key=lambda pk: (pk in of_variant, of_variant[pk].index if pk in of_variant else 0)
            ):
                row = of_variant.get(variant)
                values = dict(stored.chosen.get(variant, {}))
                values |= {choice.axis: choice.value for choice in wanted[row.index]} if row else {}
                if not values:
                    continue
                other = seen.setdefault(frozenset(values.items()), variant)
                if other != variant and row is not None:
                    sentence = _("The variant %(sku)s has the same options.") % {"sku": stored.skus[other]}
                    run.refuse(row, wanted[row.index][0].column if wanted[row.index] else "", sentence)

    # --- writing

    def _make_axes(
        self, run: PartRun, stored: _Stored, rows: Sequence[PartRow], wanted: Mapping[int, Sequence["_Choice"]]
    ) -> None:
        new: dict[tuple[int, str], tuple[PartRow, int]] = {}
        for row in rows:
            product = stored.variants[str(row.cells["variant"]).strip()][1]
            for choice in wanted[row.index]:
                if choice.axis not in stored.axes.get(product, {}):
                    new.setdefault((product, choice.axis), (row, choice.number))
        ids = draw_ids(OptionAxis, len(new))
        copy_rows(
            OptionAxis,
            ("id", "product_id", "name", "position"),
            [
                (pk, product, name, number)
                for pk, ((product, name), (_row, number)) in zip(ids, new.items(), strict=True)
            ],
        )
        for pk, ((product, name), (row, _number)) in zip(ids, new.items(), strict=True):
            stored.axes.setdefault(product, {})[name] = pk
            run.keep(row, object_id=pk, created=True, after={"kind": "axis", "name": name})

    def _make_values(
        self, run: PartRun, stored: _Stored, rows: Sequence[PartRow], wanted: Mapping[int, Sequence["_Choice"]]
    ) -> None:
        new: dict[tuple[int, str], PartRow] = {}
        for row in rows:
            product = stored.variants[str(row.cells["variant"]).strip()][1]
            for choice in wanted[row.index]:
                axis = stored.axes[product][choice.axis]
                if choice.value not in stored.values.get(axis, {}):
                    new.setdefault((axis, choice.value), row)
        ids = draw_ids(OptionValue, len(new))
        places = {axis: len(values) for axis, values in stored.values.items()}
        records = []
        for pk, ((axis, name), row) in zip(ids, new.items(), strict=True):
            places[axis] = places.get(axis, 0) + 1
            records.append((pk, axis, name, "", places[axis] - 1))
            stored.values.setdefault(axis, {})[name] = pk
            run.keep(row, object_id=pk, created=True, after={"kind": "value", "name": name})
        copy_rows(OptionValue, ("id", "axis_id", "name", "colour", "position"), records)

    def _write(
        self, run: PartRun, stored: _Stored, rows: Sequence[PartRow], wanted: Mapping[int, Sequence["_Choice"]]
    ) -> None:
        new: list[tuple[PartRow, int, int, int]] = []
        changed: list[tuple[int, int]] = []
        touched = set()
        for row in rows:
            variant, product = stored.variants[str(row.cells["variant"]).strip()]
            shown = {}
            for choice in wanted[row.index]:
                axis = stored.axes[product][choice.axis]
                value = stored.values[axis][choice.value]
                option, old = stored.options.get((variant, axis), (0, 0))
                if old == value:
                    continue
                shown[choice.column] = (stored.chosen.get(variant, {}).get(choice.axis, ""), choice.value)
                if option:
                    changed.append((option, value))
                    run.keep(row, object_id=option, before={"value": old}, after={"kind": "option", "value": value})
                else:
                    new.append((row, variant, axis, value))
            if shown:
                touched.add(product)
                run.told(row, CHANGED, shown)
        ids = draw_ids(VariantOption, len(new))
        copy_rows(
            VariantOption,
            ("id", "variant_id", "axis_id", "value_id"),
            [(pk, variant, axis, value) for pk, (_row, variant, axis, value) in zip(ids, new, strict=True)],
        )
        for pk, (row, _variant, _axis, value) in zip(ids, new, strict=True):
            run.keep(row, object_id=pk, created=True, after={"kind": "option", "value": value})
        update_rows(VariantOption, [("value_id", "bigint")], changed)
        self.touched.change(touched, "variants")

    # --- back

    def undo(self, changes: Sequence[TableChange], user: Any) -> None:
        """Give variants their former values; values and axes that the file made go when nobody uses them."""
        of_kind: dict[str, list[TableChange]] = {"option": [], "value": [], "axis": []}
        for change in changes:
            of_kind[change.after["kind"]].append(change)
        products = self._products_of(changes)
        _undo_options(of_kind["option"])
        used = VariantOption.objects.filter(value=OuterRef("pk"))
        values = OptionValue.objects.filter(pk__in=[c.object_id for c in of_kind["value"]]).exclude(Exists(used))
        _undo_made(of_kind["value"], values)
        inside = OptionValue.objects.filter(axis=OuterRef("pk"))
        axes = OptionAxis.objects.filter(pk__in=[c.object_id for c in of_kind["axis"]]).exclude(Exists(inside))
        _undo_made(of_kind["axis"], axes)
        content_changed(product_ids=products, parts=["variants"], actor=user)

    @staticmethod
    def _products_of(changes: Sequence[TableChange]) -> list[int]:
        ids = [change.object_id for change in changes if change.after["kind"] == "option"]
        owners = VariantOption.objects.filter(pk__in=ids).values("variant__product")
        # before anything is taken back: the products' locks come first
        rows = Product.objects.select_for_update(no_key=True).filter(pk__in=owners).order_by("pk")
        # drafts may be of this very file and go as well
        return [pk for pk, status in rows.values_list("pk", "status") if status != ProductStatus.DRAFT]


@dataclass(frozen=True)
class _Choice:
    """One axis and its value, in the column of this number."""

    number: int
    axis: str
    value: str

    @property
    def column(self) -> str:
        return f"option{self.number}_value"


def _named(run: PartRun, row: PartRow) -> list[_Choice]:
    """Return the row's options; refuse what cannot be one."""
    found: list[_Choice] = []
    for number in OPTIONS:
        axis, value = (_text(row.cells.get(f"option{number}_{word}")) for word in ("name", "value"))
        column = f"option{number}_value"
        if not value:
            continue
        if is_clear_mark(value):
            run.refuse(row, column, _("This cannot be empty."))
        elif not axis:
            run.refuse(row, column, _("Say in option%(number)s_name what this is a value of.") % {"number": number})
        elif len(axis) > AXIS_LENGTH or len(value) > VALUE_LENGTH:
            run.refuse(row, column, _("An option has at most 60 characters, its values at most 80."))
        elif any(choice.axis == axis for choice in found):
            run.refuse(row, column, _("The option “%(name)s” stands twice in this row.") % {"name": axis})
        else:
            found.append(_Choice(number, axis, value))
    return found


def _text(cell: Any) -> str:
    return "" if cell is None else " ".join(str(cell).split())


def _read(skus: Iterable[str]) -> _Stored:
    stored = _Stored(variants_by_sku(skus), {})
    products = {product for _pk, product in stored.variants.values()}
    for pk, sku, product in Variant.objects.filter(product__in=products).values_list("pk", "sku", "product_id"):
        stored.skus[pk] = sku
        stored.by_product.setdefault(product, set()).add(pk)
    for pk, product, name in OptionAxis.objects.filter(product__in=products).values_list("pk", "product_id", "name"):
        stored.axes.setdefault(product, {})[name] = pk
    for pk, axis, name in OptionValue.objects.filter(axis__product__in=products).values_list("pk", "axis_id", "name"):
        stored.values.setdefault(axis, {})[name] = pk
    options = VariantOption.objects.filter(variant__product__in=products)
    for pk, variant, axis, value, name, text in options.values_list(
        "pk", "variant_id", "axis_id", "value_id", "axis__name", "value__name"
    ):
        stored.options[variant, axis] = pk, value
        stored.chosen.setdefault(variant, {})[name] = text
    return stored


def _undo_options(changes: Sequence[TableChange]) -> None:
    stands = dict(VariantOption.objects.filter(pk__in=[c.object_id for c in changes]).values_list("pk", "value_id"))
    values = {change.before.get("value") for change in changes}
    known = set(OptionValue.objects.filter(pk__in=values - {None}).values_list("pk", flat=True))
    back, gone = [], []
    for change in changes:
        now = stands.get(change.object_id)
        if now != change.after["value"] or not (change.created or change.before["value"] in known):
            settle(change, _("The variant has another value by now."), {} if now is None else {"value": now})
            continue
        settle(change)
        if change.created:
            gone.append(change.object_id)
        else:
            back.append((change.object_id, change.before["value"]))
    VariantOption.objects.filter(pk__in=gone).delete()
    update_rows(VariantOption, [("value_id", "bigint")], back)


def _undo_made(changes: Sequence[TableChange], unused: Any) -> None:
    free = set(unused.values_list("pk", flat=True))
    unused.model.objects.filter(pk__in=free).delete()
    for change in changes:
        settle(change, "" if change.object_id in free else _("It is used by a variant."))
