"""Pictures that a file names: fetched after the import, each with what became of it."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from catalog.models.media import ProductImage
from catalog.models.product import Product
from catalog.models.variant import Variant
from core.models import TableImport


class WantedState(models.TextChoices):
    """What became of a picture that a file names."""

    WAITING = "waiting", pgettext_lazy("picture", "Waiting")
    DONE = "done", pgettext_lazy("picture", "Taken over")
    REFUSED = "refused", pgettext_lazy("picture", "Refused")


class WantedPicture(models.Model):
    """One picture of a product by its address, or by its name in an archive beside the file."""

    table_import = models.ForeignKey(
        TableImport,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="wanted_pictures",
        verbose_name=_("table import"),
    )
    product = models.ForeignKey(
        Product, on_delete=models.CASCADE, related_name="wanted_pictures", verbose_name=_("product")
    )
    variant = models.ForeignKey(
        Variant, null=True, blank=True, on_delete=models.SET_NULL, related_name="+", verbose_name=_("variant")
    )
    place = models.PositiveSmallIntegerField(_("position"), default=0)
    source = models.CharField(_("address or file name"), max_length=2000)
    alt_text = models.CharField(_("alternative text"), max_length=200, blank=True)
    state = models.CharField(
        _("status"), max_length=10, choices=WantedState.choices, default=WantedState.WAITING, editable=False
    )
    reason = models.CharField(_("reason"), max_length=300, blank=True)
    image = models.ForeignKey(
        ProductImage, null=True, blank=True, on_delete=models.SET_NULL, related_name="+", verbose_name=_("picture")
    )
    created_at = models.DateTimeField(_("created"), db_default=Now())
    finished_at = models.DateTimeField(_("finished"), null=True, blank=True)

    class Meta:
        verbose_name = _("picture named by a file")
        verbose_name_plural = _("pictures named by files")
        default_permissions = ("view",)
        ordering = ["product_id", "place", "id"]
        constraints = [
            models.CheckConstraint(condition=Q(state__in=WantedState.values), name="catalog_wantedpicture_state_valid"),
            models.CheckConstraint(condition=~Q(source=""), name="catalog_wantedpicture_source_given"),
        ]
        indexes = [
            models.Index(fields=["table_import", "state", "id"], name="catalog_wantedpicture_import"),
        ]

    def __str__(self) -> str:
        return self.source
