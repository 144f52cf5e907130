"""What a case comes to: what the law wants refunded with it, what a resolution would grant."""

from collections.abc import Sequence

from django.db.models import Sum

from compliance.models import Duty, LegalRule
from compliance.models.rule import holds
from compliance.selectors.reckoning import country_in, local_day
from orders.models import LineKind, Order
from orders.services.legal.deadlines import law_of
from returns.models import Finding, RequestKind, Resolution, ReturnRequest
from returns.selectors.standing import standing_of

_REFUNDS = (Duty.REFUND_STATEMENT, Duty.REFUND_RETURN)


def delivery_owed(*, order: Order, request: ReturnRequest, findings: Sequence[Finding]) -> int:
    """Return what of the delivery goes back with a case, minor units.

    Where the law's refund includes it, of an order that was withdrawn from in time and came back wholly, once.
    """
    if request.kind != RequestKind.RETURN or any(one.resolution != Resolution.REFUND for one in findings):
        return 0
    law = law_of(order)
    if not law or standing_of(order).in_time(request.asked_at) is not True:
        return 0
    day = local_day(order.placed_at, country_in(law, order.country))
    rules = LegalRule.objects.filter(jurisdiction=law, duty__in=_REFUNDS, includes_delivery=True)
    if not any(holds(rule, day) for rule in rules):
        return 0
    lines = list(order.lines.all())
    kept = [line for line in lines if line.kind == LineKind.PRODUCT and line.shipped_count > line.returned_count]
    paid = sum(line.total for line in lines if line.kind == LineKind.SHIPPING and line.total > 0)
    before = order.return_requests.exclude(pk=request.pk).aggregate(total=Sum("delivery_refund"))["total"] or 0
    return 0 if kept else max(0, paid - before)
