"""How people buy, counted by hand and by SQL; a night that breaks off; the figures published of real customers."""

import lzma
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from pathlib import Path

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from catalog.models import Category
from crm.models import (
    BasketPair,
    CategoryPair,
    CohortCell,
    CustomerPattern,
    GapCell,
    MigrationCell,
    MonthlyGroup,
    PatternRun,
    Replenishment,
)
from crm.services.patterns import refresh_patterns, running
from crm.services.patterns.scoring import GROUP_RULES
from tests.crm.making import bought, cdnow_orders
from tests.factories import make_customer, make_order, make_user, make_variant

pytestmark = pytest.mark.django_db
DAY = date(2026, 11, 1)
CDNOW = Path(__file__).parents[2] / ".." / "shared" / "data" / "cdnow" / "CDNOW_master.txt.xz"


def pattern(customer) -> CustomerPattern:
    return CustomerPattern.objects.get(customer=customer)


def test_three_purchases_make_an_interval_a_date_and_a_value():
    customer = make_customer()
    for day, spent in ((date(2026, 9, 1), 3000), (date(2026, 9, 21), 1000), (date(2026, 10, 21), 2000)):
        bought(customer, day, spent=spent)
    bought(customer, date(2026, 10, 21), spent=1000)  # the same day is the same purchase
    refresh_patterns(day=DAY)
    found = pattern(customer)
    assert (found.first_on, found.last_on, found.day_count, found.spent) == (
        date(2026, 9, 1), date(2026, 10, 21), 3, 7000,
    )  # fmt: skip
    assert (found.typical_gap, found.next_on, found.is_lapsed) == (20, date(2026, 11, 10), False)
    assert found.year_value == round(7000 * 365 / (3 * 20))


def test_of_two_purchases_nothing_follows():
    customer = make_customer()
    bought(customer, date(2026, 9, 1))
    bought(customer, date(2026, 10, 1))
    refresh_patterns(day=DAY)
    found = pattern(customer)
    assert (found.typical_gap, found.next_on, found.is_lapsed, found.year_value) == (None, None, None, None)
    assert (found.recency, found.group) == (None, "")  # one buyer is no fifth of anybody


def test_the_list_of_customers_tells_how_they_buy_to_who_may_know(client):
    buyer, other = make_customer(), make_customer()
    bought(buyer, date(2026, 9, 1))
    bought(buyer, date(2026, 10, 1))
    refresh_patterns(day=DAY)
    url = reverse("admin:customers_customer_changelist")
    client.force_login(make_user(permissions=["customers.view_customer", "crm.view_pattern"]))
    with CaptureQueriesContext(connection) as asked:
        text = client.get(url).content.decode()
    assert text.count("2026-10-01") == 1
    assert "Not enough data" in text
    assert f"/customer/{other.pk}/" in text
    assert len([one for one in asked if "crm_customerpattern" in one["sql"]]) == 1
    client.force_login(make_user(permissions=["customers.view_customer"]))
    assert "2026-10-01" not in client.get(url).content.decode()


def test_quiet_for_twice_the_own_interval_is_lapsed():
    late, gone = make_customer(), make_customer()
    for start, customer in ((date(2026, 10, 12), late), (date(2026, 10, 11), gone)):
        for step in (20, 10, 0):
            bought(customer, start - timedelta(days=step))
    refresh_patterns(day=DAY)
    assert (pattern(late).is_lapsed, pattern(gone).is_lapsed, pattern(gone).year_value) == (False, True, 0)


def test_what_is_no_purchase_does_not_count():
    customer = make_customer()
    for over in ({"status": "cancelled"}, {"status": "new"}, {"status": "awaiting_payment"}, {"day": DAY}):
        bought(customer, **{"day": date(2026, 10, 1), **over})
    refresh_patterns(day=DAY)
    assert not CustomerPattern.objects.exists()


def test_money_is_compared_within_its_currency():
    customers = [make_customer() for _ in range(50)]
    for place, customer in enumerate(customers):
        bought(customer, date(2026, 10, 1), spent=1000 + place, currency="KRW" if place < 25 else "USD")
    refresh_patterns(day=DAY)
    assert [pattern(customers[place]).monetary for place in (0, 4, 5, 24, 25, 49)] == [1, 1, 2, 5, 1, 5]
    assert {row.frequency for row in CustomerPattern.objects.all()} == {1}  # equals have equal scores


def test_each_pair_of_scores_is_in_one_group():
    for recency in range(1, 6):
        for frequency in range(1, 6):
            fits = [g for g, r1, r2, f1, f2 in GROUP_RULES if r1 <= recency <= r2 and f1 <= frequency <= f2]
            assert len(fits) == 1


def _shop() -> list:
    """Thirty customers: ten buy often until October, ten once in August, ten once in October."""
    customers = [make_customer() for _ in range(30)]
    for place, customer in enumerate(customers):
        if place < 10:
            for month in (7, 8, 9, 10):
                bought(customer, date(2026, month, 5 + place))
        else:
            bought(customer, date(2026, 8 if place < 20 else 10, 3))
    return customers


def test_groups_of_months_and_who_went_where():
    customers = _shop()
    refresh_patterns(day=DAY)
    assert [pattern(customers[place]).group for place in (0, 15, 25)] == ["champion", "asleep", "asleep"]
    # before October there were but twenty buyers: too few for a group
    assert set(MonthlyGroup.objects.values_list("month", flat=True)) == {date(2026, 10, 1)}
    assert sum(MigrationCell.objects.values_list("customer_count", flat=True)) == 30
    assert set(MigrationCell.objects.values_list("origin", flat=True)) == {""}
    newcomers = [make_customer() for _ in range(10)]
    for customer in newcomers:
        bought(customer, date(2026, 11, 20))
    bought(customers[15], date(2026, 11, 28))
    refresh_patterns(day=date(2026, 12, 1))
    moved = MigrationCell.objects.filter(month=date(2026, 11, 1))
    assert moved.get(origin="").customer_count == 10
    assert moved.get(origin="asleep", goal__in=["champion", "loyal", "new"]).customer_count == 1
    assert sum(moved.values_list("customer_count", flat=True)) == 40


def test_cohorts_and_intervals():
    _shop()
    refresh_patterns(day=DAY)
    cells = {(c.cohort.month, c.months): c.customer_count for c in CohortCell.objects.all()}
    assert cells == {(7, 0): 10, (7, 1): 10, (7, 2): 10, (7, 3): 10, (8, 0): 10, (10, 0): 10}
    assert {g.from_days: g.purchase_count for g in GapCell.objects.all()} == {28: 30}


def test_pairs_affinities_and_replenishment():
    cups, plates = Category.objects.create(name="Cups"), Category.objects.create(name="Plates")
    cup, plate, lone = make_variant(), make_variant(), make_variant()
    for variant, category in ((cup, cups), (plate, plates)):
        variant.product.category = category
        variant.product.save(update_fields=["category"])
    for place in range(6):
        customer = make_customer()
        for day in (date(2026, 9, 1), date(2026, 10, 1 + place), date(2026, 10, 20)):
            make_order((cup, 1), (plate, 1), customer=customer, placed_at=_noon(day))
    for _ in range(6):
        make_order((lone, 1), customer=make_customer(), placed_at=_noon(date(2026, 10, 2)))
    run = refresh_patterns(day=DAY)
    pair = BasketPair.objects.get(product=cup.product)
    assert (pair.other, pair.together, pair.product_orders, pair.other_orders) == (plate.product, 18, 18, 18)
    assert run.basket_count == 24
    shared = CategoryPair.objects.get(category=cups)
    assert (shared.other, shared.together, shared.category_customers, shared.other_customers) == (plates, 6, 6, 6)
    again = Replenishment.objects.get(product=cup.product)
    assert (again.typical_gap, again.repeat_count) == (19, 12)
    assert not BasketPair.objects.filter(product=lone.product).exists()


def _everything() -> dict[str, Sequence]:
    rows = {}
    with connection.cursor() as cursor:
        for table in (*running.TABLES, "crm_monthlygroup", "crm_migrationcell"):
            cursor.execute(f"SELECT (to_jsonb(t) - 'id' - 'run_id')::text FROM {table} t ORDER BY 1")  # noqa: S608
            rows[table] = [row[0] for row in cursor.fetchall()]
    return rows


@pytest.mark.parametrize("broken", ["_count_goods", "_finish"])
def test_a_night_that_broke_off_shows_yesterday_and_is_made_again(broken, monkeypatch):
    _shop()
    yesterday = refresh_patterns(day=DAY - timedelta(days=1))

    def killed(run):
        raise RuntimeError

    with monkeypatch.context() as patch:
        patch.setattr(running, broken, killed)
        with pytest.raises(RuntimeError):
            refresh_patterns(day=DAY)
    assert PatternRun.objects.exclude(finished_at=None).get() == yesterday
    refresh_patterns(day=DAY)
    once = _everything()
    PatternRun.objects.update(finished_at=None)
    refresh_patterns(day=DAY)
    assert _everything() == once
    assert PatternRun.objects.get().day == DAY
    assert len(once["crm_customerpattern"]) == 30


def test_a_finished_day_is_not_counted_again():
    _shop()
    before = refresh_patterns(day=DAY)
    bought(make_customer(), date(2026, 10, 1))
    assert refresh_patterns(day=DAY).finished_at == before.finished_at
    assert CustomerPattern.objects.count() == 30


def _noon(day: date) -> datetime:
    return datetime.combine(day, time(12), timezone.get_default_timezone())


@pytest.mark.skipif(not CDNOW.exists(), reason="the CDNOW purchases (1997-98) are not beside this checkout")
def test_real_customers_give_the_published_figures():
    """CDNOW master: 23,570 customers of early 1997 and their 69,659 purchases (Fader and Hardie, 2001)."""
    with lzma.open(CDNOW, "rt") as file:
        cdnow_orders(file.read().splitlines()[1:])
    run = refresh_patterns(day=date(1998, 7, 1))
    assert (run.buyer_count, run.order_count) == (23_570, 69_659)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT sum(spent), count(*) FILTER (WHERE day_count = 1), count(*) FILTER (WHERE first_on = last_on),"
            " max(last_on), min(first_on) FROM crm_customerpattern"
        )
        spent, once, same_day, last, first = cursor.fetchone()
        # mean spending per customer: 106.08 dollars
        assert (spent, round(spent / 23_570)) == (250_031_563, 10_608)
        assert (once, same_day) == (12_054, 12_054)
        assert (first, last) == (date(1997, 1, 1), date(1998, 6, 30))
        # how many bought for the first time in January, February and March 1997
        cursor.execute("SELECT to_char(first_on, 'MM'), count(*) FROM crm_customerpattern GROUP BY 1 ORDER BY 1")
        assert cursor.fetchall() == [("01", 7_846), ("02", 8_476), ("03", 7_248)]
        # fifths of equals: whoever bought once has frequency 1, and more than half did
        cursor.execute("SELECT min(day_count), max(day_count) FROM crm_customerpattern WHERE frequency = 1")
        assert cursor.fetchone() == (1, 1)
    assert MonthlyGroup.objects.filter(month=date(1998, 6, 1)).count() == 23_570
