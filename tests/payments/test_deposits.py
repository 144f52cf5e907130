"""Bank deposits: each line once, proposals with reasons, matched, undone, sent back."""

from datetime import date

import pytest
from django.core.files.base import ContentFile
from django.core.management import call_command

from core.errors import InvalidInput, InvalidTransition, NotAllowed
from core.imports.running import run_import
from core.imports.services import start_import, upload_file
from core.models import ImportFormat
from orders.models import Order, OrderHold, Payment
from orders.services import confirm_orders
from payments.models import BankDeposit, DepositMatch, DepositRule
from payments.selectors.deposits import proposals_for
from payments.selectors.names import likeness, payer_key
from payments.services.deposits.matching import match_deposit, return_deposit, undo_match
from payments.services.deposits.taking import BankLine, take_deposits
from tests.factories import make_order, make_stock, make_user
from tests.orders.stories import assert_sound

pytestmark = pytest.mark.django_db


def make_waiting(price, name, **over):
    values = {"currency": "JPY", "buyer_name": name, "is_prepaid": True, "status": "awaiting_payment", **over}
    return make_order((make_stock(on_hand=9).variant, 1), unit_price=price, **values)


def take(amount, payer, *, currency="JPY", **over):
    line = {"account": "001", "deposited_on": date(2026, 5, 1), "currency": currency, **over}
    [(deposit, is_new)] = take_deposits(lines=[BankLine(amount=amount, payer_name=payer, **line)])
    assert is_new
    return deposit


def best(deposit):
    return [
        ([order.pk for order, _amount in one.parts], one.score, one.rest)
        for one in proposals_for(deposits=[deposit])[deposit.pk]
    ]


def now(row):
    row.refresh_from_db()
    return row


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("ｶ)ﾊﾅｺｼﾖｳｼﾞ", "株式会社ハナコショウジ"),
        ("ﾊﾅｺｼﾖｳｼﾞ(ｶ", "はなこしょうじ㈱"),
        ("ﾔﾏﾀﾞ ﾀﾛｳ", "ヤマダ　タロウ"),
        ("ｶﾞﾌﾞｼｷﾊﾟﾝ", "ガブシキパン"),
        ("홍 길동", "홍길동"),
        ("(주)하늘상사", "주식회사 하늘상사"),
        ("Acme Co., Ltd.", "ACME"),
    ],
)
def test_the_same_payer_however_banks_write_it(one, other):
    assert payer_key(one) == payer_key(other)
    assert likeness(payer_key(one), payer_key(other)) == 100


def test_others_are_others():
    assert likeness(payer_key("ﾔﾏﾀﾞ ﾀﾛｳ"), payer_key("ヤマタ タロウ")) < 90
    assert likeness(payer_key("김민준"), payer_key("이서연")) == 0
    assert likeness(payer_key("ﾔﾏﾀﾞ"), payer_key("ヤマダ タロウ")) < 95
    assert likeness(payer_key("ﾔﾏﾀﾞﾀﾛ"), payer_key("ヤマダタロウ")) == 95
    assert likeness("", payer_key("Kim")) == 0


def test_a_list_twice_adds_nothing_and_equal_lines_are_two():
    line = BankLine(account="1", deposited_on=date(2026, 5, 1), amount=500, currency="JPY", payer_name="ﾔﾏﾀﾞ")
    numbered = BankLine(
        account="1", deposited_on=date(2026, 5, 1), amount=500, currency="JPY", payer_name="A", reference="77"
    )
    first = take_deposits(lines=[line, line, numbered])
    again = take_deposits(lines=[numbered, line, line])
    assert [is_new for _row, is_new in first] == [True, True, True]
    assert [is_new for _row, is_new in again] == [False, False, False]
    assert BankDeposit.objects.count() == 3


def test_amount_and_name_make_the_proposal_and_a_namesake_is_second():
    order = make_waiting(5000, "山田太郎", recipient_kana="ヤマダ タロウ")
    namesake = make_waiting(5000, "佐藤花子", recipient_kana="サトウ ハナコ")
    other = make_waiting(7000, "山田太郎", recipient_kana="ヤマダ タロウ")
    deposit = take(5000, "ﾔﾏﾀﾞ ﾀﾛｳ")
    assert deposit.state == "unmatched"
    assert now(deposit).state == "proposed"
    first, *rest = best(deposit)
    assert first == ([order.pk], 100, 0)
    assert {tuple(pks): score for pks, score, _left in rest}[(other.pk,)] == 50
    assert all(score <= 75 for _pks, score, _left in rest)
    assert namesake.pk not in first[0]
    assert Payment.objects.count() == 0


def test_the_number_in_the_text_several_orders_and_a_fee():
    DepositRule.objects.create(currency="JPY", fee_tolerance=440)
    one, two = make_waiting(5000, "X", recipient_kana="ヤマダ"), make_waiting(3000, "X", recipient_kana="ヤマダ")
    assert best(take(8000, "ﾔﾏﾀﾞ"))[0] == ([one.pk, two.pk], 90, 0)
    assert best(take(8000, "somebody", message=f"{one.number} {two.number}"))[0] == ([one.pk, two.pk], 100, 0)
    assert best(take(4560, "ﾔﾏﾀﾞ"))[0] == ([one.pk], 85, 0)
    assert best(take(6000, f"{one.number} XYZ"))[0] == ([one.pk], 60, 1000)
    assert best(take(123, "nobody")) == []


def test_matching_pays_the_order_once_and_it_moves_on():
    order = make_waiting(5000, "山田太郎")
    deposit = take(5000, "ﾔﾏﾀﾞ")
    for _turn in range(2):
        match_deposit(deposit_id=deposit.pk, amounts={order.pk: 5000}, key="k")
    assert (now(deposit).state, deposit.matched) == ("matched", 5000)
    assert (now(order).status, order.paid_total) == ("to_confirm", 5000)
    with pytest.raises(InvalidTransition):
        match_deposit(deposit_id=deposit.pk, amounts={order.pk: 1})
    assert Payment.objects.count() == 1
    assert_sound()


def test_too_much_stays_open_until_it_went_back():
    order = make_waiting(5000, "山田太郎")
    deposit = take(6000, "ﾔﾏﾀﾞ")
    with pytest.raises(InvalidInput):
        match_deposit(deposit_id=deposit.pk, amounts={order.pk: 6000})
    with pytest.raises(InvalidInput):
        match_deposit(deposit_id=deposit.pk, amounts={order.pk: 6001})
    with pytest.raises(InvalidInput):
        match_deposit(deposit_id=deposit.pk, amounts={make_waiting(9, "x", currency="KRW").pk: 9})
    assert (Payment.objects.count(), DepositMatch.objects.count()) == (0, 0)
    match_deposit(deposit_id=deposit.pk, amounts={order.pk: 5000})
    assert (now(deposit).state, deposit.rest) == ("excess", 1000)
    return_deposit(deposit_id=deposit.pk)
    with pytest.raises(InvalidTransition):
        return_deposit(deposit_id=deposit.pk)
    assert now(deposit).state == "returned"
    assert_sound()


def test_a_wrong_match_is_undone_while_the_order_stands_still():
    order, right = make_waiting(5000, "a"), make_waiting(5000, "b")
    deposit = take(5000, "ﾔﾏﾀﾞ")
    match_deposit(deposit_id=deposit.pk, amounts={order.pk: 5000})
    undo_match(match_id=DepositMatch.objects.get().pk)
    assert (now(deposit).state, deposit.matched, now(order).paid_total) == ("unmatched", 0, 0)
    assert OrderHold.objects.get().order == order
    with pytest.raises(InvalidTransition):
        undo_match(match_id=DepositMatch.objects.get().pk)

    match_deposit(deposit_id=deposit.pk, amounts={right.pk: 5000})
    confirm_orders(order_ids=[right.pk])
    with pytest.raises(InvalidTransition, match="moved on"):
        undo_match(match_id=DepositMatch.objects.latest("pk").pk)
    assert now(right).paid_total == 5000
    assert_sound()


def test_by_itself_only_where_the_shop_says_so_and_nothing_comes_near():
    DepositRule.objects.create(currency="JPY", matches_itself=True)
    order = make_waiting(5000, "ヤマダ タロウ")
    twins = [make_waiting(3000, "スズキ イチロウ") for _ in range(2)]
    korean = make_waiting(9000, "홍길동", currency="KRW")
    assert now(take(5000, "ﾔﾏﾀﾞ ﾀﾛｳ")).state == "matched"
    assert now(take(3000, "ｽｽﾞｷ ｲﾁﾛｳ")).state == "proposed"
    assert now(take(9000, "홍 길동", currency="KRW")).state == "proposed"
    assert [now(row).paid_total for row in (order, *twins, korean)] == [5000, 0, 0, 0]
    assert_sound()


def test_the_rights_are_needed():
    order, deposit = make_waiting(5000, "a"), take(5000, "b")
    agent = make_user(permissions=["payments.view_bankdeposit"])
    for wrong in (
        lambda: take_deposits(lines=[], actor=agent),
        lambda: match_deposit(deposit_id=deposit.pk, amounts={order.pk: 5000}, actor=agent),
        lambda: return_deposit(deposit_id=deposit.pk, actor=agent),
    ):
        with pytest.raises(NotAllowed):
            wrong()
    assert (now(deposit).state, Payment.objects.count()) == ("proposed", 0)


def test_the_page_proposes_confirms_and_leads_on(client):
    rights = ["view_bankdeposit", "match_bankdeposit", "return_bankdeposit"]
    client.force_login(make_user(permissions=[f"payments.{right}" for right in rights]))
    order = make_waiting(5000, "ヤマダ タロウ")
    deposit, other = take(5000, "ﾔﾏﾀﾞ ﾀﾛｳ"), take(70, "nobody")
    url = f"/admin/deposits/{deposit.pk}/"
    page = client.get(url).content.decode()
    assert f'value="{order.pk}:5000"' in page
    assert "autofocus" in page
    assert client.post(url, {"do": "match", "number": "O-0", "key": "a"}).url == url
    assert Order.objects.get(pk=order.pk).paid_total == 0
    done = client.post(url, {"do": "match", "parts": f"{order.pk}:5000", "key": "b"})
    assert done.url == f"/admin/deposits/{other.pk}/"
    assert now(order).paid_total == 5000
    client.post(url, {"do": "undo", "match": DepositMatch.objects.get().pk})
    assert now(order).paid_total == 0
    client.post(f"/admin/deposits/{other.pk}/", {"do": "return"})
    assert now(other).state == "returned"


FILES = {
    "generic_deposits_jp": (
        "cp932",
        (
            "取引日,入金金額,振込依頼人名,EDI情報,照会番号,口座番号\n"
            "2026/05/01,5000,ﾔﾏﾀﾞ ﾀﾛｳ,,1001,1234567\n2026/05/01,0,ｼﾊﾗｲ,,1002,1234567\n"
        ),
        ("JPY", 5000, "ﾔﾏﾀﾞ ﾀﾛｳ", "1001", "1234567"),
    ),
    "generic_deposits_kr": (
        "cp949",
        '거래일시,입금액,보낸분,적요,거래번호,계좌번호\n2026-05-01 10:20:30,"9,000",홍길동,인터넷,5,110-22\n',
        ("KRW", 9000, "홍길동", "5", "110-22"),
    ),
}


@pytest.mark.parametrize("code", FILES)
def test_lists_of_banks_come_in_once(code):
    call_command("sync_formats")
    encoding, text, expected = FILES[code]
    boss = make_user(is_superuser=True)
    for turn in range(2):
        file = ContentFile(text.encode(encoding), name=f"{code}-{turn}.csv")
        batch = upload_file(target="payments.deposits", file=file, options={}, actor=boss)
        assert batch.format == ImportFormat.objects.get(code=code)
        start_import(batch_id=batch.pk, actor=boss)
        run_import(batch_id=batch.pk)
    row = BankDeposit.objects.get()
    assert (row.currency, row.amount, row.payer_name, row.reference, row.account) == expected
    assert row.deposited_on == date(2026, 5, 1)
