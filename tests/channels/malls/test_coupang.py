"""Our client of Coupang against the loopback."""

from datetime import UTC, datetime, timedelta

import pytest

from channels.adapters.asking import Access
from channels.adapters.coupang import Coupang
from core.asking import RefusedError, UnansweredError
from service.models import InletKind
from tests.channels.malls.coupang import KEYS, VENDOR, CoupangTown
from tests.channels.malls.making import AT, NUMBER, OTHER, parcel

ASKED, CENTRE = InletKind.PRODUCT_QUESTION, InletKind.MALL


@pytest.fixture
def town():
    return CoupangTown()


@pytest.fixture
def mall(street):
    client = Coupang(Access(account=VENDOR, user="wing", url=street.url, secrets=KEYS))
    yield client
    client.close()


def told(notice, order, *lines, number=NUMBER, **over):
    return parcel(notice, order, lines, tracking_number=number, **over)


def question(number, at="2026-11-20 10:00:00", **over):
    return {
        "inquiryId": number, "content": f"Question {number}?", "inquiryAt": at, "orderIds": [77], "vendorItemId": 5,
        "commentDtoList": [], **over,
    }  # fmt: skip


def heard(number, *replies, **over):
    return {
        "inquiryId": number, "content": "Where is it?", "inquiryAt": "2026-11-20 09:00:00", "orderId": 77,
        "itemName": "Cap", "receiptCategory": "배송", "vendorItemId": [5], "replies": list(replies), **over,
    }  # fmt: skip


def reply(number, *, kind="csAgent", needs=False, content="Please tell us."):
    return {"answerId": number, "answerType": kind, "needAnswer": needs, "content": content,
            "replyAt": "2026-11-20 09:30:00"}  # fmt: skip


def test_a_parcel_is_told_and_told_again_it_is_taken(mall, town, street):
    town.add_order(90001, 880001, 71, 72)
    parcel = told(1, 90001, ("880001-71", 1), ("880001-72", 1))

    assert mall.tell([parcel]) == {1: ""}
    assert town.waybills(90001) == {NUMBER: {71, 72}}
    writes = street.writes
    assert mall.tell([parcel]) == {1: ""}
    assert street.writes == writes


def test_an_order_in_two_parcels_is_divided_with_the_day_of_the_rest(mall, town):
    town.add_order(90001, 880001, 71, 72, planned="2026-12-03")

    assert mall.tell([told(1, 90001, ("880001-71", 1))]) == {1: ""}
    assert town.waybills(90001) == {NUMBER: {71}}
    assert mall.tell([told(2, 90001, ("880001-72", 1), number=OTHER)]) == {2: ""}
    assert town.waybills(90001) == {NUMBER: {71}, OTHER: {72}}
    assert mall.tell([told(1, 90001, ("880001-71", 1))]) == {1: ""}  # its box has another number by now


def test_one_refused_parcel_keeps_no_other_back(mall, town):
    town.add_order(90001, 880001, 71)
    town.add_order(90003, 880003, 71, pieces=3)
    town.add_order(90004, 880004, 71, 72, planned="")
    parcels = [
        told(1, 90002, ("880002-71", 1)),
        told(2, 90003, ("880003-71", 2)),
        told(3, 90004, ("880004-71", 1)),
        told(4, 90001, ("880001-71", 1), carrier="yamato"),
        told(5, 90001, ("71", 1)),
        told(6, 90001, ("880001-99", 1)),
        told(7, "K-1", ("880001-71", 1)),
        told(8, 90001, ("880001-71", 1)),
    ]

    answers = mall.tell(parcels)

    assert answers == {
        1: "There is no such order.",
        2: "the pieces of option 71 are in one parcel there",
        3: "no day is planned for the rest of the box",
        4: "This channel has no word for yamato.",
        5: "a line without its box and option",
        6: "option 99 is not waiting to be shipped",
        7: "The order’s number or the mall’s answer cannot be read.",
        8: "",
    }


@pytest.mark.parametrize("loss", ["lose_before", "lose_after"])
def test_a_lost_answer_is_owed_and_asked_again_without_harm(mall, town, street, loss):
    town.add_order(90001, 880001, 71)
    town.add_order(90002, 880002, 71)
    getattr(street, loss).add(1)
    parcels = [told(1, 90001, ("880001-71", 1)), told(2, 90002, ("880002-71", 1))]

    assert mall.tell(parcels) == {2: ""}
    assert mall.tell(parcels) == {1: "", 2: ""}

    assert town.waybills(90001) == {NUMBER: {71}}


def test_wrong_keys_are_said_and_a_busy_mall_is_no_answer(street, mall, town):
    wrong = Coupang(Access(account=VENDOR, user="wing", url=street.url, secrets={**KEYS, "secret_key": "no"}))
    for ask in (wrong.check, lambda: wrong.tell([told(1, 90001, ("880001-71", 1))])):
        with pytest.raises(RefusedError) as refusal:
            ask()
        assert (refusal.value.http_status, refusal.value.code) == (401, "Invalid signature.")
    wrong.close()
    mall.check()
    for status in (429, 500):
        town.status = status
        with pytest.raises(UnansweredError):
            mall.tell([told(1, 90001, ("880001-71", 1))])


def test_questions_come_by_windows_and_pages_the_oldest_first(mall, town, street):
    town.product_questions = [question(number, at=f"2026-11-{20 - number // 10:02} 10:00:00") for number in range(95)]
    since = AT - timedelta(days=20)

    found = list(mall.questions(ASKED, since=since, until=AT))

    assert len(found) == 95
    assert [one.at for one in found] == sorted(one.at for one in found)
    assert found[0].at == datetime(2026, 11, 11, 1, tzinfo=UTC)
    first = found[-1]
    assert (first.order_number, first.product_code, first.is_ours) == ("77", "5", False)
    windows = {(one.query["inquiryStartAt"], one.query["inquiryEndAt"]) for one in street.asked}
    assert windows == {("2026-10-31", "2026-11-06"), ("2026-11-07", "2026-11-13"), ("2026-11-14", "2026-11-20")}


def test_answers_that_others_wrote_come_along_and_odd_rows_keep_nothing_out(mall, town):
    said = {"inquiryId": 1, "inquiryCommentId": 9, "content": "Yes.", "inquiryCommentAt": "2026-11-20 11:00:00"}
    town.product_questions = [{"inquiryId": 3, "inquiryAt": "2026-11-20 10:00:00"}, question(1, commentDtoList=[said])]

    found = list(mall.questions(ASKED, since=AT, until=AT))

    assert [(one.thread, one.external_id, one.body, one.is_ours) for one in found] == [
        ("1", "1", "Question 1?", False),
        ("1", "c9", "Yes.", True),
    ]


def test_a_question_about_a_product_is_answered_and_the_answer_found(mall, town, street):
    now = datetime.now(UTC).astimezone().strftime("%Y-%m-%d 00:00:01")
    town.product_questions = [question(1, at=now)]
    assert not mall.is_answered(ASKED, number="1", text="It is blue.", since=AT)
    street.lose_after.add(1)

    with pytest.raises(UnansweredError):
        mall.answer(ASKED, number="1", text="It is blue.\nThanks")

    assert mall.is_answered(ASKED, number="1", text="It is blue. Thanks", since=AT)
    assert not mall.is_answered(ASKED, number="1", text="It is green.", since=AT)
    with pytest.raises(RefusedError, match="longer than 1000"):
        mall.answer(ASKED, number="1", text="x" * 1001)


def test_the_contact_centre_is_read_as_a_conversation_and_answered_where_it_asks(mall, town):
    town.centre = [heard(8, reply(81), reply(83, needs=True, content="And now?"), reply(82, kind="vendor"))]

    found = list(mall.questions(CENTRE, since=AT, until=AT))

    assert [(one.external_id, one.is_ours, one.tags) for one in found] == [
        ("8", False, ["배송"]), ("a81", False, ()), ("a82", True, ()), ("a83", False, ()),
    ]  # fmt: skip
    assert (found[0].subject, found[0].product_code) == ("Cap", "5")
    mall.answer(CENTRE, number="8", text="Tomorrow.")
    assert mall.is_answered(CENTRE, number="8", text="Tomorrow.", since=AT)
    with pytest.raises(RefusedError, match="not asked for an answer"):
        mall.answer(CENTRE, number="8", text="Again")


def test_nothing_leads_a_request_to_another_place(mall):
    with pytest.raises(ValueError, match="invalid literal"):
        mall.answer(ASKED, number="../orders", text="x")
    assert "SK" not in repr(Access(account="a", secrets=KEYS))
