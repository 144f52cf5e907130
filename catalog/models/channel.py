"""Where we sell."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from core.money import Currency
from staff.models import Language, validate_time_zone


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
        _("time zone"),
        max_length=50,
        default="Asia/Seoul",
        validators=[validate_time_zone],
        help_text=_("Dates in its files are in this zone."),
    )
    ship_within_days = models.PositiveSmallIntegerField(
        _("ships within (days)"),
        default=2,
        help_text=_("Promise to customers, in days after the order; later orders count as late."),
    )
    language = models.CharField(
        _("language"),
        max_length=5,
        choices=Language.choices,
        default=Language.ENGLISH,
        db_default=Language.ENGLISH,
        help_text=_("Its customers read this; titles and product information are checked in it."),
    )
    margin_floor = models.PositiveSmallIntegerField(
        _("lowest margin (%)"),
        null=True,
        blank=True,
        help_text=_("A price with less margin over cost waits for a second person; empty means no limit."),
    )
    is_active = models.BooleanField(_("active"), default=True)

    class Meta:
        verbose_name = _("sales channel")
        verbose_name_plural = _("sales channels")
        ordering = ["name"]
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=ChannelKind.values), name="catalog_channel_kind_valid"),
            models.CheckConstraint(condition=Q(currency__in=Currency.values), name="catalog_channel_currency_valid"),
            models.CheckConstraint(condition=Q(language__in=Language.values), name="catalog_channel_language_valid"),
            models.CheckConstraint(
                condition=Q(margin_floor=None) | Q(margin_floor__lt=100), name="catalog_channel_margin_valid"
            ),
            models.CheckConstraint(condition=Q(country__regex=r"^[A-Z]{2}$"), name="catalog_channel_country_valid"),
        ]

    def __str__(self) -> str:
        return self.name
