"""What only people hear of (a complaint, a defect, goods that cannot be supplied) starts its deadlines."""

from datetime import datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from compliance.models import ClockEvent, LegalClock, LegalRule
from compliance.models.rule import holds
from compliance.services import start_clock
from core.errors import InvalidInput
from orders.models import Order
from orders.services.batches import lock_order
from orders.services.legal.deadlines import law_of, start_of
from staff.models import User

# what the system cannot see by itself
HEARD = (ClockEvent.COMPLAINT_RECEIVED, ClockEvent.DEFECT_KNOWN, ClockEvent.SUPPLY_IMPOSSIBLE)


@transaction.atomic
def start_heard_clocks(
    *, order_id: int, event: ClockEvent, at: datetime, evidence: str, actor: User | None = None
) -> list[LegalClock]:
    """Start every deadline of the order that this event starts by the law of its day, and return them.

    One of the order that runs already, or has ended, is returned as it is. InvalidInput for an event that the system
    sees itself, without evidence, for a moment before the order or in the future, and where the law of the place knows
    no such deadline; NotAllowed without the right.
    """
    if event not in HEARD:
        raise InvalidInput(_("That deadline starts by itself."))
    order = lock_order(order_id)
    if not order.placed_at <= at <= timezone.now():
        raise InvalidInput(_("That moment lies before the order or in the future."))
    start = start_of(order, at)
    rules = LegalRule.objects.filter(jurisdiction=law_of(order), starts_by=event).order_by("position", "pk")
    found = [rule for rule in rules if holds(rule, start.contract_on)]
    if not found:
        raise InvalidInput(_("We know of no such deadline in the law there."))
    return [start_clock(rule_id=rule.pk, model=Order, start=start, evidence=evidence, actor=actor) for rule in found]
