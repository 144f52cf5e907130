"""Parcels that left are owed to their channels, and written into the malls' own files."""

import io
from datetime import timedelta

import pytest
from django.utils import timezone
from python_calamine import CalamineWorkbook

from core.errors import DomainError, InvalidInput, NotAllowed
from orders.models import OrderLine, Shipment
from orders.services import ship_orders
from shipping.models import CarrierFile, ChannelNotice, NoticeFile, NoticeState
from shipping.services import (
    IssuedNumber,
    answer_notices,
    expire_files,
    follow_parcels,
    make_carrier_file,
    make_notice_file,
    owe_notices,
    push_notices,
    record_tracking,
    tell_notices_again,
)
from shipping.services.notices import pushing
from tests.factories import make_channel, make_user
from tests.shipping.making import WANTED, carrier_of, format_of, ready_orders

pytestmark = pytest.mark.django_db
NUMBER = "123456789012"


def told_of(orders, **over):
    """Ship the orders by CJ Logistics and owe the news."""
    carrier_of("cjlogistics")
    ship_orders(order_ids=[order.pk for order in orders], carrier="CJ대한통운", **over)
    owe_notices(shipment_ids=list(Shipment.objects.values_list("pk", flat=True)))
    return list(ChannelNotice.objects.order_by("pk"))


def coupang(**over):
    return make_channel(**{"code": "cp", "kind": "coupang", "time_zone": "Asia/Seoul", **over})


def test_a_mall_is_owed_the_news_once_and_the_own_shop_never():
    [own] = ready_orders(sales_channel=make_channel(code="own"))
    [sold] = ready_orders(sales_channel=coupang(), ship_by=timezone.now() + timedelta(days=1))

    notices = told_of([own, sold])

    assert [(one.shipment.order, one.state, one.due_at) for one in notices] == [(sold, "owed", sold.ship_by)]
    assert owe_notices(shipment_ids=[notices[0].shipment_id]) == 0


def test_the_malls_file_names_box_option_carrier_and_number():
    [order] = ready_orders(sales_channel=coupang(), external_number="9000123456789")
    OrderLine.objects.filter(order=order).update(external_id="880001-77", sku="CAP", name="Cap")
    [notice] = told_of([order], tracking_numbers={order.pk: NUMBER})

    report = make_notice_file(notice_ids=[notice.pk], format_id=format_of("coupang_delivery_list").pk, key="k")

    with report.file.file.open("rb") as handle:
        sheet = CalamineWorkbook.from_filelike(io.BytesIO(handle.read())).get_sheet_by_name("Delivery")
    header, row = sheet.to_python()
    told = {name: cell for name, cell in zip(header, row, strict=True) if cell}
    day = order.shipments.get().shipped_at.astimezone(timezone.get_fixed_timezone(540)).date().isoformat()
    assert told == {
        "번호": "1",
        "묶음배송번호": "880001",
        "주문번호": "9000123456789",
        "택배사": "CJ 대한통운",
        "운송장번호": NUMBER,
        "분리배송 Y/N": "N",
        "출고일(발송일)": day,
        "등록상품명": "Cap",
        "옵션ID": "77",
        "업체상품코드": "CAP",
        "구매수(수량)": "1",
    }
    notice.refresh_from_db()
    assert (notice.state, notice.told_number, notice.file) == (NoticeState.SENT, NUMBER, report.file)
    assert (
        make_notice_file(notice_ids=[notice.pk], format_id=format_of("coupang_delivery_list").pk, key="k").file
        == report.file
    )


def test_what_cannot_be_told_yet_stays_owed():
    channel = coupang()
    nameless, strange, good = ready_orders(3, sales_channel=channel)
    notices = told_of([nameless])
    Shipment.objects.filter(order=nameless).update(tracking_number="")
    ship_orders(order_ids=[strange.pk], carrier="Pigeon", tracking_numbers={strange.pk: "1"})
    notices = told_of([good], tracking_numbers={good.pk: NUMBER})
    form = format_of("coupang_delivery_list").pk

    report = make_notice_file(notice_ids=[one.pk for one in notices], format_id=form, key="k")

    assert [one.reason for one in report.refused] == [
        "It has no tracking number yet.",
        "“Pigeon” is no carrier that is known here.",
    ]
    assert list(ChannelNotice.objects.order_by("pk").values_list("state", flat=True)) == ["owed", "owed", "sent"]
    with pytest.raises(DomainError, match="told already"):
        make_notice_file(notice_ids=[notices[2].pk], format_id=form, key="second")


def test_a_file_is_for_one_channel_by_somebody_who_may():
    [one] = ready_orders(sales_channel=coupang())
    [two] = ready_orders(sales_channel=coupang(code="other"))
    notices = told_of([one, two], tracking_numbers={one.pk: NUMBER, two.pk: NUMBER})
    ids, form = [notice.pk for notice in notices], format_of("coupang_delivery_list").pk

    with pytest.raises(InvalidInput, match="one sales channel"):
        make_notice_file(notice_ids=ids, format_id=form, key="k")
    with pytest.raises(NotAllowed):
        make_notice_file(notice_ids=ids[:1], format_id=form, key="k2", actor=make_user())

    assert not NoticeFile.objects.exists()


def test_the_channel_answers_and_another_number_is_owed_anew():
    [order] = ready_orders(sales_channel=coupang())
    [notice] = told_of([order], tracking_numbers={order.pk: NUMBER})
    assert answer_notices(notice_ids=[notice.pk], is_accepted=True).done == []
    make_notice_file(notice_ids=[notice.pk], format_id=format_of("coupang_delivery_list").pk, key="k")

    assert answer_notices(notice_ids=[notice.pk], is_accepted=False, answer="unknown number").done == [notice.pk]
    row = IssuedNumber(order=order.number, number="210987654321", carrier="cj")
    record_tracking(rows=[row], replaces=True)

    notice.refresh_from_db()
    assert (notice.state, notice.answer, notice.told_number) == (NoticeState.OWED, "", NUMBER)
    with pytest.raises(InvalidInput):
        answer_notices(notice_ids=[notice.pk], is_accepted=False)


def test_a_connector_tells_what_its_channel_is_owed_and_keeps_the_answers():
    heard = []

    def tell(parcels):
        heard.extend(parcels)
        return {parcels[0].notice_id: "", parcels[1].notice_id: "no such order"}

    channel = coupang()
    orders = ready_orders(3, sales_channel=channel)
    [other] = ready_orders(sales_channel=coupang(code="other"))
    notices = told_of([*orders, other], tracking_numbers={order.pk: NUMBER for order in [*orders, other]})

    assert push_notices(sales_channel_id=channel.pk, tell=tell) == 2

    assert [(one.carrier, one.shipped_at) for one in heard] == [
        ("cjlogistics", order.shipments.get().shipped_at) for order in orders
    ]
    states = ChannelNotice.objects.order_by("pk").values_list("state", "answer")
    assert list(states) == [("accepted", ""), ("refused", "no such order"), ("owed", ""), ("owed", "")]
    assert notices[0].shipment.order.external_number == heard[0].order_number


def test_parcels_of_unknown_carriers_do_not_keep_the_others_waiting(monkeypatch):
    monkeypatch.setattr(pushing, "MOST_AT_ONCE", 1)
    channel = coupang()
    strange, good = ready_orders(2, sales_channel=channel)
    ship_orders(order_ids=[strange.pk], carrier="Pigeon", tracking_numbers={strange.pk: "1"})
    told_of([good], tracking_numbers={good.pk: NUMBER})
    owe_notices(shipment_ids=list(Shipment.objects.values_list("pk", flat=True)))

    assert push_notices(sales_channel_id=channel.pk, tell=lambda parcels: {one.notice_id: "" for one in parcels}) == 1

    assert ChannelNotice.objects.get(state="accepted").shipment.order == good


def test_what_was_refused_is_told_again_by_somebody_who_may():
    channel = coupang()
    refused, taken = ready_orders(2, sales_channel=channel)
    told_of([refused, taken], tracking_numbers={refused.pk: NUMBER, taken.pk: NUMBER})
    push_notices(sales_channel_id=channel.pk, tell=lambda parcels: {
        one.notice_id: "closed" if one.order_number == refused.external_number else "" for one in parcels
    })  # fmt: skip
    ids = list(ChannelNotice.objects.order_by("pk").values_list("pk", flat=True))
    with pytest.raises(NotAllowed):
        tell_notices_again(notice_ids=ids, actor=make_user())

    report = tell_notices_again(notice_ids=ids)

    assert (len(report.done), [str(one.reason) for one in report.refused]) == (1, ["The channel has not refused it."])
    assert dict(ChannelNotice.objects.values_list("shipment__order", "state")) == {
        refused.pk: "owed", taken.pk: "accepted",
    }  # fmt: skip


def test_a_shipped_order_closes_its_slip_and_files_go_after_their_term():
    [order] = ready_orders(sales_channel=coupang())
    file = make_carrier_file(
        order_ids=[order.pk], carrier_id=carrier_of("yamato").pk, format_id=format_of("yamato_b2").pk, wanted=WANTED,
        key="k",
    ).file  # fmt: skip
    ship_orders(order_ids=[order.pk])
    follow_parcels(shipment_ids=[order.shipments.get().pk])
    assert file.slips.get().end == "shipped"
    assert expire_files() == 0

    assert expire_files(now=timezone.now() + timedelta(days=31)) == 1

    file = CarrierFile.objects.get()
    assert (file.file.name, file.purged_at is not None) == ("", True)
