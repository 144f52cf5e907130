"""Coupons that answers give: codes that a shop or a mall made, each for one ticket."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop, pgettext_lazy

from catalog.models import SalesChannel
from core.money import Currency
from service.models.ticket import Ticket


class Coupon(models.Model):
    """What its codes are worth, where and until when; the shop that redeems them made them."""

    name = models.CharField(_("name"), max_length=80, unique=True)
    amount = models.PositiveBigIntegerField(_("worth"))  # minor units of the currency
    currency = models.CharField(_("currency"), max_length=3, choices=Currency.choices)
    valid_until = models.DateField(
        pgettext_lazy("coupon", "valid until"), help_text=_("The last day. No code is given after it.")
    )
    sales_channel = models.ForeignKey(
        SalesChannel, null=True, blank=True, on_delete=models.PROTECT, related_name="+",
        verbose_name=pgettext_lazy("coupon", "redeemed at"), db_index=False,
        help_text=_("Where the codes were made. Empty: at any of our shops."),
    )  # fmt: skip
    is_active = models.BooleanField(_("active"), default=True)
    created_at = models.DateTimeField(_("created"), db_default=Now())
    updated_at = models.DateTimeField(_("changed"), auto_now=True)

    class Meta:
        verbose_name = pgettext_lazy("customer service", "coupon")
        verbose_name_plural = pgettext_lazy("customer service", "coupons")
        ordering = ["name", "id"]
        default_permissions = ("view", "add", "change")
        permissions = [("give_coupon", gettext_noop("Can give coupons to customers"))]
        constraints = [
            models.CheckConstraint(condition=Q(amount__gt=0), name="service_coupon_amount_positive"),
            models.CheckConstraint(condition=Q(currency__in=Currency.values), name="service_coupon_currency_valid"),
        ]

    def __str__(self) -> str:
        return self.name


class CouponCode(models.Model):
    """One code; with a ticket it is given, and nobody else gets it unless it is taken back before it was sent."""

    coupon = models.ForeignKey(
        Coupon, on_delete=models.PROTECT, related_name="codes", verbose_name=pgettext_lazy("customer service", "coupon")
    )
    code = models.CharField(pgettext_lazy("coupon", "code"), max_length=60)
    ticket = models.ForeignKey(
        Ticket, null=True, blank=True, on_delete=models.PROTECT, related_name="coupons", verbose_name=_("ticket")
    )
    given_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+",
        verbose_name=_("by"), db_index=False,
    )  # fmt: skip
    given_at = models.DateTimeField(pgettext_lazy("coupon", "given"), null=True, blank=True)
    created_at = models.DateTimeField(_("created"), db_default=Now())

    class Meta:
        verbose_name = _("coupon code")
        verbose_name_plural = _("coupon codes")
        ordering = ["id"]
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["coupon", "code"], name="service_couponcode_once"),
            models.UniqueConstraint(fields=["coupon", "ticket"], name="service_couponcode_once_for_a_ticket"),
            models.CheckConstraint(
                condition=Q(ticket=None, given_at=None, given_by=None)
                | Q(ticket__isnull=False, given_at__isnull=False),
                name="service_couponcode_given_or_not",
            ),
        ]
        indexes = [
            models.Index(fields=["coupon", "id"], condition=Q(ticket=None), name="service_couponcode_free"),
        ]

    def __str__(self) -> str:
        return f"…{self.code[-4:]}"
