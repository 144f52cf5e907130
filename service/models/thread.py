"""Questions that lie in a mall and are answered there."""

from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from service.models.inlet import Inlet


class MallThread(models.Model):
    """A question that a mall's interface showed; answers to messages that name ``head`` go there under ``number``."""

    inlet = models.ForeignKey(Inlet, on_delete=models.PROTECT, related_name="mall_threads", verbose_name=_("inlet"))
    number = models.CharField(pgettext_lazy("mall", "number of the question"), max_length=120)
    head = models.CharField("Message-ID", max_length=255, unique=True)
    created_at = models.DateTimeField(_("recorded"), db_default=Now())

    class Meta:
        verbose_name = _("question in a mall")
        verbose_name_plural = _("questions in malls")
        ordering = ["id"]
        default_permissions = ()  # a part of its messages
        constraints = [models.UniqueConstraint(fields=["inlet", "number"], name="service_mallthread_once")]

    def __str__(self) -> str:
        return self.number
