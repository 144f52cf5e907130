"""What was done with an order from its ticket, and which tickets were one matter for a while."""

import pgtrigger
from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from orders.models import Order
from service.models.ticket import Ticket, TicketStatus


class WorkKind(models.TextChoices):
    """What was done with the order."""

    CANCEL = "cancel", pgettext_lazy("order work", "Order cancelled")
    ADDRESS = "address", pgettext_lazy("order work", "Address changed")
    RETURN = "return", pgettext_lazy("order work", "Return opened")
    REFUND = "refund", pgettext_lazy("order work", "Refund granted")
    RESEND = "resend", pgettext_lazy("order work", "Sent again")


class OrderWork(models.Model):
    """One thing done with an order from a ticket: by whom, with what result; the key of the press makes it once."""

    ticket = models.ForeignKey(Ticket, on_delete=models.PROTECT, related_name="order_works", verbose_name=_("ticket"))
    order = models.ForeignKey(
        Order, on_delete=models.PROTECT, related_name="+", verbose_name=pgettext_lazy("purchase", "order")
    )
    kind = models.CharField(_("kind"), max_length=10, choices=WorkKind.choices)
    key = models.CharField(max_length=80, unique=True)
    version = models.PositiveIntegerField(_("version"))  # of the ticket, which this made
    reference = models.CharField(_("number"), max_length=40, blank=True)  # of the refund, case or new order
    amount = models.BigIntegerField(_("amount"), null=True, blank=True)  # minor units of the order's currency
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+",
        verbose_name=_("by"),
    )  # fmt: skip
    at = models.DateTimeField(_("when"), db_default=Now())

    class Meta:
        verbose_name = _("order work")
        verbose_name_plural = _("order work")
        ordering = ["at", "id"]
        default_permissions = ()
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=WorkKind.values), name="service_orderwork_kind_valid"),
            models.CheckConstraint(
                condition=Q(kind="refund", amount__isnull=False, amount__gt=0) | (~Q(kind="refund") & Q(amount=None)),
                name="service_orderwork_refund_has_amount",
            ),
        ]
        indexes = [models.Index(fields=["ticket", "at", "id"], name="service_orderwork_ticket")]
        triggers = [
            pgtrigger.Protect(name="service_orderwork_append_only", operation=pgtrigger.Update | pgtrigger.Delete),
        ]

    def __str__(self) -> str:
        return f"{self.ticket_id}/{self.version}"


class TicketMerge(models.Model):
    """A ticket shown as part of another one, from when until when, and what undoing brings back."""

    ticket = models.ForeignKey(Ticket, on_delete=models.PROTECT, related_name="merges", verbose_name=_("ticket"))
    into = models.ForeignKey(Ticket, on_delete=models.PROTECT, related_name="+", verbose_name=_("merged into"))
    into_version = models.PositiveIntegerField()  # after the merge
    into_status = models.CharField(max_length=20, choices=TicketStatus.choices)  # before it
    into_waiting_since = models.DateTimeField(null=True, blank=True)  # before it
    merged_at = models.DateTimeField(_("merged"), db_default=Now())
    undone_at = models.DateTimeField(_("undone"), null=True, blank=True)

    class Meta:
        verbose_name = _("merge of tickets")
        verbose_name_plural = _("merges of tickets")
        default_permissions = ()
        constraints = [
            models.CheckConstraint(
                condition=Q(into_status__in=TicketStatus.values), name="service_merge_into_status_valid"
            ),
            models.UniqueConstraint(fields=["ticket"], condition=Q(undone_at=None), name="service_merge_running_once"),
        ]

    def __str__(self) -> str:
        return f"{self.ticket_id} > {self.into_id}"


class TicketSplit(models.Model):
    """Messages of a ticket that became one of their own, until that is undone."""

    source = models.ForeignKey(Ticket, on_delete=models.PROTECT, related_name="splits", verbose_name=_("split from"))
    fresh = models.OneToOneField(Ticket, on_delete=models.PROTECT, related_name="split", verbose_name=_("ticket"))
    message_ids = ArrayField(models.BigIntegerField())
    split_at = models.DateTimeField(pgettext_lazy("moment", "split"), db_default=Now())
    undone_at = models.DateTimeField(_("undone"), null=True, blank=True)

    class Meta:
        verbose_name = _("split of a ticket")
        verbose_name_plural = _("splits of tickets")
        default_permissions = ()
        constraints = [
            models.CheckConstraint(condition=~Q(message_ids=[]), name="service_split_moved_something"),
        ]

    def __str__(self) -> str:
        return f"{self.source_id} > {self.fresh_id}"
