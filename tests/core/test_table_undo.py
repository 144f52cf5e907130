"""Undoing an import: what still holds goes back, what others changed stays and is told, and only once."""

import threading

import pytest
import tablib
from django.db import connection, connections, transaction

from catalog.admin.resources import CategoryResource, VariantResource
from catalog.models import Category, Product, Variant, VariantCode
from core.errors import InvalidInput, InvalidTransition
from core.models import EventRecord, TableChange, TableImport
from core.resources import Choices
from core.resources.conflicts import conflicts_of
from core.resources.taking_back import TakingBack
from core.resources.undoing import undo_table_import
from customers.admin.resources import CustomerResource
from customers.models import Customer
from tests.core.test_composite import HEADERS, Goods, Products
from tests.factories import make_user
from tests.staff.making import make_task

GTIN = "4006381333931"


def imported(resource, headers, *rows, **kwargs):
    """Import as the pages do, with undo data."""
    row = TableImport.objects.create(model=resource._meta.model._meta.label_lower, filename="x.csv", owner=make_user())
    result = resource.import_data(
        tablib.Dataset(*rows, headers=headers), use_transactions=True, choices=Choices(table_import=row.pk, **kwargs)
    )
    assert not result.base_errors, result.base_errors[0].error
    row.state = "done"
    row.counts = {"created": result.totals["new"], "updated": result.totals["update"]}
    row.save()
    return row


def undo(row, resource, reason="wrong file"):
    return undo_table_import(table_import_id=row.pk, resource=resource, reason=reason, actor=row.owner)


@pytest.fixture
def product():
    return Product.objects.create(code="P1", name="코트", brand="KAN")


@pytest.mark.django_db
def test_changed_cells_go_back_and_created_rows_go(product):
    old = Variant.objects.create(product=product, sku="S1", name="Black", weight_g=300)
    row = imported(
        VariantResource(), ["sku", "product", "name", "weight_g"],
        ["S1", "P1", "White", "[clear]"], ["S2", "P1", "Blue", "5"], ["S3", "P1", "Red", ""],
    )  # fmt: skip
    assert list(row.changes.order_by("row_no").values_list("created", "before")) == [
        (False, {"name": "Black", "weight_g": 300}),
        (True, {}),
        (True, {}),
    ]
    assert row.changes.get(row_no=0).after == {"name": "White", "weight_g": None}
    done = undo(row, VariantResource())
    assert (done.state, done.counts["undone"], done.counts["conflicts"]) == ("undone", 3, 0)
    assert list(Variant.objects.values_list("sku", "name", "weight_g")) == [("S1", "Black", 300)]
    old.refresh_from_db()
    assert "black" in old.search_text
    assert "white" not in old.search_text
    event = EventRecord.objects.get(name="core.table_undone")
    assert (event.subject_id, event.actor, event.data) == (
        row.pk,
        row.owner,
        {"table": "Variants", "undone": 3, "conflicts": 0, "reason": "wrong file"},
    )


@pytest.mark.django_db
def test_a_cell_that_somebody_changed_since_stays_and_is_told(product):
    Variant.objects.create(product=product, sku="S1", name="Black", weight_g=300)
    row = imported(VariantResource(), ["sku", "name", "weight_g", "product"], ["S1", "White", "310", "P1"])
    Variant.objects.filter(sku="S1").update(name="Grey")
    done = undo(row, VariantResource())
    assert (done.state, done.counts["undone"], done.counts["conflicts"]) == ("partly_undone", 0, 1)
    assert Variant.objects.values_list("name", "weight_g").get() == ("Grey", 300)
    [told] = conflicts_of(list(row.changes.filter(state="conflict")), VariantResource())
    assert (told.name, told.column, told.before, told.imported, told.stands, told.note) == (
        "S1", "options", "Black", "White", "Grey", "It was changed since.",
    ) or (told.name, told.before, told.imported, told.stands) == ("S1", "Black", "White", "Grey")  # fmt: skip


@pytest.mark.django_db
def test_a_new_row_that_was_changed_or_is_used_stays(product):
    row = imported(Products(), ["code", "name"], ["N1", "A"], ["N2", "B"], ["N3", "C"], ["N4", "D"])
    Product.objects.filter(code="N1").update(brand="mine")
    Variant.objects.create(product=Product.objects.get(code="N2"), sku="X")
    Product.objects.get(code="N3").delete()
    done = undo(row, Products())
    assert (done.state, done.counts["undone"], done.counts["conflicts"]) == ("partly_undone", 1, 3)
    assert sorted(Product.objects.values_list("code", flat=True)) == ["N1", "N2", "P1"]
    told = conflicts_of(list(row.changes.filter(state="conflict").order_by("row_no")), Products())
    assert [(c.name, c.before, c.imported, c.stands, c.note) for c in told] == [
        ("N1", "", "", "mine", "It was changed since."),
        ("N2", "", "", "", "It is used: variants."),
        (f"#{row.changes.get(row_no=2).object_id}", "", "", "", "It was deleted since."),
    ]


@pytest.mark.django_db
def test_a_value_that_the_database_would_refuse_now_is_a_conflict_of_its_row_alone(product):
    Variant.objects.create(product=product, sku="S1", barcode=GTIN)
    Variant.objects.create(product=product, sku="S2", name="a")
    row = imported(VariantResource(), ["sku", "barcode", "name"], ["S1", "[clear]", "x"], ["S2", "", "b"])
    Variant.objects.create(product=product, sku="S3", barcode=GTIN)
    done = undo(row, VariantResource())
    assert (done.state, done.counts["undone"], done.counts["conflicts"]) == ("partly_undone", 1, 1)
    assert list(Variant.objects.order_by("sku").values_list("sku", "barcode", "name")) == [
        ("S1", "", "x"), ("S2", "", "a"), ("S3", GTIN, ""),
    ]  # fmt: skip
    told = conflicts_of(list(row.changes.filter(state="conflict")), VariantResource())
    assert {c.note for c in told} == {"Another variant has this barcode."}


@pytest.mark.django_db
def test_it_is_undone_once_with_a_reason_and_only_what_is_done(product):
    row = imported(VariantResource(), ["sku", "product"], ["S2", "P1"])
    with pytest.raises(InvalidInput, match="Say why"):
        undo(row, VariantResource(), reason=" ")
    assert Variant.objects.filter(sku="S2").exists()
    undo(row, VariantResource())
    with pytest.raises(InvalidTransition, match="undone already"):
        undo(row, VariantResource())
    waiting = TableImport.objects.create(model="catalog.variant", filename="y.csv")
    with pytest.raises(InvalidTransition, match="done can be undone"):
        undo(waiting, VariantResource())
    assert EventRecord.objects.filter(name="core.table_undone").count() == 1


@pytest.mark.django_db
def test_killed_half_way_everything_is_as_it_was(product, monkeypatch):
    Variant.objects.create(product=product, sku="S1", name="Black")
    row = imported(VariantResource(), ["sku", "product", "name"], ["S1", "P1", "White"], ["S2", "P1", "Blue"])

    def killed(self, made):
        raise KeyboardInterrupt

    monkeypatch.setattr(TakingBack, "_delete", killed)
    with pytest.raises(KeyboardInterrupt), transaction.atomic():
        undo(row, VariantResource())
    row.refresh_from_db()
    assert (row.state, row.changes.filter(state="").count()) == ("done", 2)
    assert list(Variant.objects.order_by("sku").values_list("name", flat=True)) == ["White", "Blue"]
    assert not EventRecord.objects.filter(name="core.table_undone").exists()


@pytest.mark.django_db
def test_rows_out_of_reach_stay(product):
    row = imported(VariantResource(), ["sku", "product"], ["S1", "P1"], ["S2", "P1"])
    done = undo(row, VariantResource(reach=Variant.objects.exclude(sku="S1")))
    assert (done.counts["undone"], done.counts["conflicts"]) == (1, 1)
    assert list(Variant.objects.values_list("sku", flat=True)) == ["S1"]


@pytest.mark.django_db
def test_a_new_row_that_a_task_is_about_stays(product):
    row = imported(VariantResource(), ["sku", "product"], ["S1", "P1"], ["S2", "P1"])
    about = Variant.objects.get(sku="S1")
    make_task(subject=about)
    done = undo(row, VariantResource())
    assert (done.counts["undone"], done.counts["conflicts"]) == (1, 1)
    assert Variant.objects.get() == about
    [told] = conflicts_of(list(row.changes.filter(state="conflict")), VariantResource())
    assert told.note == "It is used."


@pytest.mark.django_db
def test_rows_that_refer_to_each_other_go_together_or_stay_together():
    rows = ["", "Women"], ["Women", "Shoes"], ["", "Men"], ["Men", "Hats"]
    row = imported(CategoryResource(), ["parent", "name"], *rows)
    assert Category.objects.count() == 4
    Category.objects.create(name="Boots", parent=Category.objects.get(name="Shoes"))
    undo(row, CategoryResource())
    assert sorted(Category.objects.values_list("name", flat=True)) == ["Boots", "Shoes", "Women"]


@pytest.mark.django_db
def test_rows_imported_one_by_one_go_back_too():
    Category.objects.create(name="Women", position=1)
    row = imported(CategoryResource(), ["parent", "name", "position"], ["", "Women", "5"], ["", "Women", "7"])
    assert list(row.changes.order_by("id").values_list("before", "after")) == [
        ({"position": 1}, {"position": 5}),
        ({"position": 5}, {"position": 7}),
    ]
    undo(row, CategoryResource())
    assert Category.objects.get().position == 1


@pytest.mark.django_db
def test_a_composite_is_undone_part_by_part_from_the_end(product):
    Variant.objects.create(product=product, sku="S1", name="Black")
    row = imported(
        Goods(),
        HEADERS,
        ["P1", "Coat", "", "S1", "300", "warm"],
        ["P2", "Hat", "", "S2", "", "soft"],
        ["P3", "C", "", "S3", "", ""],
    )
    VariantCode.objects.create(variant=Variant.objects.get(sku="S3"), code="mall-3")
    done = undo(row, Goods())
    assert list(Variant.objects.order_by("sku").values_list("sku", "name", "weight_g")) == [
        ("S1", "Black", None), ("S3", "", None),
    ]  # fmt: skip
    assert sorted(Product.objects.values_list("code", "name")) == [("P1", "코트"), ("P3", "C")]
    assert (done.state, done.counts["conflicts"]) == ("partly_undone", 2)
    told = conflicts_of(list(row.changes.filter(state="conflict").order_by("row_no", "part")), Goods())
    assert [(c.name, c.note) for c in told] == [("P3", "It is used: variants."), ("S3", "It is used: variant codes.")]


@pytest.mark.django_db
def test_conflicts_mask_personal_data():
    customer = Customer.objects.create(name="김민준")
    row = imported(CustomerResource(), ["id", "name"], [str(customer.pk), "박서준"])
    Customer.objects.update(name="최지우")
    undo(row, CustomerResource())
    [told] = conflicts_of(list(row.changes.all()), CustomerResource(user=make_user()))
    assert (told.before, told.imported, told.stands) == ("김**", "박**", "최**")
    [plain] = conflicts_of(list(row.changes.all()), CustomerResource())
    assert (plain.name, plain.before, plain.imported, plain.stands) == (str(customer.pk), "김민준", "박서준", "최지우")


@pytest.mark.django_db(transaction=True)
def test_of_two_who_press_at_once_one_undoes_it(product):
    Variant.objects.create(product=product, sku="S1", name="Black")
    row = imported(VariantResource(), ["sku", "name"], ["S1", "White"])
    barrier, answers = threading.Barrier(2), []

    def press():
        try:
            barrier.wait(20)
            undo(row, VariantResource())
            answers.append("undone")
        except InvalidTransition:
            answers.append("refused")
        finally:
            connections.close_all()

    threads = [threading.Thread(target=press) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert sorted(answers) == ["refused", "undone"]
    assert Variant.objects.get().name == "Black"
    assert EventRecord.objects.filter(name="core.table_undone").count() == 1
    assert TableChange.objects.get().state == "undone"
    assert connection.vendor == "postgresql"
