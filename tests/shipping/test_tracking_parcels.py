"""Orders in several parcels: each parcel gets its own number, and what could be two is asked about."""

import pytest
from django.core.files.base import ContentFile

from core.imports.reasons import sentences
from core.models import EventRecord
from orders.models import Order, OrderStatus, Shipment
from orders.services import (
    allocate_orders,
    combine_orders,
    confirm_orders,
    divide_order,
    ship_from_warehouse,
    ship_orders,
)
from shipping.models import ChannelNotice, NoticeState
from shipping.services import owe_notices, push_notices
from shipping.services.tracking.recording import IssuedNumber, record_tracking
from tests.factories import make_order, make_stock, make_variant, make_warehouse
from tests.shipping.making import carrier_of, japanese_channel
from tests.shipping.packing_table import outcomes, ready_order, scan_all
from tests.shipping.test_tracking import bring

pytestmark = pytest.mark.django_db
GOOD, OTHER, THIRD = "400001000000", "400001000011", "400001000022"


@pytest.fixture(autouse=True)
def _carriers(db):
    carrier_of("yamato")


@pytest.fixture
def here():
    return make_stock(make_variant(sku="TEE"), on_hand=9, warehouse=make_warehouse(code="tokyo", name="東京"))


@pytest.fixture
def there():
    return make_stock(make_variant(sku="CAP"), on_hand=9, warehouse=make_warehouse(code="osaka", name="大阪"))


def in_two(here, there, **over):
    return from_several((here.variant, 2), (there.variant, 1), **over)


def from_several(*lines, **over):
    order = make_order(*lines, sales_channel=japanese_channel(), **over)
    confirm_orders(order_ids=[order.pk])
    assert allocate_orders(order_ids=[order.pk], in_parts=True).done == [order.pk]
    return order


def issued(order, number=GOOD, **over):
    return IssuedNumber(order=order.number, number=number, carrier="ヤマト運輸", **over)


def told(rows, **over):
    return [
        one.became if one.became != "refused" else one.reason["code"].removeprefix("shipping.")
        for one in record_tracking(rows=rows, **over)
    ]


def parcels(order):
    return [
        (
            one.tracking_number,
            one.warehouse.code if one.warehouse else "",
            sorted(one.lines.values_list("line__sku", "quantity")),
        )
        for one in order.shipments.order_by("pk")
    ]


def status(order):
    return Order.objects.get(pk=order.pk).status


def test_each_warehouse_gets_its_number_and_the_file_again_changes_nothing(here, there):
    order = in_two(here, there)
    rows = [issued(order, GOOD, warehouse="osaka"), issued(order, OTHER, warehouse="東京")]

    assert told(rows) == ["shipped", "shipped"]

    goods = {line.sku for line in order.lines.all()}
    assert sorted(parcels(order)) == sorted(
        [
            (GOOD, "osaka", [(order.lines.get(variant=there.variant).sku, 1)]),
            (OTHER, "tokyo", [(order.lines.get(variant=here.variant).sku, 2)]),
        ]
    )
    assert len(goods) == 2
    assert status(order) == OrderStatus.SHIPPED
    facts = EventRecord.objects.count()
    assert told(rows) == told(rows[::-1]) == ["known", "known"]
    assert (EventRecord.objects.count(), Shipment.objects.count()) == (facts, 2)


def test_a_number_that_fits_two_parcels_is_asked_about(here, there):
    order = in_two(here, there)

    first, second = record_tracking(rows=[issued(order), issued(order, OTHER)])

    assert {first.reason["code"], second.reason["code"]} == {"shipping.which_parcel"}
    assert sentences([first.reason]) == [
        "Which of its parcels? It fits (tokyo), (osaka). Write the warehouse, the parcel or the SKU into the row."
    ]
    assert (status(order), Shipment.objects.count()) == ("to_ship", 0)


def test_what_is_left_when_the_others_are_told_is_no_guess(here, there):
    order = in_two(here, there)

    assert told([issued(order), issued(order, OTHER, sku="CAP"), issued(order, THIRD)]) == [
        "shipped", "shipped", "second_number",
    ]  # fmt: skip
    assert {(number, place) for number, place, _lines in parcels(order)} == {(GOOD, "tokyo"), (OTHER, "osaka")}


def test_rows_by_line_ship_a_part_and_the_rest_follows(here):
    order = ready_order((here, 3), sales_channel=japanese_channel())

    assert told([issued(order, sku="TEE", quantity=1)]) == ["shipped"]
    assert (status(order), parcels(order)[0][2][0][1]) == ("partly_shipped", 1)
    assert told([issued(order, sku="TEE", quantity=1)]) == ["known"]
    assert told([issued(order, OTHER, sku="TEE", quantity=3)]) == ["no_such_parcel"]
    assert told([issued(order, OTHER)]) == ["shipped"]
    assert (status(order), parcels(order)[1][2][0][1]) == ("shipped", 2)


def test_several_rows_of_one_number_are_one_parcel(here):
    cap = make_stock(make_variant(sku="CAP"), on_hand=5, warehouse=here.warehouse)
    order = ready_order((here, 1), (cap, 2), sales_channel=japanese_channel())
    rows = [issued(order, sku="TEE"), issued(order, sku="CAP", quantity=1), issued(order, OTHER, sku="CAP", quantity=1)]

    assert told(rows) == ["shipped"] * 3
    assert [sum(count for _sku, count in lines) for _number, _place, lines in parcels(order)] == [2, 1]
    assert told(rows) == ["known"] * 3


def test_one_line_in_two_warehouses_leaves_each_with_its_own_pieces(here):
    far = make_stock(here.variant, on_hand=2, warehouse=make_warehouse(code="osaka"))
    order = from_several((here.variant, 11))

    assert told([issued(order, warehouse="osaka")]) == ["shipped"]
    assert [(place, lines[0][1]) for _number, place, lines in parcels(order)] == [("osaka", 2)]
    assert outcomes(scan_all(order.number, *["TEE"] * 9))[-1] == "complete"
    far.refresh_from_db()
    assert (far.on_hand, status(order)) == (0, "shipped")


def test_nothing_leaves_when_a_warehouse_holds_too_little(here, there):
    order = in_two(here, there)
    line = order.lines.get(variant=here.variant)

    with pytest.raises(Exception, match="reserved"):
        ship_from_warehouse(order_id=order.pk, warehouse_id=there.warehouse_id, quantities={line.pk: 1})
    assert (status(order), Shipment.objects.count()) == ("to_ship", 0)


def test_parcels_that_left_are_named_by_their_own_number(here, there):
    order = in_two(here, there)
    ship_orders(order_ids=[order.pk])
    first, second = order.shipments.order_by("pk")

    assert told([issued(order)]) == ["which_parcel"]
    by_parcel = IssuedNumber(order=second.number, number=GOOD, carrier="ヤマト運輸")
    assert told([by_parcel, issued(order, OTHER, parcel=first.number)]) == ["set", "set"]
    assert [number for number, _place, _lines in parcels(order)] == [OTHER, GOOD]
    assert told([by_parcel]) == ["known"]
    assert told([issued(order, THIRD, parcel=first.number)]) == ["other_number"]
    assert told([issued(order, THIRD, parcel=first.number)], replaces=True) == ["set"]
    assert [number for number, _place, _lines in parcels(order)] == [THIRD, GOOD]


def test_a_planned_parcel_leaves_whole_by_its_name(here):
    order = ready_order((here, 3), sales_channel=japanese_channel())
    line = order.lines.get()
    one, two = divide_order(order_id=order.pk, reason="hand", parcels=[{line.pk: 1}, {line.pk: 2}])

    assert told([issued(order)]) == ["which_parcel"]
    assert (
        told([IssuedNumber(order=f"p-{two.pk}", number=GOOD), issued(order, OTHER, parcel=str(one))]) == ["shipped"] * 2
    )
    assert {(number, lines[0][1]) for number, _place, lines in parcels(order)} == {(GOOD, 2), (OTHER, 1)}


def test_combined_orders_share_the_number_of_their_parcel(here):
    home = {"recipient_name": "김민준", "postcode": "06236", "address_1": "테헤란로 1", "country": "KR"}
    orders = [ready_order((here, 1), **home) for _ in range(2)]
    parcel = combine_orders(order_ids=[order.pk for order in orders])

    assert told([IssuedNumber(order=str(parcel), number=GOOD)]) == ["shipped"]
    assert set(Shipment.objects.values_list("tracking_number", "parcel")) == {(GOOD, parcel.pk)}


def test_hints_that_fit_nothing_are_refused(here, there):
    order = in_two(here, there)

    assert told([issued(order, warehouse="nowhere")]) == ["unknown_warehouse"]
    assert told([issued(order, sku="HAT")]) == ["no_such_parcel"]
    assert told([issued(order, sku="TEE", warehouse="osaka")]) == ["no_such_parcel"]
    assert Shipment.objects.count() == 0


def test_a_plain_table_says_the_warehouse(here, there):
    order = in_two(here, there)
    text = (
        "order_number,carrier,tracking_number,shipped_on,warehouse\n"
        f"{order.number},yamato,{GOOD},2026-11-22,tokyo\n{order.number},yamato,{OTHER},2026-11-22,osaka\n"
    )

    batch = bring(ContentFile(text.encode(), name="numbers.csv").read().decode())

    assert batch.counts["created"] == 2
    assert {(number, place) for number, place, _lines in parcels(order)} == {(GOOD, "tokyo"), (OTHER, "osaka")}


def test_each_parcel_is_told_to_the_channel_with_its_lines(here, there):
    order = in_two(here, there)
    told([issued(order, GOOD, warehouse="osaka"), issued(order, OTHER, warehouse="tokyo")])
    owe_notices(shipment_ids=list(order.shipments.values_list("pk", flat=True)))
    heard = []

    def tell(parcels):
        heard.extend(parcels)
        return {one.notice_id: "" for one in parcels}

    assert push_notices(sales_channel_id=order.sales_channel_id, tell=tell) == 2
    assert {(one.tracking_number, sum(line.quantity for line in one.lines)) for one in heard} == {(GOOD, 1), (OTHER, 2)}
    assert set(ChannelNotice.objects.values_list("state", flat=True)) == {NoticeState.ACCEPTED}
    assert push_notices(sales_channel_id=order.sales_channel_id, tell=tell) == 0
