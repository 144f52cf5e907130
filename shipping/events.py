"""What happened in shipping: the subject is the order, of what concerns a whole wave or file that one."""

from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core.events import Event
from shipping.models import LeaveReason


@dataclass(frozen=True, kw_only=True)
class WaveMade(Event):
    """Orders were put together to be picked by one walk; the subject is the wave."""

    name = "shipping.wave_made"

    wave: str
    order_count: int

    def sentence(self) -> str:
        """Return e.g. "Made of 24 orders"."""
        said = ngettext("Made of %(count)s order", "Made of %(count)s orders", self.order_count)
        return said % {"count": self.order_count}


@dataclass(frozen=True, kw_only=True)
class WavePickingStarted(Event):
    """Somebody walks; the subject is the wave."""

    name = "shipping.wave_picking_started"

    wave: str

    def sentence(self) -> str:
        """Return the sentence of the timeline."""
        return _("Picking began")


@dataclass(frozen=True, kw_only=True)
class WavePackingStarted(Event):
    """The pieces are on the table; the subject is the wave."""

    name = "shipping.wave_packing_started"

    wave: str

    def sentence(self) -> str:
        """Return the sentence of the timeline."""
        return _("Picked; packing began")


@dataclass(frozen=True, kw_only=True)
class WaveEnded(Event):
    """Nothing of it is to be done any more; the subject is the wave."""

    name = "shipping.wave_ended"

    wave: str
    packed_count: int
    left_count: int
    is_cancelled: bool = False

    def sentence(self) -> str:
        """Return e.g. "Done: 23 packed, 1 left"."""
        if self.is_cancelled:
            return _("Cancelled: its orders are ready to pick again")
        return _("Done: %(packed)s packed, %(left)s left") % {"packed": self.packed_count, "left": self.left_count}


@dataclass(frozen=True, kw_only=True)
class OrderJoinedWave(Event):
    """An order is picked with others; the subject is the order."""

    name = "shipping.order_joined_wave"

    order_id: int
    wave: str
    slot: int

    def sentence(self) -> str:
        """Return e.g. "In wave W-0000012, slot 7"."""
        return _("In wave %(wave)s, slot %(slot)s") % {"wave": self.wave, "slot": self.slot}


@dataclass(frozen=True, kw_only=True)
class OrderLeftWave(Event):
    """An order is not packed with its wave; the subject is the order."""

    name = "shipping.order_left_wave"

    order_id: int
    wave: str
    reason: str  # LeaveReason

    def sentence(self) -> str:
        """Return e.g. "Left wave W-0000012: cancelled"."""
        reason = str(LeaveReason(self.reason).label) if self.reason in LeaveReason.values else self.reason
        return _("Left wave %(wave)s: %(reason)s") % {"wave": self.wave, "reason": reason}


@dataclass(frozen=True, kw_only=True)
class OrderPacked(Event):
    """Every piece of a parcel was scanned; the subject is the order."""

    name = "shipping.order_packed"

    order_id: int
    shipment: str  # its number
    piece_count: int
    mistake_count: int

    def sentence(self) -> str:
        """Return e.g. "Packed with a scan of each of 3 pieces (S-0000012)"."""
        said = ngettext(
            "Packed: %(count)s piece scanned (%(shipment)s)",
            "Packed: %(count)s pieces scanned (%(shipment)s)",
            self.piece_count,
        )
        return said % {"count": self.piece_count, "shipment": self.shipment}


@dataclass(frozen=True, kw_only=True)
class OrderHandedToCarrier(Event):
    """The order stands in a carrier file; on the order."""

    name = "shipping.order_handed_to_carrier"

    order_id: int
    file: str  # its number
    carrier: str

    def sentence(self) -> str:
        """Return e.g. "In carrier file CF-0000001 for CJ Logistics"."""
        return _("In carrier file %(file)s for %(carrier)s") % {"file": self.file, "carrier": self.carrier}


@dataclass(frozen=True, kw_only=True)
class CarrierFileMade(Event):
    """A carrier file was made."""

    name = "shipping.carrier_file_made"

    row_count: int
    refused_count: int = 0

    def sentence(self) -> str:
        """Return e.g. "Made with 12 orders"."""
        said = ngettext("Made with %(count)d order", "Made with %(count)d orders", self.row_count)
        return said % {"count": self.row_count}


@dataclass(frozen=True, kw_only=True)
class CarrierFileWithdrawn(Event):
    """A carrier file does not count any more; its orders may stand in another one."""

    name = "shipping.carrier_file_withdrawn"

    open_count: int

    def sentence(self) -> str:
        """Return e.g. "Withdrawn; 3 orders are free for another file"."""
        said = ngettext(
            "Withdrawn; %(count)d order is free for another file",
            "Withdrawn; %(count)d orders are free for another file",
            self.open_count,
        )
        return said % {"count": self.open_count}


@dataclass(frozen=True, kw_only=True)
class TrackingNumberSet(Event):
    """A parcel that left got its tracking number, or another one; on the order."""

    name = "shipping.tracking_number_set"

    order_id: int
    shipment_id: int
    shipment: str
    before: str
    after: str
    carrier: str = ""

    def sentence(self) -> str:
        """Return e.g. "Parcel S-0000001: tracking number CJ 1234, before 1233"."""
        now = f"{self.carrier} {self.after}".strip()
        if not self.before:
            return _("Parcel %(parcel)s: tracking number %(number)s") % {"parcel": self.shipment, "number": now}
        words = {"parcel": self.shipment, "number": now, "before": self.before}
        return _("Parcel %(parcel)s: tracking number %(number)s, before %(before)s") % words


@dataclass(frozen=True, kw_only=True)
class ParcelInTrouble(Event):
    """A parcel could not be delivered or comes back; on the order."""

    name = "shipping.parcel_in_trouble"

    order_id: int
    shipment: str
    kind: str

    def sentence(self) -> str:
        """Return e.g. "Parcel S-0000001: comes back to us"."""
        from_kind = {
            "failed": _("Parcel %(parcel)s could not be delivered"),
            "returned": _("Parcel %(parcel)s comes back to us"),
            "no_scan": _("Parcel %(parcel)s: no sign from the carrier"),
        }
        return from_kind.get(self.kind, "%(parcel)s") % {"parcel": self.shipment}


@dataclass(frozen=True, kw_only=True)
class ParcelAlertClosed(Event):
    """Somebody looked after a parcel; on the order."""

    name = "shipping.parcel_alert_closed"

    order_id: int
    shipment: str
    outcome: str

    def sentence(self) -> str:
        """Return e.g. "Parcel S-0000001 looked after: sent again"."""
        return _("Parcel %(parcel)s looked after: %(outcome)s") % {"parcel": self.shipment, "outcome": self.outcome}
