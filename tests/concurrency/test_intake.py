"""The same orders arriving from several sides at once are made once."""

import random

import pytest

from core.models import EventRecord
from customers.models import Customer, Identity
from orders.models import Order, OrderLine, Payment
from orders.services.intake.drafts import OrderDraft
from orders.services.intake.placing import place_orders
from tests.concurrency.race import race
from tests.factories import make_channel, make_variant
from tests.orders.test_intake import draft, line

pytestmark = pytest.mark.django_db(transaction=True)


def delivery(seed: int) -> list[OrderDraft]:
    """Draft the same 200 orders of 40 buyers, in an order of their own."""
    drafts = [
        draft(
            line(),
            line(external_id="2", sku="SHIRT", quantity=1),
            external_number=f"A-{number}",
            buyer_phone=f"010-1234-{number % 40:04d}",
            is_paid=True,
        )
        for number in range(200)
    ]
    random.Random(seed).shuffle(drafts)
    return drafts


def test_four_importers_deliver_the_same_orders_shuffled():
    channel = make_channel(currency="KRW")
    make_variant(sku="SHIRT")

    def importer(seed: int) -> int:
        drafts = delivery(seed)
        made = 0
        for start in range(0, len(drafts), 25):
            placed = place_orders(drafts=drafts[start : start + 25], sales_channel_id=channel.pk)
            made += sum(one.outcome == "created" for one in placed)
        return made

    results = race(*(lambda seed=seed: importer(seed) for seed in range(4)))

    assert [result.kind for result in results] == ["done"] * 4, results
    assert sum(result.value for result in results) == Order.objects.count() == 200
    assert OrderLine.objects.count() == 400
    assert Payment.objects.count() == 200
    assert Customer.objects.count() == Identity.objects.count() == 40
    assert EventRecord.objects.filter(name="orders.order_placed").count() == 200
    numbers = sorted(Order.objects.values_list("number", flat=True))
    assert numbers == [f"O-{number:07d}" for number in range(1, 201)]
