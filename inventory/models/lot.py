"""Which pieces exactly: lots with their expiry, serial numbers, and on which shelf they lie.

A shelf's quantity says where pieces of a stock item are. What no shelf names is there all the same, only unplaced;
the stock item's counters never depend on shelves.
"""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from catalog.models import Variant
from core.models import append_only
from inventory.models.stock import Reservation, StockEntry, StockItem, StockMovement
from inventory.models.warehouse import Bin


class Lot(models.Model):
    """Pieces of a variant that were made together."""

    variant = models.ForeignKey(Variant, on_delete=models.PROTECT, related_name="lots", verbose_name=_("variant"))
    number = models.CharField(_("lot number"), max_length=60)
    expires_on = models.DateField(pgettext_lazy("goods", "expires"), null=True, blank=True)
    made_on = models.DateField(_("made"), null=True, blank=True)
    created_at = models.DateTimeField(_("since"), db_default=Now())

    class Meta:
        verbose_name = _("lot")
        verbose_name_plural = _("lots")
        ordering = ["expires_on", "id"]
        constraints = [
            models.UniqueConstraint(fields=["variant", "number"], name="inventory_lot_once"),
            models.CheckConstraint(condition=~Q(number=""), name="inventory_lot_number_given"),
            models.CheckConstraint(
                condition=Q(expires_on=None) | Q(made_on=None) | Q(expires_on__gte=F("made_on")),
                name="inventory_lot_dates_valid",
            ),
        ]
        indexes = [
            models.Index(fields=["expires_on"], condition=Q(expires_on__isnull=False), name="inventory_lot_expiry")
        ]

    def __str__(self) -> str:
        return self.number


class ShelfStock(models.Model):
    """How many pieces of a stock item are of this lot and in this bin; one of the two may be open."""

    stock_item = models.ForeignKey(
        StockItem, on_delete=models.PROTECT, related_name="shelves", verbose_name=_("stock item")
    )
    lot = models.ForeignKey(
        Lot, null=True, blank=True, on_delete=models.PROTECT, related_name="shelves", verbose_name=_("lot")
    )
    bin = models.ForeignKey(
        Bin, null=True, blank=True, on_delete=models.PROTECT, related_name="shelves",
        verbose_name=pgettext_lazy("shelf", "bin"),
    )  # fmt: skip
    quantity = models.PositiveIntegerField(_("quantity"), default=0, editable=False)

    class Meta:
        verbose_name = _("shelf stock")
        verbose_name_plural = _("shelf stock")
        constraints = [
            models.UniqueConstraint(
                fields=["stock_item", "lot", "bin"], nulls_distinct=False, name="inventory_shelfstock_once"
            ),
            models.CheckConstraint(
                condition=Q(lot__isnull=False) | Q(bin__isnull=False), name="inventory_shelfstock_says_where"
            ),
        ]

    def __str__(self) -> str:
        return " · ".join(str(part) for part in (self.bin, self.lot) if part)


class ShelfMovement(models.Model):
    """One change of a shelf: with a stock movement, or a person who put pieces elsewhere; append-only."""

    shelf = models.ForeignKey(ShelfStock, on_delete=models.PROTECT, related_name="movements", verbose_name=_("shelf"))
    change = models.IntegerField(pgettext_lazy("pieces", "change"))
    after = models.PositiveIntegerField(pgettext_lazy("pieces", "after"))
    movement = models.ForeignKey(
        StockMovement, null=True, blank=True, on_delete=models.PROTECT, related_name="shelf_movements",
        verbose_name=_("stock movement"),
    )  # fmt: skip
    moved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+",
        verbose_name=_("by"),
    )  # fmt: skip
    at = models.DateTimeField(pgettext_lazy("moment", "at"), db_default=Now(), editable=False)

    class Meta:
        verbose_name = _("shelf movement")
        verbose_name_plural = _("shelf movements")
        constraints = [models.CheckConstraint(condition=~Q(change=0), name="inventory_shelfmovement_changes")]
        indexes = [models.Index(fields=["shelf", "-id"], name="inventory_shelfmovement_shelf")]
        triggers = append_only("inventory_shelfmovement")

    def __str__(self) -> str:
        return f"{self.shelf_id} {self.change:+d}"


class SerialState(models.TextChoices):
    """Where a numbered piece is."""

    IN_STOCK = "in_stock", pgettext_lazy("serial number", "In stock")
    IN_TRANSIT = "in_transit", pgettext_lazy("serial number", "In transit")
    SHIPPED = "shipped", pgettext_lazy("serial number", "Shipped")
    GONE = "gone", pgettext_lazy("serial number", "Gone")
    LOST = "lost", pgettext_lazy("serial number", "Lost on the way")


class SerialNumber(models.Model):
    """One numbered piece: where it is, what it came with, and for what it left."""

    variant = models.ForeignKey(Variant, on_delete=models.PROTECT, related_name="serials", verbose_name=_("variant"))
    number = models.CharField(_("serial number"), max_length=80)
    state = models.CharField(_("state"), max_length=12, choices=SerialState.choices, default=SerialState.IN_STOCK)
    stock_item = models.ForeignKey(
        StockItem, null=True, blank=True, on_delete=models.PROTECT, related_name="serials",
        verbose_name=_("stock item"),
    )  # fmt: skip
    lot = models.ForeignKey(
        Lot, null=True, blank=True, on_delete=models.PROTECT, related_name="serials", verbose_name=_("lot")
    )
    entry = models.ForeignKey(
        StockEntry, null=True, blank=True, on_delete=models.PROTECT, related_name="serials",
        verbose_name=_("stock entry"),
    )  # fmt: skip
    reservation = models.ForeignKey(
        Reservation, null=True, blank=True, on_delete=models.PROTECT, related_name="serials",
        verbose_name=_("reservation"),
    )  # fmt: skip

    class Meta:
        verbose_name = _("serial number")
        verbose_name_plural = _("serial numbers")
        ordering = ["variant_id", "number"]
        constraints = [
            models.UniqueConstraint(fields=["variant", "number"], name="inventory_serialnumber_once"),
            models.CheckConstraint(condition=~Q(number=""), name="inventory_serialnumber_given"),
            models.CheckConstraint(condition=Q(state__in=SerialState.values), name="inventory_serialnumber_state"),
            models.CheckConstraint(
                condition=Q(state="in_stock", stock_item__isnull=False) | (~Q(state="in_stock") & Q(stock_item=None)),
                name="inventory_serialnumber_is_somewhere",
            ),
        ]

    def __str__(self) -> str:
        return self.number
