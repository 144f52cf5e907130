"""Pages of stocktakes: planning, the phone at the shelf, judging, paper, figures; and who may open them."""

import json

import pytest
from django.urls import reverse

from inventory.models import AdjustReason, EntryKind, Stocktake, StocktakeCount, StocktakeLine
from inventory.selectors.shrinkage import Accuracy, count_figures
from inventory.services import EntryLine, post_entry
from inventory.services.counting import post_stocktake, review_stocktake
from tests.admin.pressing import press, press_many, said
from tests.factories import make_stock, make_user, make_variant
from tests.inventory.counting import COUNT, approved, counted, line_of, make_counter, make_judge, make_stocktake

pytestmark = pytest.mark.django_db
VIEW = ("inventory.view_stocktake", "inventory.view_stocktakeline")
KEY = "0" * 31


@pytest.fixture
def kim(client):
    user = make_user(permissions=[COUNT, "inventory.view_stocktake"], username="kim")
    client.force_login(user)
    return user


def send(client, stocktake, **values):
    return client.post(
        reverse("admin:inventory_count_send", args=[stocktake.pk]), json.dumps(values), "application/json"
    )


def test_a_stocktake_is_planned_once_however_often_the_button_is_pressed(client, kim):
    item = make_stock(on_hand=10)
    data = {
        "_key": "a" * 32, "warehouse": item.warehouse_id, "scope": "chosen", "skus": item.variant.sku,
        "is_blind": "on", "blind_counts": "2", "tolerance_pieces": "1", "tolerance_value": "5000", "note": "Spring",
    }  # fmt: skip

    for _press in range(2):
        answer = client.post(reverse("admin:inventory_plan_stocktake"), data)

    [stocktake] = Stocktake.objects.all()
    assert answer["Location"] == reverse("admin:inventory_stocktake_change", args=[stocktake.pk])
    assert (stocktake.blind_counts, stocktake.tolerance_pieces, stocktake.tolerance_value) == (2, 1, 5000)
    assert (stocktake.created_by, stocktake.note, stocktake.lines.count()) == (kim, "Spring", 1)


@pytest.mark.parametrize(
    ("over", "sentence"),
    [
        ({"scope": "chosen", "skus": "NOBODY"}, "Not in this warehouse: NOBODY"),
        ({"scope": "chosen", "skus": ""}, "Give between 1 and 500 SKUs."),
        ({"scope": "zone", "zone": ""}, "Say which zone."),
        ({"scope": "abc", "abc": "C"}, "There is nothing to count."),
    ],
)
def test_what_cannot_be_planned_is_said_beside_the_question(client, kim, over, sentence):
    item = make_stock(on_hand=10)
    data = {"_key": "a" * 32, "warehouse": item.warehouse_id, "blind_counts": "1", "tolerance_pieces": "0", **over}

    answer = client.post(reverse("admin:inventory_plan_stocktake"), data)

    assert sentence in answer.content.decode()
    assert Stocktake.objects.count() == 0


def test_the_phone_knows_codes_and_places_and_no_number_of_the_books(client, kim):
    item = make_stock(on_hand=8642)
    stocktake = make_stocktake(item)

    page = client.get(reverse("admin:inventory_count", args=[stocktake.pk]))

    assert page.context["data"]["lines"] == [
        {
            "id": line_of(stocktake, item).pk, "sku": item.variant.sku, "codes": [item.variant.sku],
            "name": item.variant.label, "bin": "", "zone": "", "lot": "", "todo": True,
        }
    ]  # fmt: skip
    assert "8642" not in page.content.decode()


def test_a_count_is_sent_twice_and_counts_once(client, kim):
    one, two = make_stock(on_hand=10), make_stock(on_hand=5)
    stocktake = make_stocktake(one, two)
    values = {"key": f"{KEY}1", "line": line_of(stocktake, one).pk, "counted": 10}

    answers = [send(client, stocktake, **values).json() for _time in range(2)]

    assert answers == [{"left": [line_of(stocktake, two).pk]}] * 2
    assert StocktakeCount.objects.count() == 1


def test_who_counted_a_difference_is_not_told_and_not_asked_again(client, kim):
    item = make_stock(on_hand=10)
    stocktake = make_stocktake(item)
    line = line_of(stocktake, item)

    answer = send(client, stocktake, key=f"{KEY}1", line=line.pk, counted=3)

    assert answer.json() == {"left": []}
    client.force_login(make_counter())
    data = client.get(reverse("admin:inventory_count", args=[stocktake.pk])).context["data"]
    assert [row["todo"] for row in data["lines"]] == [True]


def test_a_refusal_is_a_sentence_and_odd_posts_are_bad_requests(client, kim):
    item = make_stock(on_hand=10)
    stocktake = make_stocktake(item, is_started=False)
    line = line_of(stocktake, item).pk
    url = reverse("admin:inventory_count_send", args=[stocktake.pk])

    refused = send(client, stocktake, key=f"{KEY}1", line=line, counted=10)

    assert (refused.status_code, refused.json()) == (409, {"sentence": "This stocktake is not being counted any more."})
    good = {"key": f"{KEY}1", "line": line, "counted": 1}
    for odd in ({"key": "x"}, {"counted": -1}, {"counted": True}, {"line": "1"}):
        assert send(client, stocktake, **{**good, **odd}).status_code == 400
    assert client.post(url, "no json", "application/json").status_code == 400
    assert send(client, stocktake, key=f"{KEY}1", line=line + 99, counted=1).status_code == 404
    assert StocktakeCount.objects.count() == 0


def test_what_is_not_planned_is_found_and_added(client, kim):
    item, found = make_stock(on_hand=10), make_variant(barcode="4006381333931")
    stocktake = make_stocktake(item)
    place = stocktake.warehouse.bins.create(code="A-1")

    variants = client.get(reverse("admin:inventory_count_find", args=[stocktake.pk]), {"code": found.barcode}).json()
    added = client.post(
        reverse("admin:inventory_count_add", args=[stocktake.pk]),
        json.dumps({"key": f"{KEY}1", "variant": variants["variants"][0]["id"], "bin": "A-1"}),
        "application/json",
    ).json()["line"]

    assert variants == {"variants": [{"id": found.pk, "sku": found.sku, "name": found.label}]}
    assert (added["sku"], added["bin"], added["codes"]) == (found.sku, place.code, sorted([found.barcode, found.sku]))
    assert stocktake.lines.count() == 2


def test_without_the_right_nobody_counts(client):
    stocktake = make_stocktake(make_stock(on_hand=10))
    client.force_login(make_user(permissions=VIEW))

    assert client.get(reverse("admin:inventory_count", args=[stocktake.pk])).status_code == 403
    assert send(client, stocktake, key=f"{KEY}1", line=1, counted=1).status_code == 403
    assert client.get(reverse("admin:inventory_plan_stocktake")).status_code == 403


def test_a_blind_counter_sees_no_difference_on_the_page_and_a_judge_does(client, kim):
    item = make_stock(on_hand=8642)
    stocktake = make_stocktake(item)
    counted(stocktake, item, 8641, make_counter())
    url = reverse("admin:inventory_stocktake_change", args=[stocktake.pk])

    assert "8642" not in client.get(url).content.decode()
    client.force_login(make_user(permissions=[*VIEW, COUNT, "inventory.approve_stocktake"]))
    assert "8642" in client.get(url).content.decode()


def test_from_start_to_posting_by_buttons(client, kim):
    item = make_stock(on_hand=10)
    stocktake = make_stocktake(item, is_started=False)
    press(client, stocktake, "start")
    send(client, stocktake, key=f"{KEY}1", line=line_of(stocktake, item).pk, counted=8)
    counted(stocktake, item, 8, make_counter())
    press(client, stocktake, "review")
    client.force_login(make_user(permissions=[*VIEW, COUNT, "inventory.approve_stocktake"]))
    line = line_of(stocktake, item)

    press_many(client, StocktakeLine, "investigate", [line.pk], reason="damaged", note="wet")
    answer = press(client, stocktake, "approve")

    assert said(answer)[-1] == f"{stocktake.number}: 1 difference is posted."
    stocktake.refresh_from_db()
    item.refresh_from_db()
    assert (stocktake.state, item.on_hand) == ("posted", 8)


def test_the_count_sheet_is_a_pdf_without_numbers_of_the_books(client, kim):
    item = make_stock(on_hand=8642)
    stocktake = make_stocktake(item)

    answer = client.get(reverse("admin:inventory_count_sheet", args=[stocktake.pk]))

    assert b"".join(answer.streaming_content).startswith(b"%PDF")
    assert answer["Content-Disposition"] == f'attachment; filename="{stocktake.number}.pdf"'


def test_figures_of_what_was_posted_and_adjusted(client, kim):
    one, two, judge = make_stock(on_hand=10), make_stock(on_hand=10), make_judge()
    stocktake = make_stocktake(one, two, tolerance_pieces=5)
    stocktake.lines.filter(stock_item=one).update(unit_cost=1500, currency="KRW", abc="A")
    counted(stocktake, one, 8, make_counter())
    counted(stocktake, two, 10, make_counter())
    approved(stocktake, judge)
    post_stocktake(stocktake_id=stocktake.pk, actor=judge)
    lost = EntryLine(variant_id=two.variant_id, warehouse_id=two.warehouse_id, quantity=-3)
    post_entry(kind=EntryKind.ADJUSTMENT, lines=[lost], reason="Fell", reason_code=AdjustReason.DAMAGED)

    figures = count_figures(since=stocktake.created_at)

    assert figures.total == Accuracy(2, 1)
    assert figures.total.percent == 50.0
    assert figures.classes == [("", Accuracy(1, 1)), ("A", Accuracy(1, 0))]
    assert [(key, loss.lost, loss.found) for key, loss in figures.by_reason] == [
        (("adjustment", "damaged"), 3, 0),
        (("count", ""), 2, 0),
    ]
    assert dict(figures.losses.values) == {"KRW": -3000}
    page = client.get(reverse("admin:inventory_count_figures")).content.decode()
    assert "50.0 %" in page
    assert "3,000" not in page  # costs are for who may see them


def test_figures_of_nothing_say_what_to_do(client, kim):
    assert "Nothing was counted or adjusted" in client.get(reverse("admin:inventory_count_figures")).content.decode()


def test_one_who_counted_is_told_that_somebody_else_approves(client):
    own = make_user(permissions=[*VIEW, COUNT, "inventory.approve_stocktake"])
    item = make_stock(on_hand=10)
    stocktake = make_stocktake(item)
    counted(stocktake, item, 10, own)
    review_stocktake(stocktake_id=stocktake.pk, actor=own)
    client.force_login(own)

    page = client.get(reverse("admin:inventory_stocktake_change", args=[stocktake.pk])).content.decode()
    press(client, stocktake, "approve")

    assert "somebody else approves it" in page
    stocktake.refresh_from_db()
    assert stocktake.state == "review"
