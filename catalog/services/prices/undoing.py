"""Prices that were set together are taken back together: by an import, or by a rule."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from catalog.events import PriceTakenBack
from catalog.models import Price, Product, SalesChannel
from catalog.policies import can_set_prices
from catalog.services.prices.many import PriceSet, note_new_prices
from catalog.services.prices.periods import Period, Periods, check_period, joined, move_end, put, take_back
from catalog.services.prices.rows import Key, lock_variants, read_periods, write_periods
from core.errors import Conflict, DomainError, NotAllowed
from core.events import record_many
from staff.models import User


@transaction.atomic
def undo_prices(*, done: Sequence[PriceSet], actor: User | None = None) -> list[DomainError | None]:
    """Take back prices that ``set_prices`` set, and return for each None or why it stays, in order.

    A planned one never begins; a changed plan is as it was; a running one ends now and what held before it holds again,
    as a new price: what customers saw stays. Conflict where somebody set another price since, and where it is over.
    Constant number of statements. NotAllowed without the right.
    """
    if actor is not None and not can_set_prices(actor):
        raise NotAllowed(_("You may not set prices."))
    found = dict(Price.objects.filter(pk__in=[row.price_id for row in done]).values_list("pk", "variant_id"))
    variants = lock_variants(set(found.values()))
    now = timezone.now()
    rows = Price.objects.filter(pk__in=found).values_list("pk", "variant_id", "sales_channel_id")
    keys: dict[int, Key] = {pk: (variant, channel) for pk, variant, channel in rows}
    before = read_periods(set(keys.values()))
    after = dict(before)
    answers: list[DomainError | None] = []
    changed: list[tuple[Key, PriceSet]] = []
    for row in done:
        try:
            if row.price_id not in keys:
                raise _newer()
            key = keys[row.price_id]
            after[key] = _undone(after[key], row, now)
        except DomainError as error:
            answers.append(error)
        else:
            answers.append(None)
            changed.append((key, row))
    channels = SalesChannel.objects.in_bulk({channel for _variant, channel in before})
    write_periods(before, after, {pk: channel.currency for pk, channel in channels.items()})
    facts = [
        (
            PriceTakenBack(
                variant_id=key[0],
                sku=variants[key[0]].sku,
                sales_channel=channels[key[1]].name,
                currency=channels[key[1]].currency,
                amount=row.values.amount,
            ),
            variants[key[0]].product_id,
        )
        for key, row in changed
    ]
    record_many(facts, model=Product, actor=actor)
    note_new_prices(product_ids={product for _fact, product in facts}, actor=actor)
    return answers


def _undone(periods: Periods, row: PriceSet, now: datetime) -> Periods:
    ours = next((period for period in periods if period.price_id == row.price_id), None)
    if ours is None or ours.values != row.values:
        raise _newer()
    if any(_is_newer(period, ours, row) for period in periods):
        raise _newer()
    if ours.ends_at is not None and ours.ends_at <= now:
        raise Conflict(_("It is over already."))
    if ours.starts_at > now:
        if row.is_changed_plan and row.before is not None:
            return put(periods, row.before, ours.starts_at, None, now=now)[0]
        return take_back(periods, row.price_id, now=now)
    if row.before is None:
        return move_end(periods, row.price_id, end=now, now=now)
    check_period(ours.starts_at, now)
    kept = [replace(period, ends_at=now) if period is ours else period for period in periods]
    return joined(kept, Period(row.before, now, ours.ends_at), now=now)


def _is_newer(period: Period, ours: Period, row: PriceSet) -> bool:
    if period.recorded_at is None or ours.recorded_at is None or period.values == row.before:
        return False
    return period.recorded_at > ours.recorded_at


def _newer() -> Conflict:
    return Conflict(_("Another price was set since: look at it yourself."))
