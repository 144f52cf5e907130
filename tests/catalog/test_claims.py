"""Which price before can be proved: Korea, the European Union, Japan; what was entered afterwards proves nothing."""

from datetime import UTC, datetime, timedelta

import pytest
from django.core.management import call_command

from catalog.models import Price
from catalog.selectors.claims import Verdict, prove_discount
from compliance.models import PriceClaimRule
from tests.factories import make_channel, make_variant

pytestmark = pytest.mark.django_db

SALE = datetime(2026, 6, 1, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def rules():
    call_command("sync_rules", verbosity=0)
    assert set(PriceClaimRule.objects.values_list("jurisdiction", flat=True)) == {"KR", "JP", "EU"}


def history(country, *amounts, compare_at=None, late=()):
    """Make prices: (amount, from how many days before the sale); the last one is the sale."""
    variant, channel = make_variant(), make_channel(country=country, currency="EUR")
    starts = [SALE - days * DAY for _amount, days in amounts] + [None]
    for place, (amount, _days) in enumerate(amounts):
        is_last = place == len(amounts) - 1
        price = Price.objects.create(
            variant=variant,
            sales_channel=channel,
            currency="EUR",
            amount=amount,
            compare_at=compare_at if is_last else None,
            starts_at=starts[place],
            ends_at=starts[place + 1],
        )
        # the database writes its own clock; as if it had been entered on time
        Price.objects.filter(pk=price.pk).update(recorded_at=SALE if place in late else starts[place])
    return variant, channel


def proof(variant, channel, **over):
    return prove_discount(variant_id=variant.pk, sales_channel_id=channel.pk, at=SALE + DAY, **over)


@pytest.mark.parametrize(
    ("country", "low_before", "allowed"),
    [("KR", 21, 2000), ("KR", 20, 1500), ("DE", 31, 2000), ("DE", 30, 1500), ("FR", 20, 1500)],
)
def test_the_lowest_price_of_the_days_before(country, low_before, allowed):
    # 1500 was asked until ``low_before - 1`` days before the sale
    variant, channel = history(country, (1500, 60), (2000, low_before), (1000, 0), compare_at=2000)
    if allowed == 1500:
        Price.objects.filter(amount=2000).update(starts_at=SALE - (low_before - 1) * DAY)
        Price.objects.filter(amount=1500).update(ends_at=SALE - (low_before - 1) * DAY)
    found = proof(variant, channel)
    assert found.allowed == allowed
    assert found.verdict == (Verdict.PROVABLE if allowed == 2000 else Verdict.NOT_PROVABLE)
    assert found.is_provable == (allowed == 2000)


def test_a_lower_price_before_than_the_lowest_is_provable():
    variant, channel = history("DE", (1500, 60), (1000, 0), compare_at=1200)
    assert proof(variant, channel).verdict == Verdict.PROVABLE
    assert proof(variant, channel, reference=1501).verdict == Verdict.NOT_PROVABLE
    assert proof(variant, channel, reference=1500).verdict == Verdict.PROVABLE


@pytest.mark.parametrize(
    ("amounts", "verdict"),
    [
        ([(2000, 56), (1000, 0)], Verdict.PROVABLE),
        ([(2000, 29), (1000, 0)], Verdict.PROVABLE),  # on sale for 29 days: all of them
        ([(1500, 56), (2000, 28), (1000, 0)], Verdict.NOT_PROVABLE),  # exactly half is no majority
        ([(1500, 56), (2000, 29), (1000, 0)], Verdict.PROVABLE),
        ([(2000, 13), (1000, 0)], Verdict.NOT_PROVABLE),  # less than two weeks
        ([(2000, 14), (1000, 0)], Verdict.PROVABLE),
        ([(2000, 56), (1500, 14), (1000, 0)], Verdict.PROVABLE),
        ([(2000, 56), (1500, 15), (1000, 0)], Verdict.NOT_PROVABLE),  # too long ago
    ],
)
def test_the_price_of_more_than_half_of_eight_weeks(amounts, verdict):
    variant, channel = history("JP", *amounts, compare_at=2000)
    assert proof(variant, channel).verdict == verdict


def test_the_highest_usual_price_is_named():
    variant, channel = history("JP", (1800, 56), (2500, 10), (1000, 0), compare_at=2500)
    found = proof(variant, channel)
    assert (found.verdict, found.allowed) == (Verdict.NOT_PROVABLE, 1800)


@pytest.mark.parametrize("country", ["KR", "JP", "DE"])
def test_what_was_recorded_afterwards_proves_nothing(country):
    variant, channel = history(country, (2000, 56), (1000, 0), compare_at=2000, late=[0])
    found = proof(variant, channel)
    assert found.verdict == Verdict.NOT_PROVABLE
    assert "recorded afterwards" in found.sentence
    assert [row.is_late for row in found.evidence] == [True]


def test_a_new_cost_is_no_new_price():
    variant, channel = history("KR", (2000, 40), (1000, 0), (1000, -5), compare_at=2000)
    found = prove_discount(variant_id=variant.pk, sales_channel_id=channel.pk, at=SALE + 6 * DAY)
    assert (found.verdict, found.reduced_at) == (Verdict.PROVABLE, SALE)


def test_nothing_claimed_nothing_known_nothing_asked():
    variant, channel = history("KR", (2000, 40), (1000, 0))
    assert proof(variant, channel).verdict == Verdict.NO_CLAIM
    assert proof(variant, channel).allowed == 2000
    variant, channel = history("US", (2000, 40), (1000, 0), compare_at=2000)
    assert proof(variant, channel).verdict == Verdict.NO_RULE
    found = prove_discount(variant_id=variant.pk, sales_channel_id=channel.pk, at=SALE - 99 * DAY, reference=5)
    assert found.verdict == Verdict.NOT_PROVABLE
    variant, channel = history("KR", (1000, 0), compare_at=2000)
    assert proof(variant, channel).sentence == "No price is recorded in the 20 days before this one."
