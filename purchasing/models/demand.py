"""What customers wanted day by day, and what they will want."""

from decimal import Decimal

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop, pgettext_lazy

from catalog.models import SalesChannel, Variant


class DemandDay(models.Model):
    """Pieces of a variant ordered on a channel on one day (of the shop's zone), cancelled ones not counted."""

    variant = models.ForeignKey(
        Variant, on_delete=models.CASCADE, related_name="demand_days", verbose_name=_("variant")
    )
    sales_channel = models.ForeignKey(
        SalesChannel, on_delete=models.CASCADE, related_name="+", verbose_name=_("sales channel")
    )
    day = models.DateField(_("day"))
    pieces = models.PositiveIntegerField(_("pieces"))

    class Meta:
        verbose_name = _("demand of a day")
        verbose_name_plural = _("demand by day")
        constraints = [
            models.UniqueConstraint(fields=["variant", "sales_channel", "day"], name="purchasing_demandday_once")
        ]
        indexes = [models.Index(fields=["day"], name="purchasing_demandday_day")]

    def __str__(self) -> str:
        return f"{self.day} {self.pieces}"


class StockoutDay(models.Model):
    """A day on which a variant could not be bought for most of the day: its demand is unknown, not zero."""

    variant = models.ForeignKey(
        Variant, on_delete=models.CASCADE, related_name="stockout_days", verbose_name=_("variant")
    )
    day = models.DateField(_("day"))

    class Meta:
        verbose_name = _("day out of stock")
        verbose_name_plural = _("days out of stock")
        constraints = [models.UniqueConstraint(fields=["variant", "day"], name="purchasing_stockoutday_once")]

    def __str__(self) -> str:
        return str(self.day)


class DemandProgress(models.Model):
    """How far demand was read from what happened to orders: the next night goes on from there."""

    key = models.CharField(_("source"), max_length=20, unique=True)
    event_id = models.BigIntegerField(_("last event"), default=0)

    class Meta:
        verbose_name = _("progress of demand")
        verbose_name_plural = _("progress of demand")

    def __str__(self) -> str:
        return f"{self.key} {self.event_id}"


class DemandEvent(models.Model):
    """A promotion or closed season that bends demand: known in the past, planned in the future."""

    name = models.CharField(_("name"), max_length=120)
    sales_channel = models.ForeignKey(
        SalesChannel, null=True, blank=True, on_delete=models.CASCADE, related_name="+",
        verbose_name=_("sales channel"),
    )  # fmt: skip
    starts_on = models.DateField(_("from"))
    ends_on = models.DateField(_("until"))
    percent = models.IntegerField(
        _("expected demand (%)"),
        default=100,
        help_text=_("Of an ordinary day: 250 is two and a half times as much."),
    )
    variants = models.ManyToManyField(
        Variant, blank=True, related_name="demand_events", verbose_name=_("variants"),
        help_text=_("Empty: all variants."),
    )  # fmt: skip

    class Meta:
        verbose_name = _("promotion or season")
        verbose_name_plural = _("promotions and seasons")
        ordering = ["-starts_on", "id"]
        constraints = [
            models.CheckConstraint(condition=Q(ends_on__gte=F("starts_on")), name="purchasing_demandevent_period"),
            models.CheckConstraint(condition=Q(percent__gte=0), name="purchasing_demandevent_percent"),
        ]

    def __str__(self) -> str:
        return self.name


class ForecastMethod(models.TextChoices):
    """How a forecast was made: by the mean of several methods unless one was clearly better in the back-test."""

    NONE = "none", pgettext_lazy("forecast", "Not enough data")
    COMBINED = "combined", pgettext_lazy("forecast", "Mean of several methods")
    NAIVE = "naive", pgettext_lazy("forecast", "As last season")
    AVERAGE = "average", pgettext_lazy("forecast", "Moving average")
    MEDIAN = "median", pgettext_lazy("forecast", "Moving median")
    CROSTON = "croston", pgettext_lazy("forecast", "Croston")
    TSB = "tsb", pgettext_lazy("forecast", "TSB")
    SMOOTHING = "smoothing", pgettext_lazy("forecast", "Exponential smoothing")
    THETA = "theta", pgettext_lazy("forecast", "Theta")


def _weeks() -> "ArrayField[list[Decimal], list[Decimal]]":
    return ArrayField(models.DecimalField(max_digits=14, decimal_places=3), default=list, blank=True)


class Forecast(models.Model):
    """Pieces expected week by week from ``starts_on`` on, with a band; of one channel, or of all when it names none."""

    variant = models.ForeignKey(Variant, on_delete=models.CASCADE, related_name="forecasts", verbose_name=_("variant"))
    sales_channel = models.ForeignKey(
        SalesChannel, null=True, blank=True, on_delete=models.CASCADE, related_name="+",
        verbose_name=_("sales channel"),
    )  # fmt: skip
    method = models.CharField(pgettext_lazy("forecast", "method"), max_length=12, choices=ForecastMethod.choices)
    starts_on = models.DateField(_("from"))
    weekly = _weeks()
    low = _weeks()  # 10 % of weeks are below
    high = _weeks()  # 10 % of weeks are above
    daily_mean = models.DecimalField(_("pieces a day"), max_digits=14, decimal_places=4, default=0)
    daily_deviation = models.DecimalField(_("deviation a day"), max_digits=14, decimal_places=4, default=0)
    error = models.DecimalField(
        _("error (MASE)"), max_digits=10, decimal_places=4, null=True, blank=True
    )  # mean absolute scaled error of the back-test; below 1 is better than "as last season"
    errors = models.JSONField(
        _("errors of all methods"), default=dict, blank=True
    )  # method -> {weekly: MASE of weeks, sum: of the whole horizon, pieces: off by so many a week}
    sizes = models.JSONField(
        _("pieces of a day with sales"), default=dict, blank=True
    )  # pieces -> on how many days of the last year; only of demand in lumps, of which a deviation says little
    history_days = models.PositiveIntegerField(_("days of history"), default=0)
    sold_days = models.PositiveIntegerField(_("days with sales"), default=0)
    made_at = models.DateTimeField(pgettext_lazy("forecast", "made"), db_default=Now())

    class Meta:
        verbose_name = _("forecast")
        verbose_name_plural = _("forecasts")
        constraints = [
            models.UniqueConstraint(
                fields=["variant", "sales_channel"], nulls_distinct=False, name="purchasing_forecast_once"
            ),
            models.CheckConstraint(
                condition=Q(method__in=ForecastMethod.values), name="purchasing_forecast_method_valid"
            ),
        ]
        permissions = [("make_forecasts", gettext_noop("Can have forecasts made now"))]

    def __str__(self) -> str:
        return f"{self.variant} · {self.get_method_display()}"
