"""What variants cost: a new price ends the one before and keeps it as history."""

from datetime import datetime

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from catalog.events import PriceChanged
from catalog.models import Price, Product, SalesChannel, Variant
from catalog.policies import can_set_prices
from catalog.services.proving import check_shown_prices
from core.errors import Conflict, InvalidInput, NotAllowed
from core.events import record_many
from staff.models import User


@transaction.atomic
def set_price(
    *,
    variant_id: int,
    sales_channel_id: int,
    amount: int,
    compare_at: int | None = None,
    starts_at: datetime | None = None,
    actor: User | None = None,
) -> Price:
    """Make ``amount`` (minor units of the channel's currency) the price from ``starts_at`` (default: now) on.

    The period that runs then is closed at that moment; a later one that is already planned keeps its start. The price
    that holds already is returned as it is. Live pictures that show another price are marked. Conflict when another
    price starts at the very same moment; InvalidInput for a negative amount or a price before that is not higher;
    NotAllowed without the right.
    """
    if actor is not None and not can_set_prices(actor):
        raise NotAllowed(_("You may not set prices."))
    _check(amount, compare_at)
    # the variant's row is the lock of all its prices
    variant = Variant.objects.select_for_update(no_key=True, of=("self",)).get(pk=variant_id)
    channel = SalesChannel.objects.get(pk=sales_channel_id)
    at = starts_at or timezone.now()
    prices = Price.objects.filter(variant=variant, sales_channel=channel)
    running = prices.filter(Q(ends_at=None) | Q(ends_at__gt=at), starts_at__lte=at).first()
    if running is not None:
        if (running.amount, running.compare_at) == (amount, compare_at):
            return running
        if running.starts_at == at:
            raise Conflict(_("Another price starts at the same moment."))
        running.ends_at = at
        running.save(update_fields=["ends_at"])
    planned = prices.filter(starts_at__gt=at).order_by("starts_at").first()
    price = Price.objects.create(
        variant=variant,
        sales_channel=channel,
        currency=channel.currency,
        amount=amount,
        compare_at=compare_at,
        starts_at=at,
        ends_at=planned.starts_at if planned else None,
    )
    fact = PriceChanged(
        variant_id=variant.pk,
        sku=variant.sku,
        sales_channel=channel.name,
        currency=channel.currency,
        amount=amount,
        before=running.amount if running else None,
    )
    record_many([(fact, variant.product_id)], model=Product, actor=actor)
    check_shown_prices(product_ids=[variant.product_id])
    return price


def _check(amount: int, compare_at: int | None) -> None:
    if amount < 0:
        raise InvalidInput(_("A price cannot be negative."))
    if compare_at is not None and compare_at <= amount:
        raise InvalidInput(_("The price before must be higher than the price."))
