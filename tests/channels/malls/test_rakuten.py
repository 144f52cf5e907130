"""Our client of Rakuten against the loopback, and what it sends against the description of the order interface."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from channels.adapters.asking import Access
from channels.adapters.rakuten import Rakuten
from core.asking import RefusedError, UnansweredError
from service.models import InletKind
from tests.channels.malls.making import AT, NUMBER, OTHER, parcel
from tests.channels.malls.rakuten import KEYS, SHOP, RakutenTown
from tests.contracts import CONTRACTS, fits

MALL = InletKind.MALL
ORDER, SECOND = "999999-20261120-0000000001", "999999-20261120-0000000002"


@pytest.fixture
def town():
    town = RakutenTown()
    town.add_order(ORDER, (11, [1, 2]), (12, [3]))
    town.add_order(SECOND, (21, [1]))
    return town


@pytest.fixture
def mall(street):
    client = Rakuten(Access(account=SHOP, url=street.url, secrets=KEYS))
    yield client
    client.close()


def told(notice, *lines, order=ORDER, number=NUMBER, carrier="yamato"):
    late = datetime(2026, 11, 20, 16, tzinfo=UTC)  # the next day in Japan
    pieces = [(line, 1) for line in lines]
    return parcel(notice, order, pieces, tracking_number=number, carrier=carrier, shipped_at=late)


def inquiry(number, at="2026-11-20T10:00:00+09:00", **over):
    return {
        "inquiryNumber": f"{SHOP}-20261120-{number}t", "shopId": 999999, "userName": "楽天太郎",
        "message": f"質問{number}", "userMaskEmail": "9ca9@pc.fw.rakuten.ne.jp", "regDate": at,
        "itemName": "帽子", "itemNumber": "cap",
        "orderNumber": ORDER, "isCompleted": False, "replies": [], "category": "配送", "type": "受注問い合わせ",
        "isMessageDeleted": False, **over,
    }  # fmt: skip


def reply(number, message, who="user", **over):
    return {"id": number, "message": message, "replyFrom": who, "regDate": "2026-11-20T11:00:00+09:00",
            "isMessageDeleted": False, **over}  # fmt: skip


def test_waybills_go_into_the_packages_of_their_lines_once(mall, town, street):
    parcels = [told(1, "1"), told(2, "2", number=OTHER), told(3, "3", number="3"), told(4, order=SECOND)]

    assert mall.tell(parcels) == {1: "", 2: "", 3: "", 4: ""}
    assert town.waybills(ORDER) == {11: [NUMBER, OTHER], 12: ["3"]}
    assert town.waybills(SECOND) == {21: [NUMBER]}
    assert mall.tell(parcels) == {1: "", 2: "", 3: "", 4: ""}
    assert town.waybills(ORDER) == {11: [NUMBER, OTHER], 12: ["3"]}
    days = {row["shippingDate"] for one in town.orders[ORDER]["PackageModelList"] for row in one["ShippingModelList"]}
    assert days == {"2026-11-21"}  # of Japan


def test_one_refused_parcel_keeps_no_other_back(mall, town):
    town.locked = {SECOND}

    answers = mall.tell(
        [told(1, "1", order=SECOND), told(2, "1", order="999999-1"), told(3, "99"), told(4, "1", carrier="logen"),
         told(5, "1")]
    )  # fmt: skip

    assert answers == {
        1: "ステータスが不正です。",
        2: "The mall knows no such order.",
        3: "The order has several packages, and none with these lines.",
        4: "This channel has no word for logen.",
        5: "",
    }


@pytest.mark.parametrize("loss", ["lose_before", "lose_after"])
def test_a_lost_answer_is_owed_and_asked_again_without_harm(mall, town, street, loss):
    getattr(street, loss).add(2)  # after the look-up
    parcels = [told(1, "1"), told(2, "1", order=SECOND)]

    assert mall.tell(parcels) == {2: ""}
    assert mall.tell(parcels) == {1: "", 2: ""}

    assert town.waybills(ORDER)[11] == [NUMBER]


def test_conversations_come_with_their_turns_by_windows_and_pages(mall, town, street):
    town.inquiries = [inquiry(n, at=f"2026-{11 - n // 100:02}-15T10:00:00+09:00") for n in range(250)]
    town.inquiries[0] |= {
        "isCompleted": True,
        "replies": [
            reply(1, "まだですか"),
            reply(0, "お待ちください", who="merchant"),
            reply(2, "", isMessageDeleted=True),
        ],
    }

    found = list(mall.questions(MALL, since=AT - timedelta(days=90), until=AT))

    assert len(found) == 252
    turns = [one for one in found if one.thread == f"{SHOP}-20261120-0t"]
    assert [(one.body, one.is_ours, one.is_settled) for one in turns] == [
        ("質問0", False, True), ("お待ちください", True, False), ("まだですか", False, False),
    ]  # fmt: skip
    first = turns[0]
    assert (first.sender_name, first.order_number, first.product_code, first.tags) == (
        "楽天太郎",
        ORDER,
        "cap",
        ["配送"],
    )
    assert first.at == datetime(2026, 11, 15, 1, tzinfo=UTC)
    lists = [one for one in street.asked if one.path.endswith("/inquiries")]
    assert len(lists) == 3


def test_what_the_shop_itself_began_and_deleted_or_odd_rows_keep_nothing_out(mall, town):
    town.inquiries = [
        inquiry(1, type="店舗からの問い合わせ", replies=[reply(0, "はい")]),
        inquiry(2, isMessageDeleted=True, message=""),
        {"inquiryNumber": "x", "regDate": "2026-11-20T10:00:00+09:00"},
        None,
        inquiry(3),
    ]

    found = list(mall.questions(MALL, since=AT - timedelta(days=1), until=AT))

    assert [one.body for one in found] == ["はい", "質問3"]


def test_the_same_words_of_an_earlier_turn_are_not_this_answer(mall, town):
    earlier = reply(0, "お待ちください", who="merchant", regDate="2026-11-19T09:00:00+09:00")
    town.inquiries = [inquiry(1, replies=[earlier])]
    number = town.inquiries[0]["inquiryNumber"]

    assert not mall.is_answered(MALL, number=number, text="お待ちください", since=AT)
    mall.answer(MALL, number=number, text="お待ちください")
    assert mall.is_answered(MALL, number=number, text="お待ちください", since=AT)


def test_one_odd_number_keeps_no_other_order_back(mall, town):
    town.odd = {"999999-1"}

    answers = mall.tell([told(1, "1"), told(2, "1", order="999999-1"), told(3, "1", order="?"), told(4, order=SECOND)])

    assert answers == {1: "", 2: "The mall knows no such order.", 3: "The mall knows no such order.", 4: ""}


def test_nothing_asked_is_no_fault(mall):
    assert list(mall.questions(MALL, since=AT - timedelta(days=1), until=AT)) == []


def test_a_conversation_is_answered_and_the_answer_found(mall, town, street):
    town.inquiries = [inquiry(1), inquiry(2, isCompleted=True)]
    number = town.inquiries[0]["inquiryNumber"]
    assert not mall.is_answered(MALL, number=number, text="明日です", since=AT)
    street.lose_after.add(1)

    with pytest.raises(UnansweredError):
        mall.answer(MALL, number=number, text="明日です")

    assert mall.is_answered(MALL, number=number, text="明日です", since=AT)
    with pytest.raises(RefusedError, match="completed"):
        mall.answer(MALL, number=town.inquiries[1]["inquiryNumber"], text="x")
    with pytest.raises(RefusedError, match="no such inquiry"):
        mall.answer(MALL, number="../inquiries", text="x")


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("x" * 2001, "longer than 2000"),
        ("ok\n" + "x" * 301, "a line is longer than 300"),
        ("See https://shop.example/a", "shop.example"),
        ("See http://www.rakuten.co.jp/a", "www.rakuten.co.jp"),
        ("See https://rakuten.co.jp.evil.example/", "rakuten.co.jp.evil.example"),
    ],
)
def test_what_rakuten_would_refuse_is_refused_before(mall, street, text, fault):
    with pytest.raises(RefusedError, match=fault):
        mall.answer(MALL, number="1", text=text)
    assert street.asked == []


def test_addresses_of_rakuten_pass(mall, town):
    town.inquiries = [inquiry(1)]
    mall.answer(MALL, number=town.inquiries[0]["inquiryNumber"], text="https://item.rakuten.co.jp/shop/cap/ です")
    assert len(town.inquiries[0]["replies"]) == 1


def test_wrong_keys_are_said(street, mall):
    wrong = Rakuten(Access(account=SHOP, url=street.url, secrets={**KEYS, "license_key": "old"}))
    with pytest.raises(RefusedError) as refusal:
        wrong.check()
    assert (refusal.value.http_status, refusal.value.code) == (401, "Un-Authorised")
    wrong.close()
    mall.check()


@pytest.mark.skipif(CONTRACTS is None, reason="the description of the order interface is not on this machine")
def test_orders_are_asked_for_and_read_as_described(mall, town, street):
    schemas = json.loads((CONTRACTS / "rakuten-rms-order.schema.json").read_text(encoding="utf-8"))["$defs"]
    mall.tell([told(1, "1")])

    fits(schemas["GetRequest"], street.asked[0].body, schemas)
    assert set(street.asked[0].body) <= set(schemas["GetRequest"]["properties"])
    assert set(town.orders[ORDER]) <= set(schemas["Order"]["properties"])
    [package, _other] = town.orders[ORDER]["PackageModelList"]
    assert set(package) <= set(schemas["PackageInfo"]["properties"])
    [waybill] = package["ShippingModelList"]
    assert set(waybill) <= set(schemas["ShippingInfo"]["properties"])
