"""Tax per rate: rounded once, the parts add up, goods are found in their class."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounting.models import GoodsTax, Seller
from accounting.selectors.taxing import Goods, Rate, TaxTable, share_by_rate, sums_by_rate, tax_within, taxing_country
from accounting.services import sync_tax_rates
from catalog.models import Category
from core.errors import InvalidInput

TEN, EIGHT = Rate("standard", Decimal(10)), Rate("reduced", Decimal(8))
DAY = date(2026, 11, 1)


@pytest.mark.parametrize(
    ("gross", "percent", "rounding", "tax"),
    [
        (1000, "10", "down", 90),
        (1000, "10", "half_up", 91),
        (1001, "10", "up", 91),
        (1000, "8", "down", 74),
        (-1000, "10", "half_up", -91),
        (10_000, "25.5", "half_up", 2032),
        (999, "19", "half_up", 160),
        (5000, "0", "up", 0),
    ],
)
def test_tax_in_an_amount_is_rounded_to_whole_minor_units(gross, percent, rounding, tax):
    assert tax_within(gross, Decimal(percent), rounding) == tax


def test_carriage_is_at_the_standard_rate_or_follows_the_goods():
    lines = [("product", 2000, TEN), ("product", 1000, EIGHT), ("shipping", 300, TEN)]
    assert share_by_rate(lines, TEN, follows_goods=False) == {TEN: 2300, EIGHT: 1000}
    assert share_by_rate(lines, TEN, follows_goods=True) == {TEN: 2200, EIGHT: 1100}


def test_a_discount_is_taken_from_every_rate_by_its_share():
    lines = [("product", 2000, TEN), ("product", 1000, EIGHT), ("discount", -100, TEN)]
    assert share_by_rate(lines, TEN, follows_goods=False) == {TEN: 1933, EIGHT: 967}


@given(
    lines=st.lists(
        st.tuples(
            st.sampled_from(["product", "shipping", "fee", "discount", "gift"]),
            st.integers(-50_000, 5_000_000),
            st.sampled_from([TEN, EIGHT, Rate("standard", Decimal("25.5")), Rate("exempt", Decimal(0))]),
        ),
        max_size=12,
    ),
    follows=st.booleans(),
    rounding=st.sampled_from(["down", "half_up", "up"]),
)
def test_net_and_tax_of_all_rates_are_the_total_of_the_lines(lines, follows, rounding):
    sums = sums_by_rate(share_by_rate(lines, TEN, follows_goods=follows), rounding)
    assert sum(one.net + one.tax for one in sums) == sum(total for _kind, total, _rate in lines)
    assert all(one.net + one.tax == one.gross and abs(one.tax) <= abs(one.gross) for one in sums)


def test_whose_rates_hold():
    german, oss = Seller(country="DE"), Seller(country="DE", taxes_at_destination=True)
    assert [taxing_country(german, to) for to in ("", "DE", "FR", "JP")] == ["DE", "DE", "DE", ""]
    assert [taxing_country(oss, to) for to in ("FR", "GB")] == ["FR", ""]


@pytest.mark.django_db
def test_the_class_of_goods_comes_from_product_category_or_type_on_its_day():
    assert sync_tax_rates() > 30
    assert sync_tax_rates() == 0
    food = Category.objects.create(name="Food")
    sweets = Category.objects.create(name="Sweets", parent=food)
    GoodsTax.objects.create(country="JP", category=food, tax_class="reduced", starts_on=date(2019, 10, 1))
    table = TaxTable({"JP", "KR"})
    in_food = Goods(1, sweets.pk, None)
    assert table.rate("JP", in_food, DAY) == EIGHT
    assert table.rate("JP", Goods(), DAY) == TEN
    assert table.rate("KR", in_food, DAY) == TEN
    assert table.rate("JP", Goods(), date(2018, 1, 1)) == Rate("standard", Decimal(8))
    assert table.rate("", in_food, DAY) == Rate("zero", Decimal(0))
    with pytest.raises(InvalidInput, match="No tax rate is written for BR"):
        table.rate("BR", Goods(), DAY)
