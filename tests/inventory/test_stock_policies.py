"""How a variant's stock is kept and sold."""

import pytest

from core.errors import InvalidInput, NotAllowed
from core.models import EventRecord
from inventory.models import StockPolicy
from inventory.services import set_stock_policy
from tests.factories import make_user, make_variant

pytestmark = pytest.mark.django_db


def test_only_what_changed_is_written_and_told():
    variant = make_variant()
    planner = make_user(permissions=["inventory.change_stockpolicy"])

    set_stock_policy(variant_id=variant.pk, values={"tracks_lots": True, "block_days": 30}, actor=planner)
    policy = set_stock_policy(variant_id=variant.pk, values={"tracks_lots": True, "block_days": 40}, actor=planner)

    assert (policy.tracks_lots, policy.block_days, policy.tracks_serials) == (True, 40, False)
    records = EventRecord.objects.filter(name="inventory.stock_policy_set").order_by("id")
    assert [record.data["fields"] for record in records] == [["tracks_lots", "block_days"], ["block_days"]]


def test_a_sale_before_release_needs_its_date_and_the_right():
    variant = make_variant()

    with pytest.raises(InvalidInput, match="released"):
        set_stock_policy(variant_id=variant.pk, values={"when_out": "preorder"})
    with pytest.raises(NotAllowed):
        set_stock_policy(variant_id=variant.pk, values={"block_days": 3}, actor=make_user())

    assert not StockPolicy.objects.exists()
