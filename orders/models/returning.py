"""Goods and money that came back."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from catalog.models import SalesChannel, Variant
from core.money import Currency
from customers.models import Customer
from orders.models.order import LineKind, Order, OrderLine


class Return(models.Model):
    """Goods or money that came back; without ``order`` when the source did not say which order it belongs to."""

    number = models.CharField(_("return number"), max_length=20, unique=True)
    sales_channel = models.ForeignKey(
        SalesChannel, on_delete=models.PROTECT, related_name="returns", verbose_name=_("sales channel")
    )
    external_number = models.CharField(_("channel's number"), max_length=80, blank=True)
    order = models.ForeignKey(
        Order,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="returns",
        verbose_name=pgettext_lazy("purchase", "order"),
    )
    customer = models.ForeignKey(
        Customer, null=True, blank=True, on_delete=models.PROTECT, related_name="returns", verbose_name=_("customer")
    )
    reason = models.CharField(_("reason"), max_length=200, blank=True)
    currency = models.CharField(_("currency"), max_length=3, choices=Currency.choices)
    total = models.BigIntegerField(pgettext_lazy("money", "value"), default=0)  # minor units, positive
    line_count = models.PositiveIntegerField(_("lines"), default=0)
    returned_at = models.DateTimeField(pgettext_lazy("moment", "returned"))
    created_at = models.DateTimeField(_("recorded"), db_default=Now())

    class Meta:
        verbose_name = pgettext_lazy("goods", "return")
        verbose_name_plural = pgettext_lazy("goods", "returns")
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["sales_channel", "external_number"],
                condition=~Q(external_number=""),
                name="orders_return_external_number",
            ),
            models.CheckConstraint(condition=Q(currency__in=Currency.values), name="orders_return_currency_valid"),
        ]
        indexes = [models.Index(fields=["-returned_at", "-id"], name="orders_return_returned")]

    def __str__(self) -> str:
        return self.number


class ReturnCondition(models.TextChoices):
    """In what state pieces came back, and so what becomes of them."""

    GOOD = "good", pgettext_lazy("return", "As new: for sale again")
    OPENED = "opened", pgettext_lazy("return", "Opened: held back as B grade")
    DAMAGED = "damaged", pgettext_lazy("return", "Damaged: held back")
    QUARANTINE = "quarantine", pgettext_lazy("return", "To be checked: held back")
    NOT_KEPT = "not_kept", pgettext_lazy("return", "Does not come back to stock")


class ReturnLine(models.Model):
    """Pieces of one kind that came back, and whether they went back to stock."""

    record = models.ForeignKey(
        Return, on_delete=models.CASCADE, related_name="lines", verbose_name=pgettext_lazy("goods", "return")
    )
    kind = models.CharField(_("kind"), max_length=10, choices=LineKind.choices, default=LineKind.PRODUCT)
    external_id = models.CharField(_("channel's line number"), max_length=80, blank=True)
    order_line = models.ForeignKey(
        OrderLine,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="return_lines",
        verbose_name=_("order line"),
    )
    variant = models.ForeignKey(
        Variant, null=True, blank=True, on_delete=models.PROTECT, related_name="return_lines", verbose_name=_("variant")
    )
    sku = models.CharField("SKU", max_length=120, blank=True)
    name = models.CharField(pgettext_lazy("goods", "name"), max_length=300, blank=True)
    quantity = models.PositiveIntegerField(_("quantity"))
    unit_price = models.DecimalField(_("unit price"), max_digits=14, decimal_places=4)
    total = models.BigIntegerField(pgettext_lazy("money", "value"))
    is_restocked = models.BooleanField(_("back to stock"), default=False)

    class Meta:
        verbose_name = _("returned line")
        verbose_name_plural = _("returned lines")
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=LineKind.values), name="orders_returnline_kind_valid"),
            models.CheckConstraint(condition=Q(quantity__gt=0), name="orders_returnline_quantity_positive"),
            models.UniqueConstraint(
                fields=["record", "external_id"], condition=~Q(external_id=""), name="orders_returnline_external_id"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} × {self.quantity}"
