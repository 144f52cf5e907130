"""One flat file into several tables: whole rows or nothing, faults at their cells, undo data for every part."""

import pytest
import tablib

from catalog.admin.resources import ProductResource, VariantResource
from catalog.models import FormerName, Product, ProductNames, Variant
from core.errors import InvalidInput
from core.models import TableChange, TableImport
from core.resources import BulkPart, Choices, CompositeResource, Part
from core.resources.choices import CHANGED, Shown, is_blank

pytestmark = pytest.mark.django_db
NOTES: dict[str, str] = {}


class NotePart(Part):
    """Stands for a part that calls a service: a note of each SKU, kept elsewhere."""

    def apply(self, run):
        for row in run.good_rows():
            sku, note = row.cells["sku"], row.cells["note"]
            if is_blank(note):
                continue
            if run.attempt(row, lambda note=note: self.write(note), column="note"):
                variant = Variant.objects.get(sku=sku)
                run.told(row, CHANGED, {"note": (variant.name, note)})
                run.keep(row, object_id=variant.pk, before={"note": variant.name}, after={"note": note})
                Variant.objects.filter(sku=sku).update(name=note)

    @staticmethod
    def write(note):
        if note == "forbidden":
            raise InvalidInput("Not this note.")

    def undo(self, changes, user):
        for change in changes:
            Variant.objects.filter(pk=change.object_id).update(name=change.before["note"])
            change.state = "undone"


class Products(ProductResource):
    """Products with what belongs to them."""

    class Meta:
        model = Product
        import_id_fields = ["code"]
        fields = ["code", "name", "brand"]
        name = "Products"

    dependents = (ProductNames, FormerName)


class Goods(CompositeResource):
    """Product, variant and note of one row."""

    main = ("variant",)

    class Meta:
        model = Variant
        fields = []
        name = "Goods"

    def make_parts(self):
        return [
            BulkPart("product", Products, columns={"product": "code", "title": "name", "brand": "brand"}),
            BulkPart("variant", VariantResource, columns={"sku": "sku", "product": "product", "weight": "weight_g"}),
            NotePart("note", columns={"sku": "sku", "note": "note"}, keys=["sku"], label="tests.note"),
        ]


HEADERS = ["product", "title", "brand", "sku", "weight", "note"]


def load(*rows, headers=HEADERS, **kwargs):
    return Goods().import_data(tablib.Dataset(*rows, headers=headers), use_transactions=True, **kwargs)


def totals(result):
    assert [str(error.error) for error in result.base_errors] == []
    return {kind: count for kind, count in result.totals.items() if count}


def faults(result):
    return [(row.file_number, row.error_dict) for row in result.invalid_rows]


def stored():
    return list(
        Variant.objects.order_by("sku").values_list("product__code", "product__name", "sku", "weight_g", "name")
    )


def test_one_row_makes_a_product_its_variant_and_what_a_service_writes():
    result = load(
        ["P1", "Coat", "KAN", "S1", "300", "warm"], ["P1", "", "", "S2", "310", ""], ["P2", "Hat", "", "S3", "", ""],
        collect_failed_rows=True,
    )  # fmt: skip
    assert totals(result) == {"new": 2, "skip": 1} or totals(result) == {"new": 3}
    assert stored() == [
        ("P1", "Coat", "S1", 300, "warm"),
        ("P1", "Coat", "S2", 310, ""),
        ("P2", "Hat", "S3", None, ""),
    ]


def test_rows_of_one_key_must_agree_and_say_both_values():
    result = load(
        ["P1", "Coat", "", "S1", "1", ""], ["P1", "Cape", "", "S2", "2", ""], ["P1", "Coat", "", "S3", "3", ""]
    )
    assert totals(result) == {"new": 2, "invalid": 1}
    assert faults(result) == [
        (3, {"title": ["Row 2 has the same key and says “Coat” here, this row “Cape”. Make them agree."]})
    ]
    assert stored() == [("P1", "Coat", "S1", 1, ""), ("P1", "Coat", "S3", 3, "")]


def test_a_row_refused_late_leaves_nothing_of_itself():
    result = load(
        ["P1", "Coat", "KAN", "S1", "heavy", ""],
        ["P1", "Coat", "", "S2", "2", ""],
        ["P2", "Hat", "", "S3", "3", "forbidden"],
        ["P3", "Scarf", "", "S4", "4", "soft"],
    )
    assert totals(result) == {"new": 2, "invalid": 2}
    assert faults(result) == [
        (2, {"weight": ["“heavy” is not a whole number."]}),
        (4, {"note": ["Not this note."]}),
    ]
    assert stored() == [("P1", "Coat", "S2", 2, ""), ("P3", "Scarf", "S4", 4, "soft")]
    assert not Product.objects.filter(code="P2").exists()
    assert Product.objects.get(code="P1").brand == ""  # only the refused row said KAN


def test_a_fault_of_a_shared_row_stands_at_its_cell_and_the_others_refer_to_it():
    long = "x" * 300
    result = load(["P1", "", "", "S1", "1", ""], ["P1", long, "", "S2", "2", ""])
    assert faults(result) == [
        (2, {"__all__": ["Row 3 has the same key and is refused. Correct that row."]}),
        (3, {"title": ["Ensure this value has at most 255 characters (it has 300)."]}),
    ]
    assert not Product.objects.exists()


def test_a_trial_shows_cells_before_and_after_and_keeps_nothing():
    load(["P1", "Coat", "", "S1", "300", "warm"])
    result = load(
        ["P1", "Coat", "KAN", "S1", "", "cold"], ["P1", "", "", "S2", "5", ""], ["P9", "", "", "S9", "x", ""],
        dry_run=True, choices=Choices(clears_blanks=True),
    )  # fmt: skip
    assert totals(result) == {"new": 1, "update": 1, "invalid": 1}
    assert result.diff_headers == HEADERS
    assert [(row.number, row.import_type, row.changes) for row in result.rows] == [
        (2, "update", [("P1", "P1"), ("Coat", "Coat"), ("", "KAN"), ("S1", "S1"), (300, ""), ("warm", "cold")]),
        (3, "new", [("", "P1"), ("Coat", "Coat"), ("KAN", "KAN"), ("", "S2"), ("", 5), ("", "")]),
    ]
    assert result.cleared == {"weight": 1}
    assert stored() == [("P1", "Coat", "S1", 300, "warm")]
    shown = load(["P1", "", "", "S1", "", ""], ["P9", "", "", "", "", "x"], dry_run=True,
                 choices=Choices(shown=Shown(kind="skip")))  # fmt: skip
    assert [(row.number, row.import_type) for row in shown.rows] == [(2, "skip")]


def test_a_part_without_cells_makes_nothing_even_where_blanks_clear():
    result = load(
        ["P1", "", "", "S1", "1", ""], headers=["product", "title", "brand", "sku", "weight", "note"],
        choices=Choices(clears_blanks=True),
    )  # fmt: skip
    assert faults(result) == [(2, {"product": ["There is no product “P1”."]})]
    assert not Product.objects.exists()


def test_the_column_that_says_what_a_row_is_about_is_needed():
    result = load(["Coat"], headers=["title"])
    assert [error.error.messages for error in result.base_errors] == [
        ["The column “product” is missing: it says what the column “title” is about."]
    ]


def test_undo_data_is_kept_per_part_with_the_rows_of_the_file():
    load(["P1", "Coat", "", "S1", "300", ""])
    kept = TableImport.objects.create(model="catalog.variant", filename="x.csv")
    load(
        ["P9", "", "", "S9", "bad", ""], ["P1", "Coat", "", "S1", "310", "note"], ["P1", "", "", "S2", "", ""],
        choices=Choices(table_import=kept.pk),
    )  # fmt: skip
    assert list(
        TableChange.objects.order_by("part", "row_no").values_list("part", "row_no", "table", "created", "before")
    ) == [
        (1, 1, "catalog.variant", False, {"weight_g": 300}),
        (1, 2, "catalog.variant", True, {}),
        (2, 1, "tests.note", False, {"note": ""}),
    ]
    created = TableChange.objects.get(created=True)
    assert (created.after["sku"], created.after["weight_g"]) == ("S2", None)
    assert "search_text" not in created.after
    TableChange.objects.all().delete()
    load(["P1", "", "", "S1", "320", ""], dry_run=True, choices=Choices(table_import=kept.pk))
    assert not TableChange.objects.exists()
