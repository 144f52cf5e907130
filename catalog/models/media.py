"""Pictures and their files."""

import uuid

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from catalog.models.product import Product
from catalog.models.variant import Variant
from staff.models import Revision
from staff.models.words import in_language


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
