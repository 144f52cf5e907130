"""What we sell, where, for how much."""

import uuid

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateTimeRangeField, RangeBoundary, RangeOperators
from django.db import models
from django.db.models import F, Func, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from core.money import Currency, format_money
from core.search import search_indexes
from staff.models import Revision
from staff.models.words import in_language


class ChannelKind(models.TextChoices):
    """Where a channel's orders come from; decides file formats and, later, connectors."""

    OWN = "own", _("Own shop")
    SHOPIFY = "shopify", "Shopify"
    RAKUTEN = "rakuten", "楽天市場 (Rakuten)"
    AMAZON = "amazon", "Amazon"
    YAHOO_JP = "yahoo_jp", "Yahoo!ショッピング"
    NAVER = "naver", "네이버 스마트스토어 (Naver)"
    COUPANG = "coupang", "쿠팡 (Coupang)"
    OTHER = "other", pgettext_lazy("sales channel", "Other")


class SalesChannel(models.Model):
    """One shop: the own site or one account on a mall."""

    code = models.SlugField(_("code"), max_length=40, unique=True)
    name = models.CharField(_("name"), max_length=80)
    kind = models.CharField(_("kind"), max_length=20, choices=ChannelKind.choices)
    currency = models.CharField(_("currency"), max_length=3, choices=Currency.choices)
    country = models.CharField(_("country"), max_length=2, help_text=_("Two letters, such as KR or JP."))
    time_zone = models.CharField(
        _("time zone"), max_length=50, default="Asia/Seoul", help_text=_("Dates in its files are in this zone.")
    )
    ship_within_days = models.PositiveSmallIntegerField(
        _("ships within (days)"),
        default=2,
        help_text=_("Promise to customers, in days after the order; later orders count as late."),
    )
    is_active = models.BooleanField(_("active"), default=True)

    class Meta:
        verbose_name = _("sales channel")
        verbose_name_plural = _("sales channels")
        ordering = ["name"]
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=ChannelKind.values), name="catalog_channel_kind_valid"),
            models.CheckConstraint(condition=Q(currency__in=Currency.values), name="catalog_channel_currency_valid"),
            models.CheckConstraint(condition=Q(country__regex=r"^[A-Z]{2}$"), name="catalog_channel_country_valid"),
        ]

    def __str__(self) -> str:
        return self.name


class Category(models.Model):
    """A shelf in the tree of goods."""

    parent = models.ForeignKey(
        "self",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="children",
        verbose_name=_("parent category"),
    )
    name = models.CharField(_("name"), max_length=100)
    position = models.PositiveSmallIntegerField(_("position"), default=0)

    class Meta:
        verbose_name = _("category")
        verbose_name_plural = _("categories")
        ordering = ["position", "name"]
        constraints = [
            models.UniqueConstraint(fields=["parent", "name"], name="catalog_category_name", nulls_distinct=False),
            models.CheckConstraint(condition=~Q(parent=F("id")), name="catalog_category_not_own_parent"),
        ]

    def __str__(self) -> str:
        return self.name


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


class Price(models.Model):
    """What a variant costs on one channel from ``starts_at`` until ``ends_at`` (or on); periods never overlap."""

    variant = models.ForeignKey(Variant, on_delete=models.CASCADE, related_name="prices", verbose_name=_("variant"))
    sales_channel = models.ForeignKey(
        SalesChannel, on_delete=models.PROTECT, related_name="prices", verbose_name=_("sales channel")
    )
    currency = models.CharField(_("currency"), max_length=3, choices=Currency.choices)
    amount = models.BigIntegerField(_("price"), help_text=_("In the smallest unit of the currency."))
    compare_at = models.BigIntegerField(_("price before"), null=True, blank=True)
    starts_at = models.DateTimeField(_("from"), db_default=Now())
    ends_at = models.DateTimeField(_("until"), null=True, blank=True)

    class Meta:
        verbose_name = _("price")
        verbose_name_plural = _("prices")
        constraints = [
            models.CheckConstraint(condition=Q(amount__gte=0), name="catalog_price_not_negative"),
            models.CheckConstraint(condition=Q(currency__in=Currency.values), name="catalog_price_currency_valid"),
            models.CheckConstraint(
                condition=Q(compare_at=None) | Q(compare_at__gt=F("amount")), name="catalog_price_compare_higher"
            ),
            models.CheckConstraint(
                condition=Q(ends_at=None) | Q(ends_at__gt=F("starts_at")), name="catalog_price_period_valid"
            ),
            ExclusionConstraint(
                name="catalog_price_no_overlap",
                expressions=[
                    ("variant", RangeOperators.EQUAL),
                    ("sales_channel", RangeOperators.EQUAL),
                    (
                        Func(
                            F("starts_at"),
                            F("ends_at"),
                            RangeBoundary(),
                            function="TSTZRANGE",
                            output_field=DateTimeRangeField(),
                        ),
                        RangeOperators.OVERLAPS,
                    ),
                ],
            ),
        ]

    def __str__(self) -> str:
        return format_money(self.amount, self.currency)


def image_path(_instance: "ProductImage", filename: str) -> str:
    """Return a generated name: nothing of the uploader's name reaches the disk but a known suffix."""
    suffix = filename.rsplit(".", 1)[-1].lower()
    return f"products/{uuid.uuid4().hex}.{suffix if suffix in {'png', 'jpg', 'jpeg', 'webp'} else 'bin'}"


class MediaFile(models.Model):
    """A stored picture file, once for the same bytes; it goes when the last picture that shows it goes."""

    sha256 = models.CharField(max_length=64, unique=True)  # of what is stored
    file = models.ImageField(_("picture"), upload_to=image_path)
    thumbnail_path = models.CharField(max_length=255)  # 320 px
    large_path = models.CharField(max_length=255)  # 1200 px; the file itself when that is not larger
    format = models.CharField(_("format"), max_length=10)  # as staff.adapters.pictures.Measured
    width = models.PositiveIntegerField(_("width (px)"))
    height = models.PositiveIntegerField(_("height (px)"))
    size_bytes = models.PositiveIntegerField()
    white_edge = models.PositiveSmallIntegerField()  # percent of the outermost pixels
    created_at = models.DateTimeField(_("created"), db_default=Now())

    class Meta:
        verbose_name = _("picture")
        verbose_name_plural = _("pictures")
        default_permissions = ()
        constraints = [
            models.CheckConstraint(
                condition=Q(width__gt=0, height__gt=0, size_bytes__gt=0, white_edge__lte=100),
                name="catalog_mediafile_measured",
            )
        ]

    def __str__(self) -> str:
        return f"{self.width} × {self.height} px"


class ProductImage(models.Model):
    """A picture of a product, the first position being its face."""

    product = models.ForeignKey(Product, on_delete=models.CASCADE, related_name="images", verbose_name=_("product"))
    variant = models.ForeignKey(
        Variant, null=True, blank=True, on_delete=models.SET_NULL, related_name="images", verbose_name=_("variant")
    )
    media = models.ForeignKey(
        MediaFile, null=True, on_delete=models.PROTECT, related_name="images", editable=False
    )  # None: stored before pictures were measured
    file = models.ImageField(_("picture"), upload_to=image_path)  # the path of ``media``
    alt_text_en = models.CharField(_("alternative text (English)"), max_length=200, blank=True)
    alt_text_ko = models.CharField(_("alternative text (Korean)"), max_length=200, blank=True)
    alt_text_ja = models.CharField(_("alternative text (Japanese)"), max_length=200, blank=True)
    position = models.PositiveSmallIntegerField(_("position"), default=0)
    # a designer's approved version: taken over once, with what may be done with it
    source = models.ForeignKey(
        Revision, null=True, blank=True, on_delete=models.PROTECT, related_name="+", editable=False
    )
    usage_rights = models.CharField(_("usage rights"), max_length=200, blank=True)
    rights_until = models.DateField(_("rights until"), null=True, blank=True)

    class Meta:
        verbose_name = _("picture")
        verbose_name_plural = _("pictures")
        ordering = ["position", "id"]
        constraints = [models.UniqueConstraint(fields=["product", "source"], name="catalog_productimage_source_once")]

    def __str__(self) -> str:
        return self.alt_text or f"{_('picture')} {self.position}"

    @property
    def alt_text(self) -> str:
        """Return the alternative text in the reader's language, else in the first that has one."""
        return in_language(self, "alt_text")

    @property
    def thumbnail_path(self) -> str:
        """Return the small picture's path; touches ``media``, so select it."""
        return self.media.thumbnail_path if self.media else str(self.file.name)

    @property
    def large_path(self) -> str:
        """Return the path of what a page shows large; touches ``media``."""
        return self.media.large_path if self.media else str(self.file.name)
