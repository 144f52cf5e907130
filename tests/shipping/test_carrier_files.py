"""Carrier files: who may leave stands in one, once, and fits."""

import csv

import pytest
from django.db import IntegrityError, transaction

from core.errors import Conflict, DomainError, NotAllowed
from core.models import EventRecord
from orders.models import Order
from orders.services import cancel_order, hold_orders, ship_orders
from shipping.models import CarrierFile, CarrierSlip, Sender, SlipKind, Temperature
from shipping.services import Wanted, make_carrier_file, preview_carrier_file, withdraw_carrier_file
from tests.concurrency.race import race
from tests.factories import make_user
from tests.shipping.making import DAY, WANTED, carrier_of, format_of, ready_orders

SEOUL = {
    "recipient_name": "김민준", "country": "KR", "postcode": "04524", "region": "서울특별시", "city": "중구",
    "address_1": "세종대로 110", "address_2": "3층",
}  # fmt: skip


def make(orders, *, code="yamato", form="yamato_b2", key="k", wanted=WANTED, **over):
    return make_carrier_file(
        order_ids=[order.pk for order in orders], carrier_id=carrier_of(code).pk, format_id=format_of(form).pk,
        wanted=wanted, key=key, **over,
    )  # fmt: skip


def rows_of(file, encoding="cp932"):
    with file.file.open("rb") as handle:
        return list(csv.reader(handle.read().decode(encoding).splitlines()))


@pytest.mark.django_db
def test_orders_become_rows_of_the_carriers_program():
    [order] = ready_orders(delivery_on=DAY, delivery_slot="14:00-16:00", customer_note="置き配\n希望")
    item = order.lines.get()
    warehouse = item.allocations.get().reservation.stock_item.warehouse
    Sender.objects.create(
        warehouse=warehouse, name="倉庫", phone="03-0000-0000", postcode="135-0061", customer_code="0312345678"
    )

    report = make([order])

    header, row = rows_of(report.file)
    told = {name: cell for name, cell in zip(header, row, strict=True) if cell}
    assert told == {
        "お客様管理番号": order.number,
        "送り状種類": "0",
        "クール区分": "0",
        "出荷予定日": "2026/11/24",
        "お届け予定（指定）日": "2026/11/24",
        "配達時間帯": "1416",
        "お届け先電話番号": "090-0000-1234",
        "お届け先郵便番号": "1500002",
        "お届け先住所": "東京都渋谷区渋谷2-21-1",
        "お届け先住所（アパートマンション名）": "サンプルビル12F",
        "お届け先名": "山田 花子",
        "敬称": "様",
        "ご依頼主電話番号": "03-0000-0000",
        "ご依頼主郵便番号": "1350061",
        "ご依頼主名": "倉庫",
        "品名１": item.name,
        "記事": "置き配 希望",
        "発行枚数": "1",
        "ご請求先顧客コード": "0312345678",
    }
    assert report.file.number == "CF-0000001"
    assert report.file.filename == "CF-0000001_yamato_b2.csv"
    assert report.refused == []
    names = set(EventRecord.objects.values_list("name", flat=True))
    assert {"shipping.order_handed_to_carrier", "shipping.carrier_file_made"} <= names


@pytest.mark.django_db
def test_what_may_not_leave_stays_out_and_the_rest_goes_on():
    good, held, off, far, strange = ready_orders(5)
    hold_orders(order_ids=[held.pk], reason="address", note="ask first")
    cancel_order(order_id=off.pk, reason="changed their mind")
    Order.objects.filter(pk=far.pk).update(address_2="とても長い建物の名前" * 6)
    Order.objects.filter(pk=strange.pk).update(recipient_name="Ω☃", recipient_phone="")

    report = make([good, held, off, far, strange])

    assert list(report.file.slips.values_list("order_id", flat=True)) == [good.pk]
    said = {one.order_id: one.reason for one in report.refused}
    assert "held" in said[held.pk]
    assert "Cancelled" in said[off.pk]
    assert "no room" in said[far.pk]
    assert "☃" in said[strange.pk]
    assert "phone" in said[strange.pk]


@pytest.mark.django_db
def test_when_nothing_can_leave_there_is_no_file():
    [order] = ready_orders()
    cancel_order(order_id=order.pk, reason="changed their mind")

    with pytest.raises(DomainError, match="Cancelled"):
        make([order])

    assert not CarrierFile.objects.exists()


@pytest.mark.django_db
def test_an_order_stands_in_one_open_file_until_it_is_asked_for_again():
    orders = ready_orders(2)
    first = make(orders[:1]).file

    report = make(orders, key="second")
    assert [(one.order_id, first.number in one.reason) for one in report.refused] == [(orders[0].pk, True)]
    again = make(orders[:1], key="third", again=True).file

    assert list(CarrierSlip.objects.filter(file=first).values_list("end", flat=True)) == ["replaced"]
    assert list(again.slips.filter(closed_at=None).values_list("order_id", flat=True)) == [orders[0].pk]


@pytest.mark.django_db
def test_the_same_press_answers_with_the_same_file():
    orders = ready_orders(2)

    first, second = make(orders), make(orders)

    assert first.file == second.file
    assert CarrierSlip.objects.count() == 2


@pytest.mark.django_db
def test_a_withdrawn_file_frees_its_orders():
    orders = ready_orders(2)
    file = make(orders).file

    withdraw_carrier_file(file_id=file.pk)

    assert set(file.slips.values_list("end", flat=True)) == {"withdrawn"}
    assert make(orders, key="again").refused == []
    with pytest.raises(Conflict):
        withdraw_carrier_file(file_id=file.pk)


@pytest.mark.django_db
def test_cash_on_delivery_tells_what_is_due():
    [order] = ready_orders(payment_method="代金引換", is_prepaid=False)

    file = make([order], code="sagawa", form="sagawa_ehiden3").file

    header, row = rows_of(file)
    told = dict(zip(header, row, strict=True))
    assert (told["代引金額"], told["お届け先住所１"]) == ("1000", "東京都渋谷区渋谷２－２１－１")
    slip = file.slips.get()
    assert (slip.kind, slip.cod_amount, slip.currency) == (SlipKind.COD, 1000, "JPY")


@pytest.mark.django_db
def test_a_carrier_without_cash_on_delivery_or_frozen_goods_says_so():
    [order] = ready_orders(payment_method="COD", is_prepaid=False, **SEOUL)
    cj = {"carrier_id": carrier_of("cjlogistics").pk, "format_id": format_of("cj_cnplus").pk}

    wanted = Wanted(ship_on=DAY, temperature=Temperature.FROZEN)
    [parcel] = preview_carrier_file(order_ids=[order.pk], wanted=wanted, **cj)

    assert parcel.problems == [
        "This file has no slip “Cash on delivery”.",
        "This file knows no temperature “Frozen”.",
    ]


@pytest.mark.django_db
def test_unknown_wishes_are_told_but_hold_nothing_up():
    [order] = ready_orders(delivery_slot="midnight")
    yamato = {"carrier_id": carrier_of("yamato").pk, "format_id": format_of("yamato_b2").pk}

    [parcel] = preview_carrier_file(order_ids=[order.pk], wanted=WANTED, **yamato)

    assert (parcel.problems, parcel.warnings) == ([], ["The carrier has no time of day like “midnight”."])
    assert not CarrierFile.objects.exists()


@pytest.mark.django_db
def test_nobody_makes_files_without_the_right():
    orders = ready_orders()

    with pytest.raises(NotAllowed):
        make(orders, actor=make_user())

    assert not CarrierFile.objects.exists()


@pytest.mark.django_db
def test_the_statements_do_not_grow_with_the_orders(django_assert_max_num_queries):
    orders = ready_orders(12)
    carrier, form = carrier_of("yamato").pk, format_of("yamato_b2").pk

    with django_assert_max_num_queries(45):
        make_carrier_file(
            order_ids=[order.pk for order in orders], carrier_id=carrier, format_id=form, wanted=WANTED, key="k"
        )


@pytest.mark.django_db(transaction=True)
def test_of_two_people_at_once_one_gets_the_order():
    orders = ready_orders(3)
    carrier_of("yamato")
    format_of("yamato_b2")

    results = race(lambda: make(orders, key="a").file.number, lambda: make(orders, key="b").file.number)

    assert sorted(result.kind for result in results) == ["done", "refused"]
    assert CarrierSlip.objects.filter(closed_at=None).count() == 3
    assert CarrierFile.objects.count() == 1


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("values", "name"),
    [
        ({"kind": "free"}, "shipping_slip_kind_valid"),
        ({"temperature": "hot"}, "shipping_slip_temperature_valid"),
        ({"currency": "XXX"}, "shipping_slip_currency_valid"),
        ({"cod_amount": 5}, "shipping_slip_cod_has_amount"),
        ({"end": "shipped"}, "shipping_slip_end_told"),
        ({"box_count": 0}, "shipping_slip_has_box"),
    ],
)
def test_the_database_refuses_impossible_slips(values, name):
    file = make(ready_orders()).file

    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        file.slips.update(**values)


@pytest.mark.django_db
def test_two_open_slips_of_an_order_are_refused_by_the_database():
    orders = ready_orders()
    make(orders)
    slip = CarrierSlip.objects.get()
    slip.pk, slip.position = None, 2

    with pytest.raises(IntegrityError, match="shipping_slip_one_open"), transaction.atomic():
        slip.save()


@pytest.mark.django_db
def test_a_shipped_order_is_not_handed_over_again():
    orders = ready_orders()
    ship_orders(order_ids=[orders[0].pk])

    with pytest.raises(DomainError, match="Shipped"):
        make(orders)
