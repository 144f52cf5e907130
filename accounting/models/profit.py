"""What each sold order line earned, part by part, and the advertising that is spread over lines."""

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop, pgettext_lazy

from catalog.models import Product, SalesChannel
from core.money import Currency
from orders.models import Order, OrderLine

# what is earned is positive, what is given away or spent is negative; together they are the profit
PARTS = (
    "sales", "charged", "discount", "support", "tax", "refunded", "fee", "points", "shipping", "packaging",
    "goods_cost", "ads",
)  # fmt: skip


class AdCost(models.Model):
    """What was spent on advertising a channel, or one product on it, in some days; spread over what was sold then."""

    sales_channel = models.ForeignKey(
        SalesChannel, on_delete=models.PROTECT, related_name="ad_costs", verbose_name=_("sales channel")
    )
    product = models.ForeignKey(
        Product, null=True, blank=True, on_delete=models.PROTECT, related_name="ad_costs", verbose_name=_("product"),
        help_text=_("Empty: for everything on the channel."),
    )  # fmt: skip
    campaign = models.CharField(_("campaign"), max_length=120, blank=True)
    starts_on = models.DateField(_("from"))
    ends_on = models.DateField(_("until"))
    amount = models.PositiveBigIntegerField(
        _("amount"), help_text=_("Without tax, in the smallest unit of the currency.")
    )
    currency = models.CharField(_("currency"), max_length=3, choices=Currency.choices)

    class Meta:
        verbose_name = _("cost of advertising")
        verbose_name_plural = _("costs of advertising")
        ordering = ["-starts_on", "-id"]
        constraints = [
            models.CheckConstraint(condition=Q(currency__in=Currency.values), name="accounting_adcost_currency_valid"),
            models.CheckConstraint(condition=Q(ends_on__gte=F("starts_on")), name="accounting_adcost_dates"),
        ]
        indexes = [models.Index(fields=["sales_channel", "starts_on", "ends_on"], name="accounting_adcost_days")]

    def __str__(self) -> str:
        return self.campaign or f"{self.sales_channel} {self.starts_on:%Y-%m-%d}"


class LineProfit(models.Model):
    """What one product line of an order earned, in minor units of the order's currency; worked out anew by services.

    The first three parts over all lines of an order are what the customer pays. A part that is not final says so.
    """

    order_line = models.OneToOneField(
        OrderLine, on_delete=models.CASCADE, related_name="profit", verbose_name=_("order line")
    )
    order = models.ForeignKey(
        Order, on_delete=models.CASCADE, related_name="profits", verbose_name=pgettext_lazy("purchase", "order")
    )
    sales_channel = models.ForeignKey(
        SalesChannel, on_delete=models.PROTECT, related_name="+", verbose_name=_("sales channel"), db_index=False
    )
    product = models.ForeignKey(
        Product, null=True, blank=True, on_delete=models.SET_NULL, related_name="+", verbose_name=_("product")
    )
    day = models.DateField(pgettext_lazy("profit", "ordered"))
    currency = models.CharField(_("currency"), max_length=3, choices=Currency.choices)
    quantity = models.PositiveIntegerField(_("quantity"))
    sales = models.BigIntegerField(_("goods"))
    charged = models.BigIntegerField(_("shipping and fees paid by the customer"), default=0)
    discount = models.BigIntegerField(_("discounts"), default=0)
    support = models.BigIntegerField(_("discounts borne by the channel"), default=0)
    tax = models.BigIntegerField(_("tax"), default=0)
    refunded = models.BigIntegerField(_("refunds without tax"), default=0)
    fee = models.BigIntegerField(_("fees of the channel"), default=0)
    points = models.BigIntegerField(_("points given"), default=0)
    shipping = models.BigIntegerField(_("carriage"), default=0)
    packaging = models.BigIntegerField(_("packaging"), default=0)
    goods_cost = models.BigIntegerField(_("cost of goods"), default=0)
    ads = models.BigIntegerField(_("advertising"), default=0)
    profit = models.BigIntegerField(_("profit"))
    # what is final, and what is estimated or not known yet
    is_fee_settled = models.BooleanField(_("fee settled"), default=False)
    is_cost_final = models.BooleanField(_("cost booked"), default=False)
    is_cost_known = models.BooleanField(_("cost known"), default=False)
    is_shipping_known = models.BooleanField(_("carriage known"), default=False)
    is_refund_final = models.BooleanField(_("refund settled"), default=True)
    is_tax_known = models.BooleanField(_("tax known"), default=True)
    computed_at = models.DateTimeField(_("computed"), db_default=Now())

    class Meta:
        verbose_name = _("profit of an order line")
        verbose_name_plural = _("profits of order lines")
        ordering = ["-id"]
        default_permissions = ("view",)
        permissions = [("compute_profit", gettext_noop("Can have profits worked out anew"))]
        constraints = [
            models.CheckConstraint(
                condition=Q(currency__in=Currency.values), name="accounting_lineprofit_currency_valid"
            ),
            models.CheckConstraint(
                condition=Q(profit=sum((F(name) for name in PARTS[1:]), F(PARTS[0]))),
                name="accounting_lineprofit_adds_up",
            ),
        ]
        indexes = [
            models.Index(fields=["sales_channel", "day"], name="accounting_lineprofit_channel"),
            models.Index(fields=["day"], name="accounting_lineprofit_day"),
            models.Index(fields=["profit", "-id"], condition=Q(profit__lt=0), name="accounting_lineprofit_loss"),
        ]

    def __str__(self) -> str:
        return str(self.order_line_id)

    @property
    def paid(self) -> int:
        """What the customer pays for the line, with its share of shipping and discounts."""
        return self.sales + self.charged + self.discount

    @property
    def revenue(self) -> int:
        """What is left of it without tax and refunds, with what the channel bears."""
        return self.paid + self.support + self.tax + self.refunded

    @property
    def is_final(self) -> bool:
        """Tell whether no part is an estimate or unknown."""
        return (
            self.is_fee_settled
            and self.is_cost_final
            and self.is_cost_known
            and self.is_shipping_known
            and self.is_refund_final
            and self.is_tax_known
        )


class AdShare(models.Model):
    """The part of an advertising cost that one line bears; the parts of a cost add up to it."""

    ad_cost = models.ForeignKey(
        AdCost, on_delete=models.CASCADE, related_name="shares", verbose_name=_("cost of advertising")
    )
    line = models.ForeignKey(
        LineProfit, on_delete=models.CASCADE, related_name="ad_shares", verbose_name=_("profit of an order line")
    )
    amount = models.BigIntegerField(_("amount"))

    class Meta:
        verbose_name = _("share of advertising")
        verbose_name_plural = _("shares of advertising")
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["ad_cost", "line"], name="accounting_adshare_once"),
            models.CheckConstraint(condition=Q(amount__gte=0), name="accounting_adshare_not_negative"),
        ]

    def __str__(self) -> str:
        return f"{self.ad_cost_id} · {self.line_id}"


class ProfitDue(models.Model):
    """An order whose profit has to be worked out anew."""

    order = models.OneToOneField(Order, on_delete=models.CASCADE, primary_key=True, related_name="profit_due")

    class Meta:
        verbose_name = _("profit to work out")
        verbose_name_plural = _("profits to work out")
        default_permissions = ()

    def __str__(self) -> str:
        return str(self.order_id)


class ProfitProgress(models.Model):
    """How far changes were looked at: one row, whose lock lets one gathering run at a time."""

    event_id = models.BigIntegerField(default=0)
    cost_entry_id = models.BigIntegerField(default=0)
    parcels_until = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("progress of profits")
        verbose_name_plural = _("progress of profits")
        default_permissions = ()
        constraints = [models.CheckConstraint(condition=Q(pk=1), name="accounting_profitprogress_one_row")]

    def __str__(self) -> str:
        return str(self.event_id)
