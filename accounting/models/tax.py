"""Rates of tax as dated data, and which goods fall under which of them."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from catalog.models import Category, Product, ProductType


class TaxClass(models.TextChoices):
    """How the law of a country sees goods."""

    STANDARD = "standard", pgettext_lazy("tax", "Standard rate")
    REDUCED = "reduced", pgettext_lazy("tax", "Reduced rate")
    ZERO = "zero", pgettext_lazy("tax", "Zero rate (export)")
    EXEMPT = "exempt", pgettext_lazy("tax", "Exempt")


class TaxRate(models.Model):
    """What a class of goods is taxed at in a country from a day on; prices are with tax."""

    country = models.CharField(_("country"), max_length=2)
    tax_class = models.CharField(pgettext_lazy("tax", "class"), max_length=8, choices=TaxClass.choices)
    percent = models.DecimalField(_("percent"), max_digits=6, decimal_places=3)
    starts_on = models.DateField(_("from"))
    source = models.CharField(pgettext_lazy("law", "source"), max_length=200, blank=True)
    is_verified = models.BooleanField(
        _("verified"), default=False, help_text=_("Somebody compared it with the text of the law.")
    )

    class Meta:
        verbose_name = _("tax rate")
        verbose_name_plural = _("tax rates")
        ordering = ["country", "tax_class", "-starts_on"]
        constraints = [
            models.UniqueConstraint(fields=["country", "tax_class", "starts_on"], name="accounting_taxrate_once"),
            models.CheckConstraint(condition=Q(tax_class__in=TaxClass.values), name="accounting_taxrate_class_valid"),
            models.CheckConstraint(condition=Q(percent__gte=0, percent__lte=100), name="accounting_taxrate_percent"),
            models.CheckConstraint(condition=Q(country__regex=r"^[A-Z]{2}$"), name="accounting_taxrate_country_valid"),
        ]

    def __str__(self) -> str:
        return f"{self.country} {self.percent.normalize():f} %"


class GoodsTax(models.Model):
    """Which class a product, all of a category (and below it) or all of a product type have in a country from a day on.

    The product counts before its category, the nearest category before farther ones, these before the type.
    """

    country = models.CharField(_("country"), max_length=2)
    product = models.ForeignKey(
        Product, null=True, blank=True, on_delete=models.PROTECT, related_name="taxes", verbose_name=_("product")
    )
    category = models.ForeignKey(
        Category, null=True, blank=True, on_delete=models.PROTECT, related_name="taxes", verbose_name=_("category")
    )
    product_type = models.ForeignKey(
        ProductType, null=True, blank=True, on_delete=models.PROTECT, related_name="taxes",
        verbose_name=_("product type"),
    )  # fmt: skip
    tax_class = models.CharField(pgettext_lazy("tax", "class"), max_length=8, choices=TaxClass.choices)
    starts_on = models.DateField(_("from"))

    class Meta:
        verbose_name = _("tax of goods")
        verbose_name_plural = _("taxes of goods")
        ordering = ["country", "-starts_on", "-id"]
        constraints = [
            models.CheckConstraint(condition=Q(tax_class__in=TaxClass.values), name="accounting_goodstax_class_valid"),
            models.CheckConstraint(condition=Q(country__regex=r"^[A-Z]{2}$"), name="accounting_goodstax_country_valid"),
            models.CheckConstraint(
                condition=Q(product__isnull=False, category=None, product_type=None)
                | Q(product=None, category__isnull=False, product_type=None)
                | Q(product=None, category=None, product_type__isnull=False),
                name="accounting_goodstax_one_target",
            ),
            models.UniqueConstraint(
                fields=["country", "product", "category", "product_type", "starts_on"],
                nulls_distinct=False,
                name="accounting_goodstax_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.country} {self.get_tax_class_display()}"
