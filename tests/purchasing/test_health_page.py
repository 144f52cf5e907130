"""What lies too long, on screen: disposing of it with a second look, and the table as a file."""

import pytest
from django.urls import reverse
from django.utils import timezone

from inventory.models import StockEntry, StockItem
from purchasing.admin.health import remedy_url
from purchasing.models import StockHealth
from purchasing.selectors.health import stock_sums
from purchasing.services.replenishing.asking import ask_for_work
from staff.models import Task
from tests.admin.pressing import press, press_many, said
from tests.factories import make_stock, make_user

pytestmark = pytest.mark.django_db
SEES = ("purchasing.view_stockhealth", "purchasing.view_costs")
DISPOSES = (*SEES, "inventory.adjust_stock")


@pytest.fixture
def row():
    item = make_stock(on_hand=10)
    return StockHealth.objects.create(
        variant=item.variant, on_hand=10, age_older=10, value=7000, verdict="dead", remedy="dispose",
        computed_at=timezone.now(),
    )  # fmt: skip


def answers(row, **over):
    item = StockItem.objects.get(variant=row.variant)
    return {
        "place": item.pk, "quantity": 4, "reason_code": "disposed", "reason": "Faded", "sku": row.variant.sku, **over
    }  # fmt: skip


def on_hand(row):
    return StockItem.objects.get(variant=row.variant).on_hand


def test_disposed_pieces_are_written_off_with_their_cause(client, row):
    client.force_login(make_user(permissions=DISPOSES))
    answer = press(client, row, "dispose", **answers(row))
    entry = StockEntry.objects.latest("pk")
    assert (on_hand(row), entry.kind, entry.reason_code, entry.reason) == (6, "adjustment", "disposed", "Faded")
    assert said(answer) == [f"4 pieces of {row.variant.sku} are written off by {entry.number}."]


@pytest.mark.parametrize("over", [{"sku": "OTHER"}, {"quantity": 11}, {"quantity": 0}, {"reason": ""}])
def test_a_wrong_answer_writes_nothing_off(client, row, over):
    client.force_login(make_user(permissions=DISPOSES))
    press(client, row, "dispose", **answers(row, **over))
    assert on_hand(row) == 10


def test_without_the_right_nothing_is_disposed_of(client, row):
    client.force_login(make_user(permissions=SEES))
    press(client, row, "dispose", **answers(row))
    assert on_hand(row) == 10
    client.force_login(make_user(permissions=SEES[:1]))
    assert client.get(reverse("admin:purchasing_stockhealth_changelist")).status_code == 403


def lies(**over):
    row = {"variant": make_stock(on_hand=10).variant, "on_hand": 10, "computed_at": timezone.now(), **over}
    return StockHealth.objects.create(**row)


def test_what_is_tied_up_is_summed_by_verdict_and_by_age(client, row):
    lies(verdict="slow", age_30=5, age_90=5, value=1_000, excess_value=400)
    lies(verdict="slow", age_90=10, value=500, excess_value=100)
    lies(age_30=10, value=9_000)
    sums = stock_sums()
    assert [(one.verdict, one.variants, one.pieces, one.value, one.excess) for one in sums.verdicts] == [
        ("dead", 1, 10, 7_000, 0),
        ("slow", 2, 20, 1_500, 500),
        ("excess", 0, 0, 0, 0),
        ("healthy", 1, 10, 9_000, 0),
    ]
    assert (sums.value, dict(sums.ages)) == (
        17_500,
        {"age_30": 9_500, "age_60": 0, "age_90": 1_000, "age_180": 0, "age_365": 0, "age_older": 7_000},
    )
    client.force_login(make_user(permissions=SEES))
    shown = client.get(reverse("admin:purchasing_stockhealth_changelist")).content.decode()
    assert "2 variants · ₩500 too much" in shown
    assert "₩17,500 tied up, by age" in shown


@pytest.mark.parametrize("remedy", ["mark_down", "bundle", "move", "stop", "dispose"])
def test_each_remedy_leads_to_a_page_that_is_filled_in(client, row, remedy):
    client.force_login(make_user(is_superuser=True))
    StockHealth.objects.filter(pk=row.pk).update(remedy=remedy)
    row.refresh_from_db()
    answer = client.get(remedy_url(row))
    assert answer.status_code == 200
    if remedy == "mark_down":
        initial = answer.context["form"].initial
        assert (initial["products"], initial["value"]) == (str(row.variant.product_id), "-30")
        assert initial["reason"] == f"Dead: {row.variant.sku}"
    if remedy == "stop":
        initial = answer.context["adminform"].form.initial
        assert (int(initial["variant"]), bool(initial["is_never"])) == (row.variant_id, True)


@pytest.mark.parametrize(("wanted", "kind"), [("photos", "photo"), ("text", "copy"), ("mark_down", "product_edit")])
def test_ticked_rows_become_tasks_about_their_products(row, wanted, kind):
    other = lies()
    asks = make_user(permissions=["staff.add_task"])
    tasks = ask_for_work(health_ids=[row.pk, other.pk], wanted=wanted, words="Show it worn", actor=asks)
    assert [(task.kind, task.subject_id) for task in tasks] == [
        (kind, row.variant.product_id),
        (kind, other.variant.product_id),
    ]
    assert "Show it worn" in " ".join(tasks[0].brief.values())
    assert f"{row.variant.sku}: 10 pieces" in " ".join(tasks[0].brief.values())


def test_work_is_asked_for_from_the_list_and_only_with_words_and_the_right(client, row):
    client.force_login(make_user(permissions=[*SEES, "staff.add_task"]))
    asked = {"wanted": "photos", "words": "Show it worn", "go_live_on": ""}
    answer = press_many(client, StockHealth, "ask_for_work", [row.pk], **asked)
    [task] = Task.objects.all()
    assert said(answer) == [f"1 task was requested: {task.number}"]
    press_many(client, StockHealth, "ask_for_work", [row.pk], **{**asked, "words": " "})
    client.force_login(make_user(permissions=SEES))
    press_many(client, StockHealth, "ask_for_work", [row.pk], **asked)
    assert Task.objects.count() == 1
