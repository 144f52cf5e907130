"""What a variant costs: set, planned, ended, taken back; a new price ends the one before and keeps it as history."""

from collections.abc import Callable
from datetime import datetime
from typing import cast

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from catalog.events import PriceTakenBack
from catalog.models import Price, PriceProposal, Product
from catalog.policies import can_set_prices
from catalog.services.prices.many import PriceRow, PriceState, note_new_prices, set_prices
from catalog.services.prices.periods import Periods, move_end, take_back
from catalog.services.prices.rows import lock_variants, read_periods, write_periods
from core.errors import Conflict, NotAllowed
from core.events import record_many
from staff.models import User


@transaction.atomic
def set_price(  # noqa: PLR0913 the columns of one price
    *,
    variant_id: int,
    sales_channel_id: int,
    amount: int,
    compare_at: int | None = None,
    list_price: int | None = None,
    cost: int | None = None,
    starts_at: datetime | None = None,
    ends_at: datetime | None = None,
    currency: str = "",
    reason: str = "",
    actor: User | None = None,
) -> Price | PriceProposal:
    """Make ``amount`` (minor units of the channel's currency) the price from ``starts_at`` (default: now) on.

    Without an end it closes the period that runs then, and holds until the next planned price, which keeps its start.
    With an end (a campaign) it lies in the middle: what held before goes on afterwards by itself. A planned price that
    begins at the same moment is changed. The price that holds already is returned as it is. ``compare_at`` None: no
    price before; list price and cost stay as they are unless given.

    A margin below the channel's lowest needs a second person: then the PriceProposal that waits is returned. Without a
    known cost nothing is guarded. Live pictures that show another price are marked; a newer price takes the place of
    one that waits. InvalidInput for negative amounts, a price before that is not higher, an end before the start,
    another currency; Conflict when another price begins within the period or has begun at the same moment, and for a
    past in which customers were asked another price; NotAllowed without the right.
    """
    row = PriceRow(
        variant_id=variant_id,
        sales_channel_id=sales_channel_id,
        amount=amount,
        compare_at=compare_at,
        list_price=list_price,
        cost=cost,
        clear=() if compare_at is not None else ("compare_at",),
        currency=currency,
        starts_at=starts_at,
        ends_at=ends_at,
        reason=reason,
    )
    (outcome,) = set_prices(rows=[row], actor=actor)
    if outcome.error is not None:
        raise outcome.error
    if outcome.state == PriceState.WAITING:
        return PriceProposal.objects.get(pk=cast(int, outcome.proposal_id))
    return Price.objects.select_related("variant", "sales_channel").get(pk=cast(int, outcome.price_id))


@transaction.atomic
def change_planned_price(
    *,
    price_id: int,
    amount: int,
    compare_at: int | None = None,
    starts_at: datetime,
    ends_at: datetime | None = None,
    reason: str = "",
    actor: User | None = None,
) -> Price | PriceProposal:
    """Change a planned price and its period, and return it as ``set_price`` does.

    It is taken back and planned anew; list price and cost stay. Below the lowest margin the wish waits and the plan is
    taken back meanwhile. Conflict when it has begun; nothing is changed when the new one is refused.
    """
    planned = Price.objects.filter(pk=price_id).first()
    cancel_price(price_id=price_id, actor=actor)
    if planned is None:
        raise _gone()
    return set_price(
        variant_id=planned.variant_id,
        sales_channel_id=planned.sales_channel_id,
        amount=amount,
        compare_at=compare_at,
        list_price=planned.list_price,
        cost=planned.cost,
        starts_at=starts_at,
        ends_at=ends_at,
        reason=reason,
        actor=actor,
    )


def cancel_price(*, price_id: int, actor: User | None = None) -> None:
    """Take a planned price back: the one before it goes on until the next.

    Conflict when it has begun (end it, or set another one) or is gone; NotAllowed without the right.
    """
    _change(price_id, lambda periods, now: take_back(periods, price_id, now=now), actor=actor)


def end_price(*, price_id: int, ends_at: datetime | None = None, actor: User | None = None) -> None:
    """End a running or planned price at ``ends_at`` (default: now), earlier or later than it would.

    From then on the price before it holds again, as far as the next one; without a price before, the variant has none.
    Conflict when it is over, or another price begins within; InvalidInput for an end in the past; NotAllowed without
    the right.
    """

    def move(periods: Periods, now: datetime) -> Periods:
        return move_end(periods, price_id, end=ends_at or now, now=now)

    _change(price_id, move, actor=actor)


@transaction.atomic
def _change(
    price_id: int,
    change: Callable[[Periods, datetime], Periods],
    *,
    actor: User | None,
) -> None:
    if actor is not None and not can_set_prices(actor):
        raise NotAllowed(_("You may not set prices."))
    price = Price.objects.select_related("sales_channel").filter(pk=price_id).first()
    if price is None:
        raise _gone()
    variant = lock_variants([price.variant_id])[price.variant_id]
    now = timezone.now()
    key = price.variant_id, price.sales_channel_id
    before = read_periods([key])
    after = change(before[key], now)
    write_periods(before, {key: after}, {price.sales_channel_id: price.sales_channel.currency})
    left = next((period for period in after if period.price_id == price_id), None)
    fact = PriceTakenBack(
        variant_id=price.variant_id,
        sku=variant.sku,
        sales_channel=price.sales_channel.name,
        currency=price.currency,
        amount=price.amount,
        ends_at=left.ends_at.isoformat() if left and left.ends_at else "",
    )
    record_many([(fact, variant.product_id)], model=Product, actor=actor)
    note_new_prices(product_ids=[variant.product_id], actor=actor)


def _gone() -> Conflict:
    return Conflict(_("This price was changed or taken back in the meantime. Reload the page."))
