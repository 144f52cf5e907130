"""Cells to values: exact, or refused with a reason."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.imports.cells import amount, cleaner, whole
from core.imports.countries import country_code
from core.imports.definitions import Definition
from core.imports.targets import Field, Kind


def clean(kind: Kind, cell: str, *, zone: str = "Asia/Seoul", dates: tuple[str, ...] = (), **over: Any) -> Any:
    """Return (value, code of the reason)."""
    field = Field(name="x", label="x", kind=kind, **over)
    value, reason = cleaner(field, words={}, dates=dates, time_zone=zone)(cell)
    return value, reason and reason["code"]


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        ("1234.50", "1234.50"),
        ("1,234,567", "1234567"),
        ("¥1,200", "1200"),
        ("１２３円", "123"),
        ("-100", "-100"),
        ("12000원", "12000"),
        ("0.001", "0.001"),
    ],
)
def test_amounts(cell: str, value: str) -> None:
    assert amount(cell) == (Decimal(value), None)


@pytest.mark.parametrize(
    "cell", ["1e9", "NaN", "Infinity", "1_000", "٣", "1,5", "1.2.3", "12,34", "abc", "--1", "1" * 16]
)
def test_odd_amounts_are_refused_not_guessed(cell: str) -> None:
    value, reason = amount(cell)
    assert value is None
    assert reason == {"code": "not_amount", "text": cell}


@given(st.text(max_size=20))
def test_any_text_is_an_amount_or_refused(cell: str) -> None:
    value, reason = amount(cell)
    assert (value is None) != (reason is None)
    assert value is None or value.is_finite()


def test_whole_numbers() -> None:
    assert whole("4.0") == (4, None)
    assert whole("4.5")[1] == {"code": "not_whole", "text": "4.5"}
    assert whole("99999999999")[1] == {"code": "too_large", "text": "99999999999"}


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        ("17850.0", "17850"),
        ("'62937", "62937"),
        ("2011072820010000", "2011072820010000"),
        ("=1+1", "=1+1"),
        ("'=1+1", "=1+1"),
        ("'Til", "'Til"),
        ("ＡＢ－１", "AB-1"),
    ],
)
def test_codes_are_text(cell: str, value: str) -> None:
    assert clean(Kind.CODE, cell, max_length=40) == (value, None)


@pytest.mark.parametrize("cell", ["1.93E+11", "2.011072820010000E+15"])
def test_numbers_that_a_spreadsheet_rounded_are_refused(cell: str) -> None:
    assert clean(Kind.CODE, cell) == (None, "mangled")


@pytest.mark.parametrize(
    ("cell", "moment"),
    [
        ("2026-01-31 13:45:00", datetime(2026, 1, 31, 4, 45, tzinfo=UTC)),
        ("2026/01/31 13:45", datetime(2026, 1, 31, 4, 45, tzinfo=UTC)),
        ("2026-01-31T13:45:00+09:00", datetime(2026, 1, 31, 4, 45, tzinfo=UTC)),
        ("2026-01-31 13:45:00 -0500", datetime(2026, 1, 31, 18, 45, tzinfo=UTC)),
        ("2026.01.31", datetime(2026, 1, 30, 15, 0, tzinfo=UTC)),
        ("2026年1月31日", datetime(2026, 1, 30, 15, 0, tzinfo=UTC)),
    ],
)
def test_moments_are_of_the_files_zone(cell: str, moment: datetime) -> None:
    assert clean(Kind.MOMENT, cell) == (moment, None)


@pytest.mark.parametrize("cell", ["31/01/2026", "yesterday", "2026-02-30", "0026-01-01", "20260131", "46053"])
def test_ambiguous_dates_are_refused(cell: str) -> None:
    assert clean(Kind.MOMENT, cell) == (None, "not_date")


def test_a_formats_own_dates_come_first() -> None:
    found = clean(Kind.MOMENT, "03/04/2026", dates=("%d/%m/%Y",), zone="UTC")
    assert found == (datetime(2026, 4, 3, tzinfo=UTC), None)


def test_a_deadline_without_a_time_ends_with_its_day() -> None:
    assert clean(Kind.MOMENT, "2026-01-31", is_deadline=True)[0] == datetime(2026, 1, 31, 14, 59, 59, tzinfo=UTC)


def test_texts_that_are_too_long() -> None:
    assert clean(Kind.TEXT, "x" * 11, max_length=10) == (None, "too_long")
    assert clean(Kind.TEXT, "x" * 11, max_length=10, is_cut=True) == ("x" * 9 + "…", None)


@pytest.mark.parametrize(
    ("name", "code"),
    [("EIRE", "IE"), ("대한민국", "KR"), ("日本", "JP"), ("gb", "GB"), ("United Kingdom", "GB"), ("Atlantis", "")],
)
def test_countries(name: str, code: str) -> None:
    assert country_code(name) == code


def test_values_of_personal_columns_are_not_quoted() -> None:
    assert amount("secret", is_personal=True)[1] == {"code": "not_amount", "text": "…"}


def test_definitions_place_alternatives_joins_and_sums() -> None:
    definition = Definition.of(
        {
            "fields": {
                "a": ["Name", "Older name"],
                "b": {"join": ["Last", "First"], "with": " "},
                "c": {"first": ["New", "Old"]},
                "d": "missing",
            },
            "ignored": ["Skipped"],
        }
    )
    columns = ["older  NAME", "First", "Last", "Old", "Skipped", "Strange"]
    placed = {name: (source.mode, source.places) for name, source in definition.place(columns).items()}
    assert placed == {"a": ("first", (0,)), "b": ("join", (2, 1)), "c": ("first", (3,))}
    assert definition.unknown(columns) == ["Strange"]
