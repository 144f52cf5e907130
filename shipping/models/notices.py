"""What sales channels have to be told about parcels that left."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop, pgettext_lazy

from catalog.models import SalesChannel
from orders.models import Shipment
from shipping.models.files import KeptFile


class NoticeState(models.TextChoices):
    """How far the telling is."""

    OWED = "owed", pgettext_lazy("notice", "To be told")
    SENT = "sent", pgettext_lazy("notice", "Sent")
    ACCEPTED = "accepted", pgettext_lazy("notice", "Accepted")
    REFUSED = "refused", pgettext_lazy("notice", "Refused")


class NoticeFile(KeptFile):
    """A mall's own upload file with carriers and tracking numbers; no names, no addresses."""

    sales_channel = models.ForeignKey(
        SalesChannel, on_delete=models.PROTECT, related_name="notice_files", verbose_name=_("sales channel")
    )
    file = models.FileField(_("file"), upload_to="notices/%Y/%m/", max_length=255, blank=True)

    class Meta:
        verbose_name = _("file for a sales channel")
        verbose_name_plural = _("files for sales channels")
        ordering = ["-id"]

    def __str__(self) -> str:
        return self.number


class ChannelNotice(models.Model):
    """That a parcel left is owed to the channel it was sold on, until the channel has taken it."""

    shipment = models.OneToOneField(
        Shipment, on_delete=models.PROTECT, related_name="notice", verbose_name=_("shipment")
    )
    sales_channel = models.ForeignKey(
        SalesChannel, on_delete=models.PROTECT, related_name="notices", verbose_name=_("sales channel")
    )
    state = models.CharField(
        _("state"), max_length=10, choices=NoticeState.choices, default=NoticeState.OWED, editable=False
    )
    due_at = models.DateTimeField(_("to be told by"), null=True, blank=True)
    # what was told last; another number later is owed again
    told_number = models.CharField(_("number told"), max_length=60, blank=True, default="", db_default="")
    file = models.ForeignKey(
        NoticeFile, null=True, blank=True, on_delete=models.SET_NULL, related_name="notices", verbose_name=_("file")
    )
    answer = models.CharField(_("answer of the channel"), max_length=300, blank=True, default="", db_default="")
    sent_at = models.DateTimeField(_("sent"), null=True, blank=True)
    answered_at = models.DateTimeField(_("answered"), null=True, blank=True)
    created_at = models.DateTimeField(_("recorded"), db_default=Now())

    class Meta:
        verbose_name = _("shipping notice")
        verbose_name_plural = _("shipping notices")
        ordering = ["due_at", "id"]
        permissions = [("tell_channelnotice", gettext_noop("Can tell sales channels what was shipped"))]
        constraints = [
            models.CheckConstraint(condition=Q(state__in=NoticeState.values), name="shipping_notice_state_valid"),
            models.CheckConstraint(
                condition=Q(state=NoticeState.OWED) | Q(sent_at__isnull=False), name="shipping_notice_sent_has_moment"
            ),
        ]
        indexes = [
            models.Index(
                fields=["due_at", "id"],
                condition=Q(state__in=[NoticeState.OWED, NoticeState.REFUSED]),
                name="shipping_notice_open",
            ),
            models.Index(fields=["state", "-id"], name="shipping_notice_state"),
        ]

    def __str__(self) -> str:
        return str(self.shipment_id)
