"""Money that came in or went back."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from core.money import Currency
from orders.models.order import Order


class PaymentKind(models.TextChoices):
    """Which way the money went."""

    CAPTURE = "capture", pgettext_lazy("payment", "Payment")
    REFUND = "refund", pgettext_lazy("payment", "Refund")


class Payment(models.Model):
    """Money that came in or went back, always a positive amount in the order's currency; never changed afterwards."""

    order = models.ForeignKey(
        Order, on_delete=models.PROTECT, related_name="payments", verbose_name=pgettext_lazy("purchase", "order")
    )
    kind = models.CharField(_("kind"), max_length=10, choices=PaymentKind.choices)
    method = models.CharField(_("method"), max_length=80, blank=True)
    amount = models.BigIntegerField(_("amount"))
    currency = models.CharField(_("currency"), max_length=3, choices=Currency.choices)
    external_id = models.CharField(_("provider's number"), max_length=120, blank=True)
    paid_at = models.DateTimeField(pgettext_lazy("moment", "paid"))
    created_at = models.DateTimeField(_("recorded"), db_default=Now())

    class Meta:
        verbose_name = pgettext_lazy("money", "payment")
        verbose_name_plural = pgettext_lazy("money", "payments")
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(condition=Q(amount__gt=0), name="orders_payment_amount_positive"),
            models.CheckConstraint(condition=Q(kind__in=PaymentKind.values), name="orders_payment_kind_valid"),
            models.CheckConstraint(condition=Q(currency__in=Currency.values), name="orders_payment_currency_valid"),
            models.UniqueConstraint(
                fields=["order", "kind", "external_id"], condition=~Q(external_id=""), name="orders_payment_external_id"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.pk}"
