"""Costs that turn out wrong: a landed cost is withdrawn, an exchange rate comes late; what was written stays."""

from datetime import date
from decimal import Decimal

import pytest
from django.contrib.auth.models import Group
from django.core.management import call_command
from django.db import IntegrityError, transaction
from django.urls import reverse

from core.errors import InvalidInput, InvalidTransition, NotAllowed
from core.verify import verify
from inventory.models import EntryKind
from inventory.services import EntryLine, post_entry
from purchasing.models import CostEntry, ExchangeRate, GoodsReceipt, LandedCost, LandedCostShare, VariantValue
from purchasing.selectors.late_rates import receipts_with_late_rates
from purchasing.services import (
    ReceivedLine,
    add_landed_cost,
    receive_goods,
    reprice_receipts,
    set_unknown_cost,
    undo_receipt,
    value_movements,
    withdraw_landed_cost,
)
from staff.models import Role
from tests.admin.pressing import press, said
from tests.factories import make_user, make_variant, make_warehouse
from tests.purchasing.making import make_purchase_order

pytestmark = pytest.mark.django_db


@pytest.fixture
def place():
    return make_warehouse()


def bring(variant, pieces, price, place, **over):
    order = make_purchase_order((variant, pieces), unit_price=price, warehouse=place, **over)
    return receive_goods(order_id=order.pk, lines=[ReceivedLine(line_id=order.lines.get().pk, accepted=pieces)])


def adjust(variant, change, place):
    line = EntryLine(variant_id=variant.pk, warehouse_id=place.pk, quantity=change)
    post_entry(kind=EntryKind.ADJUSTMENT, lines=[line], reason="Test")


def work_off():
    while value_movements():
        pass
    assert [finding.invariant.name for finding in verify() if not finding.holds] == []


def worth(variant):
    row = VariantValue.objects.get(variant=variant)
    return row.quantity, row.average_value, row.fifo_value, row.is_complete


def rate(currency, day, value):
    return ExchangeRate.objects.create(currency=currency, starts_on=day, rate=Decimal(value))


def enter_as(client, *roles):
    call_command("sync_roles", verbosity=0)
    user = make_user()
    user.groups.set(Group.objects.filter(name__in=roles))
    client.force_login(user)


def test_a_wrong_landed_cost_comes_off_what_is_left_and_off_the_cost_of_sales(place):
    variant = make_variant()
    receipt = bring(variant, 3, 1000, place)
    right = add_landed_cost(receipt_id=receipt.pk, kind="duty", basis="quantity", amount=300, currency="KRW")
    wrong = add_landed_cost(receipt_id=receipt.pk, kind="freight", basis="value", amount=100, currency="KRW")
    work_off()
    adjust(variant, -1, place)
    work_off()
    assert worth(variant) == (2, Decimal("2266.666667"), Decimal("2266.666666"), True)
    before = list(CostEntry.objects.order_by("pk").values())
    withdraw_landed_cost(landed_cost_id=wrong.pk, reason="Of another container")
    work_off()
    assert worth(variant) == (2, Decimal("2200.000000"), Decimal("2200.000000"), True)
    assert list(CostEntry.objects.order_by("pk").values())[:-1] == before  # nothing written changes
    last = CostEntry.objects.order_by("pk").last()
    assert (last.quantity, last.average_value, last.average_expensed) == (
        0,
        Decimal("-66.666667"),
        Decimal("-33.333333"),
    )
    assert (last.fifo_value + last.fifo_expensed, last.reason) == (Decimal(-100), receipt.number)
    assert list(receipt.lines.values_list("landed", "landed_valued")) == [(300, 300)]
    assert list(LandedCost.objects.filter(withdrawn_at=None)) == [right]


def test_a_cost_withdrawn_before_stock_knew_of_it_leaves_no_trace_in_values(place):
    variant = make_variant()
    receipt = bring(variant, 3, 1000, place)
    cost = add_landed_cost(receipt_id=receipt.pk, kind="duty", basis="quantity", amount=300, currency="KRW")
    withdraw_landed_cost(landed_cost_id=cost.pk, reason="Twice")
    work_off()
    assert worth(variant) == (3, Decimal(3000), Decimal(3000), True)
    assert CostEntry.objects.filter(movement=None).count() == 0


def test_withdrawing_is_refused_without_right_reason_or_a_second_time(place):
    receipt = bring(make_variant(), 3, 1000, place)
    cost = add_landed_cost(receipt_id=receipt.pk, kind="duty", basis="quantity", amount=300, currency="KRW")
    with pytest.raises(NotAllowed):
        withdraw_landed_cost(landed_cost_id=cost.pk, reason="x", actor=make_user())
    with pytest.raises(InvalidInput):
        withdraw_landed_cost(landed_cost_id=cost.pk, reason=" ")
    assert list(receipt.lines.values_list("landed", flat=True)) == [300]
    withdraw_landed_cost(landed_cost_id=cost.pk, reason="Wrong")
    with pytest.raises(InvalidTransition):
        withdraw_landed_cost(landed_cost_id=cost.pk, reason="Wrong")
    assert list(receipt.lines.values_list("landed", flat=True)) == [0]
    with pytest.raises(IntegrityError), transaction.atomic():
        LandedCost.objects.update(withdraw_reason="")
    with pytest.raises(IntegrityError), transaction.atomic():
        LandedCostShare.objects.create(cost=cost, line=receipt.lines.get(), amount=1)


def test_the_accountant_withdraws_on_the_receipts_page(client, place):
    receipt = bring(make_variant(), 3, 1000, place)
    cost = add_landed_cost(
        receipt_id=receipt.pk, kind="freight", basis="value", amount=300, currency="KRW", reference="BL-9"
    )
    enter_as(client, Role.WAREHOUSE)
    assert press(client, receipt, "withdraw_cost", cost=cost.pk, reason="x").status_code == 403
    enter_as(client, Role.ACCOUNTANT)
    answer = press(client, receipt, "withdraw_cost", cost=cost.pk, reason="Of another container")
    assert said(answer) == ["Freight · ₩300 · BL-9 is withdrawn; the value of stock follows within a minute."]
    page = client.get(reverse("admin:purchasing_goodsreceipt_change", args=[receipt.pk])).content.decode()
    assert "Of another container" in page
    assert "/do/withdraw_cost/" not in page


def test_a_rate_that_comes_late_values_the_pieces_again(place):
    variant = make_variant()
    bring(variant, 5, 1000, place)
    receipt = bring(variant, 10, 1050, place, currency="USD")  # 10.50 USD
    add_landed_cost(receipt_id=receipt.pk, kind="duty", basis="quantity", amount=500, currency="KRW")
    adjust(variant, -7, place)
    work_off()
    # without a rate they come at the running average, marked
    assert worth(variant)[3] is False
    assert reprice_receipts(receipt_ids=[receipt.pk]) == 0
    rate("USD", date(2020, 1, 1), "1300")
    [late] = receipts_with_late_rates()
    assert (late.pk, late.rate, late.rate_now) == (receipt.pk, None, Decimal(1300))
    before = list(CostEntry.objects.order_by("pk").values())
    with pytest.raises(NotAllowed):
        reprice_receipts(receipt_ids=[receipt.pk], actor=make_user())
    assert reprice_receipts(receipt_ids=[receipt.pk]) == 1
    work_off()
    # eight of the ten are left: 13,650 and 50 of duty each
    assert worth(variant)[2:] == (Decimal(8 * 13_700), True)
    entries = list(CostEntry.objects.order_by("pk").values())
    assert entries[:-1] == before
    added = CostEntry.objects.order_by("pk").last()
    assert added.fifo_value + added.fifo_expensed == added.average_value + added.average_expensed
    assert added.fifo_expensed == 2 * (13_650 - 1_000)
    assert GoodsReceipt.objects.get(pk=receipt.pk).rate == Decimal(1300)
    assert reprice_receipts(receipt_ids=[receipt.pk]) == 0
    assert list(receipts_with_late_rates()) == []


def test_a_corrected_rate_values_again_and_what_is_not_valued_yet_takes_it(place):
    variant = make_variant()
    old = rate("USD", date(2020, 1, 1), "1300")
    valued = bring(variant, 2, 1000, place, currency="USD")
    work_off()
    waiting = bring(variant, 2, 1000, place, currency="USD")
    undone = bring(variant, 1, 1000, place, currency="USD")
    undo_receipt(receipt_id=undone.pk, reason="Wrong")
    old.rate = Decimal(1400)
    old.save(update_fields=["rate"])
    assert reprice_receipts(receipt_ids=[valued.pk, waiting.pk, undone.pk]) == 2
    work_off()
    assert worth(variant) == (4, Decimal(56_000), Decimal(56_000), True)
    assert list(receipts_with_late_rates()) == []


def test_what_was_guessed_in_between_gives_way_to_the_rate(place):
    variant = make_variant()
    receipt = bring(variant, 2, 1000, place, currency="USD")
    work_off()
    set_unknown_cost(variant_id=variant.pk, unit_cost=Decimal(9_000), reason="Guess")
    rate("USD", date(2020, 1, 1), "1300")
    reprice_receipts(receipt_ids=[receipt.pk])
    work_off()
    assert worth(variant) == (2, Decimal(26_000), Decimal(26_000), True)


def test_one_press_values_all_that_is_late(client, place):
    receipt = bring(make_variant(), 2, 1000, place, currency="USD")
    other = bring(make_variant(), 2, 1000, place, currency="EUR")
    work_off()
    page = reverse("admin:purchasing_late_rates")
    enter_as(client, Role.WAREHOUSE)
    assert client.get(page).status_code == 403
    enter_as(client, Role.ACCOUNTANT)
    shown = client.get(page).content.decode()
    assert receipt.number in shown
    add = f"{reverse('admin:purchasing_exchangerate_add')}?currency=EUR&amp;starts_on="
    assert add in shown
    assert "again</button>" not in shown
    assert 'value="EUR" selected' in client.get(add.replace("&amp;", "&") + "2026-01-01").content.decode()
    saved = client.post(
        reverse("admin:purchasing_exchangerate_add"), {"currency": "USD", "starts_on": "2020-01-01", "rate": "1300"}
    )
    assert "1 goods receipt is not valued by this rate." in said(saved)[0]
    assert "Value 1 receipt again" in client.get(page).content.decode()
    assert said(client.post(page)) == ["1 receipt is valued again."]
    left = client.get(page).content.decode()
    assert (receipt.number in left, other.number in left) == (False, True)
    value_page = client.get(reverse("admin:purchasing_stock_value")).content.decode()
    assert "1 goods receipt is not valued by the exchange rate of its day." in value_page
    receipt_page = client.get(reverse("admin:purchasing_goodsreceipt_change", args=[other.pk])).content.decode()
    assert "what they cost is not known" in receipt_page
