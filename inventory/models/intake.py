"""The counter at which many clients who ask at once are served together."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class ReservationRequest(models.Model):
    """What one client asks of stock while it waits for its turn (``reserve_together``).

    It is gone when the client has its answer, or after a minute, when no client can be waiting for it any more. No
    foreign keys: it outlives nothing, and whoever serves it finds out what its numbers mean.
    """

    reference = models.CharField(_("document"), max_length=80, blank=True)
    country = models.CharField(_("country"), max_length=2, blank=True)
    channel_number = models.BigIntegerField(_("sales channel"), default=0)  # 0: none
    take = models.CharField(_("if there is not enough"), max_length=10)
    keys = ArrayField(models.CharField(max_length=80), verbose_name=_("for"))
    variant_numbers = ArrayField(models.BigIntegerField(), verbose_name=_("variants"))
    quantities = ArrayField(models.IntegerField(), verbose_name=_("quantities"))
    answer = models.JSONField(_("answer"), null=True)
    created_at = models.DateTimeField(pgettext_lazy("moment", "at"), db_default=Now())

    class Meta:
        verbose_name = _("request for stock")
        verbose_name_plural = _("requests for stock")
        default_permissions = ()

    def __str__(self) -> str:
        return self.reference
