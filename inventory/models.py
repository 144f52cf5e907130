"""What we have, where, and why."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop, pgettext_lazy

from catalog.models import Variant
from core.models import append_only


class Warehouse(models.Model):
    """A place from which orders are shipped; the lower ``rank`` is asked first, after those of the order's country."""

    code = models.SlugField(_("code"), max_length=20, unique=True)
    name = models.CharField(_("name"), max_length=80)
    country = models.CharField(_("country"), max_length=2)
    rank = models.PositiveSmallIntegerField(_("rank"), default=0)
    is_active = models.BooleanField(_("active"), default=True)

    class Meta:
        verbose_name = _("warehouse")
        verbose_name_plural = _("warehouses")
        ordering = ["rank", "name"]

    def __str__(self) -> str:
        return self.name


class StockItem(models.Model):
    """One variant in one warehouse. Both counters change only together with a StockMovement (inventory.services)."""

    variant = models.ForeignKey(
        Variant, on_delete=models.PROTECT, related_name="stock_items", verbose_name=_("variant")
    )
    warehouse = models.ForeignKey(
        Warehouse, on_delete=models.PROTECT, related_name="stock_items", verbose_name=_("warehouse")
    )
    on_hand = models.IntegerField(_("on hand"), default=0, editable=False)
    reserved = models.IntegerField(_("reserved"), default=0, editable=False)
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
                condition=Q(reserved__gte=0, reserved__lte=F("on_hand")),
                name="inventory_stockitem_reserved_within_on_hand",
            ),
        ]
        permissions = [("adjust_stock", gettext_noop("Can count, receive and adjust stock"))]

    def __str__(self) -> str:
        return f"{self.variant} @ {self.warehouse}"

    @property
    def available(self) -> int:
        """Pieces that can still be promised: on hand minus reserved."""
        return self.on_hand - self.reserved


class Reservation(models.Model):
    """Pieces promised to one document line; what is neither shipped nor released is still held."""

    stock_item = models.ForeignKey(
        StockItem, on_delete=models.PROTECT, related_name="reservations", verbose_name=_("stock item")
    )
    key = models.CharField(
        _("for"), max_length=80, unique=True
    )  # of the holder, e.g. "orderline:17"; makes repeating harmless
    reference = models.CharField(_("document"), max_length=80, blank=True)  # what people read: the order number
    quantity = models.PositiveIntegerField(_("quantity"))
    shipped = models.PositiveIntegerField(_("shipped"), default=0)
    released = models.PositiveIntegerField(_("released"), default=0)
    created_at = models.DateTimeField(_("since"), db_default=Now())

    class Meta:
        verbose_name = _("reservation")
        verbose_name_plural = _("reservations")
        constraints = [
            models.CheckConstraint(condition=Q(quantity__gt=0), name="inventory_reservation_quantity_positive"),
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


class StockEntry(models.Model):
    """A document that changed stock: a count, a receipt, a return, an adjustment with its reason."""

    number = models.CharField(_("number"), max_length=20, unique=True)
    kind = models.CharField(_("kind"), max_length=12, choices=EntryKind.choices)
    reason = models.CharField(_("reason"), max_length=200, blank=True)
    reference = models.CharField(_("document"), max_length=80, blank=True)
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


class StockMovement(models.Model):
    """One change of a stock item's counters, with its cause and the balance after it; append-only."""

    stock_item = models.ForeignKey(
        StockItem, on_delete=models.PROTECT, related_name="movements", verbose_name=_("stock item")
    )
    kind = models.CharField(_("kind"), max_length=12, choices=MovementKind.choices)
    on_hand_change = models.IntegerField(_("on hand"), default=0)
    reserved_change = models.IntegerField(_("reserved"), default=0)
    on_hand_after = models.IntegerField(_("on hand after"))
    reserved_after = models.IntegerField(_("reserved after"))
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
    at = models.DateTimeField(pgettext_lazy("moment", "at"), db_default=Now(), editable=False)

    class Meta:
        verbose_name = _("stock movement")
        verbose_name_plural = _("stock movements")
        constraints = [
            models.CheckConstraint(
                condition=Q(reservation=None, entry__isnull=False) | Q(reservation__isnull=False, entry=None),
                name="inventory_movement_one_cause",
            ),
            models.CheckConstraint(condition=Q(kind__in=MovementKind.values), name="inventory_movement_kind_valid"),
            models.CheckConstraint(
                condition=Q(reserved_after__gte=0, reserved_after__lte=F("on_hand_after")),
                name="inventory_movement_balance_valid",
            ),
        ]
        indexes = [models.Index(fields=["stock_item", "-id"], name="inventory_movement_item")]
        triggers = append_only("inventory_movement")

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.on_hand_change or self.reserved_change:+d}"
