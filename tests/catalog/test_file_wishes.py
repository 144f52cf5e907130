"""Customers' wishes in product files: what a cell says, what stays, what goes out again, and the way back."""

import pytest
import tablib

from catalog.admin.product_file import ProductFileResource
from catalog.importing.wishes import Wish, read_wishes, told_wishes
from catalog.models import CustomOption, Product
from catalog.services import save_wish
from core.errors import InvalidInput
from core.models import TableImport
from core.resources import Choices
from core.resources.undoing import undo_table_import
from tests.factories import make_user

pytestmark = pytest.mark.django_db
CELL = "Engraving*: text 20; Wrapping: yes/no; Ribbon: red | blue; Note: text"
WISHES = [
    Wish("Engraving", "text", (), 20, True),
    Wish("Wrapping", "flag"),
    Wish("Ribbon", "choice", ("red", "blue")),
    Wish("Note", "text"),
]


def load(cell, **kwargs):
    dataset = tablib.Dataset(["tee", "Tee", cell], headers=["code", "name", "wishes"])
    return ProductFileResource(user=None).import_data(dataset, use_transactions=True, **kwargs)


def stored():
    return list(CustomOption.objects.order_by("position").values_list("name", "kind", "choices", "max_length"))


def test_a_cell_says_what_the_page_says():
    assert read_wishes(CELL) == WISHES
    assert told_wishes(WISHES) == CELL
    assert read_wishes(" note :text\n\nWrapping:yes/no;") == [Wish("note", "text"), Wish("Wrapping", "flag")]
    # what would come back as something else does not go out
    assert told_wishes([Wish("A: B", "text"), Wish("C*", "flag"), Wish("D", "choice", ("1;2", "3"))]) == ""


@pytest.mark.parametrize(
    ("cell", "sentence"),
    [
        ("Engraving", "“Engraving” is no wish."),
        ("Engraving: maybe", "“Engraving: maybe” is no wish."),
        ("Ribbon: red | red", "Give 2 to 50 different choices."),
        ("Note: text 0", "The longest text has 1 to 1000 characters."),
        ("Note: text; NOTE: yes/no", "“NOTE” stands twice."),
        (f"{'n' * 81}: text", "Write a name of at most 80 characters."),
    ],
)
def test_what_is_no_wish_is_refused_with_a_sentence(cell, sentence):
    with pytest.raises(InvalidInput, match="^" + sentence.replace(".", "[.]")):
        read_wishes(cell)
    result = load(cell)
    [row] = result.invalid_rows
    assert sentence in " ".join(row.error_dict["wishes"])
    assert (Product.objects.count(), CustomOption.objects.count()) == (0, 0)


def test_wishes_come_in_go_out_and_change_nothing_the_second_time():
    load(CELL)
    assert stored() == [
        ("Engraving", "text", [], 20), ("Wrapping", "flag", [], None), ("Ribbon", "choice", ["red", "blue"], None),
        ("Note", "text", [], None),
    ]  # fmt: skip
    [row] = ProductFileResource(user=None).rows_of(Product.objects.all(), ["code", "name", "wishes"])
    assert row == ["tee", "Tee", CELL]
    result = load(CELL)
    assert {kind: count for kind, count in result.totals.items() if count} == {"skip": 1}


def test_what_a_cell_does_not_name_stays_and_the_mark_removes_all():
    load("Note: text; Ribbon: red | blue")
    load("RIBBON: red | green")
    assert stored() == [("Note", "text", [], None), ("RIBBON", "choice", ["red", "green"], None)]
    load("")
    assert len(stored()) == 2
    load("[clear]")
    assert stored() == []
    product = Product.objects.get()
    for number in range(20):
        save_wish(product_id=product.pk, name=f"W{number}", kind="flag")
    [row] = load("One more: text").invalid_rows
    assert row.error_dict["wishes"] == ["A product has at most 20 wishes."]
    assert len(stored()) == 20


def test_an_import_is_taken_back_but_for_what_somebody_changed_since():
    user = make_user(is_superuser=True)
    load("Note: text; Wrapping: yes/no")
    first = stored()
    row = TableImport.objects.create(owner=user, model="catalog.product", filename="f.csv", state="done")
    load("Note: text 50; Ribbon: red | blue; Card: text", choices=Choices(table_import=row.pk))
    CustomOption.objects.filter(name="Card").update(max_length=9)
    undone = undo_table_import(
        table_import_id=row.pk, resource=ProductFileResource(user=user), reason="wrong", actor=user
    )
    assert undone.counts["conflicts"] == 1
    assert stored() == [*first, ("Card", "text", [], 9)]
    CustomOption.objects.filter(name="Card").delete()
    row = TableImport.objects.create(owner=user, model="catalog.product", filename="f.csv", state="done")
    load("[clear]", choices=Choices(table_import=row.pk))
    assert stored() == []
    undo_table_import(table_import_id=row.pk, resource=ProductFileResource(user=user), reason="wrong", actor=user)
    assert stored() == first
