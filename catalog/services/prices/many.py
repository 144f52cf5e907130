"""Thousands of prices at once: each row is judged for itself, what is right is written together."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import Any, Self

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from catalog.events import PriceChanged
from catalog.models import Product, SalesChannel
from catalog.policies import can_set_prices
from catalog.selectors.margins import is_below_floor
from catalog.services.pictures.proving import check_shown_prices
from catalog.services.prices.periods import Period, Periods, Values, holding, put
from catalog.services.prices.proposing import Wish, propose_prices, replace_waiting
from catalog.services.prices.rows import (
    REVIEWED,
    Key,
    LockedVariant,
    lock_variants,
    read_periods,
    shown_keys,
    write_periods,
)
from catalog.services.review.reviewing import content_changed
from core.errors import Conflict, DomainError, InvalidInput, NotAllowed
from core.events import record_many
from staff.models import User

CLEARABLE = frozenset({"compare_at", "list_price", "cost"})


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceRow:
    """One wish: minor units; None leaves what holds, ``clear`` names columns that become empty.

    ``starts_at`` None: now. ``ends_at`` None: until the next planned price. ``currency``: of the file, to compare.
    """

    variant_id: int
    sales_channel_id: int
    amount: int | None = None
    compare_at: int | None = None
    list_price: int | None = None
    cost: int | None = None
    clear: Collection[str] = ()
    currency: str = ""
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    reason: str = ""  # for the person who approves a price below the lowest margin


class PriceState(StrEnum):
    """What became of a wish."""

    SET = "set"
    UNCHANGED = "unchanged"
    WAITING = "waiting"  # for a second person
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class PriceSet:
    """A price as it was set and what held before: enough to take it back later. ``as_data`` is JSON."""

    price_id: int
    values: Values
    before: Values | None
    is_changed_plan: bool = False  # a planned price was changed in place

    def as_data(self) -> dict[str, Any]:
        """Return it as JSON keeps it."""
        columns = "amount", "compare_at", "list_price", "cost"
        before = [getattr(self.before, name) for name in columns] if self.before else None
        values = [getattr(self.values, name) for name in columns]
        return {"id": self.price_id, "values": values, "before": before, "plan": self.is_changed_plan}

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> Self:
        """Read what ``as_data`` wrote."""
        before = Values(*data["before"]) if data["before"] else None
        return cls(data["id"], Values(*data["values"]), before, is_changed_plan=data["plan"])


@dataclass(slots=True)
class PriceOutcome:
    """What became of one row. ``price_id``: the price that holds as wished; ``done``: what ``undo_prices`` takes."""

    state: PriceState
    error: DomainError | None = None
    price_id: int | None = None
    proposal_id: int | None = None
    done: PriceSet | None = None
    is_below_cost: bool = False

    @property
    def sentence(self) -> str:
        """Return why it is refused, waits, or should be looked at again; empty when all is well."""
        if self.error is not None:
            return str(self.error)
        if self.state == PriceState.WAITING:
            return _("Below the lowest margin: it waits for a second person.")
        return _("The price lies below the cost.") if self.is_below_cost else ""


@dataclass(frozen=True, slots=True)
class _Written:
    """A price that is set: in the place of ``held``, with an end when one was wished."""

    key: Key
    new: Period
    held: Period | None
    ends_at: datetime | None
    outcome: PriceOutcome

    @property
    def is_new_amount(self) -> bool:
        return self.held is None or self.held.values.amount != self.new.values.amount


@dataclass
class _Batch:
    """What is known of all rows, and what changes."""

    now: datetime
    variants: Mapping[int, LockedVariant]
    channels: Mapping[int, SalesChannel]
    before: dict[Key, Periods]
    shown: set[tuple[int, int]]
    is_approved: bool
    after: dict[Key, Periods] = field(default_factory=dict)
    wishes: dict[Key, tuple[PriceOutcome, Wish]] = field(default_factory=dict)
    written: list[_Written] = field(default_factory=list)


@transaction.atomic
def set_prices(*, rows: Sequence[PriceRow], actor: User | None = None) -> list[PriceOutcome]:
    """Set many prices and return what became of each row, in order; a refused row stops no other one.

    A row is set, is unchanged, waits for a second person (its margin lies below the channel's lowest), or is refused
    with a sentence. Planned and time-limited prices as ``set_price`` says. A newer price or wish takes the place of one
    that waits. The variants are locked in key order; the number of statements does not depend on the number of rows
    (events are written in batches). Live pictures are compared once. NotAllowed without the right.
    """
    if actor is not None and not can_set_prices(actor):
        raise NotAllowed(_("You may not set prices."))
    return change_prices(rows=rows, is_approved=False, actor=actor)


def change_prices(*, rows: Sequence[PriceRow], is_approved: bool, actor: User | None) -> list[PriceOutcome]:
    """Set prices as ``set_prices``, without asking for the right; ``is_approved``: a second person has said yes.

    Then nothing waits afterwards, and what waits is left to the caller.
    """
    batch = _read(rows, is_approved=is_approved)
    outcomes = [_judge(batch, row) for row in rows]
    _write(batch, actor)
    return outcomes


def _read(rows: Sequence[PriceRow], *, is_approved: bool) -> _Batch:
    variants = lock_variants({row.variant_id for row in rows})
    channels = SalesChannel.objects.in_bulk({row.sales_channel_id for row in rows})
    now = timezone.now()  # after the lock: no price that ran meanwhile begins later
    since = min((row.starts_at for row in rows if row.starts_at), default=now)
    keys = {(row.variant_id, row.sales_channel_id) for row in rows}
    # a price that ended a moment ago has the values that a row leaves as they are
    before = read_periods(keys, since=min(since, now))
    shown = shown_keys({variant.product_id for variant in variants.values()}, channels)
    return _Batch(now, variants, channels, before, shown, is_approved)


def _judge(batch: _Batch, row: PriceRow) -> PriceOutcome:
    try:
        return _set_one(batch, row)
    except DomainError as error:
        return PriceOutcome(PriceState.REFUSED, error=error)


def _set_one(batch: _Batch, row: PriceRow) -> PriceOutcome:
    variant, channel = batch.variants.get(row.variant_id), batch.channels.get(row.sales_channel_id)
    if variant is None or channel is None:
        raise InvalidInput(_("There is no such variant or sales channel."))
    if row.currency and row.currency != channel.currency:
        raise InvalidInput(
            _("%(channel)s sells in %(currency)s, not in %(other)s.")
            % {"channel": channel, "currency": channel.currency, "other": row.currency}
        )
    key = row.variant_id, row.sales_channel_id
    periods = batch.after.get(key, batch.before[key])
    start = row.starts_at or batch.now
    held = holding(periods, start)
    values = _values(row, held)
    shown = (variant.product_id, channel.pk) in batch.shown
    wanted, new = put(periods, values, start, row.ends_at, now=batch.now, shown=shown)
    if new is held:
        return PriceOutcome(PriceState.UNCHANGED, price_id=held.price_id)
    outcome = PriceOutcome(PriceState.SET, is_below_cost=values.cost is not None and values.amount < values.cost)
    is_new_amount = held is None or held.values.amount != values.amount
    floor = None if batch.is_approved or not is_new_amount else channel.margin_floor
    if values.cost is not None and floor is not None and is_below_floor(values.amount, values.cost, floor):
        wish = Wish(
            variant_id=key[0],
            sku=variant.sku,
            product_id=variant.product_id,
            channel=channel,
            values=values,
            cost=values.cost,
            margin_floor=floor,
            starts_at=row.starts_at,
            ends_at=row.ends_at,
            reason=row.reason,
        )
        return _ask(batch, key, wish, outcome)
    batch.after[key] = wanted
    batch.written.append(_Written(key, new, held, row.ends_at, outcome))
    return outcome


def _values(row: PriceRow, held: Period | None) -> Values:
    base = held.values if held else None
    if row.amount is None and base is None:
        raise InvalidInput(_("There is no price yet: write an amount."))
    if unknown := set(row.clear) - CLEARABLE:
        raise ValueError(f"cannot be cleared: {sorted(unknown)}")
    given: dict[str, Any] = {"amount": row.amount}
    given |= {name: getattr(row, name) for name in CLEARABLE}
    given = {name: value for name, value in given.items() if value is not None}
    given |= dict.fromkeys(row.clear)
    return replace(base, **given) if base else Values(**given)


def _ask(batch: _Batch, key: Key, wish: Wish, outcome: PriceOutcome) -> PriceOutcome:
    earlier = batch.wishes.get(key)
    if earlier is not None:
        earlier[0].state = PriceState.REFUSED
        earlier[0].error = Conflict(_("A later row asks for another price of the same variant and channel."))
    batch.wishes[key] = (outcome, wish)
    outcome.state = PriceState.WAITING
    return outcome


def _write(batch: _Batch, actor: User | None) -> None:
    currencies = {pk: channel.currency for pk, channel in batch.channels.items()}
    ids = write_periods({key: batch.before[key] for key in batch.after}, batch.after, currencies)
    for one in batch.written:
        held = one.held
        one.outcome.price_id = price_id = ids[(*one.key, one.new.starts_at)]
        is_plan = held is not None and held.starts_at == one.new.starts_at
        one.outcome.done = PriceSet(price_id, one.new.values, held.values if held else None, is_changed_plan=is_plan)
    if not batch.is_approved:
        _propose(batch, actor)
    if batch.written:
        _tell(batch, actor)


def _propose(batch: _Batch, actor: User | None) -> None:
    changed = {one.key for one in batch.written if one.is_new_amount}
    replace_waiting(keys=changed | set(batch.wishes), actor=actor)
    proposals = propose_prices(wishes=[wish for _outcome, wish in batch.wishes.values()], actor=actor)
    for (outcome, _wish), proposal_id in zip(batch.wishes.values(), proposals, strict=True):
        outcome.proposal_id = proposal_id


def _tell(batch: _Batch, actor: User | None) -> None:
    product_ids = {batch.variants[key[0]].product_id for key in batch.after}
    record_many([_fact(batch, one) for one in batch.written], model=Product, actor=actor)
    note_new_prices(product_ids=product_ids, actor=actor)


def note_new_prices(*, product_ids: Collection[int], actor: User | None) -> None:
    """Compare live pictures with what is asked now, and send products back whose reviewer saw other prices."""
    check_shown_prices(product_ids=product_ids)
    looked_at = Product.objects.filter(pk__in=product_ids, status__in=REVIEWED)
    if reviewed := list(looked_at.values_list("pk", flat=True)):
        content_changed(product_ids=reviewed, parts=["prices"], actor=actor)


def _fact(batch: _Batch, one: _Written) -> tuple[PriceChanged, int]:
    variant, channel = batch.variants[one.key[0]], batch.channels[one.key[1]]
    event = PriceChanged(
        variant_id=one.key[0],
        sku=variant.sku,
        sales_channel=channel.name,
        currency=channel.currency,
        amount=one.new.values.amount,
        before=one.held.values.amount if one.held else None,
        price_id=one.outcome.price_id or 0,
        starts_at=one.new.starts_at.isoformat() if one.new.starts_at > batch.now else "",
        ends_at=one.ends_at.isoformat() if one.ends_at else "",
    )
    return event, variant.product_id
