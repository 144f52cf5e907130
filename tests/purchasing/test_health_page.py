"""What lies too long, on screen: disposing of it with a second look, and the table as a file."""

import pytest
from django.urls import reverse
from django.utils import timezone

from inventory.models import StockEntry, StockItem
from purchasing.models import StockHealth
from tests.admin.pressing import press, said
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
