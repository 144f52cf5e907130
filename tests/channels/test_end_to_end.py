"""From a mall's interface to the inbox and back, from the packing table to the mall: nothing between is made up."""

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from channels import tasks
from channels.models import Connection
from channels.services.connecting import save_connection, talk_soon
from orders.models import OrderLine
from orders.services import ship_orders
from service.models import Outgoing, Ticket
from service.services import reply_to_ticket
from shipping.models import ChannelNotice
from shipping.services import follow_parcels
from tests.channels.malls.coupang import KEYS as COUPANG_KEYS
from tests.channels.malls.coupang import VENDOR, CoupangTown
from tests.channels.malls.rakuten import KEYS as RAKUTEN_KEYS
from tests.channels.malls.rakuten import SHOP, RakutenTown
from tests.channels.malls.serving import serving
from tests.channels.malls.test_rakuten import inquiry
from tests.factories import make_channel
from tests.service.making import make_agent, make_inlet
from tests.shipping.making import carrier_of, ready_orders

pytestmark = pytest.mark.django_db
NUMBER = "123456789012"


def connect(settings, street, channel, keys, **values):
    code = channel.code.upper()
    settings.CHANNEL_SECRETS = {f"{code}_{name.upper()}": value for name, value in keys.items()}
    settings.CHANNEL_URLS = {code: street.url}
    return save_connection(connection_id=None, values={"sales_channel": channel, **values}, actor=None)


def talk(connection):
    talk_soon(connection_id=connection.pk, actor=None)
    Outgoing.objects.filter(state="owed").update(due_at=timezone.now() - timedelta(seconds=1))
    assert tasks.talk_with_malls() == 1
    connection.refresh_from_db()
    assert connection.problem == "", connection.word


def test_coupang(settings):
    town = CoupangTown()
    town.add_order(90001, 880001, 71)
    now = datetime.now(UTC) + timedelta(hours=9)
    town.product_questions = [
        {"inquiryId": 5, "content": "파란색인가요?", "inquiryAt": f"{now:%Y-%m-%d %H:%M:%S}", "orderIds": [90001],
         "vendorItemId": 71, "commentDtoList": []}
    ]  # fmt: skip
    channel = make_channel(code="cp", kind="coupang", time_zone="Asia/Seoul")
    [order] = ready_orders(sales_channel=channel, external_number="90001")
    OrderLine.objects.filter(order=order).update(external_id="880001-71")
    inlet = make_inlet(kind="product_question", sales_channel=channel, language="ko")
    with serving(town) as street:
        connection = connect(settings, street, channel, COUPANG_KEYS, account=VENDOR, user="wing", question_inlet=inlet)
        talk(connection)
        ticket = Ticket.objects.get()
        assert (ticket.inlet, ticket.language, ticket.orders.get().order) == (inlet, "ko", order)

        carrier_of("cjlogistics")
        ship_orders(order_ids=[order.pk], carrier="CJ대한통운", tracking_numbers={order.pk: NUMBER})
        follow_parcels(shipment_ids=[order.shipments.get().pk])
        reply_to_ticket(ticket_id=ticket.pk, body="네, 파란색입니다.", seen_version=ticket.version, key="k",
                        actor=make_agent())  # fmt: skip
        talk(connection)
        talk(connection)

    assert town.waybills(90001) == {NUMBER: {71}}
    assert ChannelNotice.objects.get().state == "accepted"
    assert [one["content"] for one in town.product_questions[0]["commentDtoList"]] == ["네, 파란색입니다."]
    assert Outgoing.objects.get().state == "sent"
    assert Ticket.objects.get().message_count == 2  # our own answer did not come back as somebody else's


def test_rakuten(settings):
    town = RakutenTown()
    town.add_order("999999-1", (11, [1]))
    asked = datetime.now(UTC).isoformat(timespec="seconds")
    town.inquiries = [inquiry(1, at=asked, orderNumber="999999-1")]
    channel = make_channel(code="rk", kind="rakuten", time_zone="Asia/Tokyo")
    [order] = ready_orders(sales_channel=channel, external_number="999999-1")
    inlet = make_inlet(kind="mall", sales_channel=channel, language="ja")
    with serving(town) as street:
        connection = connect(settings, street, channel, RAKUTEN_KEYS, account=SHOP, mall_inlet=inlet)
        talk(connection)
        ticket = Ticket.objects.get()
        carrier_of("yamato")
        ship_orders(order_ids=[order.pk], carrier="ヤマト運輸", tracking_numbers={order.pk: NUMBER})
        follow_parcels(shipment_ids=[order.shipments.get().pk])
        reply_to_ticket(ticket_id=ticket.pk, body="本日発送しました。", seen_version=ticket.version, key="k",
                        actor=make_agent())  # fmt: skip
        talk(connection)
        town.inquiries[0]["replies"].append(
            {"id": 1, "message": "届きません", "replyFrom": "user", "regDate": asked, "isMessageDeleted": False}
        )
        talk(connection)

    assert town.waybills("999999-1") == {11: [NUMBER]}
    ticket.refresh_from_db()
    assert (ticket.status, ticket.message_count, ticket.orders.get().order) == ("open", 3, order)


def test_our_own_words_are_in_the_language_of_the_channel(settings):
    channel = make_channel(code="rk", kind="rakuten", language="ja")
    [order] = ready_orders(sales_channel=channel, external_number="999999-9")
    carrier_of("yamato")
    ship_orders(order_ids=[order.pk], carrier="ヤマト運輸", tracking_numbers={order.pk: NUMBER})
    follow_parcels(shipment_ids=[order.shipments.get().pk])
    with serving(RakutenTown()) as street:
        talk(connect(settings, street, channel, RAKUTEN_KEYS, account=SHOP))

    assert ChannelNotice.objects.get().answer == "モールにこの注文はありません。"


def test_a_mall_that_is_down_costs_nothing_but_time(settings):
    town = CoupangTown(status=503)
    channel = make_channel(code="cp", kind="coupang")
    with serving(town) as street:
        connect(settings, street, channel, COUPANG_KEYS, account=VENDOR, user="wing",
                question_inlet=make_inlet(kind="product_question"))  # fmt: skip
        tasks.talk_with_malls()
    connection = Connection.objects.get()
    assert (connection.problem, connection.word) == ("unreachable", "status 503")
