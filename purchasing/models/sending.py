"""From which amount on a second person approves, and the mails by which orders go to suppliers."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from core.money import Currency
from purchasing.models.order import PurchaseOrder


class ApprovalLimit(models.Model):
    """Up to which total a purchase order in this currency is approved at once; without a row a person approves each."""

    currency = models.CharField(_("currency"), max_length=3, choices=Currency.choices, unique=True)
    amount = models.BigIntegerField(_("approved at once up to"))  # minor units

    class Meta:
        verbose_name = _("approval limit")
        verbose_name_plural = _("approval limits")
        ordering = ["currency"]
        constraints = [
            models.CheckConstraint(condition=Q(currency__in=Currency.values), name="purchasing_approvallimit_currency"),
            models.CheckConstraint(condition=Q(amount__gte=0), name="purchasing_approvallimit_amount_valid"),
        ]

    def __str__(self) -> str:
        return self.currency


class MailState(models.TextChoices):
    """What became of a mail to a supplier."""

    WAITING = "waiting", pgettext_lazy("mail", "Waits to be sent")
    SENDING = "sending", pgettext_lazy("mail", "Being sent")
    SENT = "sent", pgettext_lazy("mail", "Sent")
    UNCLEAR = "unclear", pgettext_lazy("mail", "Unclear whether it was sent")
    FAILED = "failed", pgettext_lazy("mail", "Could not be sent")
    WITHDRAWN = "withdrawn", pgettext_lazy("mail", "Withdrawn")


OPEN_MAILS = (MailState.WAITING, MailState.SENDING, MailState.UNCLEAR)


class PurchaseMail(models.Model):
    """One mail owed to a supplier for one order.

    It is handed over at most once: whether a mail that was begun and never answered for has left, only a person finds
    out (``unclear``), because goods ordered twice cost more than a question.
    """

    order = models.ForeignKey(
        PurchaseOrder, on_delete=models.PROTECT, related_name="mails", verbose_name=_("purchase order")
    )
    address = models.EmailField(_("e-mail"))
    state = models.CharField(_("state"), max_length=12, choices=MailState.choices, default=MailState.WAITING)
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+",
        verbose_name=_("by"),
    )  # fmt: skip
    requested_at = models.DateTimeField(_("asked for"), db_default=Now())
    due_at = models.DateTimeField(_("due"), db_default=Now())
    started_at = models.DateTimeField(_("begun"), null=True, blank=True)  # of the latest attempt
    ended_at = models.DateTimeField(_("ended"), null=True, blank=True)  # sent, failed or withdrawn
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    error = models.CharField(_("error"), max_length=200, blank=True)  # the kind of failure, never an address

    class Meta:
        verbose_name = _("mail to a supplier")
        verbose_name_plural = _("mails to suppliers")
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(condition=Q(state__in=MailState.values), name="purchasing_mail_state_valid"),
            models.UniqueConstraint(
                fields=["order"], condition=Q(state__in=["waiting", "sending", "unclear"]),
                name="purchasing_mail_one_open",
            ),
            models.CheckConstraint(
                condition=Q(state="waiting") | Q(state="withdrawn") | Q(started_at__isnull=False),
                name="purchasing_mail_begun",
            ),
        ]  # fmt: skip
        indexes = [
            models.Index(
                fields=["due_at"], condition=Q(state__in=["waiting", "sending"]), name="purchasing_mail_due"
            )
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.order}"
