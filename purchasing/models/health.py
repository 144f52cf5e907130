"""How old stock is, how long it lasts, and what to do about what lies too long: worked out every night."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from catalog.models import Variant


class Verdict(models.TextChoices):
    """What the age and the sales of stock say."""

    HEALTHY = "healthy", pgettext_lazy("stock", "Healthy")
    EXCESS = "excess", pgettext_lazy("stock", "Excess")  # more than half a year of sales
    SLOW = "slow", pgettext_lazy("stock", "Slow")  # lasts longer than a year, or unsold for 90 days
    DEAD = "dead", pgettext_lazy("stock", "Dead")  # nothing sold for 180 days


class Remedy(models.TextChoices):
    """What is proposed to do about it."""

    NONE = "", pgettext_lazy("stock", "Nothing")
    DISPOSE = "dispose", pgettext_lazy("stock", "Dispose of it")
    SEND_BACK = "send_back", pgettext_lazy("stock", "Return to the supplier")
    MOVE = "move", pgettext_lazy("stock", "Sell on another channel")
    MARK_DOWN = "mark_down", pgettext_lazy("stock", "Mark down")
    BUNDLE = "bundle", pgettext_lazy("stock", "Sell in a bundle")
    STOP = "stop", pgettext_lazy("stock", "Order no more of it")


AGES = (30, 60, 90, 180, 365)  # days; the last bucket is what is older


class StockHealth(models.Model):
    """One variant over all warehouses: pieces by age (first in, first out), money tied up, cover, and a verdict."""

    variant = models.OneToOneField(
        Variant, on_delete=models.CASCADE, related_name="stock_health", verbose_name=_("variant")
    )
    on_hand = models.PositiveIntegerField(_("on hand"))
    age_30 = models.PositiveIntegerField(_("up to 30 days"), default=0)
    age_60 = models.PositiveIntegerField(_("31 to 60 days"), default=0)
    age_90 = models.PositiveIntegerField(_("61 to 90 days"), default=0)
    age_180 = models.PositiveIntegerField(_("91 to 180 days"), default=0)
    age_365 = models.PositiveIntegerField(_("181 to 365 days"), default=0)
    age_older = models.PositiveIntegerField(_("over a year"), default=0)
    value = models.BigIntegerField(_("tied up"), default=0)  # minor units of the shop's currency, first in first out
    excess_value = models.BigIntegerField(_("of it too much"), default=0)
    daily = models.DecimalField(_("pieces a day"), max_digits=14, decimal_places=4, default=0)  # of the last 90 days
    cover_days = models.PositiveIntegerField(_("lasts (days)"), null=True, blank=True)  # none: nothing is sold
    last_sold_on = models.DateField(_("last sold"), null=True, blank=True)
    last_received_on = models.DateField(_("last received"), null=True, blank=True)
    verdict = models.CharField(_("verdict"), max_length=8, choices=Verdict.choices, default=Verdict.HEALTHY)
    remedy = models.CharField(_("what to do"), max_length=12, choices=Remedy.choices, blank=True, default=Remedy.NONE)
    computed_at = models.DateTimeField(_("worked out"))

    class Meta:
        verbose_name = _("stock health")
        verbose_name_plural = _("stock health")
        ordering = ["-value", "id"]
        constraints = [
            models.CheckConstraint(condition=Q(verdict__in=Verdict.values), name="purchasing_stockhealth_verdict"),
            models.CheckConstraint(condition=Q(remedy__in=Remedy.values), name="purchasing_stockhealth_remedy"),
        ]
        indexes = [models.Index(fields=["verdict", "-value"], name="purchasing_stockhealth_worst")]

    def __str__(self) -> str:
        return str(self.variant)
