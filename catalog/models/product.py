"""What a customer recognises as one thing."""

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop, pgettext_lazy

from catalog.models.attribute import ProductType
from catalog.models.category import Category
from core.search import search_indexes
from core.states import Transitions
from staff.models import User


class ProductStatus(models.TextChoices):
    """Life of a product."""

    DRAFT = "draft", pgettext_lazy("product", "Draft")
    IN_REVIEW = "in_review", pgettext_lazy("product", "In review")
    CHANGES_REQUESTED = "changes_requested", pgettext_lazy("product", "Changes requested")
    APPROVED = "approved", pgettext_lazy("product", "Approved")
    ACTIVE = "active", pgettext_lazy("product", "On sale")
    ENDED = "ended", pgettext_lazy("product", "Ended")


_S = ProductStatus
PRODUCT_TRANSITIONS = Transitions(
    {
        _S.DRAFT: {_S.IN_REVIEW, _S.ENDED},
        _S.IN_REVIEW: {_S.DRAFT, _S.CHANGES_REQUESTED, _S.APPROVED},
        _S.CHANGES_REQUESTED: {_S.IN_REVIEW, _S.DRAFT, _S.ENDED},
        # an approval is of what was seen: whoever changes it takes it back to the draft
        _S.APPROVED: {_S.ACTIVE, _S.DRAFT, _S.ENDED},
        _S.ACTIVE: {_S.ENDED},
        _S.ENDED: {_S.ACTIVE, _S.DRAFT},
    }
)


class ExpiryKind(models.TextChoices):
    """Which date is printed on the goods."""

    NONE = "none", pgettext_lazy("expiry", "None")
    USE_BY = "use_by", pgettext_lazy("expiry", "Use by")
    BEST_BEFORE = "best_before", pgettext_lazy("expiry", "Best before")


class Product(models.Model):
    """What a customer recognises as one thing; sold as its variants."""

    code = models.CharField(_("product code"), max_length=60, unique=True)
    name = models.CharField(_("name"), max_length=255)
    category = models.ForeignKey(
        Category, null=True, blank=True, on_delete=models.PROTECT, related_name="products", verbose_name=_("category")
    )
    product_type = models.ForeignKey(
        ProductType,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="products",
        verbose_name=_("product type"),
    )
    brand = models.CharField(_("brand"), max_length=100, blank=True)
    maker = models.CharField(_("maker"), max_length=100, blank=True, default="", db_default="")
    tags = ArrayField(
        models.CharField(max_length=60), verbose_name=_("tags"), default=list, db_default=[], blank=True
    )  # without doubles, as catalog.services.products.tagging writes them
    age_limit = models.PositiveSmallIntegerField(
        _("sold from age"), default=0, db_default=0, help_text=_("0: to everybody.")
    )
    expiry_kind = models.CharField(
        _("date on the goods"),
        max_length=20,
        choices=ExpiryKind.choices,
        default=ExpiryKind.NONE,
        db_default=ExpiryKind.NONE,
    )
    shelf_life_days = models.PositiveSmallIntegerField(_("keeps for (days)"), null=True, blank=True)
    replaced_by = models.ForeignKey(
        "self",
        null=True,
        blank=True,
        editable=False,
        on_delete=models.PROTECT,
        related_name="replaces",
        verbose_name=_("replaced by"),
    )
    author = models.ForeignKey(
        User,
        null=True,
        blank=True,
        editable=False,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("author"),
    )  # who registered it; None: a file or the system
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
            models.CheckConstraint(condition=Q(status__in=ProductStatus.values), name="catalog_product_status_valid"),
            models.CheckConstraint(
                condition=Q(expiry_kind__in=ExpiryKind.values), name="catalog_product_expiry_kind_valid"
            ),
            models.CheckConstraint(condition=Q(age_limit__lte=25), name="catalog_product_age_limit_valid"),
            models.CheckConstraint(
                condition=Q(replaced_by=None) | ~Q(replaced_by=F("id")), name="catalog_product_not_own_replacement"
            ),
        ]
        indexes = [
            *search_indexes("catalog_product"),
            models.Index(fields=["status", "-id"], name="catalog_product_status"),
            GinIndex(fields=["tags"], name="catalog_product_tags"),
        ]
        permissions = [("review_product", gettext_noop("Can approve products that others registered"))]

    def __str__(self) -> str:
        return self.name
