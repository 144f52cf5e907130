"""What inventory tells upper apps; the subject of a stock fact is the stock item, of a posted entry the entry."""

from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from core.events import Event
from inventory.models import AssemblyKind, EntryKind, SerialState, StockPolicy, StocktakeState


@dataclass(frozen=True, kw_only=True)
class StockChanged(Event):
    """Base of facts about one stock item: ``available`` is what could be promised afterwards."""

    stock_item_id: int
    variant_id: int
    warehouse_id: int
    available: int


@dataclass(frozen=True, kw_only=True)
class StockRanLow(StockChanged):
    """Available fell to the alert level or below, and is not yet nothing."""

    name = "inventory.stock_ran_low"

    def sentence(self) -> str:
        """Return e.g. "Running low: 3 left"."""
        return _("Running low: %(count)d left") % {"count": self.available}


@dataclass(frozen=True, kw_only=True)
class StockRanOut(StockChanged):
    """The last available piece was promised or lost."""

    name = "inventory.stock_ran_out"

    def sentence(self) -> str:
        """Return the sentence of the timeline."""
        return _("Out of stock")


@dataclass(frozen=True, kw_only=True)
class StockReplenished(StockChanged):
    """More can be promised than before: received, returned, counted up or released; waiting orders may go on."""

    name = "inventory.stock_replenished"

    added: int

    def sentence(self) -> str:
        """Return e.g. "12 more available, now 40"."""
        return _("%(added)d more available, now %(count)d") % {"added": self.added, "count": self.available}


@dataclass(frozen=True, kw_only=True)
class StockEntryPosted(Event):
    """A count, receipt, return or adjustment changed ``item_count`` stock items."""

    name = "inventory.stock_entry_posted"

    entry_id: int
    kind: str
    item_count: int

    def sentence(self) -> str:
        """Return e.g. "Receipt: 12 stock items"."""
        counted = ngettext("%(count)d stock item", "%(count)d stock items", self.item_count) % {
            "count": self.item_count
        }
        return f"{EntryKind(self.kind).label}: {counted}"


@dataclass(frozen=True, kw_only=True)
class StocktakeMoved(Event):
    """A stocktake is planned, counted, to be reviewed, approved, posted or cancelled; the subject is the stocktake."""

    name = "inventory.stocktake_moved"

    stocktake_id: int
    to: str
    line_count: int = 0  # planned, or posted, or to be counted again
    note: str = ""

    def sentence(self) -> str:
        """Return e.g. "To review" or "Posted: 12 lines"."""
        said = str(StocktakeState(self.to).label)
        if self.line_count:
            lines = ngettext("%(count)d line", "%(count)d lines", self.line_count) % {"count": self.line_count}
            said = f"{said}: {lines}"
        return f"{said} – {self.note}" if self.note else said


@dataclass(frozen=True, kw_only=True)
class AlertLevelsSet(Event):
    """Stock items of a product are called low from another number of pieces on; the subject is the product."""

    name = "inventory.alert_levels_set"

    product_id: int
    levels: list[list[str | int]]  # [SKU, warehouse, level before, level now], the first of ``count``
    count: int

    def sentence(self) -> str:
        """Return e.g. "Stock buffer TEE-M (Gimpo): 0 → 5"."""
        said = "; ".join(f"{sku} ({place}): {before} → {after}" for sku, place, before, after in self.levels)
        more = self.count - len(self.levels)
        if more > 0:
            more_said = ngettext("%(count)d more change", "%(count)d more changes", more) % {"count": more}
            said = f"{said}; {more_said}"
        return _("Stock buffer %(levels)s") % {"levels": said}


@dataclass(frozen=True, kw_only=True)
class LotCorrected(Event):
    """The expiry of a lot was set as it stands on the box; the subject is the lot. Empty: it does not expire."""

    name = "inventory.lot_corrected"

    lot_id: int
    number: str
    before: str
    after: str

    def sentence(self) -> str:
        """Return e.g. "Expires: 2027-01-31 → 2027-02-28"."""
        return _("Expires: %(before)s → %(after)s") % {"before": self.before or "–", "after": self.after or "–"}


@dataclass(frozen=True, kw_only=True)
class LotBlocked(Event):
    """Pieces of a lot that ends soon are held back; ``reserved`` others of the item are promised to ``documents``.

    The subject is the stock item.
    """

    name = "inventory.lot_blocked"

    stock_item_id: int
    variant_id: int
    lot_id: int
    number: str
    expires_on: str
    held: int
    reserved: int
    documents: list[str]  # the first few

    def sentence(self) -> str:
        """Return e.g. "Lot L-7 expires 2027-01-31: 12 pieces held back, 3 are reserved (A-1)"."""
        said = _("Lot %(lot)s expires %(day)s: %(held)s pieces held back") % {
            "lot": self.number,
            "day": self.expires_on,
            "held": self.held,
        }
        if not self.reserved:
            return said
        reserved = _("%(count)s of the lot are reserved (%(documents)s)") % {
            "count": self.reserved,
            "documents": ", ".join(self.documents),
        }
        return f"{said}, {reserved}"


def _pieces(count: int) -> str:
    return ngettext("%(count)d piece", "%(count)d pieces", count) % {"count": count}


@dataclass(frozen=True, kw_only=True)
class TransferDrafted(Event):
    """A transfer was written down; nothing has moved."""

    name = "inventory.transfer_drafted"

    transfer_id: int
    pieces: int

    def sentence(self) -> str:
        """Return e.g. "Drafted: 12 pieces"."""
        return _("Drafted: %(pieces)s") % {"pieces": _pieces(self.pieces)}


@dataclass(frozen=True, kw_only=True)
class TransferChanged(Event):
    """The lines of a draft are others now: [SKU, pieces before, pieces now], the first of ``count``."""

    name = "inventory.transfer_changed"

    transfer_id: int
    lines: list[list[str | int]]
    count: int

    def sentence(self) -> str:
        """Return e.g. "Changed: TEE-M 0 → 5"."""
        said = "; ".join(f"{sku} {before} → {after}" for sku, before, after in self.lines)
        more = self.count - len(self.lines)
        if more > 0:
            more_said = ngettext("%(count)d more change", "%(count)d more changes", more) % {"count": more}
            said = f"{said}; {more_said}"
        return _("Changed: %(lines)s") % {"lines": said}


@dataclass(frozen=True, kw_only=True)
class TransferSent(Event):
    """Pieces left the warehouse and are in transit; ``short`` were wanted and not there."""

    name = "inventory.transfer_sent"

    transfer_id: int
    pieces: int
    short: int

    def sentence(self) -> str:
        """Return e.g. "Sent: 12 pieces, 3 were not there"."""
        said = _("Sent: %(pieces)s") % {"pieces": _pieces(self.pieces)}
        return _("%(sent)s, %(count)s were not there") % {"sent": said, "count": self.short} if self.short else said


@dataclass(frozen=True, kw_only=True)
class TransferReceived(Event):
    """Pieces arrived, ``damaged`` of them held back; ``left`` are still in transit."""

    name = "inventory.transfer_received"

    transfer_id: int
    pieces: int
    damaged: int
    left: int

    def sentence(self) -> str:
        """Return e.g. "Received: 12 pieces, 2 of them damaged; 3 still in transit"."""
        said = _("Received: %(pieces)s") % {"pieces": _pieces(self.pieces)}
        if self.damaged:
            said = _("%(received)s, %(count)s of them damaged") % {"received": said, "count": self.damaged}
        return _("%(received)s; %(count)s still in transit") % {"received": said, "count": self.left}


@dataclass(frozen=True, kw_only=True)
class TransferClosed(Event):
    """What had not arrived is lost: ``pieces`` by line, as (variant id, lot id, pieces)."""

    name = "inventory.transfer_closed"

    transfer_id: int
    lost: list[list[int | None]]
    reason: str

    def sentence(self) -> str:
        """Return e.g. "Closed: 3 pieces lost – fell off the truck"."""
        pieces = sum(count or 0 for _variant, _lot, count in self.lost)
        return _("Closed: %(pieces)s lost – %(reason)s") % {"pieces": _pieces(pieces), "reason": self.reason}


@dataclass(frozen=True, kw_only=True)
class TransferCancelled(Event):
    """A draft will not be sent."""

    name = "inventory.transfer_cancelled"

    transfer_id: int

    def sentence(self) -> str:
        """Return the sentence of the timeline."""
        return _("Cancelled")


@dataclass(frozen=True, kw_only=True)
class KitsAssembled(Event):
    """Kits of a bundle were packed or taken apart; the subject is the assembly."""

    name = "inventory.kits_assembled"

    assembly_id: int
    bundle_id: int
    warehouse_id: int
    kind: str
    quantity: int

    def sentence(self) -> str:
        """Return e.g. "Pack kits: 12"."""
        return f"{AssemblyKind(self.kind).label}: {self.quantity}"


@dataclass(frozen=True, kw_only=True)
class StockPolicySet(Event):
    """It was changed how a variant's stock is kept and sold; ``fields`` are the names of what changed."""

    name = "inventory.stock_policy_set"

    variant_id: int
    fields: list[str]

    def sentence(self) -> str:
        """Return e.g. "Stock policy changed: lots, sale ends before expiry (days)"."""
        words_of = {field.name: str(field.verbose_name) for field in StockPolicy._meta.concrete_fields}
        words = [words_of[name] for name in self.fields]
        return _("Stock policy changed: %(fields)s") % {"fields": ", ".join(words)}


@dataclass(frozen=True, kw_only=True)
class LotChosen(Event):
    """Pieces of a lot were shipped although another one ends earlier; the subject is the lot."""

    name = "inventory.lot_chosen"

    lot_id: int
    number: str
    skipped: str  # the number of the lot that ends earlier
    pieces: int
    document: str
    reason: str

    def sentence(self) -> str:
        """Return e.g. "3 pieces shipped for O-0000017 before lot L-1, which ends earlier – the customer asked"."""
        return _("%(pieces)s shipped for %(document)s before lot %(lot)s, which ends earlier – %(reason)s") % {
            "pieces": _pieces(self.pieces),
            "document": self.document,
            "lot": self.skipped,
            "reason": self.reason,
        }


@dataclass(frozen=True, kw_only=True)
class SerialMoved(Event):
    """A numbered piece came or left; the subject is the serial number, ``document`` what it came or left with."""

    name = "inventory.serial_moved"

    serial_id: int
    state: str
    place: str
    document: str

    def sentence(self) -> str:
        """Return e.g. "Shipped: Seoul, O-0000017"."""
        where = ", ".join(part for part in (self.place, self.document) if part)
        return f"{SerialState(self.state).label}: {where}"


@dataclass(frozen=True, kw_only=True)
class StockIncidentOpened(Event):
    """The proof found numbers that do not agree; the subject is the incident."""

    name = "inventory.stock_incident_opened"

    incident_id: int
    rule: str
    stock_item_id: int | None = None

    def sentence(self) -> str:
        """Return the sentence of the timeline."""
        return _("Found by the nightly proof")


@dataclass(frozen=True, kw_only=True)
class StockIncidentClosed(Event):
    """A person looked into an incident and closed it; the subject is the incident."""

    name = "inventory.stock_incident_closed"

    incident_id: int
    note: str

    def sentence(self) -> str:
        """Return e.g. "Closed: counted again"."""
        return _("Closed: %(note)s") % {"note": self.note}


@dataclass(frozen=True, kw_only=True)
class CountersRestated(Event):
    """Counters were set to what the movements say; told of the stock item and of the incident."""

    name = "inventory.counters_restated"

    stock_item_id: int
    incident_id: int
    before: dict[str, int]
    after: dict[str, int]
    note: str

    def sentence(self) -> str:
        """Return e.g. "Counters set to what the movements say: on hand 50 → 47 (restored by hand)"."""
        names = {"on_hand": _("on hand"), "reserved": _("reserved"), "held": pgettext("stock", "held")}
        changes = ", ".join(
            f"{names.get(name, name)} {self.before.get(name)} → {value}"
            for name, value in self.after.items()
            if value != self.before.get(name)
        )
        return _("Counters set to what the movements say: %(changes)s (%(note)s)") % {
            "changes": changes,
            "note": self.note,
        }
