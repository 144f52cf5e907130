"""A written order becomes an order like any other: checked, sorted, promised, reserved as those that are imported."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from catalog.models import SalesChannel
from core.commands import once
from core.errors import InvalidInput, NotAllowed
from core.events import record
from core.money import to_decimal
from core.sequences import next_numbers
from customers.services.identifying import Buyer, identify_customers
from orders.events import OrderPlaced
from orders.models import ADDRESS_FIELDS, BUYER_FIELDS, Gift, LineKind, Order, OrderLine, OrderSource
from orders.policies import can_override_prices, can_replace_goods, can_write_orders
from orders.services.batches import check_right
from orders.services.intake.drafts import LineDraft, OrderDraft
from orders.services.intake.inserting import ORDER_SERIES, Arrival, insert_orders
from orders.services.manual.pricing import PricedLine, price_lines
from orders.services.manual.wanted import WantedOrder
from orders.services.triage.sorting import triage_orders
from staff.models import User

CONTACT = (*BUYER_FIELDS, *ADDRESS_FIELDS, "delivery_slot", "customer_note")


def place_manual_order(*, wanted: WantedOrder, key: str = "", actor: User | None = None) -> Order:
    """Make a written order true and return it; it goes on as an imported one does: checks, triage, promise, stock.

    Its prices are those of the price list at ``wanted.priced_at``, copied and from then on its own. The same ``key``
    answers with the same order; Conflict when it comes with other content. A replacement names its original order and
    costs what its lines say. InvalidInput for impossible lines, texts that are too long, and a price other than the
    list's without a reason; NotAllowed without the right to write orders, or to such a price.
    """
    is_replacement = wanted.source == OrderSource.REPLACEMENT
    check_right(can_replace_goods if is_replacement else can_write_orders, actor)

    def run() -> int:
        return _place(wanted, actor).pk

    parameters: dict[str, Any] = asdict(wanted)
    return Order.objects.get(pk=once(key=f"orders.manual:{key}", parameters=parameters, run=run) if key else run())


@transaction.atomic  # not around ``once``: a kept refusal must outlive it
def _place(wanted: WantedOrder, actor: User | None) -> Order:
    """Write the order.

    1. Lock the series of order numbers, as intake does: one after the other.
    2. Price the lines, find or make the customer, insert. 3. Record. 4. Sort.
    """
    channel = SalesChannel.objects.get(pk=wanted.sales_channel_id)
    _check(wanted)
    lines = price_lines(wanted.lines, channel, wanted.priced_at)
    check_overrides(lines, is_free=wanted.source == OrderSource.REPLACEMENT, actor=actor)
    next_numbers(series=ORDER_SERIES, count=0)
    draft = _draft(wanted, lines, channel)
    variants = {line.sku: priced.variant.pk for line, priced in zip(draft.lines, lines, strict=True) if priced.variant}
    [(placed, status)] = insert_orders(
        [Arrival(draft, None, _customer(wanted, channel))], channel=channel, variants=variants, as_history=False
    )
    order = Order.objects.get(pk=placed.id)
    order.source, order.original_id, order.staff_note = wanted.source, wanted.original_id, wanted.staff_note
    order.channel_values = {}  # nobody told them: every word is ours
    order.save(update_fields=["source", "original", "staff_note", "channel_values", "updated_at"])
    _keep_reasons(order, lines)
    if wanted.gift:
        Gift.objects.create(order=order, **asdict(wanted.gift))
    fact = OrderPlaced(order_id=order.pk, sales_channel=channel.code, status=status, source=wanted.source)
    record(fact, subject=order, actor=actor)
    triage_orders(order_ids=[order.pk])
    return order


def check_overrides(lines: Sequence[PricedLine], *, is_free: bool, actor: User | None) -> None:
    """Refuse prices that somebody decided without the right or without a reason; ``is_free``: they are agreed above."""
    decided = [line for line in lines if line.is_overridden]
    if not decided or is_free:
        return
    if any(not line.wanted.reason.strip() for line in decided):
        raise InvalidInput(_("Say why it is sold at another price than the price list’s."))
    if actor is not None and not can_override_prices(actor):
        raise NotAllowed(_("Your role sells at the prices of the price list. Ask a lead for another price."))


def _check(wanted: WantedOrder) -> None:
    if strange := set(wanted.contact) - set(CONTACT):
        raise ValueError(f"no column of a buyer or an address: {sorted(strange)}")
    if wanted.source not in OrderSource.values or wanted.source == OrderSource.CHANNEL:
        raise ValueError("written by hand, or a replacement")
    if wanted.source == OrderSource.REPLACEMENT and wanted.original_id is None:
        raise InvalidInput(_("Say which order the goods replace."))
    for name, text in {**wanted.contact, "payment_method": wanted.payment_method}.items():
        longest = getattr(Order._meta.get_field(name), "max_length", None)
        if longest is not None and len(text) > longest:
            label = getattr(Order._meta.get_field(name), "verbose_name", name)
            said = _("“%(field)s” is too long: at most %(count)d characters.")
            raise InvalidInput(said % {"field": label, "count": longest})


def _draft(wanted: WantedOrder, lines: Sequence[PricedLine], channel: SalesChannel) -> OrderDraft:
    """Return the order as intake knows it."""
    contact: dict[str, Any] = {name: text.strip() for name, text in wanted.contact.items()}
    contact["country"] = contact.get("country") or channel.country
    contact["recipient_name"] = contact.get("recipient_name") or contact.get("buyer_name", "")
    contact["recipient_phone"] = contact.get("recipient_phone") or contact.get("buyer_phone", "")
    costs = sum(line.total for line in lines) > 0
    return OrderDraft(
        external_number="",
        placed_at=timezone.now(),
        currency=channel.currency,
        lines=[
            LineDraft(
                external_id="",
                quantity=line.wanted.quantity,
                unit_price=to_decimal(line.price, channel.currency),
                total=line.total,
                kind=line.wanted.kind,
                sku=line.variant.sku if line.variant else "",
                name=line.variant.product.name if line.variant else line.name,
                options=line.variant.name if line.variant else "",
            )
            for line in lines
        ],
        is_prepaid=wanted.is_prepaid and costs,
        is_paid=False if wanted.is_prepaid and costs else None,
        payment_method=wanted.payment_method,
        delivery_on=wanted.delivery_on,
        **contact,
    )


def _customer(wanted: WantedOrder, channel: SalesChannel) -> int | None:
    if wanted.customer_id is not None:
        return wanted.customer_id
    contact = wanted.contact
    buyer = Buyer(
        name=contact.get("buyer_name", ""),
        country=contact.get("country") or channel.country,
        email=contact.get("buyer_email", ""),
        phone=contact.get("buyer_phone", ""),
    )
    return identify_customers(buyers=[buyer])[0]


def _keep_reasons(order: Order, lines: Sequence[PricedLine]) -> None:
    """Write beside each decided price what the price list says, and why it is another one."""
    rows = list(OrderLine.objects.filter(order=order).order_by("position", "pk"))
    changed = []
    for row, line in zip(rows, lines, strict=True):
        if line.is_overridden:
            row.list_price = line.list_price if row.kind == LineKind.PRODUCT else None
            row.price_reason = line.wanted.reason.strip()[:200]
            changed.append(row)
    OrderLine.objects.bulk_update(changed, ["list_price", "price_reason"])
