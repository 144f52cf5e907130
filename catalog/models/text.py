"""What is written about a product."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from catalog.models.channel import SalesChannel
from catalog.models.product import Product


class ProductText(models.Model):
    """What a product is called and how it is described in one language, everywhere or on one channel."""

    product = models.ForeignKey(Product, on_delete=models.CASCADE, related_name="texts", verbose_name=_("product"))
    language = models.CharField(_("language"), max_length=5)
    sales_channel = models.ForeignKey(
        SalesChannel,
        null=True,
        blank=True,
        on_delete=models.CASCADE,
        related_name="product_texts",
        verbose_name=_("sales channel"),
        help_text=_("Empty: on every channel that has no text of its own."),
    )
    title = models.CharField(_("title"), max_length=255)
    description = models.TextField(_("description"), blank=True)  # HTML, sanitised by catalog.services.content.writing
    keywords = models.CharField(_("search keywords"), max_length=500, blank=True, default="", db_default="")
    seo_title = models.CharField(_("title for search engines"), max_length=120, blank=True, default="", db_default="")
    seo_description = models.CharField(
        _("description for search engines"), max_length=320, blank=True, default="", db_default=""
    )
    slug = models.CharField(_("address on the site"), max_length=200, blank=True, default="", db_default="")

    class Meta:
        verbose_name = _("text")
        verbose_name_plural = _("texts")
        constraints = [
            models.UniqueConstraint(
                fields=["product", "language", "sales_channel"], name="catalog_text_once", nulls_distinct=False
            ),
            models.UniqueConstraint(
                fields=["language", "sales_channel", "slug"],
                condition=~Q(slug=""),
                name="catalog_text_slug_once",
                nulls_distinct=False,
            ),
        ]

    def __str__(self) -> str:
        return self.title
