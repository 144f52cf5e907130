"""Sold, and not there: what becomes of the orders, who decided it, what customers are to be told."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop, pgettext_lazy

from catalog.models import SalesChannel, Variant
from core.models import append_only
from inventory.models import Transfer, Warehouse
from orders.models.order import Order
from staff.models import Language


class Oversell(models.Model):
    """More pieces of a variant were sold than are there or may be sold ahead; opens and closes by itself."""

    variant = models.ForeignKey(Variant, on_delete=models.PROTECT, related_name="oversells", verbose_name=_("variant"))
    short = models.PositiveIntegerField(_("pieces short"))  # now; what was last when it closed
    most_short = models.PositiveIntegerField(_("most pieces short"))
    opened_at = models.DateTimeField(_("opened"), db_default=Now())
    closed_at = models.DateTimeField(_("closed"), null=True, blank=True)

    class Meta:
        verbose_name = _("oversell")
        verbose_name_plural = _("oversells")
        ordering = ["-id"]
        permissions = [("decide_oversell", gettext_noop("Can decide what becomes of oversold orders"))]
        constraints = [
            models.UniqueConstraint(fields=["variant"], condition=Q(closed_at=None), name="orders_oversell_open_once"),
            models.CheckConstraint(
                condition=Q(short__gt=0, most_short__gte=F("short")), name="orders_oversell_short_positive"
            ),
        ]

    def __str__(self) -> str:
        return str(self.variant)


class DecisionKind(models.TextChoices):
    """What can become of an order that is short of pieces."""

    MOVE = "move", pgettext_lazy("oversell", "Ship from another warehouse")
    TRANSFER = "transfer", pgettext_lazy("oversell", "Transfer pieces here")
    SPLIT = "split", pgettext_lazy("oversell", "Ship what is there first")
    WAIT = "wait", pgettext_lazy("oversell", "Wait")
    SUBSTITUTE = "substitute", pgettext_lazy("oversell", "Send another product")
    CANCEL = "cancel", pgettext_lazy("oversell", "Cancel")


class OversellDecision(models.Model):
    """What somebody decided about one order of an oversell, and why; append-only."""

    oversell = models.ForeignKey(
        Oversell, on_delete=models.PROTECT, related_name="decisions", verbose_name=_("oversell")
    )
    order = models.ForeignKey(
        Order, on_delete=models.PROTECT, related_name="oversell_decisions",
        verbose_name=pgettext_lazy("purchase", "order"),
    )  # fmt: skip
    kind = models.CharField(_("decision"), max_length=12, choices=DecisionKind.choices)
    note = models.CharField(_("reason"), max_length=200)
    promised_on = models.DateField(_("promised for"), null=True, blank=True)
    warehouse = models.ForeignKey(
        Warehouse, null=True, blank=True, on_delete=models.PROTECT, related_name="+", verbose_name=_("warehouse")
    )
    transfer = models.ForeignKey(
        Transfer, null=True, blank=True, on_delete=models.PROTECT, related_name="+", verbose_name=_("transfer")
    )
    substitute = models.ForeignKey(
        Variant, null=True, blank=True, on_delete=models.PROTECT, related_name="+", verbose_name=_("substitute")
    )
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+",
        verbose_name=_("decided by"),
    )  # fmt: skip
    at = models.DateTimeField(pgettext_lazy("moment", "at"), db_default=Now(), editable=False)

    class Meta:
        verbose_name = _("oversell decision")
        verbose_name_plural = _("oversell decisions")
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=DecisionKind.values), name="orders_oversell_decision_kind"),
            models.CheckConstraint(condition=~Q(note=""), name="orders_oversell_decision_has_reason"),
        ]
        triggers = append_only("orders_oversell_decision")

    def __str__(self) -> str:
        return str(self.get_kind_display())


class OrderMessage(models.Model):
    """Words for a customer that somebody has to send: the shop itself sends nothing yet."""

    order = models.ForeignKey(
        Order, on_delete=models.PROTECT, related_name="messages", verbose_name=pgettext_lazy("purchase", "order")
    )
    decision = models.ForeignKey(
        OversellDecision, null=True, blank=True, on_delete=models.PROTECT, related_name="messages",
        verbose_name=_("decision"),
    )  # fmt: skip
    language = models.CharField(_("language"), max_length=5, choices=Language.choices)
    body = models.TextField(pgettext_lazy("message", "text"))
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+",
        verbose_name=_("by"),
    )  # fmt: skip
    created_at = models.DateTimeField(_("written"), db_default=Now())
    sent_at = models.DateTimeField(_("sent"), null=True, blank=True)
    sent_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+",
        verbose_name=_("sent by"),
    )  # fmt: skip

    class Meta:
        verbose_name = _("message to a customer")
        verbose_name_plural = _("messages to customers")
        ordering = ["-id"]
        permissions = [("send_ordermessage", gettext_noop("Can mark messages to customers as sent"))]
        constraints = [
            models.CheckConstraint(condition=Q(language__in=Language.values), name="orders_message_language_valid"),
            models.CheckConstraint(condition=~Q(body=""), name="orders_message_says_something"),
        ]
        indexes = [models.Index(fields=["-id"], condition=Q(sent_at=None), name="orders_message_to_send")]

    def __str__(self) -> str:
        return self.body[:60]


class CancelPenalty(models.Model):
    """What a mall asks when the seller cancels, as its terms said at the time."""

    sales_channel = models.ForeignKey(
        SalesChannel, on_delete=models.CASCADE, related_name="cancel_penalties", verbose_name=_("sales channel")
    )
    valid_from = models.DateField(_("valid from"))
    valid_until = models.DateField(_("valid until"), null=True, blank=True)
    points = models.PositiveSmallIntegerField(_("penalty points"), default=0)
    amount = models.PositiveBigIntegerField(
        _("amount"), default=0, help_text=_("In the channel's currency, its smallest unit; for each order.")
    )
    terms = models.CharField(_("terms"), max_length=300, help_text=_("What happens, in one sentence."))
    source = models.URLField(_("source"), max_length=300, blank=True)

    class Meta:
        verbose_name = _("penalty of a mall")
        verbose_name_plural = _("penalties of malls")
        ordering = ["sales_channel_id", "-valid_from"]
        constraints = [
            models.UniqueConstraint(fields=["sales_channel", "valid_from"], name="orders_cancelpenalty_once"),
            models.CheckConstraint(
                condition=Q(valid_until=None) | Q(valid_until__gte=F("valid_from")), name="orders_cancelpenalty_dates"
            ),
            models.CheckConstraint(condition=~Q(terms=""), name="orders_cancelpenalty_says_what"),
        ]

    def __str__(self) -> str:
        return f"{self.sales_channel} {self.valid_from}"
