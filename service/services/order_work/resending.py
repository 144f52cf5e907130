"""Pieces that are sent again for nothing: lost on the way, or broken and not worth sending back."""

from collections.abc import Mapping

from django.db.models import Sum
from django.utils.translation import gettext as _

from core.errors import InvalidInput
from orders.models import ADDRESS_FIELDS, BUYER_FIELDS, LineKind, Order, OrderLine, OrderSource, OrderStatus
from orders.services import WantedLine, WantedOrder, place_manual_order
from orders.services.batches import lock_order
from returns.models import Finding
from staff.models import User


def resend(*, order: Order, pieces: Mapping[int, int], reason: str, actor: User | None) -> Order:
    """Write an order at price zero for pieces (line id: count) of a shipped order, and return it.

    The order is locked, so that of two who send the same again the second is refused. InvalidInput without a reason,
    for no pieces, for lines nobody matched, and for more than was shipped and not sent again yet.
    """
    if not reason.strip():
        raise InvalidInput(_("Say why it is sent again."))
    lock_order(order.pk)
    lines = list(OrderLine.objects.filter(order=order, kind=LineKind.PRODUCT).order_by("position", "pk"))
    wanted = {line.pk: pieces[line.pk] for line in lines if pieces.get(line.pk)}
    if not wanted or set(pieces) - {line.pk for line in lines}:
        raise InvalidInput(_("Choose at least one piece of this order."))
    left = resendable(order=order, lines=lines)
    for line in lines:
        if line.pk in wanted and not 0 < wanted[line.pk] <= left[line.pk]:
            raise InvalidInput(
                _("Only %(count)s pieces of “%(line)s” can be sent again. Reload the page.")
                % {"count": max(0, left[line.pk]), "line": line.name}
            )
    said = _("Sent again for %(order)s: %(reason)s") % {"order": order.number, "reason": reason.strip()}
    return place_manual_order(
        wanted=WantedOrder(
            sales_channel_id=order.sales_channel_id,
            lines=[
                WantedLine(quantity=wanted[line.pk], variant_id=line.variant_id, price=0, reason=said[:200])
                for line in lines
                if line.pk in wanted
            ],
            contact={name: getattr(order, name) for name in (*BUYER_FIELDS, *ADDRESS_FIELDS)},
            customer_id=order.customer_id,
            staff_note=said,
            source=OrderSource.REPLACEMENT.value,
            original_id=order.pk,
        ),
        actor=actor,
    )


def resendable(*, order: Order, lines: list[OrderLine]) -> dict[int, int]:
    """Return by line how many shipped pieces are with the customer and were not replaced yet; 0 where unmatched.

    Replacements are counted by variant; lines of the same variant share them, the first ones first.
    """
    exchanged = Finding.objects.exclude(replacement=None).values("replacement")  # the old pieces came back for these
    again: dict[int | None, int] = dict(
        OrderLine.objects.filter(order__original=order, order__source=OrderSource.REPLACEMENT)
        .exclude(order__status=OrderStatus.CANCELLED)
        .exclude(order__in=exchanged)
        .order_by()
        .values_list("variant")
        .annotate(pieces=Sum("quantity"))
    )
    found: dict[int, int] = {}
    for line in lines:
        shipped = line.shipped_count - line.returned_count if line.variant_id is not None else 0
        spent = min(shipped, again.get(line.variant_id, 0))
        if spent:
            again[line.variant_id] -= spent
        found[line.pk] = shipped - spent
    return found
