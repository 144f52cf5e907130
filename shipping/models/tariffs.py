"""What carriers ask, and what each parcel cost."""

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop, pgettext_lazy

from catalog.models import SalesChannel
from core.money import Currency
from inventory.models import Warehouse
from orders.models import Shipment
from shipping.models.carrier import Carrier


class CarrierTariff(models.Model):
    """What a parcel up to a weight costs, or what is added to it in a zone; dated."""

    carrier = models.ForeignKey(Carrier, on_delete=models.CASCADE, related_name="tariffs", verbose_name=_("carrier"))
    warehouse = models.ForeignKey(
        Warehouse, null=True, blank=True, on_delete=models.CASCADE, related_name="+", verbose_name=_("warehouse")
    )
    zone = models.CharField(
        pgettext_lazy("tariff", "zone"), max_length=40, blank=True,
        help_text=_("State or prefecture as orders write it; of a surcharge the zone of the postcode. Empty: any."),
    )  # fmt: skip
    is_surcharge = models.BooleanField(
        _("surcharge"), default=False, help_text=_("Comes on top for islands and remote places.")
    )
    up_to_weight_g = models.PositiveIntegerField(_("up to weight (g)"), null=True, blank=True)
    amount = models.PositiveBigIntegerField(_("amount"), help_text=_("In the smallest unit of its currency."))
    currency = models.CharField(_("currency"), max_length=3, choices=Currency.choices)
    valid_from = models.DateField(_("valid from"))
    valid_until = models.DateField(_("valid until"), null=True, blank=True)

    class Meta:
        verbose_name = _("carrier’s tariff")
        verbose_name_plural = _("carriers’ tariffs")
        ordering = ["carrier_id", "is_surcharge", "zone", "up_to_weight_g", "-valid_from"]
        constraints = [
            models.CheckConstraint(condition=Q(currency__in=Currency.values), name="shipping_tariff_currency_valid"),
            models.CheckConstraint(
                condition=Q(valid_until=None) | Q(valid_until__gte=F("valid_from")), name="shipping_tariff_dates"
            ),
            models.UniqueConstraint(
                fields=["carrier", "warehouse", "zone", "is_surcharge", "up_to_weight_g", "valid_from"],
                name="shipping_tariff_once",
                nulls_distinct=False,
            ),
        ]

    def __str__(self) -> str:
        return f"{self.carrier} {self.zone}".strip()


class ParcelCost(models.Model):
    """What the carrier asks for one parcel, by the tariff of its day or as somebody wrote it; minor units."""

    shipment = models.OneToOneField(Shipment, on_delete=models.PROTECT, related_name="cost", verbose_name=_("shipment"))
    carrier = models.ForeignKey(Carrier, on_delete=models.PROTECT, related_name="+", verbose_name=_("carrier"))
    weight_g = models.PositiveIntegerField(_("weight (g)"), default=0)  # 0: nobody knows
    base_amount = models.PositiveBigIntegerField(_("carriage"))
    surcharge_amount = models.PositiveBigIntegerField(_("surcharge"), default=0)
    currency = models.CharField(_("currency"), max_length=3, choices=Currency.choices)
    is_by_hand = models.BooleanField(_("written by hand"), default=False)
    computed_at = models.DateTimeField(_("computed"), db_default=Now())

    class Meta:
        verbose_name = _("cost of a parcel")
        verbose_name_plural = _("costs of parcels")
        ordering = ["-id"]
        permissions = [("set_parcelcost", gettext_noop("Can write what a parcel cost"))]
        constraints = [
            models.CheckConstraint(condition=Q(currency__in=Currency.values), name="shipping_cost_currency_valid"),
        ]

    def __str__(self) -> str:
        return str(self.shipment_id)

    @property
    def amount(self) -> int:
        """Return carriage and surcharge together, in minor units."""
        return self.base_amount + self.surcharge_amount


class ChannelCutoff(models.Model):
    """Until when an order of today leaves today, by the clock of the channel."""

    sales_channel = models.OneToOneField(
        SalesChannel, on_delete=models.CASCADE, related_name="cutoff", verbose_name=_("sales channel")
    )
    at = models.TimeField(
        _("cut-off"), help_text=_("What has to leave that day is due at this time, in the channel’s time zone.")
    )

    class Meta:
        verbose_name = _("cut-off of a channel")
        verbose_name_plural = _("cut-offs of channels")
        ordering = ["sales_channel_id"]

    def __str__(self) -> str:
        return f"{self.sales_channel} {self.at:%H:%M}"
