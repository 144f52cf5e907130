"""Companies that carry parcels, and which of them carries what."""

from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import get_language, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from catalog.models import SalesChannel
from core.search import fold
from inventory.models import Warehouse


class TrackingCheck(models.TextChoices):
    """How the last digit of a tracking number proves the others."""

    NONE = "", pgettext_lazy("check digit", "None that we know of")
    MOD7 = "mod7", _("Remainder of a division by seven")


class Encoding(models.TextChoices):
    """What a carrier's program reads."""

    UTF8 = "utf8", "UTF-8"
    CP932 = "cp932", "Shift_JIS (cp932)"
    CP949 = "cp949", "EUC-KR (cp949)"


def carrier_word(text: str) -> str:
    """Return how a carrier's name is compared: folded, without blanks and signs."""
    return "".join(letter for letter in fold(text) if letter.isalnum())


class Carrier(models.Model):
    """Who brings parcels to the door: what its labels hold, and how its numbers look."""

    code = models.SlugField(_("code"), max_length=40, unique=True)
    name = models.CharField(pgettext_lazy("carrier", "name"), max_length=80)
    name_ko = models.CharField(_("Korean name"), max_length=80, blank=True)
    name_ja = models.CharField(_("Japanese name"), max_length=80, blank=True)
    country = models.CharField(
        _("country"), max_length=2, validators=[RegexValidator(r"^[A-Z]{2}$")], help_text=_("Where it fetches parcels.")
    )
    words = ArrayField(
        models.CharField(max_length=60),
        verbose_name=_("other names"),
        default=list,
        blank=True,
        help_text=_("What files and people write when they mean it, separated by commas."),
    )
    address_widths = ArrayField(
        models.PositiveSmallIntegerField(validators=[MinValueValidator(4)]),
        verbose_name=_("address lines"),
        default=list,
        blank=True,
        help_text=_(
            "How much each line of its label holds, in half-width letters (a full-width one counts two): 64, 32"
        ),
    )
    name_widths = ArrayField(
        models.PositiveSmallIntegerField(validators=[MinValueValidator(4)]),
        verbose_name=_("name lines"),
        default=list,
        blank=True,
        help_text=_("The same for the recipient's name: 32, 32"),
    )
    encoding = models.CharField(_("encoding"), max_length=10, choices=Encoding.choices, default=Encoding.UTF8)
    least_digits = models.PositiveSmallIntegerField(_("shortest tracking number"), default=8)
    most_digits = models.PositiveSmallIntegerField(
        _("longest tracking number"), default=20, validators=[MaxValueValidator(40)]
    )
    digits_only = models.BooleanField(_("digits only"), default=True)
    check_digit = models.CharField(
        _("check digit"), max_length=10, choices=TrackingCheck.choices, blank=True, default="", db_default=""
    )
    tracking_url = models.CharField(
        _("tracking page"),
        max_length=300,
        blank=True,
        validators=[RegexValidator(r"^https://[^\s]*\{number\}", _("Write https://… with {number} where it belongs."))],
        help_text=_("Its address with {number} in it."),
    )
    transit_days = models.PositiveSmallIntegerField(_("days on the way"), default=1)
    note = models.CharField(
        _("note"), max_length=300, blank=True, help_text=_("What is not sure, and where it was read.")
    )
    is_active = models.BooleanField(_("active"), default=True)

    class Meta:
        verbose_name = _("carrier")
        verbose_name_plural = _("carriers")
        ordering = ["country", "code"]
        constraints = [
            models.CheckConstraint(condition=Q(country__regex=r"^[A-Z]{2}$"), name="shipping_carrier_country_valid"),
            models.CheckConstraint(condition=Q(encoding__in=Encoding.values), name="shipping_carrier_encoding_valid"),
            models.CheckConstraint(
                condition=Q(check_digit__in=TrackingCheck.values), name="shipping_carrier_check_valid"
            ),
            models.CheckConstraint(
                condition=Q(least_digits__gte=1, most_digits__gte=F("least_digits")), name="shipping_carrier_digits"
            ),
            models.CheckConstraint(condition=Q(transit_days__lte=60), name="shipping_carrier_transit_days"),
        ]

    def __str__(self) -> str:
        told = {"ko": self.name_ko, "ja": self.name_ja}.get((get_language() or "en")[:2], "")
        return told or self.name

    @property
    def own_name(self) -> str:
        """Return the name that people where it carries use: what is written on parcels."""
        return {"KR": self.name_ko, "JP": self.name_ja}.get(self.country) or self.name

    def tracking_link(self, number: str) -> str:
        """Return the page that shows where a parcel is; an empty text where the carrier has none."""
        plain = clean_number(number)
        return self.tracking_url.replace("{number}", plain) if plain and self.tracking_url else ""

    def number_problem(self, number: str) -> str:
        """Return the code of what is wrong with a tracking number: length, letters, check; empty when nothing is."""
        plain = clean_number(number)
        if self.digits_only and not (plain.isascii() and plain.isdigit()):
            return "letters"
        if not self.least_digits <= len(plain) <= self.most_digits:
            return "length"
        if self.check_digit == TrackingCheck.MOD7 and int(plain[:-1] or 0) % 7 != int(plain[-1]):
            return "check"
        return ""

    def all_words(self) -> set[str]:
        """Return every text by which the carrier is known, as ``carrier_word`` compares them."""
        texts = [self.code, self.name, self.name_ko, self.name_ja, *self.words]
        return {word for word in map(carrier_word, texts) if word}


def clean_number(number: str) -> str:
    """Return a tracking number without the blanks and hyphens that people put into it."""
    return "".join(letter for letter in fold(number).upper() if letter not in " -‐‑–—−ー")


class CarrierRule(models.Model):
    """Which carrier takes what leaves a warehouse for a channel's customers; the first that fits counts."""

    carrier = models.ForeignKey(Carrier, on_delete=models.CASCADE, related_name="rules", verbose_name=_("carrier"))
    rank = models.PositiveSmallIntegerField(_("rank"), default=100, help_text=_("Lower numbers are asked first."))
    warehouse = models.ForeignKey(
        Warehouse, null=True, blank=True, on_delete=models.CASCADE, related_name="+", verbose_name=_("warehouse")
    )
    sales_channel = models.ForeignKey(
        SalesChannel, null=True, blank=True, on_delete=models.CASCADE, related_name="+",
        verbose_name=_("sales channel"),
    )  # fmt: skip
    country = models.CharField(
        _("country of delivery"), max_length=2, blank=True, validators=[RegexValidator(r"^[A-Z]{2}$")]
    )
    from_weight_g = models.PositiveIntegerField(_("from weight (g)"), default=0)
    up_to_weight_g = models.PositiveIntegerField(_("up to weight (g)"), null=True, blank=True)
    is_active = models.BooleanField(_("active"), default=True)

    class Meta:
        verbose_name = _("default carrier")
        verbose_name_plural = _("default carriers")
        ordering = ["rank", "id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(country="") | Q(country__regex=r"^[A-Z]{2}$"), name="shipping_rule_country_valid"
            ),
            models.CheckConstraint(
                condition=Q(up_to_weight_g=None) | Q(up_to_weight_g__gt=F("from_weight_g")),
                name="shipping_rule_weights",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.rank} {self.carrier}"
