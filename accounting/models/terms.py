"""What a channel takes and bears, as dated rules: the base of estimates until its statement comes."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from catalog.models import Category, Product, SalesChannel
from core.money import Currency


class FeeKind(models.TextChoices):
    """What a channel asks for; of each kind one rule counts, and the kinds add up."""

    COMMISSION = "commission", pgettext_lazy("fee", "Commission")
    PAYMENT = "payment", pgettext_lazy("fee", "Payment fee")
    OTHER = "other", pgettext_lazy("fee", "Other fee")


class FeeRule(models.Model):
    """What a channel takes of one order line from a day on: a percentage, a fixed amount, at least a minimum.

    The product counts before its category, the nearest category before farther ones, these before the whole channel.
    """

    sales_channel = models.ForeignKey(
        SalesChannel, on_delete=models.PROTECT, related_name="fee_rules", verbose_name=_("sales channel")
    )
    kind = models.CharField(pgettext_lazy("fee", "kind"), max_length=12, choices=FeeKind.choices)
    category = models.ForeignKey(
        Category, null=True, blank=True, on_delete=models.PROTECT, related_name="fee_rules", verbose_name=_("category")
    )
    product = models.ForeignKey(
        Product, null=True, blank=True, on_delete=models.PROTECT, related_name="fee_rules", verbose_name=_("product")
    )
    basis_points = models.PositiveIntegerField(_("basis points"), default=0, help_text=_("550 are 5.5 %."))
    fixed = models.PositiveBigIntegerField(
        _("fixed amount"), default=0, help_text=_("For each order line, in the smallest unit of the currency.")
    )
    minimum = models.PositiveBigIntegerField(
        _("at least"), default=0, help_text=_("In the smallest unit of the currency.")
    )
    currency = models.CharField(_("currency"), max_length=3, choices=Currency.choices)
    is_of_shipping = models.BooleanField(_("also of what customers pay for shipping"), default=False)
    starts_on = models.DateField(_("from"))
    ends_on = models.DateField(_("until"), null=True, blank=True)

    class Meta:
        verbose_name = _("fee rule")
        verbose_name_plural = _("fee rules")
        ordering = ["sales_channel_id", "kind", "-starts_on", "-id"]
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=FeeKind.values), name="accounting_feerule_kind_valid"),
            models.CheckConstraint(condition=Q(currency__in=Currency.values), name="accounting_feerule_currency_valid"),
            models.CheckConstraint(condition=Q(basis_points__lte=10_000), name="accounting_feerule_percent_valid"),
            models.CheckConstraint(condition=Q(category=None) | Q(product=None), name="accounting_feerule_one_target"),
            models.CheckConstraint(
                condition=Q(ends_on=None) | Q(ends_on__gte=F("starts_on")), name="accounting_feerule_dates"
            ),
            models.UniqueConstraint(
                fields=["sales_channel", "kind", "category", "product", "starts_on"],
                nulls_distinct=False,
                name="accounting_feerule_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.sales_channel} {self.get_kind_display()}"


class ChannelTerms(models.Model):
    """How a channel settles from a day on; without a row it bears no discount and pays 14 days after shipping."""

    sales_channel = models.ForeignKey(
        SalesChannel, on_delete=models.PROTECT, related_name="terms", verbose_name=_("sales channel")
    )
    starts_on = models.DateField(_("from"))
    discount_share = models.PositiveIntegerField(
        _("discounts that the channel bears (basis points)"), default=0,
        help_text=_("Of coupons and points that customers used: 10000 are all, 0 means that the shop bears them."),
    )  # fmt: skip
    settles_after_days = models.PositiveSmallIntegerField(
        _("settles so many days after shipping"), default=14,
        help_text=_("Orders that are not in the statement by then are listed as missing."),
    )  # fmt: skip
    tolerance = models.PositiveBigIntegerField(
        _("differences to overlook"), default=0,
        help_text=_("Up to this amount of an order, in the smallest unit of the channel’s currency."),
    )  # fmt: skip
    packaging = models.PositiveBigIntegerField(
        _("packaging of a parcel"), default=0, help_text=_("In the smallest unit of the channel’s currency.")
    )

    class Meta:
        verbose_name = _("terms of a channel")
        verbose_name_plural = _("terms of channels")
        ordering = ["sales_channel_id", "-starts_on"]
        constraints = [
            models.UniqueConstraint(fields=["sales_channel", "starts_on"], name="accounting_terms_once"),
            models.CheckConstraint(condition=Q(discount_share__lte=10_000), name="accounting_terms_share_valid"),
        ]

    def __str__(self) -> str:
        return f"{self.sales_channel} {self.starts_on:%Y-%m-%d}"
