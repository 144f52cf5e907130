"""The buyer's page."""

from datetime import date

import pytest
from django.urls import reverse

from purchasing.models import ApprovalLimit, PriceBreak, PurchaseOrder, PurchaseOrderLine, ReorderProposal
from tests.factories import make_user
from tests.purchasing.making import make_supplier
from tests.purchasing.test_deciding import BUYER, make_proposal

pytestmark = pytest.mark.django_db
VIEW = "purchasing.view_reorderproposal"
FIGURES = {
    "daily": 4.0, "deviation": 2.5, "is_known": True, "lead_days": 9.0, "lead_deviation": 0.0, "lead_count": 0,
    "percent": 95.0, "is_fixed": False, "safety": 10, "reorder_point": 46, "order_up_to": 158, "available": 30,
    "waiting": 0, "drafted": 0, "incoming": [], "position": 30, "wanted": 12, "pack_size": 6, "minimum": 1,
    "unit_price": 500, "notes": ["price_break"], "lasts_days": 3, "abc": "A", "xyz": "X",
}  # fmt: skip


def page(client, *permissions, **query):
    client.force_login(make_user(permissions=permissions))
    return client.get(reverse("admin:purchasing_reorder"), query)


def press(client, *rows, **data):
    return client.post(
        reverse("admin:purchasing_reorder"),
        {
            "proposal": [row.pk for row in rows],
            **{f"quantity-{row.pk}": row.quantity for row in rows},
            "key": "k1",
            **data,
        },
        follow=True,
    )


def test_proposals_by_supplier_with_sums_and_reasons(client):
    supplier = make_supplier(name="Linen House", minimum_amount=20_000)
    row = make_proposal(supplier, figures=FIGURES, amount=6_000)
    make_proposal(supplier, figures=FIGURES, amount=3_000)
    answer = page(client, VIEW, *BUYER, show="open")
    shown = answer.content.decode()
    assert [section["missing"] for section in answer.context["sections"]] == ["₩11,000"]
    assert "Linen House" in shown
    assert "₩9,000" in shown
    assert "An order takes 9 days, as agreed." in shown
    assert f'name="quantity-{row.pk}" value="12"' in shown


def test_who_may_not_see_costs_sees_none(client):
    make_proposal(make_supplier(), figures=FIGURES, amount=6_000)
    shown = page(client, VIEW, show="open").content.decode()
    assert "₩" not in shown
    assert 'name="do"' not in shown


def test_only_what_is_due_this_week_is_shown_first(client):
    make_proposal(make_supplier(), figures=FIGURES)
    answer = page(client, VIEW)
    assert (answer.context["sections"], answer.status_code) == ([], 200)
    assert "Nothing has to be ordered" in answer.content.decode()


def test_ticked_lines_become_purchase_orders_once(client):
    one, two = make_proposal(make_supplier(), figures=FIGURES), make_proposal(make_supplier(), figures=FIGURES)
    page(client, VIEW, *BUYER)
    answer = press(client, one, two, **{f"quantity-{one.pk}": "1,020", "do": "order"})
    assert "2 purchase orders were drafted:" in answer.content.decode()
    assert list(PurchaseOrderLine.objects.order_by("pk").values_list("quantity", flat=True)) == [1020, 12]
    press(client, one, two, **{f"quantity-{one.pk}": "1,020", "do": "order"})
    assert PurchaseOrder.objects.count() == 2


def test_ordered_and_handed_in_at_once(client):
    ApprovalLimit.objects.create(currency="KRW", amount=10_000)
    small, large = make_proposal(make_supplier(), figures=FIGURES), make_proposal(make_supplier(), figures=FIGURES)
    for row in (small, large):
        PriceBreak.objects.create(item=row.item, starts_on=date(2026, 1, 1), price=500)
    page(client, VIEW, *BUYER)
    shown = press(client, small, large, **{f"quantity-{large.pk}": "60", "do": "submit"}).content.decode()
    assert "1 purchase order was handed in and is approved; send it:" in shown
    assert "1 purchase order was handed in and waits for approval:" in shown
    states = PurchaseOrder.objects.order_by("pk").values_list("state", "total")
    assert list(states) == [("approved", 6_000), ("to_approve", 30_000)]


def test_the_order_says_why_each_line_is_there(client):
    row = make_proposal(make_supplier(), figures=FIGURES)
    page(client, VIEW, *BUYER, "purchasing.view_purchaseorder")
    press(client, row, do="order")
    order = PurchaseOrder.objects.get()
    shown = client.get(reverse("admin:purchasing_purchaseorder_change", args=[order.pk])).content.decode()
    assert "Why so many" in shown
    assert "An order takes 9 days, as agreed." in shown


def test_what_has_no_price_is_neither_handed_in_nor_ordered(client):
    row = make_proposal(make_supplier(), figures=FIGURES)
    page(client, VIEW, *BUYER)
    shown = press(client, row, do="submit").content.decode()
    assert f"No price is known for {row.variant.sku}." in shown
    row.refresh_from_db()
    assert (PurchaseOrder.objects.count(), row.state) == (0, "open")


def test_the_browser_is_told_the_price_list_in_force(client):
    row = make_proposal(make_supplier(), figures=FIGURES, amount=6_000)
    for day, least, price in ((1, 1, 700), (2, 1, 500), (2, 100, 450)):
        PriceBreak.objects.create(item=row.item, starts_on=date(2026, 1, day), from_quantity=least, price=price)
    assert 'data-breaks="1:500 100:450"' in page(client, VIEW, *BUYER, show="open").content.decode()
    assert "data-breaks" not in page(client, VIEW, BUYER[0], show="open").content.decode()


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ({"do": "order", "proposal": []}, "Tick at least one line."),
        ({"do": "order", "proposal": ["x", "9" * 30]}, "Tick at least one line."),
        ({"do": "later", "days": "99"}, "Choose for how long."),
        ({"do": "dismiss", "reason": ""}, "Say why it is not ordered."),
        ({"do": "eat"}, "Choose what to do with them."),
    ],
)
def test_refusals_change_nothing(client, data, said):
    row = make_proposal(make_supplier(), figures=FIGURES)
    page(client, VIEW, *BUYER)
    assert said in press(client, row, **data).content.decode()
    assert list(ReorderProposal.objects.values_list("state", flat=True)) == ["open"]


@pytest.mark.parametrize("pieces", ["0", "-1", "1.5", "", "9" * 20, "²"])
def test_odd_quantities_are_refused(client, pieces):
    row = make_proposal(make_supplier(), figures=FIGURES)
    page(client, VIEW, *BUYER)
    answer = press(client, row, **{f"quantity-{row.pk}": pieces, "do": "order"})
    assert "A quantity cannot be used." in answer.content.decode()
    assert PurchaseOrder.objects.count() == 0


def test_later_and_no(client):
    one, two = make_proposal(make_supplier(), figures=FIGURES), make_proposal(make_supplier(), figures=FIGURES)
    page(client, VIEW, *BUYER)
    press(client, one, do="later", days="7")
    press(client, two, do="dismiss", reason="Out of season")
    assert list(ReorderProposal.objects.order_by("pk").values_list("state", flat=True)) == ["snoozed", "dismissed"]


def test_others_may_look_but_not_decide(client):
    row = make_proposal(make_supplier(), figures=FIGURES)
    page(client, VIEW)
    press(client, row, do="order")
    assert PurchaseOrder.objects.count() == 0
    assert page(client).status_code == 403
