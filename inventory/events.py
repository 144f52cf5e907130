"""What inventory tells upper apps; the subject of a stock fact is the stock item, of a posted entry the entry."""

from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core.events import Event
from inventory.models import EntryKind


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
