"""Orders below the supplier's minimum are filled up with what is needed next."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.urls import reverse
from django.utils import timezone

from core.errors import InvalidInput, NotAllowed
from purchasing.models import Forecast, PriceBreak, PurchaseBudget, ReorderProposal
from purchasing.services.replenishing.explaining import explain
from purchasing.services.replenishing.filling import fill_up_order
from purchasing.services.replenishing.proposing import propose
from tests.factories import make_stock, make_user, make_warehouse
from tests.purchasing.making import make_supplier, make_supplier_item
from tests.purchasing.test_deciding import BUYER, make_proposal
from tests.purchasing.test_reorder_page import FIGURES, VIEW

pytestmark = pytest.mark.django_db
TODAY = date(2026, 11, 22)


@pytest.fixture
def warehouse():
    return make_warehouse()


@pytest.fixture
def supplier():
    return make_supplier(lead_days=9, minimum_amount=20_000)


def sells(supplier, warehouse, *, on_hand, price=500):
    """Four a day, give or take two: reorder point 46, up to 158."""
    stock = make_stock(on_hand=on_hand, warehouse=warehouse)
    Forecast.objects.create(
        variant=stock.variant, method="average", starts_on=TODAY, daily_mean=Decimal(4), daily_deviation=Decimal(2)
    )
    item = make_supplier_item(stock.variant, supplier)
    PriceBreak.objects.create(item=item, starts_on=TODAY - timedelta(days=1), price=price)
    return item


def test_what_is_needed_next_comes_first_and_no_more_than_is_missing(supplier, warehouse):
    later, next_one = sells(supplier, warehouse, on_hand=86), sells(supplier, warehouse, on_hand=66)
    done = fill_up_order(supplier_id=supplier.pk, warehouse_id=warehouse.pk, today=TODAY)
    # (66 - 46) / 4 = 5 days; 158 - 66 = 92 pieces of 500
    assert [(row.variant, row.quantity, row.amount) for row in done.proposals] == [(next_one.variant, 92, 46_000)]
    assert done.missing == 0
    sentences = explain(done.proposals[0])
    assert "Added to reach the supplier's minimum order: it falls to its reorder point in 5 days." in sentences
    assert later.variant_id != done.proposals[0].variant_id


def test_what_is_proposed_counts_and_the_night_takes_back_what_nobody_ordered(supplier, warehouse):
    sells(supplier, warehouse, on_hand=66, price=10)
    make_proposal(supplier, warehouse=warehouse, amount=15_000)
    done = fill_up_order(supplier_id=supplier.pk, warehouse_id=warehouse.pk, today=TODAY)
    assert done.missing == 4_080
    propose(variant_ids=[done.proposals[0].variant_id], today=TODAY)
    assert ReorderProposal.objects.get(pk=done.proposals[0].pk).state == "gone"


def test_refusals_add_nothing(supplier, warehouse):
    with pytest.raises(InvalidInput, match="Nothing else"):
        fill_up_order(supplier_id=supplier.pk, warehouse_id=warehouse.pk, today=TODAY)
    sells(supplier, warehouse, on_hand=66)
    with pytest.raises(NotAllowed):
        fill_up_order(supplier_id=supplier.pk, warehouse_id=warehouse.pk, actor=make_user())
    enough = make_supplier(minimum_amount=0)
    with pytest.raises(InvalidInput, match="is reached"):
        fill_up_order(supplier_id=enough.pk, warehouse_id=warehouse.pk)
    assert ReorderProposal.objects.count() == 0


def test_buttons_of_the_page(client, supplier, warehouse, monkeypatch):
    monkeypatch.setattr("core.jobs.wake", lambda job_id: None)
    sells(supplier, warehouse, on_hand=66, price=10)
    make_proposal(supplier, warehouse=warehouse, amount=15_000, figures=FIGURES)
    PurchaseBudget.objects.create(month=timezone.localdate().replace(day=1), currency="KRW", amount=10_000)
    client.force_login(make_user(permissions=(VIEW, *BUYER)))
    url = reverse("admin:purchasing_reorder")
    shown = client.get(url, {"show": "open"}).content.decode()
    assert "over budget" in shown
    assert "₩0 of ₩10,000 ordered this month" in shown
    say = lambda do: client.post(url, {"do": do}, follow=True).content.decode()  # noqa: E731
    assert "1 line was added. ₩4,080 are still missing" in say(f"fill_up:{supplier.pk}:{warehouse.pk}")
    assert "Choose what to do with them." in say("fill_up:x:1")
    assert "Proposals are being worked out;" in say("propose")
    assert "Proposals are being worked out already" in say("propose")
