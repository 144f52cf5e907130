"""What is written about a product."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from catalog.models.product import Product


class ProductText(models.Model):
    """The product's name and description in one language."""

    product = models.ForeignKey(Product, on_delete=models.CASCADE, related_name="texts", verbose_name=_("product"))
    language = models.CharField(_("language"), max_length=5)
    title = models.CharField(_("title"), max_length=255)
    description = models.TextField(_("description"), blank=True)

    class Meta:
        verbose_name = _("text")
        verbose_name_plural = _("texts")
        constraints = [models.UniqueConstraint(fields=["product", "language"], name="catalog_text_language")]

    def __str__(self) -> str:
        return self.title
