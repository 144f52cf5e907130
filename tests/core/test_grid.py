"""The engine of the grid: cells are read by kind, compared with what they were based on, answered one by one."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import transaction

from catalog.gtin import validate_gtin
from core.errors import InvalidInput
from core.ui.grid import (
    MAX_CELLS,
    CellChange,
    Grid,
    GridColumn,
    Outcome,
    PartSheet,
    Place,
    PostedCell,
    Rows,
    Wanted,
)
from core.ui.grid_cells import (
    choice_cell,
    digits_cell,
    flag_cell,
    money_cell,
    money_text,
    number_cell,
    text_cell,
)


class FakePart:
    """Two columns: a name of the group, a number of the row; a number of 13 is refused when it is written."""

    def __init__(self, *, editable: bool = True) -> None:
        self.editable = editable
        self.names: dict[int, Any] = {7: "old"}
        self.numbers: dict[int, Any] = {1: 5}

    def columns(self) -> list[GridColumn]:
        return [
            GridColumn(
                key="name",
                label="Name",
                per_group=True,
                editable=self.editable,
                parse=text_cell(max_length=10),
                is_default=True,
            ),
            GridColumn(key="pieces", label="Pieces", editable=self.editable, parse=number_cell(most=100)),
        ]

    def read(self, *, rows: Rows, wanted: Wanted, user: Any) -> PartSheet:
        values: Mapping[str, Mapping[int, Any]] = {"name": self.names, "pieces": self.numbers}
        shown = wanted.some(self.columns())
        return PartSheet(self.columns(), {column.key: values[column.key] for column in shown})

    def write(self, *, changes: Sequence[CellChange], rows: Rows, user: Any) -> Mapping[Place, Outcome]:
        if any(change.value == 13 for change in changes):
            raise InvalidInput("Thirteen brings bad luck.")
        for change in changes:
            (self.names if change.column.per_group else self.numbers)[change.owner_id] = change.value
        return {}


def lock_rows(ids: Collection[int]) -> Rows:
    """Let everybody reach rows 1 and 2, both of group 7."""
    return Rows({pk: 7 for pk in (1, 2) if pk in ids})


def save(part: FakePart, *cells: tuple[int, str, str, str]) -> list[dict[str, str]]:
    """Save cells and return what is told of each."""
    grid = Grid([part])
    posted = [PostedCell(row_id=row, key=key, base=base, text=text) for row, key, base, text in cells]
    with transaction.atomic():
        return [one.told() for one in grid.save(cells=posted, lock_rows=lock_rows, user=None)]


def test_the_sheet_shows_default_columns_until_somebody_chooses():
    grid, rows = Grid([FakePart()]), Rows({1: 7, 2: 7})
    first = grid.sheet(rows=rows, chosen=None, user=None)
    assert [column.key for column in first.shown] == ["name"]
    assert [column.key for column in first.columns] == ["name", "pieces"]
    assert first.values == {"name": {7: "old"}}
    chosen = grid.sheet(rows=rows, chosen=["pieces", "gone", "name"], user=None)
    assert [column.key for column in chosen.shown] == ["pieces", "name"]
    assert chosen.values == {"pieces": {1: "5", 2: ""}, "name": {7: "old"}}


@pytest.mark.django_db
def test_a_changed_cell_is_written_and_told_in_its_stored_form():
    part = FakePart()
    assert save(part, (1, "pieces", "5", "１２"), (2, "name", "old", "  new   name ")) == [
        {"state": "saved", "value": "12"},
        {"state": "saved", "value": "new name"},
    ]
    assert (part.numbers, part.names) == ({1: 12}, {7: "new name"})


@pytest.mark.django_db
def test_a_stale_base_is_a_conflict_and_the_same_wish_is_none():
    part = FakePart()
    assert save(part, (1, "pieces", "4", "9"), (2, "name", "older", "old")) == [
        {"state": "conflict", "sentence": "Somebody else changed this meanwhile.", "value": "5"},
        {"state": "saved"},
    ]
    assert (part.numbers, part.names) == ({1: 5}, {7: "old"})


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("cell", "sentence"),
    [
        ((3, "pieces", "", "1"), "This row is not there for you any more. Reload the page."),
        ((1, "secret", "", "1"), "There is no such column. Reload the page."),
        ((1, "pieces", "5", "many"), "“many” is not a whole number."),
        ((1, "pieces", "5", "101"), "Write a whole number from 0 to 100."),
        ((1, "name", "old", "a\x00b"), "This holds a character that cannot be stored. Type it again."),
        ((1, "name", "old", "x" * 11), "At most 10 characters; these are 11."),
        ((1, "name", "old", "x" * 1_000_001), "At most 100,000 characters; these are 1,000,001."),
        ((1, "pieces", "5", "13"), "Thirteen brings bad luck."),
    ],
)
def test_what_cannot_be_is_refused_at_its_cell_and_nothing_changes(cell, sentence):
    part = FakePart()
    assert save(part, cell) == [{"state": "refused", "sentence": sentence}]
    assert (part.numbers, part.names) == ({1: 5}, {7: "old"})


@pytest.mark.django_db
def test_who_may_not_change_a_column_is_refused():
    part = FakePart(editable=False)
    assert save(part, (1, "pieces", "5", "6")) == [{"state": "refused", "sentence": "You may not change this column."}]
    assert part.numbers == {1: 5}


@pytest.mark.django_db
def test_too_many_cells_are_refused_as_a_whole():
    part = FakePart()
    with pytest.raises(InvalidInput, match=r"At most 5,000 cells are saved at once; these are 10,000\."):
        save(part, *[(1, "pieces", "5", "6")] * 10_000)
    assert part.numbers == {1: 5}
    assert MAX_CELLS == 5_000


@pytest.mark.django_db
def test_two_wishes_for_one_cell_end_as_the_last():
    part = FakePart()
    assert save(part, (1, "name", "old", "one"), (2, "name", "old", "two")) == [
        {"state": "saved", "value": "two"},
        {"state": "saved"},
    ]
    assert part.names == {7: "two"}


@pytest.mark.parametrize(
    ("currency", "typed", "minor"),
    [
        ("KRW", "12,000", 12000),
        ("KRW", "１２，０００", 12000),
        ("KRW", "₩ 1,200", 1200),
        ("JPY", "1200円", 1200),
        ("USD", "$1,234.5", 123450),
        ("EUR", " 0.05 ", 5),
        ("USD", "", None),
    ],
)
def test_money_is_read_as_people_write_it(currency, typed, minor):
    assert money_cell(currency=currency)(typed) == minor


@pytest.mark.parametrize(
    ("currency", "typed"),
    [
        ("KRW", "12.5"),
        ("EUR", "12,5"),
        ("USD", "1,23,4"),
        ("USD", "-1"),
        ("USD", "1e3"),
        ("USD", "NaN"),
        ("KRW", "9" * 30),
    ],
)
def test_amounts_that_mean_two_things_or_nothing_are_refused(currency, typed):
    with pytest.raises(InvalidInput):
        money_cell(currency=currency)(typed)


def test_money_is_written_with_the_decimals_of_its_currency():
    assert [money_text("KRW")(1200), money_text("USD")(123450), money_text("USD")(None)] == ["1200", "1234.50", ""]


def test_other_kinds_are_read_in_three_languages():
    assert [flag_cell(word) for word in ("1", "Yes", "예", "はい", "✓", "", "0", "no", "아니요", "－")] == [
        *[True] * 5,
        *[False] * 5,
    ]
    assert digits_cell(validate=validate_gtin)("４９０１２３４５６７８９４") == "4901234567894"
    assert digits_cell(validate=validate_gtin)(" 4-901234 567894 ") == "4901234567894"
    paths = choice_cell({"Food > Tea": 3})
    assert [paths("food>tea"), paths(" Food > Tea "), paths("")] == [3, 3, None]
    assert number_cell(most=5)("") is None


def test_other_kinds_refuse_what_they_do_not_know():
    for read, typed in [
        (flag_cell, "maybe"),
        (choice_cell({"Food": 1}), "Fod"),
        (number_cell(most=5, is_required=True), ""),
        (number_cell(most=5), "1.0"),
        (number_cell(most=5), "9" * 5000),
        (text_cell(max_length=5, is_required=True), "  "),
    ]:
        with pytest.raises(InvalidInput):
            read(typed)
    with pytest.raises(ValidationError):
        digits_cell(validate=validate_gtin)("4901234567890")
