"""How a present is wrapped and what is written on it."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from orders.models.order import Order


class NoshiKind(models.TextChoices):
    """What the paper strip on a Japanese present is for; it decides how the cord on it is knotted."""

    CELEBRATION = "celebration", pgettext_lazy("noshi", "Celebration (御祝)")
    WEDDING = "wedding", pgettext_lazy("noshi", "Wedding (寿)")
    FAMILY = "family", pgettext_lazy("noshi", "Thanks of a family (内祝)")
    THANKS = "thanks", pgettext_lazy("noshi", "Thanks (御礼)")
    MIDYEAR = "midyear", pgettext_lazy("noshi", "Midyear present (御中元)")
    YEAREND = "yearend", pgettext_lazy("noshi", "Year-end present (御歳暮)")
    GET_WELL = "get_well", pgettext_lazy("noshi", "Get well (御見舞)")
    CONDOLENCE = "condolence", pgettext_lazy("noshi", "Condolence (志)")
    PLAIN = "plain", pgettext_lazy("noshi", "Without words (無地)")


class NoshiPlace(models.TextChoices):
    """Whether the strip lies under the wrapping paper or on it."""

    INSIDE = "inside", pgettext_lazy("noshi", "Inside (内のし)")
    OUTSIDE = "outside", pgettext_lazy("noshi", "Outside (外のし)")


class Gift(models.Model):
    """What makes an order a present; an order without a row is none."""

    order = models.OneToOneField(
        Order, on_delete=models.CASCADE, related_name="gift", verbose_name=pgettext_lazy("purchase", "order")
    )
    wrapping = models.CharField(_("wrapping"), max_length=80, blank=True)
    noshi_kind = models.CharField(pgettext_lazy("gift", "noshi"), max_length=12, choices=NoshiKind.choices, blank=True)
    noshi_name = models.CharField(_("name on the noshi"), max_length=80, blank=True)
    noshi_place = models.CharField(_("place of the noshi"), max_length=8, choices=NoshiPlace.choices, blank=True)
    message = models.CharField(_("gift message"), max_length=500, blank=True)
    hides_prices = models.BooleanField(
        _("packing slip without prices"), default=True, help_text=_("The recipient does not learn what it cost.")
    )

    class Meta:
        verbose_name = pgettext_lazy("order", "gift")
        verbose_name_plural = pgettext_lazy("order", "gifts")
        default_permissions = ("view",)
        constraints = [
            models.CheckConstraint(condition=Q(noshi_kind__in=["", *NoshiKind.values]), name="orders_gift_noshi_valid"),
            models.CheckConstraint(
                condition=Q(noshi_place__in=["", *NoshiPlace.values]), name="orders_gift_place_valid"
            ),
            models.CheckConstraint(
                condition=~Q(noshi_kind="") | Q(noshi_name="", noshi_place=""), name="orders_gift_noshi_whole"
            ),
        ]

    def __str__(self) -> str:
        return self.wrapping or self.get_noshi_kind_display() or self.message[:40]
