"""Two people at one price: periods stay in order, and a wish is decided once."""

from datetime import timedelta

import pytest
from django.utils import timezone

from catalog.models import Price, PriceProposal
from catalog.services import PriceRow, approve_prices, refuse_prices, set_price, set_prices
from tests.concurrency.race import race
from tests.factories import make_channel, make_user, make_variant

pytestmark = pytest.mark.django_db(transaction=True)


def test_two_prices_at_once_follow_one_another():
    channel, variant = make_channel(), make_variant()
    set_price(variant_id=variant.pk, sales_channel_id=channel.pk, amount=1000)

    results = race(
        *(
            lambda amount=amount: set_price(variant_id=variant.pk, sales_channel_id=channel.pk, amount=amount).amount
            for amount in (900, 800, 700)
        )
    )

    assert sorted(result.value for result in results) == [700, 800, 900], results
    rows = list(Price.objects.order_by("starts_at"))
    assert [row.ends_at for row in rows[:-1]] == [row.starts_at for row in rows[1:]]
    assert rows[-1].ends_at is None
    assert len(rows) == 4


def test_batches_that_share_variants_queue_instead_of_deadlocking():
    channel, variants = make_channel(), [make_variant() for _number in range(20)]
    start = timezone.now() + timedelta(days=1)

    def batch(order, amount):
        rows = [PriceRow(variant_id=v.pk, sales_channel_id=channel.pk, amount=amount, starts_at=start) for v in order]
        return [str(outcome.state) for outcome in set_prices(rows=rows)]

    results = race(lambda: batch(variants, 1000), lambda: batch(variants[::-1], 900))

    assert [result.kind for result in results] == ["done", "done"], results
    assert Price.objects.count() == 20
    assert Price.objects.values_list("amount", flat=True).distinct().count() == 1


def test_of_two_approvers_one_decides():
    channel, variant = make_channel(margin_floor=30), make_variant()
    setter = make_user(permissions=["catalog.change_price"])
    one, other = (make_user(permissions=["catalog.approve_price"]) for _number in range(2))
    proposal = set_price(variant_id=variant.pk, sales_channel_id=channel.pk, amount=1000, cost=900, actor=setter)

    results = race(
        lambda: approve_prices(proposal_ids=[proposal.pk], actor=one)[0],
        lambda: len(refuse_prices(proposal_ids=[proposal.pk], note="too low", actor=other)),
    )

    assert [result.kind for result in results] == ["done", "done"], results
    proposal.refresh_from_db()
    is_approved = proposal.state == "approved"
    assert [result.value for result in results] == ([1, 1] if is_approved else [0, 0])
    assert Price.objects.count() == int(is_approved)
    assert PriceProposal.objects.filter(decided_by=one if is_approved else other).count() == 1
