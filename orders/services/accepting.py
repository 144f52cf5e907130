"""What intake wanted a person to look at: unknown products, odd addresses; then the order goes on."""

from collections.abc import Sequence

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from catalog.models import Variant
from catalog.services import remember_code
from core.errors import DomainError, InvalidInput
from core.events import Event, record, record_many
from orders.events import OrderAccepted, OrderLineMatched
from orders.models import LineKind, Order, OrderLine, OrderStatus
from orders.policies import can_confirm_orders, is_acceptable
from orders.services.batches import BatchReport, check_right, goods_of, lock_order, lock_orders, sift
from orders.services.triage.sorting import triage_orders
from staff.models import User

MATCHABLE = {OrderStatus.NEW, OrderStatus.AWAITING_PAYMENT, OrderStatus.TO_CONFIRM, OrderStatus.AWAITING_STOCK}


@transaction.atomic
def accept_orders(*, order_ids: Sequence[int], actor: User | None = None) -> BatchReport:
    """Say that new orders are checked: they wait for their payment or for confirmation next.

    Refused: orders that are not new, and those with a line whose product is unknown. NotAllowed without the right.
    """
    check_right(can_confirm_orders, actor)
    locked = lock_orders(order_ids)
    lines = goods_of([order for order in locked if is_acceptable(order)])

    def problem(order: Order) -> str:
        if not is_acceptable(order):
            return _("It is checked already.")
        unmatched = any(line.variant_id is None for line in lines.get(order.pk, ()))
        return _("A line has no product yet. Match it first.") if unmatched else ""

    orders, refused = sift(order_ids, locked, problem)
    now = timezone.now()
    facts: list[tuple[Event, int]] = []
    for status in (OrderStatus.AWAITING_PAYMENT, OrderStatus.TO_CONFIRM):
        moved = [order for order in orders if next_status(order) == status]
        Order.objects.filter(pk__in=[order.pk for order in moved]).update(status=status, to_check="", updated_at=now)
        for order in moved:
            solved = [code for code in order.to_check.split(",") if code]
            facts.append((OrderAccepted(order_id=order.pk, status=status, solved=solved), order.pk))
    record_many(facts, model=Order, actor=actor)
    return BatchReport(done=[order.pk for order in orders], refused=refused)


def accept_order(*, order_id: int, actor: User | None = None) -> Order:
    """Say that one new order is checked and return it; what ``accept_orders`` refuses is raised."""
    report = accept_orders(order_ids=[order_id], actor=actor)
    if report.refused:
        raise DomainError(report.refused[0].reason)
    return Order.objects.get(pk=order_id)


@transaction.atomic
def match_line(*, line_id: int, sku: str, remember: bool = True, actor: User | None = None) -> OrderLine:
    """Say which variant a product line means; with ``remember`` the channel's code is known from now on.

    InvalidInput for an unknown SKU or a line that is no product; DomainError once stock is reserved or the order is
    closed.
    """
    check_right(can_confirm_orders, actor)
    order = lock_order(OrderLine.objects.values_list("order_id", flat=True).get(pk=line_id))
    line = OrderLine.objects.get(pk=line_id)
    if line.kind != LineKind.PRODUCT:
        raise InvalidInput(_("Only product lines stand for a product of the catalogue."))
    if order.status not in MATCHABLE:
        raise DomainError(_("The product can no longer change: stock is reserved, or the order is closed."))
    variant = Variant.objects.filter(sku=sku.strip()).first()
    if variant is None:
        raise InvalidInput(_("No product has the SKU “%(sku)s”.") % {"sku": sku})
    line.variant = variant
    line.save(update_fields=["variant"])
    if not order.lines.filter(kind=LineKind.PRODUCT, variant=None).exists():
        order.to_check = ",".join(code for code in order.to_check.split(",") if code != "unknown_sku")
        order.save(update_fields=["to_check", "updated_at"])
    if remember and line.sku:
        remember_code(variant_id=variant.pk, sales_channel_id=order.sales_channel_id, code=line.sku)
    record(
        OrderLineMatched(order_id=order.pk, line_id=line.pk, variant_id=variant.pk, sku=variant.sku),
        subject=order,
        actor=actor,
    )
    triage_orders(order_ids=[order.pk])
    return line


def next_status(order: Order) -> OrderStatus:
    """Return where a checked order stands: waiting for payment when it must be paid first, else to confirm."""
    unpaid = order.is_prepaid and order.paid_total < order.total
    return OrderStatus.AWAITING_PAYMENT if unpaid else OrderStatus.TO_CONFIRM
