"""``manage.py verify``: every invariant finds the breach planted for it, and names the row."""

import json
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils import timezone

from core.events import record_many
from core.models import Delivery, ImportBatch, ImportRow
from core.verify import Invariant, invariant, invariants, verify
from inventory.models import Reservation, StockMovement
from orders.events import OrderConfirmed
from orders.models import Order, OrderLine
from orders.services import (
    cancel_order,
    confirm_orders,
    record_payment,
    record_return,
    ship_order,
    ship_orders,
)
from tests.catalog.test_selling_checks import BREACHES as OF_SELLING
from tests.factories import make_order, make_stock
from tests.inventory.test_counting_invariants import PLANTS as OF_COUNTING
from tests.inventory.test_moving_invariants import PLANTS as OF_MOVING
from tests.inventory.test_place_invariants import PLANTS as OF_PLACES
from tests.orders.test_invariants import PLANTS as OF_ORDERS
from tests.purchasing.test_invariants import PLANTS as OF_PURCHASING
from tests.returns.test_invariants import PLANTS as OF_RETURNS
from tests.shipping.test_deliveries import PLANTS as OF_CARRIERS
from tests.shipping.test_invariants import PLANTS as OF_SHIPPING

pytestmark = pytest.mark.django_db

OURS = ("core.", "catalog.", "inventory.", "orders.", "purchasing.", "shipping.", "returns.")


def sql(statement: str, *values: object) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, values or None)


@pytest.fixture
def shop() -> dict[str, int]:
    """A small shop with an order in each state, past the triggers that protect its ledgers."""
    item = make_stock(on_hand=50)
    held, shipped, partly, cancelled, paid = (make_order((item.variant, 4), shipping=500) for _ in range(5))
    confirm_orders(order_ids=[held.pk, shipped.pk, partly.pk, cancelled.pk])
    ship_orders(order_ids=[shipped.pk])
    ship_order(order_id=partly.pk, quantities={partly.lines.first().pk: 1})
    cancel_order(order_id=cancelled.pk, reason="x")
    record_payment(order_id=paid.pk, amount=100)
    record_return(order_id=shipped.pk, quantities={shipped.lines.first().pk: 1})
    sql("SET LOCAL session_replication_role = replica")
    return {
        "item": item.pk,
        "variant": item.variant_id,
        "product": item.variant.product_id,
        "channel": held.sales_channel_id,
        "held": held.pk,
        "held_line": held.lines.first().pk,
        "shipped": shipped.pk,
        "shipped_line": shipped.lines.first().pk,
        "partly": partly.pk,
        "cancelled": cancelled.pk,
        "paid": paid.pk,
    }


def park_delivery(shop: dict[str, int]) -> None:
    record_many([(OrderConfirmed(order_id=shop["held"], piece_count=1), shop["held"])], model=Order)
    record = connection.cursor()
    record.execute("SELECT max(id), max(subject_type_id) FROM core_eventrecord")
    event, subject = record.fetchone()
    Delivery.objects.create(
        record_id=event, handler="x.y", subject_type_id=subject, subject_id=1, parked_at=timezone.now()
    )


def promise_too_much(shop: dict[str, int]) -> None:
    sql("SET CONSTRAINTS ALL IMMEDIATE")  # pending foreign-key checks would refuse the ALTER
    sql("ALTER TABLE inventory_stockitem DROP CONSTRAINT inventory_stockitem_reserved_within_on_hand")
    sql("UPDATE inventory_stockitem SET reserved = on_hand + 1 WHERE id = %s", shop["item"])


def lose_import_row(shop: dict[str, int]) -> None:
    batch = ImportBatch.objects.create(target="orders", filename="a.csv", sha256="", state="done", row_count=2)
    ImportRow.objects.create(batch=batch, number=2, raw=[], outcome="created")


PLANTS = {
    "core.imports_account_for_all_rows": lose_import_row,
    "core.deliveries_not_parked": park_delivery,
    "catalog.price_currency": lambda s: sql(
        "INSERT INTO catalog_price (variant_id, sales_channel_id, currency, amount) VALUES (%s, %s, 'JPY', 1)",
        s["variant"],
        s["channel"],
    ),
    "catalog.main_picture": lambda s: sql(
        "UPDATE catalog_product SET image_path = 'nobody.png' WHERE id = %s", s["product"]
    ),
    "inventory.counters_equal_movements": lambda s: sql(
        "UPDATE inventory_stockitem SET on_hand = on_hand + 1 WHERE id = %s", s["item"]
    ),
    "inventory.reserved_equals_reservations": lambda s: sql(
        "UPDATE inventory_stockitem SET reserved = reserved - 1 WHERE id = %s", s["item"]
    ),
    "inventory.balances_chain": lambda s: sql(
        "UPDATE inventory_stockmovement SET on_hand_after = on_hand_after + 1 WHERE id ="
        " (SELECT min(id) FROM inventory_stockmovement WHERE stock_item_id = %s)",
        s["item"],
    ),
    "inventory.reservations_equal_movements": lambda s: sql(
        "UPDATE inventory_reservation SET shipped = shipped - 1, released = released + 1 WHERE reference ="
        " (SELECT number FROM orders_order WHERE id = %s)",
        s["shipped"],
    ),
    "inventory.reserved_within_on_hand": promise_too_much,
    "inventory.numbers_below_sequence": lambda _: sql(
        "UPDATE core_sequence SET next_value = 1 WHERE name = 'inventory.entry'"
    ),
    "orders.totals_equal_lines": lambda s: sql(
        "UPDATE orders_order SET goods_total = goods_total + 1, total = total + 1 WHERE id = %s", s["held"]
    ),
    "orders.paid_equals_payments": lambda s: sql(
        "UPDATE orders_order SET paid_total = paid_total + 1 WHERE id = %s", s["paid"]
    ),
    "orders.payment_currency": lambda s: sql(
        "UPDATE orders_payment SET currency = 'JPY' WHERE order_id = %s", s["paid"]
    ),
    "orders.shipped_equals_shipments": lambda _: sql("UPDATE orders_shipmentline SET quantity = quantity + 1"),
    "orders.returned_equals_returns": lambda _: sql("UPDATE orders_returnline SET quantity = quantity + 1"),
    "orders.return_totals_equal_lines": lambda _: sql("UPDATE orders_return SET total = total + 1"),
    "orders.holdings_match_status": lambda s: sql("DELETE FROM orders_allocation WHERE line_id = %s", s["held_line"]),
    "orders.held_equals_holds": lambda s: sql("UPDATE orders_order SET is_held = true WHERE id = %s", s["held"]),
    "orders.status_matches_counts": lambda s: sql(
        "UPDATE orders_order SET status = 'shipped' WHERE id = %s", s["partly"]
    ),
    "orders.numbers_below_sequence": lambda _: sql(
        "UPDATE core_sequence SET next_value = 1 WHERE name = 'orders.shipment'"
    ),
}


def test_every_invariant_has_a_planted_breach():
    planted = {
        *PLANTS,
        *OF_SELLING,
        *OF_COUNTING,
        *OF_MOVING,
        *OF_PLACES,
        *OF_ORDERS,
        *OF_PURCHASING,
        *OF_SHIPPING,
        *OF_CARRIERS,
        *OF_RETURNS,
    }
    assert {one.name for one in invariants() if one.name.startswith(OURS)} == planted


def test_a_sound_shop_holds(shop):
    assert [finding.invariant.name for finding in verify() if not finding.holds] == []


@pytest.mark.parametrize("name", PLANTS)
def test_a_planted_breach_is_found_and_named(name, shop):
    PLANTS[name](shop)

    [finding] = verify(names=[name])

    assert not finding.holds
    assert finding.count == len(finding.breaches) >= 1
    assert all(value is not None for row in finding.breaches for value in row.values())


def test_breaches_name_rows_by_id(shop):
    PLANTS["inventory.counters_equal_movements"](shop)
    PLANTS["orders.holdings_match_status"](shop)

    stock, orders = verify(names=["inventory.counters_equal_movements", "orders.holdings_match_status"])

    assert [row["stock_item"] for row in stock.breaches] == [shop["item"]]
    assert (stock.breaches[0]["on_hand"], stock.breaches[0]["on_hand_by_movements"]) == (47, 46)
    [breach] = orders.breaches
    assert (breach["line"], breach["order_id"], breach["open"], breach["held"]) == (
        shop["held_line"],
        shop["held"],
        4,
        0,
    )


def test_a_cancelled_order_that_still_holds_pieces_is_found(shop):
    line = OrderLine.objects.filter(order_id=shop["cancelled"]).first()
    Reservation.objects.filter(key=f"orderline:{line.pk}").update(released=3)

    [finding] = verify(names=["orders.holdings_match_status"])

    assert [(row["order_id"], row["held"]) for row in finding.breaches] == [(shop["cancelled"], 1)]


def test_the_command_prints_a_line_for_each_and_succeeds(shop):
    out = StringIO()

    call_command("verify", stdout=out, no_color=True)

    lines = out.getvalue().splitlines()
    assert len(lines) == len(invariants())
    assert all(line.startswith("holds ") for line in lines)


def test_the_command_fails_and_names_the_rows(shop):
    PLANTS["orders.totals_equal_lines"](shop)
    text, document = StringIO(), StringIO()

    with pytest.raises(SystemExit) as failure:
        call_command("verify", stdout=text, no_color=True)
    assert failure.value.code == 1
    with pytest.raises(SystemExit):
        call_command("verify", "orders.totals_equal_lines", json=True, stdout=document)

    number = Order.objects.get(pk=shop["held"]).number
    assert f"order_id={shop['held']}, number={number}" in text.getvalue()
    report = json.loads(document.getvalue())
    assert report["holds"] is False
    [check] = report["checks"]
    assert (check["name"], check["breach_count"]) == ("orders.totals_equal_lines", 1)
    assert check["breaches"][0]["number"] == number


def test_an_unknown_name_is_refused():
    with pytest.raises(CommandError, match="no invariant is called nonsense"):
        call_command("verify", "nonsense")


def test_only_twenty_rows_are_shown_and_all_are_counted():
    lots = Invariant("test.many", "never", "SELECT n FROM generate_series(1, 45) AS n")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("core.verify._invariants", {lots.name: lots})
        [finding] = verify()
        out = StringIO()
        with pytest.raises(SystemExit):
            call_command("verify", stdout=out, no_color=True)
    assert (finding.count, len(finding.breaches)) == (45, 20)
    assert out.getvalue().splitlines()[-1].strip() == "and 25 more"


def test_two_invariants_cannot_share_a_name():
    with pytest.raises(ValueError, match=r"core\.deliveries_not_parked"):
        invariant("core.deliveries_not_parked", "", "")


def test_movements_cannot_be_changed_even_by_bulk_update():
    make_stock()
    with pytest.raises(Exception, match="Cannot update or delete rows"):
        StockMovement.objects.update(on_hand_after=7)
