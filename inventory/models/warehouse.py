"""Places where stock lies, and which of them a sales channel is served from."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from catalog.models import SalesChannel


class Warehouse(models.Model):
    """A place from which orders are shipped; the lower ``rank`` is asked first, after those of the order's country."""

    code = models.SlugField(_("code"), max_length=20, unique=True)
    name = models.CharField(_("name"), max_length=80)
    country = models.CharField(_("country"), max_length=2)
    rank = models.PositiveSmallIntegerField(_("rank"), default=0)
    is_active = models.BooleanField(_("active"), default=True)

    class Meta:
        verbose_name = _("warehouse")
        verbose_name_plural = _("warehouses")
        ordering = ["rank", "name"]

    def __str__(self) -> str:
        return self.name


class ChannelWarehouse(models.Model):
    """A warehouse that serves a sales channel; a channel without any is served by all active ones by their own rank."""

    sales_channel = models.ForeignKey(
        SalesChannel, on_delete=models.CASCADE, related_name="warehouses", verbose_name=_("sales channel")
    )
    warehouse = models.ForeignKey(
        Warehouse, on_delete=models.CASCADE, related_name="channels", verbose_name=_("warehouse")
    )
    rank = models.PositiveSmallIntegerField(_("rank"), default=0, help_text=_("The lowest is asked first."))

    class Meta:
        verbose_name = _("warehouse of a sales channel")
        verbose_name_plural = _("warehouses of a sales channel")
        ordering = ["sales_channel_id", "rank", "id"]
        constraints = [
            models.UniqueConstraint(fields=["sales_channel", "warehouse"], name="inventory_channelwarehouse_once")
        ]

    def __str__(self) -> str:
        return f"{self.sales_channel} ← {self.warehouse}"


class Bin(models.Model):
    """A shelf with an address inside a warehouse; pickers walk by ``pick_rank``."""

    warehouse = models.ForeignKey(Warehouse, on_delete=models.PROTECT, related_name="bins", verbose_name=_("warehouse"))
    code = models.CharField(pgettext_lazy("shelf", "bin"), max_length=30, help_text=_("Such as A-03-2."))
    zone = models.CharField(pgettext_lazy("warehouse", "zone"), max_length=30, blank=True)
    pick_rank = models.PositiveIntegerField(_("pick rank"), default=0, help_text=_("The lowest is walked to first."))
    is_active = models.BooleanField(_("active"), default=True)

    class Meta:
        verbose_name = pgettext_lazy("shelf", "bin")
        verbose_name_plural = pgettext_lazy("shelf", "bins")
        ordering = ["warehouse_id", "pick_rank", "code"]
        constraints = [
            models.UniqueConstraint(fields=["warehouse", "code"], name="inventory_bin_once"),
            models.CheckConstraint(condition=~models.Q(code=""), name="inventory_bin_code_given"),
        ]

    def __str__(self) -> str:
        return self.code
