"""Orders without a person, and budgets that bound them."""

from datetime import date, timedelta

import pytest
from django.utils import timezone

from core.errors import Conflict, NotAllowed
from core.jobs import JobRun
from core.models import Job
from purchasing.models import (
    ApprovalLimit,
    ExchangeRate,
    Forecast,
    PriceBreak,
    PurchaseBudget,
    PurchaseOrder,
    PurchaseOrderLine,
    ReorderProposal,
    ReorderRule,
)
from purchasing.selectors.budgets import budget_uses, over_budget
from purchasing.services.replenishing import running
from purchasing.services.replenishing.automatic import order_automatically
from purchasing.services.replenishing.running import replenish, replenish_tonight, start_replenishing, tell_urgent
from staff.models import Notification
from staff.selectors.notifications import lines_of
from tests.factories import make_stock, make_user
from tests.purchasing.making import make_purchase_order, make_supplier, make_supplier_item
from tests.purchasing.test_deciding import BUYER, make_proposal

pytestmark = pytest.mark.django_db
AUTOMATIC = {"is_automatic": True}


@pytest.fixture
def boss():
    return make_user(permissions=["purchasing.approve_purchaseorder"])


def make_automatic(supplier, amount=6_000, **over):
    row = make_proposal(supplier, **{"figures": AUTOMATIC, "amount": amount, **over})
    PriceBreak.objects.create(item=row.item, starts_on=date(2026, 1, 1), price=amount // 12)
    return row


def willing(**over):
    return make_supplier(**{"may_order_automatically": True, "email": "orders@example.com", **over})


def states():
    return list(PurchaseOrder.objects.order_by("pk").values_list("state", "is_automatic", "total"))


def test_ordered_handed_in_and_owed_to_the_supplier(boss):
    ApprovalLimit.objects.create(currency="KRW", amount=100_000)
    row = make_automatic(willing(name="Linen House"))
    [order] = order_automatically().orders
    row.refresh_from_db()
    assert (row.state, states(), order.mails.count()) == ("ordered", [("approved", True, 6_000)], 1)
    [line] = lines_of(Notification.objects.filter(user=boss))
    assert line.text == f"{order.number} Linen House: Ordered automatically: 1 line"
    assert order_automatically().orders == []


def test_above_the_limit_somebody_approves(boss):
    make_automatic(willing())
    [order] = order_automatically().orders
    assert (order.state, order.mails.count()) == ("to_approve", 0)
    [line] = lines_of(Notification.objects.filter(user=boss))
    assert line.sentence == "A decision is asked"


def test_without_an_address_somebody_sends(boss):
    ApprovalLimit.objects.create(currency="KRW", amount=100_000)
    make_automatic(willing(email=""))
    [order] = order_automatically().orders
    assert (order.state, order.mails.count()) == ("approved", 0)
    [line] = lines_of(Notification.objects.filter(user=boss))
    assert "send it yourself" in line.sentence


@pytest.mark.parametrize(
    ("supplier", "proposal"),
    [
        ({"may_order_automatically": False}, {}),
        ({"is_active": False}, {}),
        ({"minimum_amount": 6_001}, {}),
        ({}, {"figures": {"is_automatic": False}}),
        ({}, {"state": "snoozed", "snoozed_until": date(2030, 1, 1)}),
    ],
)
def test_what_needs_a_person_stays_proposed(supplier, proposal):
    row = make_automatic(willing(**supplier), **proposal)
    order_automatically()
    assert (PurchaseOrder.objects.count(), ReorderProposal.objects.get(pk=row.pk).closed_at) == (0, None)


def needed_later(supplier, *, on_hand, price=500, automatic=True, up_to=None, **over):
    """Four a day, nine days until it comes: falls to its reorder point of 46 in (on_hand - 46) / 4 days; up to 158."""
    today = timezone.localdate()
    stock = make_stock(on_hand=on_hand)
    Forecast.objects.create(variant=stock.variant, method="average", starts_on=today, daily_mean=4, daily_deviation=2)
    rule = {"variant": stock.variant, "warehouse": stock.warehouse, "is_automatic": automatic, "order_up_to": up_to}
    ReorderRule.objects.create(**rule)
    item = make_supplier_item(stock.variant, supplier, **over)
    PriceBreak.objects.create(item=item, starts_on=today, price=price)
    return item


def lines():
    found = PurchaseOrderLine.objects.order_by("pk").values_list("item", "quantity", "unit_price")
    return [tuple(row) for row in found]


def test_an_order_below_the_minimum_is_filled_up_with_what_is_needed_next(boss):
    ApprovalLimit.objects.create(currency="KRW", amount=100_000)
    supplier = willing(lead_days=9, minimum_amount=50_000)
    row = make_automatic(supplier)
    needed_later(supplier, on_hand=48, automatic=False)  # a person decides about it
    second, first = needed_later(supplier, on_hand=70, pack_size=6), needed_later(supplier, on_hand=66, pack_size=6)
    needed_later(supplier, on_hand=74)
    [order] = order_automatically().orders
    # 50,000 - 6,000 are missing: 92 pieces, in sixes 96, are 48,000
    assert lines() == [(row.item_id, 12, 500), (first.pk, 96, 500)]
    assert (order.state, order.total, second.order_lines.count()) == ("approved", 54_000, 0)
    added = ReorderProposal.objects.get(item=first)
    assert (added.state, added.figures["filled_up_days"]) == ("ordered", 5)
    [line] = lines_of(Notification.objects.filter(user=boss))
    assert line.sentence == ("Ordered automatically: 2 lines; 1 line was added to reach the supplier's minimum order")


def test_filling_up_takes_no_more_than_the_budget_leaves_after_all_proposals(boss):
    supplier = willing(lead_days=9, minimum_amount=30_000)
    make_automatic(supplier)
    item = needed_later(supplier, on_hand=66, pack_size=6)
    make_proposal(make_supplier(), amount=10_000)  # nobody decided about it yet: its money stays
    budget(6_000 + 10_000 + 24_000)
    [order] = order_automatically().orders
    # the usual 96 would be 48,000; 24,000 that are missing are 48 pieces
    assert (order.total, item.order_lines.get().quantity) == (30_000, 48)
    [use] = budget_uses()
    assert (use.ordered, use.left) == (30_000, 10_000)


@pytest.mark.parametrize(
    ("left", "over"),
    [
        (39_999, {}),  # a won less than 6,000 + 10,000 + 24,000
        (200_000, {"on_hand": 46 + 4 * 28 + 4, "up_to": 1000}),  # needed in 29 days: an order lasts 28
        (200_000, {"shelf_life_days": 20}),  # 66 - 36 pieces are still there: 20 x 4 - 30 = 50, in sixes 48, no 25,000
    ],
)
def test_what_cannot_be_filled_up_stays_proposed(left, over):
    supplier = willing(lead_days=9, minimum_amount=30_000 if left < 200_000 else 31_000)
    row = make_automatic(supplier)
    needed_later(supplier, **{"on_hand": 66, "pack_size": 6, **over})
    make_proposal(make_supplier(), amount=10_000)
    budget(left)
    done = order_automatically()
    assert (done.orders, done.left, PurchaseOrder.objects.count()) == ([], 1, 0)
    assert (ReorderProposal.objects.count(), ReorderProposal.objects.get(pk=row.pk).state) == (2, "open")


def test_a_budget_that_somebody_used_up_meanwhile_holds_back_the_order(monkeypatch):
    row = make_automatic(willing())
    budget(5_999)
    monkeypatch.setattr("purchasing.services.replenishing.automatic.over_budget", lambda rows, **rest: set())
    assert (order_automatically().left, states()) == (1, [])
    assert ReorderProposal.objects.get(pk=row.pk).state == "open"


def test_a_refused_group_does_not_stop_the_others():
    make_automatic(willing(minimum_amount=50_000))
    make_automatic(willing())
    done = order_automatically()
    assert (len(done.orders), done.left) == (1, 1)


def budget(amount, **over):
    month = timezone.localdate().replace(day=1)
    return PurchaseBudget.objects.create(**{"month": month, "currency": "KRW", "amount": amount, **over})


def test_the_most_urgent_are_within_the_budget():
    supplier = willing()
    later = make_automatic(supplier, 6_000, order_by=date(2026, 12, 24))
    sooner = make_automatic(supplier, 6_000, order_by=date(2026, 12, 1))
    small = make_automatic(supplier, 1_200, order_by=date(2026, 12, 31))
    budget(8_000)
    assert over_budget([later, sooner, small]) == {later.pk}
    [order] = order_automatically().orders
    assert order.total == 7_200


def test_a_supplier_s_own_budget_and_foreign_money():
    ExchangeRate.objects.create(currency="JPY", starts_on=date(2026, 1, 1), rate=9)
    japan, strange = willing(currency="JPY"), willing(currency="USD")
    one, two = make_automatic(japan, 600), make_automatic(strange, 600)
    budget(5_500)
    budget(1_000_000, supplier=strange)
    assert over_budget([one, two]) == {two.pk}  # 600 yen are 5,400 won; nobody knows what a dollar is
    budget(599, supplier=japan, currency="JPY")
    assert over_budget([one, two]) == {one.pk, two.pk}


def test_what_was_ordered_this_month_is_used_up():
    budget(100_000)
    row = make_automatic(willing(), 6_000)
    make_purchase_order((row.variant, 30), unit_price=1_000)
    make_purchase_order((row.variant, 30), unit_price=1_000, state="cancelled", close_reason="twice")
    old = make_purchase_order((row.variant, 30), unit_price=1_000)
    PurchaseOrder.objects.filter(pk=old.pk).update(created_at=timezone.now() - timedelta(days=40))
    [use] = budget_uses()
    assert (use.ordered, use.left, use.proposed, use.is_over, use.unknown) == (30_000, 70_000, 6_000, False, 0)


def test_urgent_is_told_once_and_again_when_there_is_more():
    today, buyer = timezone.localdate(), make_user(permissions=BUYER)
    make_proposal(make_supplier(), order_by=today)
    assert (tell_urgent(), tell_urgent()) == (1, 0)
    [line] = lines_of(Notification.objects.filter(user=buyer))
    assert line.sentence == "1 product runs out before a new delivery could come"
    assert line.url.endswith("/purchasing/reorder/")
    make_proposal(make_supplier(), order_by=today)
    assert tell_urgent() == 1


def test_nothing_urgent_is_nothing_told():
    make_user(permissions=BUYER)
    make_proposal(make_supplier(), order_by=timezone.localdate() + timedelta(days=1))
    assert tell_urgent() == 0


def test_one_run_at_a_time_and_one_a_night(monkeypatch):
    monkeypatch.setattr("core.jobs.wake", lambda job_id: None)
    with pytest.raises(NotAllowed):
        start_replenishing(actor=make_user())
    first = start_replenishing(actor=make_user(permissions=BUYER))
    with pytest.raises(Conflict):
        start_replenishing()
    assert replenish_tonight() is None
    Job.objects.filter(pk=first.pk).update(state="failed")
    assert replenish_tonight() is not None


def test_a_run_proposes_orders_tells_and_judges(monkeypatch):
    monkeypatch.setattr(running, "judge_stock", lambda: 3)
    job = Job.objects.create(kind=running.KIND, title="x", state="running", attempts=1)
    run = JobRun(job_id=job.pk, parameters={}, owner_id=None, attempt=1)
    assert replenish(run) == {"opened": 0, "refreshed": 0, "gone": 0, "ordered": 0, "unhealthy": 3}
