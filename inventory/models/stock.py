"""What we have, where, and why: counters, reservations, documents and the ledger that explains them."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop, pgettext_lazy

from catalog.models import Variant
from core.models import append_only
from inventory.models.warehouse import Warehouse

AVAILABLE = F("on_hand") - F("reserved") - F("held")


class StockItem(models.Model):
    """One variant in one warehouse. The counters change only together with a StockMovement (inventory.services)."""

    variant = models.ForeignKey(
        Variant, on_delete=models.PROTECT, related_name="stock_items", verbose_name=_("variant")
    )
    warehouse = models.ForeignKey(
        Warehouse, on_delete=models.PROTECT, related_name="stock_items", verbose_name=_("warehouse")
    )
    on_hand = models.IntegerField(_("on hand"), default=0, editable=False)
    reserved = models.IntegerField(_("reserved"), default=0, editable=False)
    held = models.IntegerField(
        pgettext_lazy("stock", "held"), default=0, db_default=0, editable=False
    )  # there, and not for sale
    low_at = models.PositiveIntegerField(
        _("low at"),
        default=0,
        help_text=_("An alert shows when no more than this many pieces are available; 0 means never."),
    )

    class Meta:
        verbose_name = _("stock item")
        verbose_name_plural = _("stock items")
        constraints = [
            models.UniqueConstraint(fields=["variant", "warehouse"], name="inventory_stockitem_once"),
            models.CheckConstraint(
                condition=Q(reserved__gte=0, held__gte=0, on_hand__gte=F("reserved") + F("held")),
                name="inventory_stockitem_reserved_within_on_hand",
            ),
        ]
        permissions = [("adjust_stock", gettext_noop("Can count, receive and adjust stock"))]

    def __str__(self) -> str:
        return f"{self.variant} @ {self.warehouse}"

    @property
    def available(self) -> int:
        """Pieces that can still be promised: on hand minus reserved minus held."""
        return self.on_hand - self.reserved - self.held


class Reservation(models.Model):
    """Pieces of one stock item promised to one document line; what is neither shipped nor released is still reserved.

    A line may have several: one per component of a bundle, one per warehouse it is taken from.
    """

    stock_item = models.ForeignKey(
        StockItem, on_delete=models.PROTECT, related_name="reservations", verbose_name=_("stock item")
    )
    key = models.CharField(_("for"), max_length=80)  # of the holder, e.g. "orderline:17"; makes repeating harmless
    reference = models.CharField(_("document"), max_length=80, blank=True)  # what people read: the order number
    quantity = models.PositiveIntegerField(_("quantity"))
    per_unit = models.PositiveIntegerField(
        _("pieces per unit"), default=1, db_default=1
    )  # of what the line sells: more than one for components of a bundle
    shipped = models.PositiveIntegerField(_("shipped"), default=0)
    released = models.PositiveIntegerField(_("released"), default=0)
    created_at = models.DateTimeField(_("since"), db_default=Now())

    class Meta:
        verbose_name = _("reservation")
        verbose_name_plural = _("reservations")
        constraints = [
            models.UniqueConstraint(fields=["key", "stock_item"], name="inventory_reservation_once"),
            models.CheckConstraint(
                condition=Q(quantity__gt=0, per_unit__gt=0), name="inventory_reservation_quantity_positive"
            ),
            models.CheckConstraint(
                condition=Q(quantity__gte=F("shipped") + F("released")), name="inventory_reservation_not_exceeded"
            ),
        ]
        indexes = [
            models.Index(
                fields=["stock_item"],
                condition=Q(quantity__gt=F("shipped") + F("released")),
                name="inventory_reservation_open",
            )
        ]

    def __str__(self) -> str:
        return self.reference or self.key

    @property
    def held(self) -> int:
        """Pieces still held."""
        return self.quantity - self.shipped - self.released


class EntryKind(models.TextChoices):
    """Why stock changed other than for an order's reservation."""

    OPENING = "opening", _("Opening count")
    RECEIPT = "receipt", _("Receipt")
    ADJUSTMENT = "adjustment", _("Adjustment")
    COUNT = "count", _("Count")
    RETURN = "return", _("Return")
    TRANSFER_OUT = "transfer_out", _("Sent to another warehouse")
    TRANSFER_IN = "transfer_in", _("Came from another warehouse")
    ASSEMBLY = "assembly", _("Kits packed or taken apart")
    SENT_BACK = "sent_back", _("Returned to the supplier")


class AdjustReason(models.TextChoices):
    """Why stock was adjusted, to add up losses by cause."""

    DAMAGED = "damaged", pgettext_lazy("adjustment", "Damaged")
    LOST = "lost", pgettext_lazy("adjustment", "Lost or stolen")
    FOUND = "found", pgettext_lazy("adjustment", "Found")
    EXPIRED = "expired", pgettext_lazy("adjustment", "Expired")
    DISPOSED = "disposed", pgettext_lazy("adjustment", "Disposed of")
    SAMPLE = "sample", pgettext_lazy("adjustment", "Sample or own use")
    MISBOOKED = "misbooked", pgettext_lazy("adjustment", "Booked wrongly")
    OTHER = "other", pgettext_lazy("adjustment", "Another reason")


class StockEntry(models.Model):
    """A document that changed stock: a count, a receipt, a return, an adjustment with its reason."""

    number = models.CharField(_("number"), max_length=20, unique=True)
    kind = models.CharField(_("kind"), max_length=12, choices=EntryKind.choices)
    reason_code = models.CharField(
        _("cause"), max_length=12, choices=AdjustReason.choices, blank=True, default="", db_default=""
    )
    reason = models.CharField(_("reason"), max_length=200, blank=True)
    reference = models.CharField(_("document"), max_length=80, blank=True)
    transfer = models.ForeignKey(
        "inventory.Transfer", null=True, blank=True, on_delete=models.PROTECT, related_name="entries",
        verbose_name=_("transfer"),
    )  # fmt: skip
    stocktake = models.ForeignKey(
        "inventory.Stocktake", null=True, blank=True, on_delete=models.PROTECT, related_name="entries",
        verbose_name=_("stocktake"),
    )  # fmt: skip
    assembly = models.ForeignKey(
        "inventory.Assembly", null=True, blank=True, on_delete=models.PROTECT, related_name="entries",
        verbose_name=_("assembly"),
    )  # fmt: skip
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("by"),
    )
    created_at = models.DateTimeField(_("created"), db_default=Now())

    class Meta:
        verbose_name = _("stock entry")
        verbose_name_plural = _("stock entries")
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=EntryKind.values), name="inventory_entry_kind_valid"),
            models.CheckConstraint(
                condition=~Q(kind="adjustment", reason=""), name="inventory_entry_adjustment_has_reason"
            ),
            models.CheckConstraint(
                condition=Q(reason_code__in=["", *AdjustReason.values]), name="inventory_entry_reason_code_valid"
            ),
            models.CheckConstraint(
                condition=Q(transfer=None, stocktake=None)
                | Q(stocktake=None, assembly=None)
                | Q(transfer=None, assembly=None),
                name="inventory_entry_one_document",
            ),
        ]

    def __str__(self) -> str:
        return self.number


class MovementKind(models.TextChoices):
    """What happened to the pieces."""

    RECEIVED = "received", pgettext_lazy("stock", "Received")
    COUNTED = "counted", pgettext_lazy("stock", "Counted")
    ADJUSTED = "adjusted", pgettext_lazy("stock", "Adjusted")
    RETURNED = "returned", pgettext_lazy("stock", "Returned")
    RESERVED = "reserved", pgettext_lazy("stock", "Reserved")
    RELEASED = "released", pgettext_lazy("stock", "Released")
    SHIPPED = "shipped", pgettext_lazy("stock", "Shipped")
    HELD = "held", pgettext_lazy("stock", "Held back")
    FREED = "freed", pgettext_lazy("stock", "For sale again")
    MOVED_OUT = "moved_out", pgettext_lazy("stock", "Transferred out")
    MOVED_IN = "moved_in", pgettext_lazy("stock", "Transferred in")
    ASSEMBLED = "assembled", pgettext_lazy("stock", "Assembled")
    SENT_BACK = "sent_back", pgettext_lazy("stock", "Sent back")


class StockMovement(models.Model):
    """One change of a stock item's counters, with its cause and the balance after it; append-only."""

    stock_item = models.ForeignKey(
        StockItem, on_delete=models.PROTECT, related_name="movements", verbose_name=_("stock item")
    )
    kind = models.CharField(_("kind"), max_length=12, choices=MovementKind.choices)
    on_hand_change = models.IntegerField(_("on hand"), default=0)
    reserved_change = models.IntegerField(_("reserved"), default=0)
    held_change = models.IntegerField(pgettext_lazy("stock", "held"), default=0, db_default=0)
    on_hand_after = models.IntegerField(_("on hand after"))
    reserved_after = models.IntegerField(_("reserved after"))
    held_after = models.IntegerField(_("held after"), default=0, db_default=0)
    reservation = models.ForeignKey(
        Reservation,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="movements",
        verbose_name=_("reservation"),
    )
    entry = models.ForeignKey(
        StockEntry,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="movements",
        verbose_name=_("stock entry"),
    )
    hold = models.ForeignKey(
        "inventory.StockHold", null=True, blank=True, on_delete=models.PROTECT, related_name="movements",
        verbose_name=pgettext_lazy("stock", "hold"),
    )  # fmt: skip
    at = models.DateTimeField(pgettext_lazy("moment", "at"), db_default=Now(), editable=False)

    class Meta:
        verbose_name = _("stock movement")
        verbose_name_plural = _("stock movements")
        constraints = [
            models.CheckConstraint(
                condition=Q(reservation__isnull=False, entry=None, hold=None)
                | Q(reservation=None, entry__isnull=False, hold=None)
                | Q(reservation=None, entry=None, hold__isnull=False),
                name="inventory_movement_one_cause",
            ),
            models.CheckConstraint(condition=Q(kind__in=MovementKind.values), name="inventory_movement_kind_valid"),
            models.CheckConstraint(
                condition=Q(
                    reserved_after__gte=0, held_after__gte=0, on_hand_after__gte=F("reserved_after") + F("held_after")
                ),
                name="inventory_movement_balance_valid",
            ),
        ]
        indexes = [
            models.Index(fields=["stock_item", "-id"], name="inventory_movement_item"),
            # when an item was last counted, and how often it was adjusted: few rows of a large table
            models.Index(
                fields=["stock_item", "kind", "-at"], condition=Q(kind__in=["counted", "adjusted"]),
                name="inventory_movement_by_hand",
            ),
        ]  # fmt: skip
        triggers = append_only("inventory_movement")

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.on_hand_change or self.reserved_change or self.held_change:+d}"
