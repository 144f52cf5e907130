"""Prices follow one another: campaigns in the middle, plans that are changed or taken back, many at once."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.db import transaction

from catalog.models import Listing, Price, PriceProposal
from catalog.services import (
    PriceRow,
    PriceSet,
    cancel_price,
    change_planned_price,
    end_price,
    set_price,
    set_prices,
    undo_prices,
)
from core.errors import Conflict, InvalidInput, NotAllowed
from core.events import fact
from core.models import EventRecord
from tests.factories import make_channel, make_user, make_variant

pytestmark = pytest.mark.django_db

MARCH = datetime(2026, 3, 1, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def march():
    with time_machine.travel(MARCH, tick=False) as clock:
        yield clock


@pytest.fixture
def channel():
    return make_channel(name="Seoul shop")


@pytest.fixture
def variant():
    return make_variant(sku="S")


def day(number):
    return MARCH + number * DAY


def periods(variant):
    rows = Price.objects.filter(variant=variant).order_by("starts_at")
    return [(row.amount, (row.starts_at - MARCH) / DAY, row.ends_at and (row.ends_at - MARCH) / DAY) for row in rows]


def priced(variant, channel, amount, start, end=None, **over):
    return set_price(
        variant_id=variant.pk,
        sales_channel_id=channel.pk,
        amount=amount,
        starts_at=day(start),
        ends_at=None if end is None else day(end),
        **over,
    )


def said():
    return [fact(record).sentence() for record in EventRecord.objects.order_by("id")]


def test_a_campaign_lies_in_the_middle_and_the_price_before_goes_on(variant, channel):
    priced(variant, channel, 1000, -10, compare_at=1500, list_price=1600, cost=600)
    priced(variant, channel, 800, 5, 10, compare_at=1000)

    assert periods(variant) == [(1000, -10, 5), (800, 5, 10), (1000, 10, None)]
    rows = Price.objects.order_by("starts_at").values_list("compare_at", "list_price", "cost")
    assert list(rows) == [(1500, 1600, 600), (1000, 1600, 600), (1500, 1600, 600)]
    assert "S on Seoul shop: ₩800 instead of ₩1,000 (from " in said()[-1]


def test_a_planned_price_keeps_its_start(variant, channel):
    priced(variant, channel, 1000, -10)
    priced(variant, channel, 1200, 20)
    priced(variant, channel, 800, 5, 10)
    priced(variant, channel, 1100, 2)

    assert periods(variant) == [(1000, -10, 2), (1100, 2, 5), (800, 5, 10), (1000, 10, 20), (1200, 20, None)]


def test_a_period_over_another_start_is_refused(variant, channel):
    priced(variant, channel, 1000, -10)
    priced(variant, channel, 1200, 7)

    with pytest.raises(Conflict, match=r"Another price begins at .*, within this period"), transaction.atomic():
        priced(variant, channel, 800, 5, 10)

    assert periods(variant) == [(1000, -10, 7), (1200, 7, None)]


@pytest.mark.parametrize(
    ("over", "sentence"),
    [
        ({"amount": -1}, "A price cannot be negative."),
        ({"cost": -1}, "List price and cost cannot be negative."),
        ({"compare_at": 800}, "The price before must be higher than the price."),
        ({"end": 5}, "The period must end after it starts."),
        ({"end": 4}, "The period must end after it starts."),
        ({"currency": "USD"}, "Seoul shop sells in KRW, not in USD."),
        ({"amount": 10**16}, "The price is too large."),
    ],
)
def test_impossible_prices_are_refused_with_a_sentence(variant, channel, over, sentence):
    priced(variant, channel, 1000, -10)
    with pytest.raises(InvalidInput) as refused, transaction.atomic():
        priced(variant, channel, **{"amount": 800, "start": 5, **over})

    assert str(refused.value) == sentence
    assert periods(variant) == [(1000, -10, None)]
    assert len(said()) == 1


def test_a_planned_price_is_changed_in_place(variant, channel):
    priced(variant, channel, 1000, -10)
    plan = priced(variant, channel, 800, 5, 10)
    again = priced(variant, channel, 700, 5)

    assert again.pk == plan.pk
    assert periods(variant) == [(1000, -10, 5), (700, 5, 10), (1000, 10, None)]


def test_a_planned_price_gets_another_period(variant, channel):
    priced(variant, channel, 1000, -10, cost=600)
    plan = priced(variant, channel, 800, 5, 10)
    change_planned_price(price_id=plan.pk, amount=750, compare_at=1000, starts_at=day(6), ends_at=day(20))

    assert periods(variant) == [(1000, -10, 6), (750, 6, 20), (1000, 20, None)]
    assert Price.objects.get(amount=750).cost == 600


def test_a_change_that_is_refused_leaves_the_plan(variant, channel):
    priced(variant, channel, 1000, -10)
    plan = priced(variant, channel, 800, 5, 10)
    with pytest.raises(InvalidInput):
        change_planned_price(price_id=plan.pk, amount=750, starts_at=day(6), ends_at=day(6))

    assert periods(variant) == [(1000, -10, 5), (800, 5, 10), (1000, 10, None)]


def test_a_planned_price_is_taken_back_and_the_one_before_goes_on(variant, channel):
    priced(variant, channel, 1000, -10)
    campaign = priced(variant, channel, 800, 5, 10)
    later = priced(variant, channel, 1200, 20)
    cancel_price(price_id=campaign.pk)
    assert periods(variant) == [(1000, -10, 20), (1200, 20, None)]
    assert said()[-1] == "S on Seoul shop: the planned price ₩800 is taken back"

    cancel_price(price_id=later.pk)
    assert periods(variant) == [(1000, -10, None)]
    with pytest.raises(Conflict, match="in the meantime"):
        cancel_price(price_id=later.pk)


def test_a_price_that_has_begun_is_ended_and_not_taken_back(variant, channel, march):
    priced(variant, channel, 1000, -10)
    campaign = priced(variant, channel, 800, 1, 10)
    march.move_to(day(3))
    with pytest.raises(Conflict, match="has begun"), transaction.atomic():
        cancel_price(price_id=campaign.pk)
    assert periods(variant) == [(1000, -10, 1), (800, 1, 10), (1000, 10, None)]

    end_price(price_id=campaign.pk)

    assert periods(variant) == [(1000, -10, 1), (800, 1, 3), (1000, 3, None)]


def test_a_campaign_goes_on_longer(variant, channel, march):
    priced(variant, channel, 1000, -10)
    campaign = priced(variant, channel, 800, 1, 10)
    priced(variant, channel, 1200, 20)
    march.move_to(day(3))
    end_price(price_id=campaign.pk, ends_at=day(15))
    assert periods(variant) == [(1000, -10, 1), (800, 1, 15), (1000, 15, 20), (1200, 20, None)]

    with pytest.raises(Conflict, match="within this period"), transaction.atomic():
        end_price(price_id=campaign.pk, ends_at=day(21))
    with pytest.raises(InvalidInput, match="past"), transaction.atomic():
        end_price(price_id=campaign.pk, ends_at=day(2))
    assert periods(variant) == [(1000, -10, 1), (800, 1, 15), (1000, 15, 20), (1200, 20, None)]


def test_the_only_price_ends_and_nothing_follows(variant, channel):
    price = priced(variant, channel, 1000, -10)
    end_price(price_id=price.pk)
    assert periods(variant) == [(1000, -10, 0)]


def test_what_customers_saw_stays(variant, channel):
    Listing.objects.create(product=variant.product, sales_channel=channel, state="live")
    priced(variant, channel, 1000, -10)
    with pytest.raises(Conflict, match="Customers were asked another price then"), transaction.atomic():
        priced(variant, channel, 800, -5)
    assert periods(variant) == [(1000, -10, None)]


def test_many_rows_are_judged_one_by_one_and_written_together(channel, django_assert_num_queries):
    variants = [make_variant(sku=f"V{number}") for number in range(6)]
    for variant in variants[:3]:
        priced(variant, channel, 1000, -10, compare_at=1500, cost=600)
    rows = [
        PriceRow(variant_id=variants[0].pk, sales_channel_id=channel.pk, amount=900),
        PriceRow(variant_id=variants[1].pk, sales_channel_id=channel.pk, amount=1000),
        PriceRow(variant_id=variants[2].pk, sales_channel_id=channel.pk, amount=1600),
        PriceRow(variant_id=variants[3].pk, sales_channel_id=channel.pk, amount=500, starts_at=day(4)),
        PriceRow(variant_id=variants[4].pk, sales_channel_id=channel.pk, cost=5),
        PriceRow(variant_id=10**9, sales_channel_id=channel.pk, amount=5),
        PriceRow(variant_id=variants[5].pk, sales_channel_id=channel.pk, amount=5, currency="JPY"),
    ]
    outcomes = set_prices(rows=rows)

    assert [(str(outcome.state), outcome.sentence) for outcome in outcomes] == [
        ("set", ""),
        ("unchanged", ""),
        ("refused", "The price before must be higher than the price."),
        ("set", ""),
        ("refused", "There is no price yet: write an amount."),
        ("refused", "There is no such variant or sales channel."),
        ("refused", "Seoul shop sells in KRW, not in JPY."),
    ]
    new = Price.objects.get(variant=variants[0], ends_at=None)
    assert (new.amount, new.compare_at, new.cost, outcomes[0].price_id) == (900, 1500, 600, new.pk)
    assert periods(variants[3]) == [(500, 4, None)]


def test_columns_are_left_or_cleared(variant, channel):
    priced(variant, channel, 1000, -10, compare_at=1500, list_price=1600, cost=600)
    row = PriceRow(variant_id=variant.pk, sales_channel_id=channel.pk, clear=["compare_at", "cost"], list_price=1700)
    set_prices(rows=[row])
    price = Price.objects.get(ends_at=None)
    assert (price.amount, price.compare_at, price.list_price, price.cost) == (1000, None, 1700, None)


def test_rows_of_one_variant_follow_one_another(variant, channel):
    common = {"variant_id": variant.pk, "sales_channel_id": channel.pk}
    outcomes = set_prices(
        rows=[
            PriceRow(**common, amount=1000),
            PriceRow(**common, amount=800, starts_at=day(5), ends_at=day(10)),
            PriceRow(**common, amount=1200, starts_at=day(20)),
        ]
    )
    assert [str(outcome.state) for outcome in outcomes] == ["set", "set", "set"]
    assert periods(variant) == [(1000, 0, 5), (800, 5, 10), (1000, 10, 20), (1200, 20, None)]


@pytest.mark.parametrize("count", [2, 12])
def test_the_number_of_statements_is_that_of_one(channel, count, django_assert_max_num_queries):
    variants = [make_variant() for _number in range(count)]
    set_prices(rows=[PriceRow(variant_id=v.pk, sales_channel_id=channel.pk, amount=1000) for v in variants])
    rows = [
        PriceRow(variant_id=v.pk, sales_channel_id=channel.pk, amount=900, starts_at=day(2), ends_at=day(3))
        for v in variants
    ]
    with django_assert_max_num_queries(20):
        set_prices(rows=rows)
    assert Price.objects.count() == 3 * count


def test_prices_are_put_back(variant, channel, march):
    other, third = make_variant(sku="O"), make_variant(sku="T")
    for one in (variant, other, third):
        priced(one, channel, 1000, -10)
    outcomes = set_prices(
        rows=[
            PriceRow(variant_id=variant.pk, sales_channel_id=channel.pk, amount=900),
            PriceRow(variant_id=other.pk, sales_channel_id=channel.pk, amount=900, starts_at=day(8), ends_at=day(9)),
            PriceRow(variant_id=third.pk, sales_channel_id=channel.pk, amount=900),
        ]
    )
    done = [PriceSet.from_data(outcome.done.as_data()) for outcome in outcomes]
    march.move_to(day(1))
    priced(third, channel, 950, 2)
    march.move_to(day(3))

    answers = undo_prices(done=done)

    assert [answer and str(answer) for answer in answers] == [
        None,
        None,
        "Another price was set since: look at it yourself.",
    ]
    assert periods(variant) == [(1000, -10, 0), (900, 0, 3), (1000, 3, None)]
    assert periods(other) == [(1000, -10, None)]
    assert periods(third) == [(1000, -10, 0), (900, 0, 2), (950, 2, None)]


def test_a_new_price_is_put_back_to_none_and_a_changed_plan_to_what_it_was(variant, channel, march):
    other = make_variant(sku="O")
    priced(other, channel, 1000, -10)
    priced(other, channel, 1200, 5)
    outcomes = set_prices(
        rows=[
            PriceRow(variant_id=variant.pk, sales_channel_id=channel.pk, amount=900),
            PriceRow(variant_id=other.pk, sales_channel_id=channel.pk, amount=1100, starts_at=day(5)),
        ]
    )
    march.move_to(day(1))
    assert undo_prices(done=[outcome.done for outcome in outcomes]) == [None, None]
    assert periods(variant) == [(900, 0, 1)]
    assert periods(other) == [(1000, -10, 5), (1200, 5, None)]


def test_nothing_without_the_right(variant, channel):
    stranger = make_user(permissions=["catalog.change_product"])
    price = priced(variant, channel, 1000, -10)
    row = PriceRow(variant_id=variant.pk, sales_channel_id=channel.pk, amount=5)
    for call in (
        lambda: set_prices(rows=[row], actor=stranger),
        lambda: cancel_price(price_id=price.pk, actor=stranger),
        lambda: end_price(price_id=price.pk, actor=stranger),
        lambda: undo_prices(done=[], actor=stranger),
    ):
        with pytest.raises(NotAllowed), transaction.atomic():
            call()
    assert periods(variant) == [(1000, -10, None)]
    assert not PriceProposal.objects.exists()
