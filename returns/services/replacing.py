"""A replacement is an order of its own; it takes the pieces that were kept for the exchange."""

from collections.abc import Mapping, Sequence

from django.db import transaction
from django.utils.translation import gettext as _

from catalog.selectors.pricing import prices_at
from core.events import record
from orders.models import ADDRESS_FIELDS, BUYER_FIELDS, Order, OrderSource, OrderStatus
from orders.services import WantedLine, WantedOrder, allocate_orders, confirm_orders, place_manual_order
from returns.events import ExchangeEnded
from returns.models import Finding, RequestLine, RequestState, Resolution, ReturnRequest
from returns.services.cases import lock_case
from returns.services.exchanging import free_exchange
from staff.models import User


def price_differences(*, order: Order, lines: Sequence[RequestLine]) -> dict[int, int]:
    """Return by line what one piece of the wanted variant costs more (or less) today, minor units; 0 for the same one.

    By the price list of the order's channel; where it has no price for either, nobody pays anything.
    """
    other = [line for line in lines if line.exchange_variant_id not in {None, line.order_line.variant_id}]
    wanted = {pk for line in other for pk in (line.exchange_variant_id, line.order_line.variant_id) if pk is not None}
    prices = prices_at(variant_ids=wanted, sales_channel_id=order.sales_channel_id) if wanted else {}
    amounts: Mapping[int, int] = {pk: one.amount for pk, one in prices.items() if one.currency == order.currency}
    found = dict.fromkeys((line.pk for line in lines), 0)
    for line in other:
        new, old = amounts.get(line.exchange_variant_id or 0), amounts.get(line.order_line.variant_id or 0)
        if new is not None and old is not None:
            found[line.pk] = new - old
    return found


def place_replacement(
    *, order: Order, request: ReturnRequest, findings: Sequence[Finding], actor: User | None
) -> Order | None:
    """Write the order that replaces the pieces of these findings and return it, None for no pieces; reserve its stock.

    It costs what the wanted goods cost more; called under the case's lock.
    """
    wanted = [one for one in findings if one.resolution == Resolution.EXCHANGE and one.replacement_id is None]
    if not wanted:
        return None
    dearer = price_differences(order=order, lines=[one.line for one in wanted])
    reason = _("Replacement for %(order)s (%(case)s)") % {"order": order.number, "case": request.number}
    replacement = place_manual_order(
        wanted=WantedOrder(
            sales_channel_id=order.sales_channel_id,
            lines=[
                WantedLine(
                    quantity=one.quantity,
                    variant_id=one.line.exchange_variant_id or one.line.order_line.variant_id,
                    price=max(0, dearer[one.line_id]),
                    reason=reason,
                )
                for one in wanted
            ],
            contact={name: getattr(order, name) for name in (*BUYER_FIELDS, *ADDRESS_FIELDS)},
            customer_id=order.customer_id,
            staff_note=reason,
            source=OrderSource.REPLACEMENT.value,
            original_id=order.pk,
        ),
        actor=actor,
    )
    for one in wanted:
        one.replacement = replacement
    Finding.objects.bulk_update(wanted, ["replacement"])
    serve_replacement(order_id=replacement.pk)
    return replacement


@transaction.atomic
def serve_replacement(*, order_id: int) -> bool:
    """Let a replacement that needs nothing more take the pieces that were kept for it; tell whether it did.

    One that waits for money or to be checked keeps them until then. Twice is harmless: nothing is kept any more.
    """
    request_id = Finding.objects.filter(replacement=order_id).values_list("line__request_id", flat=True).first()
    if request_id is None:
        return False
    lock_case(request_id)
    order = Order.objects.select_for_update(no_key=True, of=("self",)).get(pk=order_id)
    if order.status in {OrderStatus.NEW, OrderStatus.AWAITING_PAYMENT}:
        return False
    lines = list(RequestLine.objects.filter(findings__replacement=order_id, held_until__isnull=False).distinct())
    free_exchange(lines=lines, actor=None)
    if order.status == OrderStatus.TO_CONFIRM:
        confirm_orders(order_ids=[order.pk])  # the stock is locked since it was freed: nobody was in between
    elif order.status == OrderStatus.AWAITING_STOCK:
        allocate_orders(order_ids=[order.pk])
    return True


@transaction.atomic
def reopen_for_cancelled(*, order_id: int) -> int:
    """Let cases whose replacement was cancelled be resolved again, and return how many pieces; twice finds none."""
    request_id = Finding.objects.filter(replacement=order_id).values_list("line__request_id", flat=True).first()
    if request_id is None:
        return 0
    _order, request = lock_case(request_id)
    if Order.objects.values_list("status", flat=True).get(pk=order_id) != OrderStatus.CANCELLED:
        return 0
    findings = list(Finding.objects.filter(replacement=order_id).select_related("line").order_by("pk"))
    lines = list(RequestLine.objects.filter(findings__replacement=order_id, held_until__isnull=False).distinct())
    free_exchange(lines=lines, actor=None)
    for one in findings:
        one.replacement, one.resolution = None, ""
    Finding.objects.bulk_update(findings, ["replacement", "resolution"])
    request.state = RequestState.INSPECTED
    request.save(update_fields=["state"])
    pieces = sum(one.quantity for one in findings)
    fact = ExchangeEnded(request_id=request.pk, number=request.number, piece_count=pieces, why="cancelled")
    record(fact, subject=request)
    return pieces
