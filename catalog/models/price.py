"""What variants cost, and what they cost before."""

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateTimeRangeField, RangeBoundary, RangeOperators
from django.db import models
from django.db.models import F, Func, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from catalog.models.channel import SalesChannel
from catalog.models.variant import Variant
from core.money import Currency, format_money


class Price(models.Model):
    """What a variant costs on one channel from ``starts_at`` until ``ends_at`` (or on); periods never overlap."""

    variant = models.ForeignKey(Variant, on_delete=models.CASCADE, related_name="prices", verbose_name=_("variant"))
    sales_channel = models.ForeignKey(
        SalesChannel, on_delete=models.PROTECT, related_name="prices", verbose_name=_("sales channel")
    )
    currency = models.CharField(_("currency"), max_length=3, choices=Currency.choices)
    amount = models.BigIntegerField(_("price"), help_text=_("In the smallest unit of the currency."))
    compare_at = models.BigIntegerField(_("price before"), null=True, blank=True)
    starts_at = models.DateTimeField(_("from"), db_default=Now())
    ends_at = models.DateTimeField(_("until"), null=True, blank=True)

    class Meta:
        verbose_name = _("price")
        verbose_name_plural = _("prices")
        constraints = [
            models.CheckConstraint(condition=Q(amount__gte=0), name="catalog_price_not_negative"),
            models.CheckConstraint(condition=Q(currency__in=Currency.values), name="catalog_price_currency_valid"),
            models.CheckConstraint(
                condition=Q(compare_at=None) | Q(compare_at__gt=F("amount")), name="catalog_price_compare_higher"
            ),
            models.CheckConstraint(
                condition=Q(ends_at=None) | Q(ends_at__gt=F("starts_at")), name="catalog_price_period_valid"
            ),
            ExclusionConstraint(
                name="catalog_price_no_overlap",
                expressions=[
                    ("variant", RangeOperators.EQUAL),
                    ("sales_channel", RangeOperators.EQUAL),
                    (
                        Func(
                            F("starts_at"),
                            F("ends_at"),
                            RangeBoundary(),
                            function="TSTZRANGE",
                            output_field=DateTimeRangeField(),
                        ),
                        RangeOperators.OVERLAPS,
                    ),
                ],
            ),
        ]

    def __str__(self) -> str:
        return format_money(self.amount, self.currency)
