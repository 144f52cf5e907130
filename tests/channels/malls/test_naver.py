"""Our client of Naver SmartStore against the loopback."""

import json
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qsl
from zipfile import ZipFile
from zoneinfo import ZoneInfo

import pytest

from channels.adapters.asking import Access
from channels.adapters.naver import Naver
from core.asking import RefusedError, UnansweredError
from service.models import InletKind
from tests.channels.malls.making import AT, NUMBER, OTHER, parcel
from tests.channels.malls.naver import KEYS, NaverTown
from tests.contracts import CONTRACTS

ASKED, INQUIRY = InletKind.PRODUCT_QUESTION, InletKind.MALL


@pytest.fixture
def town():
    return NaverTown()


@pytest.fixture
def mall(street):
    client = Naver(Access(account="", url=street.url, secrets=KEYS))
    yield client
    client.close()


def told(notice, *lines, number=NUMBER, **over):
    return parcel(notice, "2026112000001", [(line, 1) for line in lines], tracking_number=number, **over)


def question(number, at="2026-11-20T10:00:00.000+09:00", **over):
    return {
        "questionId": number, "question": f"Question {number}?", "createDate": at, "answered": False, "answer": None,
        "productId": 5, "productName": "Cap", "maskedWriterId": "cu***", **over,
    }  # fmt: skip


def inquiry(number, at="2026-11-20T10:00:00.000+09:00", **over):
    return {
        "inquiryNo": number, "category": "배송", "title": "Where", "inquiryContent": f"Inquiry {number}",
        "inquiryRegistrationDateTime": at, "answered": False, "orderId": "2026112000001", "productNo": "5",
        "customerName": "김*수", **over,
    }  # fmt: skip


def test_product_orders_are_dispatched_once_and_again_they_are_taken(mall, town, street):
    town.orders = {"1": "", "2": "", "3": ""}
    parcels = [told(1, "1", "2"), told(2, "3", number=OTHER)]

    assert mall.tell(parcels) == {1: "", 2: ""}
    assert town.orders == {"1": NUMBER, "2": NUMBER, "3": OTHER}
    dispatched = [one for one in street.asked if one.path.endswith("/dispatch")]
    assert dispatched[0].body["dispatchProductOrders"][0]["dispatchDate"] == "2026-11-20T12:00:00.000+09:00"
    assert mall.tell(parcels) == {1: "", 2: ""}
    assert [one for one in street.asked if one.path.endswith("/dispatch")] == dispatched


def test_one_refused_parcel_keeps_no_other_back(mall, town):
    town.orders = {"1": "", "2": "", "3": OTHER}
    town.refused = {"2": "취소된 주문입니다."}

    answers = mall.tell([told(1, "2"), told(2, "3"), told(3, "99"), told(4, "1", carrier="yamato"), told(5, "1")])

    assert answers == {
        1: "취소된 주문입니다.",
        2: f"The mall takes one number for a product order, and has {OTHER}.",
        3: "The mall knows no such product order.",
        4: "This channel has no word for yamato.",
        5: "",
    }


def test_a_number_that_the_look_up_denies_keeps_no_other_back(mall, town):
    town.orders = {"1": "", "2": OTHER}

    answers = mall.tell([told(1, "K-1"), told(2, "1"), told(3, "2", number=OTHER)])

    assert answers == {1: "잘못된 요청 파라미터", 2: "", 3: ""}
    assert town.orders == {"1": NUMBER, "2": OTHER}


def test_a_product_order_in_two_parcels_is_told_with_the_first_number(mall, town):
    town.orders = {"1": ""}

    answers = mall.tell([told(1, "1"), told(2, "1", number=OTHER)])

    assert answers == {1: "", 2: f"The mall takes one number for a product order, and has {NUMBER}."}


@pytest.mark.parametrize("loss", ["lose_before", "lose_after"])
def test_a_lost_answer_is_owed_and_asked_again_without_harm(mall, town, street, loss):
    town.orders = {"1": "", "2": ""}
    getattr(street, loss).add(3)  # after the token and the look-up
    parcels = [told(1, "1"), told(2, "2")]

    assert mall.tell(parcels) == {2: ""}
    assert mall.tell(parcels) == {1: "", 2: ""}

    assert town.orders == {"1": NUMBER, "2": NUMBER}


def test_more_than_a_call_takes_is_told_in_several(mall, town, street):
    town.orders = {str(number): "" for number in range(640)}

    answers = mall.tell([told(1, *(str(number) for number in range(640)))])

    assert answers == {1: ""}
    assert set(town.orders.values()) == {NUMBER}
    assert sum(one.path.endswith("/query") for one in street.asked) == 3


def test_wrong_keys_are_said_and_a_busy_mall_is_no_answer(street, mall, town):
    for secret in ("$2a$04$" + "zyxwvutsrqponmlkjihgfe", "no salt"):
        wrong = Naver(Access(account="", url=street.url, secrets={**KEYS, "client_secret": secret}))
        with pytest.raises(RefusedError) as refusal:
            wrong.check()
        assert refusal.value.http_status == 401
        wrong.close()
    town.token_status = 500
    with pytest.raises(UnansweredError):
        mall.check()
    town.token_status = 0
    mall.check()


def test_questions_come_by_windows_and_pages_the_oldest_first(mall, town, street):
    town.questions = [
        question(number, at=f"2026-11-{20 - number // 30:02}T10:00:00.000+09:00") for number in range(250)
    ]

    found = list(mall.questions(ASKED, since=AT - timedelta(days=20), until=AT))

    assert len(found) == 250
    assert [one.at for one in found] == sorted(one.at for one in found)
    assert (found[0].subject, found[0].product_code, found[0].sender_name) == ("Cap", "5", "cu***")
    assert sum(one.path == "/v1/contents/qnas" for one in street.asked) == 4


def test_answers_that_others_wrote_come_along_and_odd_rows_keep_nothing_out(mall, town):
    odd = {"questionId": 3, "createDate": "2026-11-20T10:00:00.000+09:00"}
    town.questions = [odd, question(1, answered=True, answer="Yes.")]
    town.inquiries = [inquiry(7, answered=True, answerContent="Tomorrow.", answerContentId=70)]

    found = [
        *mall.questions(ASKED, since=AT - timedelta(days=1), until=AT),
        *mall.questions(INQUIRY, since=AT, until=AT),
    ]

    assert [(one.thread, one.external_id, one.body, one.is_ours) for one in found] == [
        ("1", "1", "Question 1?", False),
        ("1", "1:0", "Yes.", True),
        ("7", "7", "Inquiry 7", False),
        ("7", "a70", "Tomorrow.", True),
    ]
    assert (found[2].order_number, found[2].tags, found[2].sender_name) == ("2026112000001", ["배송"], "김*수")


def test_all_answers_are_read_with_their_moments_where_the_mall_tells_them(mall, town):
    said = [
        {"answer": word, "createDate": f"2026-11-20T1{n}:00:00.000+09:00"} for n, word in enumerate(("Yes.", "No."))
    ]
    town.questions = [question(1, answer="Yes.", answers=said)]

    found = list(mall.questions(ASKED, since=AT - timedelta(days=1), until=AT))

    assert [(one.body, one.at.hour) for one in found[1:]] == [("Yes.", 10), ("No.", 11)]


def test_an_inquiry_is_answered_once_and_the_answer_found(mall, town, street):
    town.inquiries = [inquiry(7, at=datetime.now(ZoneInfo("Asia/Seoul")).isoformat())]
    street.lose_after.add(2)

    with pytest.raises(UnansweredError):
        mall.answer(INQUIRY, number="7", text="Tomorrow.")

    assert mall.is_answered(INQUIRY, number="7", text="Tomorrow.", since=AT)
    with pytest.raises(RefusedError, match="이미 답변된"):
        mall.answer(INQUIRY, number="7", text="Again")


def test_an_answer_to_a_product_question_never_replaces_somebody_elses(mall, town):
    now = datetime.now(UTC).isoformat()
    town.questions = [question(1, at=now), question(2, at=now, answered=True, answer="By hand.")]

    mall.answer(ASKED, number="1", text="It is blue.")
    with pytest.raises(RefusedError, match="has answered it"):
        mall.answer(ASKED, number="2", text="It is blue.")

    assert mall.is_answered(ASKED, number="1", text="It is blue.", since=AT)
    assert town.questions[1]["answer"] == "By hand."


def test_a_lost_answer_to_an_old_product_question_is_found_though_the_mall_tells_no_moment(mall, town, street):
    now = datetime.now(UTC)
    town.questions = [question(1, at=(now - timedelta(days=2)).isoformat())]
    street.lose_after.add(2)  # after the token

    with pytest.raises(UnansweredError):
        mall.answer(ASKED, number="1", text="It is blue.\nThanks")

    assert mall.is_answered(ASKED, number="1", text="It is blue. Thanks", since=now)
    assert not mall.is_answered(ASKED, number="1", text="It is green.", since=now)


@pytest.mark.skipif(CONTRACTS is None, reason="the malls' contracts are not on this machine")
def test_the_token_is_asked_for_as_the_contract_says(mall, street):
    with ZipFile(CONTRACTS / "naver-commerce-api-2.0.0-RC.zip") as found:
        contract = json.loads(found.read(found.namelist()[0]))
    mall.check()
    sent = dict(parse_qsl(street.asked[0].raw.decode()))

    wanted = {row["name"]: row for row in contract["paths"]["/v1/oauth2/token"]["post"]["parameters"]}
    assert {name for name, row in wanted.items() if row.get("required")} == set(sent)
    for name, value in sent.items():
        schema = wanted[name]["schema"]
        assert value in schema.get("enum", [value])
        assert schema["type"] != "integer" or value.isdigit()
