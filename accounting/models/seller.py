"""Who sells: the company whose name and numbers stand on papers about money."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from catalog.models import SalesChannel
from core.money import Currency


class Rounding(models.TextChoices):
    """How the fraction of a smallest coin in the tax of one rate becomes a whole one."""

    DOWN = "down", pgettext_lazy("rounding", "Down")
    HALF_UP = "half_up", pgettext_lazy("rounding", "Half up")
    UP = "up", pgettext_lazy("rounding", "Up")


class Seller(models.Model):
    """A company that issues papers in its own name; every sales channel sells for one of them."""

    code = models.SlugField(
        _("code"), max_length=12, unique=True, help_text=_("Stands in front of the numbers of its papers.")
    )
    name = models.CharField(_("registered name"), max_length=160)
    representative = models.CharField(_("representative"), max_length=80, blank=True)
    country = models.CharField(_("country"), max_length=2)
    postcode = models.CharField(_("postcode"), max_length=16, blank=True)
    address = models.CharField(_("address"), max_length=255, blank=True)
    phone = models.CharField(_("phone"), max_length=40, blank=True)
    email = models.EmailField(_("e-mail"), blank=True)
    currency = models.CharField(
        _("currency"), max_length=3, choices=Currency.choices, help_text=_("In which it keeps its books and pays tax.")
    )
    registration_number = models.CharField(
        _("registration number"), max_length=20, blank=True, help_text=_("Korea: business number. Europe: VAT number.")
    )
    invoice_number = models.CharField(
        _("issuer’s number (Japan)"), max_length=14, blank=True, help_text=_("T and 13 digits, for qualified invoices.")
    )
    is_company = models.BooleanField(
        _("company"), default=True, help_text=_("Of a company the digits after T are its corporate number.")
    )
    business_type = models.CharField(_("kind of business (업태)"), max_length=40, blank=True)
    business_item = models.CharField(_("line of business (종목)"), max_length=40, blank=True)
    rounding = models.CharField(
        _("rounding of tax"), max_length=8, choices=Rounding.choices, default=Rounding.DOWN,
        help_text=_("Once for each rate of each paper."),
    )  # fmt: skip
    taxes_at_destination = models.BooleanField(
        _("European sales are taxed where they arrive"), default=False, help_text=_("One Stop Shop (OSS).")
    )
    is_default = models.BooleanField(
        pgettext_lazy("seller", "default"), default=False, help_text=_("Sells on every channel that names nobody.")
    )

    class Meta:
        verbose_name = _("seller")
        verbose_name_plural = _("sellers")
        ordering = ["code"]
        constraints = [
            models.CheckConstraint(condition=Q(currency__in=Currency.values), name="accounting_seller_currency_valid"),
            models.CheckConstraint(condition=Q(rounding__in=Rounding.values), name="accounting_seller_rounding_valid"),
            models.CheckConstraint(condition=Q(country__regex=r"^[A-Z]{2}$"), name="accounting_seller_country_valid"),
            models.CheckConstraint(
                condition=Q(invoice_number="") | Q(invoice_number__regex=r"^T[1-9][0-9]{12}$"),
                name="accounting_seller_invoice_number_valid",
            ),
            models.UniqueConstraint(
                fields=["is_default"], condition=Q(is_default=True), name="accounting_seller_one_default"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class ChannelSeller(models.Model):
    """Which company sells on a channel; a channel without a row sells for the default one."""

    sales_channel = models.OneToOneField(
        SalesChannel, on_delete=models.PROTECT, related_name="seller_link", verbose_name=_("sales channel")
    )
    seller = models.ForeignKey(Seller, on_delete=models.PROTECT, related_name="channels", verbose_name=_("seller"))

    class Meta:
        verbose_name = _("seller of a channel")
        verbose_name_plural = _("sellers of channels")
        ordering = ["sales_channel_id"]

    def __str__(self) -> str:
        return f"{self.sales_channel}: {self.seller}"
