"""Postcodes and the places they stand for, as the post offices list them."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class PostcodeSource(models.TextChoices):
    """Which list a postcode came from; a list that is loaded again replaces its own rows only."""

    JP_AREAS = "jp_areas", _("Japan Post, areas")
    JP_OFFICES = "jp_offices", _("Japan Post, large offices")
    KR_ZONES = "kr_zones", _("Korea Post, zones")


class Place(models.Model):
    """A city with its region, as its country's post writes them today."""

    country = models.CharField(_("country"), max_length=2)
    region = models.CharField(_("state or prefecture"), max_length=40)
    city = models.CharField(_("city"), max_length=60, blank=True)  # empty: the region is one city (Sejong)
    region_kana = models.CharField(_("reading of the region"), max_length=60, blank=True)
    city_kana = models.CharField(_("reading of the city"), max_length=120, blank=True)

    class Meta:
        verbose_name = pgettext_lazy("address", "place")
        verbose_name_plural = pgettext_lazy("address", "places")
        ordering = ["country", "id"]
        constraints = [
            models.UniqueConstraint(fields=["country", "region", "city"], name="addresses_place_unique"),
            models.CheckConstraint(condition=Q(country__regex=r"^[A-Z]{2}$"), name="addresses_place_country_valid"),
        ]

    def __str__(self) -> str:
        glue = "" if self.country == "JP" else " "
        return f"{self.region}{glue}{self.city}".strip()


class PlaceName(models.Model):
    """One way in which an address of the place may begin, folded (``place_key``): 東京都千代田区, 千代田区."""

    place = models.ForeignKey(
        Place, on_delete=models.CASCADE, related_name="names", verbose_name=pgettext_lazy("address", "place")
    )
    key = models.CharField(_("folded name"), max_length=120)

    class Meta:
        verbose_name = _("name of a place")
        verbose_name_plural = _("names of places")
        constraints = [
            models.UniqueConstraint(fields=["key", "place"], name="addresses_placename_unique"),
            models.CheckConstraint(condition=~Q(key=""), name="addresses_placename_not_empty"),
        ]

    def __str__(self) -> str:
        return self.key


class Postcode(models.Model):
    """What a postcode stands for; one code may have several rows, one area several codes."""

    country = models.CharField(_("country"), max_length=2)
    code = models.CharField(_("postcode"), max_length=7)  # letters and digits only, see ``postcode_key``
    place = models.ForeignKey(
        Place, on_delete=models.PROTECT, related_name="postcodes", verbose_name=pgettext_lazy("address", "place")
    )
    area = models.CharField(_("town"), max_length=160, blank=True)
    area_kana = models.CharField(_("reading of the town"), max_length=320, blank=True)
    area_key = models.CharField(max_length=160, blank=True, editable=False)  # folded
    office = models.CharField(_("office with a code of its own"), max_length=200, blank=True)
    source = models.CharField(pgettext_lazy("rule", "source"), max_length=12, choices=PostcodeSource.choices)

    class Meta:
        verbose_name = _("postcode")
        verbose_name_plural = _("postcodes")
        ordering = ["country", "code", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["country", "code", "source", "place", "area", "office"], name="addresses_postcode_unique"
            ),
            models.CheckConstraint(
                condition=Q(country="JP", code__regex=r"^\d{7}$") | Q(country="KR", code__regex=r"^\d{5}$"),
                name="addresses_postcode_code_valid",
            ),
            models.CheckConstraint(
                condition=Q(source__in=PostcodeSource.values), name="addresses_postcode_source_valid"
            ),
        ]
        indexes = [models.Index(fields=["place", "area_key"], name="addresses_postcode_area")]

    def __str__(self) -> str:
        return f"{self.code[:3]}-{self.code[3:]}" if self.country == "JP" else self.code
