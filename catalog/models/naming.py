"""What products were called before: people go on looking for the old name."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from catalog.models.product import Product
from catalog.models.variant import Variant


class ProductNames(models.Model):
    """What a product and its variants are called now; kept by services to notice what they are no longer called."""

    product = models.OneToOneField(Product, primary_key=True, on_delete=models.CASCADE, related_name="+")
    names = ArrayField(models.TextField())  # code, name, titles
    skus = models.JSONField(default=dict)  # variant id -> SKU

    class Meta:
        default_permissions = ()
        verbose_name = _("names of a product")
        verbose_name_plural = _("names of products")

    def __str__(self) -> str:
        return ", ".join(self.names)


class FormerName(models.Model):
    """A code, name or title that a product, or an SKU that a variant, had ``until`` then; still found by it."""

    product = models.ForeignKey(
        Product,
        on_delete=models.CASCADE,
        related_name="former_names",
        db_index=False,  # the constraint's index begins with it
        verbose_name=_("product"),
    )
    variant = models.ForeignKey(
        Variant, null=True, blank=True, on_delete=models.CASCADE, related_name="former_skus", verbose_name=_("variant")
    )
    text = models.CharField(_("name"), max_length=255)
    until = models.DateTimeField(_("until"), db_default=Now())

    class Meta:
        default_permissions = ()
        verbose_name = _("former name")
        verbose_name_plural = _("former names")
        ordering = ["-until", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["product", "variant", "text"], name="catalog_formername_once", nulls_distinct=False
            ),
            models.CheckConstraint(condition=~Q(text=""), name="catalog_formername_given"),
        ]

    def __str__(self) -> str:
        return self.text
