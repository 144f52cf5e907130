"""What is priced, stocked and packed."""

from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from catalog.gtin import validate_gtin
from catalog.models.channel import SalesChannel
from catalog.models.product import Product
from core.search import search_indexes


class Variant(models.Model):
    """What is priced, stocked and packed: one SKU."""

    product = models.ForeignKey(Product, on_delete=models.PROTECT, related_name="variants", verbose_name=_("product"))
    sku = models.CharField("SKU", max_length=80, unique=True)
    name = models.CharField(
        _("options"), max_length=160, blank=True, help_text=_("What sets it apart, such as “Black / M”.")
    )
    barcode = models.CharField(_("barcode (GTIN/JAN)"), max_length=14, blank=True, validators=[validate_gtin])
    weight_g = models.PositiveIntegerField(_("weight (g)"), null=True, blank=True)
    length_mm = models.PositiveIntegerField(_("length (mm)"), null=True, blank=True)
    width_mm = models.PositiveIntegerField(_("width (mm)"), null=True, blank=True)
    height_mm = models.PositiveIntegerField(_("height (mm)"), null=True, blank=True)
    hs_code = models.CharField(
        _("HS code"),
        max_length=12,
        blank=True,
        default="",
        db_default="",
        validators=[RegexValidator(r"^\d{6}(\d{2}){0,3}$", _("An HS code has 6, 8, 10 or 12 digits."))],
    )
    origin_country = models.CharField(
        _("country of origin"), max_length=2, blank=True, default="", db_default="", help_text=_("Two letters.")
    )
    is_active = models.BooleanField(_("active"), default=True)
    search_text = models.TextField(editable=False, default="")  # SKU, product names, options, barcode; kept by services

    class Meta:
        verbose_name = _("variant")
        verbose_name_plural = _("variants")
        ordering = ["sku"]
        constraints = [
            models.UniqueConstraint(fields=["barcode"], condition=~Q(barcode=""), name="catalog_variant_barcode"),
            models.CheckConstraint(condition=~Q(sku=""), name="catalog_variant_sku_given"),
            models.CheckConstraint(
                condition=Q(origin_country="") | Q(origin_country__regex=r"^[A-Z]{2}$"),
                name="catalog_variant_origin_valid",
            ),
        ]
        indexes = search_indexes("catalog_variant")

    def __str__(self) -> str:
        return self.sku

    @property
    def label(self) -> str:
        """Product name with options; touches ``product``, so select it."""
        return f"{self.product.name} ({self.name})" if self.name else self.product.name


class CodeKind(models.TextChoices):
    """Who gave a variant this code."""

    CHANNEL = "channel", pgettext_lazy("code", "Sales channel")
    MAKER = "maker", pgettext_lazy("code", "Maker")
    SUPPLIER = "supplier", pgettext_lazy("code", "Supplier")
    SYNONYM = "synonym", pgettext_lazy("code", "Synonym")


class VariantCode(models.Model):
    """Another name of a variant: its code on one sales channel, or anywhere (no channel)."""

    variant = models.ForeignKey(Variant, on_delete=models.CASCADE, related_name="codes", verbose_name=_("variant"))
    sales_channel = models.ForeignKey(
        SalesChannel,
        null=True,
        blank=True,
        on_delete=models.CASCADE,
        related_name="variant_codes",
        verbose_name=_("sales channel"),
    )
    code = models.CharField(_("code"), max_length=120)
    kind = models.CharField(
        _("kind"), max_length=20, choices=CodeKind.choices, default=CodeKind.SYNONYM, db_default=CodeKind.SYNONYM
    )

    class Meta:
        verbose_name = _("variant code")
        verbose_name_plural = _("variant codes")
        constraints = [
            models.UniqueConstraint(
                fields=["sales_channel", "code"], name="catalog_variantcode_once", nulls_distinct=False
            ),
            models.CheckConstraint(condition=Q(kind__in=CodeKind.values), name="catalog_variantcode_kind_valid"),
        ]

    def __str__(self) -> str:
        return self.code
