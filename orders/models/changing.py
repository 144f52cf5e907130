"""What people changed about orders after they were placed, with the words and sums before and after."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from core.money import Currency
from orders.models.order import Order


class OrderChange(models.Model):
    """One change of one order; its contents are shown masked by the reader's rights, so they stand in no event.

    A dearer order asks for ``extra``, a cheaper one that was paid owes ``owed`` (minor units); it is open until the
    order's payments say that it is settled.
    """

    order = models.ForeignKey(
        Order, on_delete=models.PROTECT, related_name="changes", verbose_name=pgettext_lazy("purchase", "order")
    )
    # {"fields": [[name, before, after]], "lines": [[line id, name, before, after]]}; a line is [pieces, price, total]
    contents = models.JSONField(_("what"))
    reason = models.CharField(_("reason"), max_length=200, blank=True)
    currency = models.CharField(_("currency"), max_length=3, choices=Currency.choices)
    total_before = models.BigIntegerField(_("total before"))
    total_after = models.BigIntegerField(_("total after"))
    extra = models.BigIntegerField(_("extra payment"), default=0)
    owed = models.BigIntegerField(_("to be refunded"), default=0)
    settled_at = models.DateTimeField(_("settled"), null=True, blank=True)
    made_at = models.DateTimeField(pgettext_lazy("moment", "changed"), db_default=Now())
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+",
        verbose_name=_("changed by"),
    )  # fmt: skip

    class Meta:
        verbose_name = _("change of an order")
        verbose_name_plural = _("changes of orders")
        ordering = ["-id"]
        default_permissions = ("view",)
        constraints = [
            models.CheckConstraint(condition=Q(currency__in=Currency.values), name="orders_change_currency_valid"),
            models.CheckConstraint(
                condition=Q(extra__gte=0, owed__gte=0) & (Q(extra=0) | Q(owed=0)), name="orders_change_one_way"
            ),
        ]
        indexes = [models.Index(fields=["order"], condition=Q(settled_at=None), name="orders_change_open")]

    def __str__(self) -> str:
        return f"{self.order_id}: {self.difference:+d}"

    @property
    def difference(self) -> int:
        """By how much the order became dearer (minor units)."""
        return self.total_after - self.total_before
