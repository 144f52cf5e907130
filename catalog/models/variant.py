"""What is priced, stocked and packed."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

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
    barcode = models.CharField(_("barcode (GTIN/JAN)"), max_length=14, blank=True)
    weight_g = models.PositiveIntegerField(_("weight (g)"), null=True, blank=True)
    is_active = models.BooleanField(_("active"), default=True)
    search_text = models.TextField(editable=False, default="")  # SKU, product names, options, barcode; kept by services

    class Meta:
        verbose_name = _("variant")
        verbose_name_plural = _("variants")
        ordering = ["sku"]
        constraints = [
            models.UniqueConstraint(fields=["barcode"], condition=~Q(barcode=""), name="catalog_variant_barcode"),
            models.CheckConstraint(condition=~Q(sku=""), name="catalog_variant_sku_given"),
        ]
        indexes = search_indexes("catalog_variant")

    def __str__(self) -> str:
        return self.sku

    @property
    def label(self) -> str:
        """Product name with options; touches ``product``, so select it."""
        return f"{self.product.name} ({self.name})" if self.name else self.product.name


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

    class Meta:
        verbose_name = _("variant code")
        verbose_name_plural = _("variant codes")
        constraints = [
            models.UniqueConstraint(
                fields=["sales_channel", "code"], name="catalog_variantcode_once", nulls_distinct=False
            )
        ]

    def __str__(self) -> str:
        return self.code
