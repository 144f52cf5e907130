"""What the law counts by: parcels received, withdrawals stated and decided; the subject is the order."""

from dataclasses import dataclass

from django.utils.translation import gettext as _

from compliance.models import RefusalGround
from orders.events.ordering import OrderEvent
from orders.models import DeliverySource, WithdrawalDecision, WithdrawalWay


@dataclass(frozen=True, kw_only=True)
class ShipmentDelivered(OrderEvent):
    """The customer received a parcel; ``source`` says who told us."""

    name = "orders.shipment_delivered"

    shipment_id: int
    shipment: str  # its number
    source: str

    def sentence(self) -> str:
        """Return e.g. "Parcel S-0000001 received (Carrier’s scan)"."""
        source = dict(DeliverySource.choices).get(self.source, self.source)
        return _("Parcel %(number)s received (%(source)s)") % {"number": self.shipment, "source": source}


@dataclass(frozen=True, kw_only=True)
class WithdrawalStated(OrderEvent):
    """The customer withdraws; ``is_in_time`` is None where we know of no right to."""

    name = "orders.withdrawal_stated"

    withdrawal_id: int
    way: str
    is_in_time: bool | None
    reason: str = ""

    def sentence(self) -> str:
        """Return e.g. "The customer withdraws (In writing), in time: too small"."""
        way = dict(WithdrawalWay.choices).get(self.way, self.way)
        if self.is_in_time is None:
            said = _("The customer withdraws (%(way)s)")
        elif self.is_in_time:
            said = _("The customer withdraws (%(way)s), in time")
        else:
            said = _("The customer withdraws (%(way)s), after the window")
        said = said % {"way": way}
        return f"{said}: {self.reason}" if self.reason else said


@dataclass(frozen=True, kw_only=True)
class WithdrawalDecided(OrderEvent):
    """Somebody accepted or refused a withdrawal."""

    name = "orders.withdrawal_decided"

    withdrawal_id: int
    decision: str
    ground: str = ""
    evidence: str = ""

    def sentence(self) -> str:
        """Return e.g. "Withdrawal refused: Used, and worth much less (photos)"."""
        if self.decision == WithdrawalDecision.ACCEPTED:
            return _("Withdrawal accepted")
        ground = dict(RefusalGround.choices).get(self.ground) or _("after the window")
        return _("Withdrawal refused: %(ground)s (%(evidence)s)") % {"ground": ground, "evidence": self.evidence}
