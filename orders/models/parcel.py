"""Parcels as they are planned before they are packed: of several orders of one recipient, or of a part of one order."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop, pgettext_lazy

from catalog.models import SalesChannel
from core.money import Currency
from inventory.models import Warehouse
from orders.models.order import OrderLine


class ParcelReason(models.TextChoices):
    """Why a parcel is planned; what nobody planned leaves as one parcel for each order and warehouse."""

    COMBINED = "combined", pgettext_lazy("parcel", "Combined orders")
    STOCK = "stock", pgettext_lazy("parcel", "What is there leaves first")
    APART = "apart", pgettext_lazy("parcel", "Goods that need a parcel of their own")
    WEIGHT = "weight", pgettext_lazy("parcel", "Too heavy for one parcel")
    HAND = "hand", pgettext_lazy("parcel", "Divided by hand")


class ParcelState(models.TextChoices):
    """Where a planned parcel is."""

    PLANNED = "planned", pgettext_lazy("parcel", "Planned")
    LEFT = "left", pgettext_lazy("parcel", "Left")
    UNDONE = "undone", pgettext_lazy("parcel", "Undone")


class Parcel(models.Model):
    """Pieces that will lie in one box; it leaves whole, with one tracking number."""

    reason = models.CharField(_("reason"), max_length=10, choices=ParcelReason.choices)
    state = models.CharField(
        pgettext_lazy("parcel", "state"), max_length=8, choices=ParcelState.choices, default=ParcelState.PLANNED
    )
    warehouse = models.ForeignKey(
        Warehouse, on_delete=models.PROTECT, related_name="parcels", verbose_name=_("warehouse")
    )
    planned_at = models.DateTimeField(_("planned"), db_default=Now())
    planned_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+",
        verbose_name=_("planned by"),
    )  # fmt: skip

    class Meta:
        verbose_name = _("planned parcel")
        verbose_name_plural = _("planned parcels")
        ordering = ["-id"]
        default_permissions = ("view",)
        permissions = [("plan_parcel", gettext_noop("Can combine orders to one parcel and divide them"))]
        constraints = [
            models.CheckConstraint(condition=Q(reason__in=ParcelReason.values), name="orders_parcel_reason_valid"),
            models.CheckConstraint(condition=Q(state__in=ParcelState.values), name="orders_parcel_state_valid"),
        ]
        indexes = [models.Index(fields=["id"], condition=Q(state="planned"), name="orders_parcel_planned")]

    def __str__(self) -> str:
        return f"P-{self.pk}"


class ParcelPiece(models.Model):
    """Pieces of one order line in a planned parcel."""

    parcel = models.ForeignKey(Parcel, on_delete=models.CASCADE, related_name="pieces", verbose_name=_("parcel"))
    line = models.ForeignKey(
        OrderLine, on_delete=models.PROTECT, related_name="parcel_pieces", verbose_name=_("order line")
    )
    quantity = models.PositiveIntegerField(_("quantity"))

    class Meta:
        verbose_name = _("planned pieces")
        verbose_name_plural = _("planned pieces")
        default_permissions = ("view",)
        constraints = [
            models.UniqueConstraint(fields=["parcel", "line"], name="orders_parcelpiece_once"),
            models.CheckConstraint(condition=Q(quantity__gt=0), name="orders_parcelpiece_positive"),
        ]

    def __str__(self) -> str:
        return f"{self.line_id} × {self.quantity}"


class ParcelRuleKind(models.TextChoices):
    """What a rule of parcels says; the comment of each names what it needs."""

    CHANNEL = "channel", pgettext_lazy("parcel rule", "Orders of this channel always leave alone")  # sales_channel
    CHANNELS = "channels", pgettext_lazy("parcel rule", "Orders of different channels do not share a parcel")
    PAYMENT = "payment", pgettext_lazy("parcel rule", "Prepaid and cash on delivery do not share a parcel")
    GIFT = "gift", pgettext_lazy("parcel rule", "A present always leaves alone")
    WISH = "wish", pgettext_lazy("parcel rule", "Different wished days or times do not share a parcel")
    TAG = "tag", pgettext_lazy("parcel rule", "Goods with this tag (such as frozen) need parcels of their own")  # tag
    WEIGHT = "weight", pgettext_lazy("parcel rule", "A parcel is not heavier than (g)")  # limit
    VALUE = "value", pgettext_lazy("parcel rule", "A parcel to abroad is not worth more than")  # limit, currency
    AUTOMATIC = "automatic", pgettext_lazy("parcel rule", "What may be combined is combined by itself")
    SHIPPING = "shipping", pgettext_lazy("parcel rule", "Shipping that was paid twice is given back")


class ParcelRule(models.Model):
    """What may lie in one parcel, and what follows when orders are combined."""

    kind = models.CharField(_("rule"), max_length=10, choices=ParcelRuleKind.choices)
    sales_channel = models.ForeignKey(
        SalesChannel, null=True, blank=True, on_delete=models.CASCADE, related_name="parcel_rules",
        verbose_name=_("sales channel"),
    )  # fmt: skip
    tag = models.CharField(_("product tag"), max_length=60, blank=True)
    limit = models.BigIntegerField(
        _("limit"), null=True, blank=True, help_text=_("Grams, or the smallest unit of the currency.")
    )
    currency = models.CharField(_("currency"), max_length=3, choices=Currency.choices, blank=True)
    is_active = models.BooleanField(_("active"), default=True)

    class Meta:
        verbose_name = _("rule of parcels")
        verbose_name_plural = _("rules of parcels")
        ordering = ["kind", "id"]
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=ParcelRuleKind.values), name="orders_parcelrule_kind_valid"),
            models.CheckConstraint(
                condition=Q(currency__in=["", *Currency.values]), name="orders_parcelrule_currency_valid"
            ),
            models.CheckConstraint(
                condition=(
                    Q(kind="channel", sales_channel__isnull=False) | (~Q(kind="channel") & Q(sales_channel=None))
                )
                & (Q(kind="tag") & ~Q(tag="") | ~Q(kind="tag") & Q(tag=""))
                & (
                    Q(kind__in=["weight", "value"], limit__gt=0) | (~Q(kind__in=["weight", "value"]) & Q(limit=None))
                )
                & (Q(kind="value") & ~Q(currency="") | ~Q(kind="value") & Q(currency="")),
                name="orders_parcelrule_whole",
            ),
            models.UniqueConstraint(
                fields=["kind", "sales_channel", "tag", "currency"], nulls_distinct=False,
                name="orders_parcelrule_once",
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        what = self.sales_channel or self.tag or self.limit or ""
        return f"{self.get_kind_display()} {what} {self.currency}".strip()
