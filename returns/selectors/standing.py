"""How a case stands with the law and with the shop's rule: in time, until when, and what may be kept of the money."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Max

from compliance.models import Duty, LegalClock, LegalRule
from compliance.selectors.clocks import clocks_of, is_in_time, window_of, withdrawal_rule
from orders.models import Order
from orders.services.legal.deadlines import law_of
from returns.models import ReturnRule


@dataclass(frozen=True, slots=True, kw_only=True)
class LawStanding:
    """Whose law holds, its rule to withdraw, the customer's windows, and when the last parcel was received.

    ``defect`` are the windows for goods that differ from what was promised; all of them have to be kept.
    """

    law: str
    rule: LegalRule | None
    window: LegalClock | None
    defect: Sequence[LegalClock]
    delivered_at: datetime | None

    def in_time(self, at: datetime) -> bool | None:
        """Tell whether a withdrawal stated then is in time; None where we know of no right."""
        return None if self.rule is None else is_in_time(self.window, at)

    def defect_in_time(self, at: datetime) -> bool:
        """Tell whether somebody may still say then that the goods differ."""
        return bool(self.defect) and all(at <= clock.due_at for clock in self.defect)

    def until(self, rule: ReturnRule | None) -> datetime | None:
        """Return until when the shop takes things back: the law's window and the rule's days; None: not begun."""
        extra = timedelta(days=rule.extra_days if rule else 0)
        if self.window is not None:
            return self.window.due_at + extra
        return self.delivered_at + extra if self.delivered_at and self.rule is None and extra else None


def standing_of(order: Order) -> LawStanding:
    """Return how an order stands with the law; three statements."""
    clocks = clocks_of({Order: [order.pk]})
    return LawStanding(
        law=law_of(order),
        rule=withdrawal_rule(law_of(order), order.placed_at, order.country),
        window=window_of(clocks),
        defect=[clock for clock in clocks if clock.rule.duty in {Duty.DEFECT_SUPPLY, Duty.DEFECT_KNOWN}],
        delivered_at=order.shipments.aggregate(last=Max("delivered_at"))["last"],
    )
