"""What a customer recognises as one thing."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from catalog.models.category import Category
from core.search import search_indexes


class ProductStatus(models.TextChoices):
    """Life of a product."""

    DRAFT = "draft", pgettext_lazy("product", "Draft")
    ACTIVE = "active", pgettext_lazy("product", "On sale")
    ENDED = "ended", pgettext_lazy("product", "Ended")


class Product(models.Model):
    """What a customer recognises as one thing; sold as its variants."""

    code = models.CharField(_("product code"), max_length=60, unique=True)
    name = models.CharField(_("name"), max_length=255)
    category = models.ForeignKey(
        Category, null=True, blank=True, on_delete=models.PROTECT, related_name="products", verbose_name=_("category")
    )
    brand = models.CharField(_("brand"), max_length=100, blank=True)
    status = models.CharField(
        _("status"), max_length=20, choices=ProductStatus.choices, default=ProductStatus.DRAFT, editable=False
    )
    image_path = models.CharField(
        _("main picture"), max_length=255, blank=True, editable=False
    )  # copied from the first image
    thumbnail_path = models.CharField(
        max_length=255, blank=True, editable=False, default="", db_default=""
    )  # of the first image, for lists
    search_text = models.TextField(
        editable=False, default=""
    )  # code, names in all languages, brand, SKUs; kept by services
    created_at = models.DateTimeField(_("created"), db_default=Now())
    updated_at = models.DateTimeField(_("changed"), auto_now=True)

    class Meta:
        verbose_name = _("product")
        verbose_name_plural = _("products")
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(condition=Q(status__in=ProductStatus.values), name="catalog_product_status_valid")
        ]
        indexes = [
            *search_indexes("catalog_product"),
            models.Index(fields=["status", "-id"], name="catalog_product_status"),
        ]

    def __str__(self) -> str:
        return self.name
