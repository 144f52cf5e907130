"""Money: rounding, splitting, reading and writing."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import InvalidInput
from core.money import Currency, Money, format_money, minor_digits, parse_amount, split, to_decimal, to_minor

amounts = st.integers(-(10**12), 10**12)


@given(total=amounts, weights=st.lists(st.integers(0, 10**6), min_size=1, max_size=40))
def test_parts_add_up_and_none_is_off_by_a_whole_unit(total, weights):
    parts = split(total, weights)

    assert sum(parts) == total
    whole = sum(weights) or len(weights)
    shares = weights if sum(weights) else [1] * len(weights)
    for part, weight in zip(parts, shares, strict=True):
        assert abs(part * whole - total * weight) < whole  # less than one minor unit from the exact share
    assert all(part * total >= 0 for part in parts)


@given(total=amounts, weights=st.lists(st.integers(0, 10**6), min_size=1, max_size=10))
def test_splitting_a_refund_mirrors_splitting_the_payment(total, weights):
    assert split(-total, weights) == [-part for part in split(total, weights)]


@pytest.mark.parametrize(
    ("total", "weights", "parts"),
    [
        (100, [1, 1, 1], [34, 33, 33]),
        (-100, [1, 1, 1], [-34, -33, -33]),
        (10, [0, 0], [5, 5]),
        (1, [0, 0, 0], [1, 0, 0]),
        (7, [1, 2], [2, 5]),
        (0, [3, 4], [0, 0]),
    ],
)
def test_the_largest_remainder_wins_ties_go_to_the_earlier(total, weights, parts):
    assert split(total, weights) == parts


def test_nothing_to_split_over_is_a_bug():
    with pytest.raises(ValueError, match="nothing to split"):
        split(1, [])


@given(minor=amounts, currency=st.sampled_from(Currency.values))
def test_minor_units_survive_the_way_to_decimals_and_back(minor, currency):
    assert to_minor(to_decimal(minor, currency), currency) == minor
    assert parse_amount(str(to_decimal(minor, currency)), currency) == minor


@pytest.mark.parametrize(
    ("amount", "currency", "minor"),
    [
        ("12.345", "USD", 1235),
        ("12.344", "USD", 1234),
        ("-12.345", "USD", -1235),
        ("0.5", "KRW", 1),
        ("0.4999", "JPY", 0),
        ("1234.5", "JPY", 1235),
    ],
)
def test_rounding_is_half_up_by_currency(amount, currency, minor):
    assert to_minor(Decimal(amount), currency) == minor


def test_won_and_yen_have_no_minor_unit():
    assert {code: minor_digits(code) for code in ("KRW", "JPY", "USD")} == {"KRW": 0, "JPY": 0, "USD": 2}


@pytest.mark.parametrize(
    ("text", "currency", "minor"), [(" 1,234.50 ", "USD", 123450), ("-3", "KRW", -3), ("1.0", "JPY", 1)]
)
def test_amounts_are_read_as_people_write_them(text, currency, minor):
    assert parse_amount(text, currency) == minor


@pytest.mark.parametrize("text", ["", "  ", "abc", "1e3", "NaN", "inf", "1_000", "１２", "1.5", "9" * 16, "--1"])
def test_what_is_no_amount_is_refused(text):
    with pytest.raises(InvalidInput):
        parse_amount(text, "KRW")


@pytest.mark.parametrize(
    ("minor", "currency", "locale", "shown"),
    [(1234567, "KRW", "ko", "₩1,234,567"), (1234567, "JPY", "ja", "￥1,234,567"), (-150, "USD", "en", "-$1.50")],
)
def test_amounts_are_written_as_the_reader_reads_them(minor, currency, locale, shown):
    assert format_money(minor, currency, locale=locale) == shown
    assert format_money(None, currency) == ""


def test_two_currencies_do_not_mix():
    won, yen = Money(100, "KRW"), Money(100, "JPY")
    assert won + Money(50, "KRW") == Money(150, "KRW")
    assert won - Money(50, "KRW") == Money(50, "KRW")
    assert Money(50, "KRW") < won
    assert str(won) == "₩100"
    for mix in (lambda: won + yen, lambda: won - yen, lambda: won < yen):
        with pytest.raises(ValueError, match="do not add up"):
            mix()
