"""Prices below the lowest margin: who is asked, who decides, what is told."""

from datetime import timedelta

import pytest
from django.db import transaction
from django.utils import timezone

from catalog.models import Price, PriceProposal
from catalog.services import approve_prices, refuse_prices, set_price, withdraw_price
from core.errors import Conflict, InvalidInput, NotAllowed
from staff.models import Notification
from tests.factories import make_channel, make_user, make_variant

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)


@pytest.fixture
def channel():
    return make_channel(name="Seoul shop", margin_floor=30)


@pytest.fixture
def setter():
    return make_user(permissions=["catalog.change_price"])


@pytest.fixture
def approver():
    return make_user(permissions=["catalog.approve_price"])


@pytest.fixture
def variant(channel):
    variant = make_variant(sku="S")
    set_price(variant_id=variant.pk, sales_channel_id=channel.pk, amount=1000, cost=600, starts_at=timezone.now() - DAY)
    return variant


def wished(variant, channel, amount=700, **over):
    return set_price(variant_id=variant.pk, sales_channel_id=channel.pk, amount=amount, **over)


def told(user):
    return list(Notification.objects.filter(user=user).order_by("pk").values_list("topic", "data__title"))


def test_a_low_price_waits_and_approvers_are_told(variant, channel, setter, approver):
    proposal = wished(variant, channel, actor=setter, reason="last pieces")

    assert isinstance(proposal, PriceProposal)
    assert (proposal.amount, proposal.cost, proposal.margin, proposal.margin_floor) == (700, 600, 14, 30)
    assert Price.objects.get().amount == 1000
    assert told(approver) == [("review_asked", "Seoul shop · ₩700")]

    assert approve_prices(proposal_ids=[proposal.pk], actor=approver) == (1, [])

    assert list(Price.objects.order_by("pk").values_list("amount", "cost")) == [(1000, 600), (700, 600)]
    assert told(setter) == [("approved", "Seoul shop · ₩700")]
    assert not Notification.objects.filter(user=approver, read_at=None).exists()


@pytest.mark.parametrize(("amount", "waits"), [(858, False), (857, True), (1000, False)])
def test_the_floor_is_exact(variant, channel, amount, waits):
    assert isinstance(wished(variant, channel, amount), PriceProposal) == waits


def test_without_a_known_cost_nothing_is_guarded(channel):
    assert isinstance(wished(make_variant(), channel, 1), Price)


def test_a_new_cost_alone_asks_nobody(variant, channel):
    price = wished(variant, channel, 1000, cost=950)
    assert isinstance(price, Price)
    assert (price.amount, price.cost) == (1000, 950)


def test_nobody_approves_his_own_wish(variant, channel):
    both = make_user(permissions=["catalog.change_price", "catalog.approve_price"])
    proposal = wished(variant, channel, actor=both)
    assert approve_prices(proposal_ids=[proposal.pk], actor=both) == (
        0,
        [("S", "You asked for it yourself: another person decides.")],
    )
    assert Price.objects.get().amount == 1000


def test_who_may_not_approve_decides_nothing(variant, channel, setter):
    proposal = wished(variant, channel)
    for call in (
        lambda: approve_prices(proposal_ids=[proposal.pk], actor=setter),
        lambda: refuse_prices(proposal_ids=[proposal.pk], note="no", actor=setter),
        lambda: withdraw_price(proposal_id=proposal.pk, actor=setter),
    ):
        with pytest.raises(NotAllowed), transaction.atomic():
            call()
    proposal.refresh_from_db()
    assert proposal.state == "waiting"


def test_a_refusal_needs_a_word_and_reaches_who_asked(variant, channel, setter, approver):
    proposal = wished(variant, channel, actor=setter)
    with pytest.raises(InvalidInput, match="Say why"):
        refuse_prices(proposal_ids=[proposal.pk], note=" ", actor=approver)

    assert refuse_prices(proposal_ids=[proposal.pk], note="Too low", actor=approver) == []

    proposal.refresh_from_db()
    assert (proposal.state, proposal.note, proposal.decided_by) == ("refused", "Too low", approver)
    assert told(setter) == [("changes_requested", "Seoul shop · ₩700")]
    assert approve_prices(proposal_ids=[proposal.pk], actor=approver) == (0, [("S", "It is decided already.")])


def test_a_wish_is_taken_back(variant, channel, setter):
    proposal = wished(variant, channel, actor=setter)
    withdraw_price(proposal_id=proposal.pk, actor=setter)
    proposal.refresh_from_db()
    assert proposal.state == "withdrawn"
    with pytest.raises(Conflict):
        withdraw_price(proposal_id=proposal.pk, actor=setter)


@pytest.mark.parametrize(("amount", "left"), [(650, 1), (950, 0)])
def test_a_newer_price_takes_the_place_of_one_that_waits(variant, channel, setter, amount, left):
    first = wished(variant, channel, actor=setter)
    wished(variant, channel, amount, actor=setter)
    first.refresh_from_db()
    assert (first.state, first.note) == ("withdrawn", "Another price took its place.")
    assert PriceProposal.objects.filter(state="waiting").count() == left


def test_a_planned_wish_begins_as_planned(variant, channel, approver):
    start, end = timezone.now() + DAY, timezone.now() + 3 * DAY
    proposal = wished(variant, channel, starts_at=start, ends_at=end)
    approve_prices(proposal_ids=[proposal.pk], actor=approver)
    rows = list(Price.objects.order_by("starts_at").values_list("amount", "starts_at", "ends_at"))
    assert rows[1] == (700, start, end)
    assert [row[0] for row in rows] == [1000, 700, 1000]


def test_a_wish_whose_time_is_over_is_not_approved(variant, channel, approver):
    proposal = wished(variant, channel, starts_at=timezone.now() + DAY, ends_at=timezone.now() + 2 * DAY)
    PriceProposal.objects.filter(pk=proposal.pk).update(
        starts_at=timezone.now() - 2 * DAY, ends_at=timezone.now() - DAY
    )
    assert approve_prices(proposal_ids=[proposal.pk], actor=approver) == (0, [("S", "Its period is over.")])
    assert Price.objects.get().amount == 1000
