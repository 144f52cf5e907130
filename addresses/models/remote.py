"""Places that cost more to reach: zones of postcodes, and what is charged for them from when on."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from core.money import Currency

_FROM = pgettext_lazy("rule", "valid from")
_UNTIL = pgettext_lazy("rule", "valid until")


class RemoteZone(models.Model):
    """Islands and other places of a country that are dearer to reach: 沖縄, 離島, 제주, 도서산간."""

    country = models.CharField(_("country"), max_length=2, choices=[("JP", _("Japan")), ("KR", _("Korea"))])
    code = models.SlugField(_("code"), max_length=40)
    name = models.CharField(pgettext_lazy("zone", "name"), max_length=80)
    note = models.CharField(_("note"), max_length=300, blank=True)

    class Meta:
        verbose_name = _("remote zone")
        verbose_name_plural = _("remote zones")
        ordering = ["country", "code"]
        constraints = [
            models.UniqueConstraint(fields=["country", "code"], name="addresses_remotezone_unique"),
            models.CheckConstraint(condition=Q(country__in=["JP", "KR"]), name="addresses_remotezone_country_valid"),
        ]

    def __str__(self) -> str:
        return f"{self.country} {self.name}"


class RemoteRange(models.Model):
    """Postcodes of a zone, from the first to the last; both belong to it, as do both days."""

    zone = models.ForeignKey(RemoteZone, on_delete=models.CASCADE, related_name="ranges", verbose_name=_("remote zone"))
    first = models.CharField(_("first postcode"), max_length=7)
    last = models.CharField(_("last postcode"), max_length=7)
    place = models.CharField(pgettext_lazy("address", "place"), max_length=120, blank=True)
    source = models.CharField(pgettext_lazy("rule", "source"), max_length=300, blank=True)
    is_verified = models.BooleanField(pgettext_lazy("rule", "verified"), default=False)
    valid_from = models.DateField(_FROM, null=True, blank=True)
    valid_until = models.DateField(_UNTIL, null=True, blank=True)

    class Meta:
        verbose_name = _("range of postcodes")
        verbose_name_plural = _("ranges of postcodes")
        ordering = ["first", "id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(first__regex=r"^\d{5}(\d\d)?$", last__regex=r"^\d{5}(\d\d)?$"),
                name="addresses_remoterange_digits",
            ),
            models.CheckConstraint(condition=Q(last__gte=F("first")), name="addresses_remoterange_forward"),
            models.CheckConstraint(condition=Q(valid_until__gte=F("valid_from")), name="addresses_remoterange_days"),
        ]
        indexes = [models.Index(fields=["first", "last"], name="addresses_remoterange_codes")]

    def __str__(self) -> str:
        return f"{self.first}–{self.last}"


class RemoteSurcharge(models.Model):
    """What a parcel to the zone costs more, in minor units; the latest that has begun counts, for each currency."""

    zone = models.ForeignKey(
        RemoteZone, on_delete=models.CASCADE, related_name="surcharges", verbose_name=_("remote zone")
    )
    amount = models.PositiveBigIntegerField(pgettext_lazy("money", "amount"))  # minor units
    currency = models.CharField(_("currency"), max_length=3, choices=Currency.choices)
    valid_from = models.DateField(_FROM)
    note = models.CharField(_("note"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("remote surcharge")
        verbose_name_plural = _("remote surcharges")
        ordering = ["-valid_from", "currency"]
        constraints = [
            models.UniqueConstraint(fields=["zone", "currency", "valid_from"], name="addresses_remotesurcharge_unique"),
            models.CheckConstraint(
                condition=Q(currency__in=Currency.values), name="addresses_remotesurcharge_currency_valid"
            ),
            models.CheckConstraint(condition=Q(amount__gt=0), name="addresses_remotesurcharge_amount_positive"),
        ]

    def __str__(self) -> str:
        return f"{self.zone} {self.amount} {self.currency}"
