"""Customers call a contract off: what they stated, when, and what was decided."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop, pgettext_lazy

from compliance.models import RefusalGround
from orders.models.order import Order
from staff.models import User


class CancelCause(models.TextChoices):
    """Who an order is cancelled by; the law's refund counts from another day when we cannot supply."""

    CUSTOMER = "customer", pgettext_lazy("cancel", "The customer does not want it")
    UNSUPPLIED = "unsupplied", pgettext_lazy("cancel", "We cannot supply it")


class WithdrawalWay(models.TextChoices):
    """How the customer stated it."""

    BUTTON = "button", pgettext_lazy("withdrawal", "Withdrawal button")
    WRITTEN = "written", pgettext_lazy("withdrawal", "In writing")
    PHONE = "phone", pgettext_lazy("withdrawal", "By phone")
    CHANNEL = "channel", pgettext_lazy("withdrawal", "Through the sales channel")


class WithdrawalDecision(models.TextChoices):
    """What became of a statement."""

    OPEN = "open", pgettext_lazy("withdrawal", "To decide")
    ACCEPTED = "accepted", pgettext_lazy("withdrawal", "Accepted")
    REFUSED = "refused", pgettext_lazy("withdrawal", "Refused")


class Withdrawal(models.Model):
    """A customer’s statement to withdraw from (a part of) an order; the day of the statement decides."""

    order = models.ForeignKey(
        Order, on_delete=models.PROTECT, related_name="withdrawals", verbose_name=pgettext_lazy("purchase", "order")
    )
    stated_at = models.DateTimeField(pgettext_lazy("withdrawal", "stated"))
    way = models.CharField(pgettext_lazy("withdrawal", "way"), max_length=10, choices=WithdrawalWay.choices)
    reason = models.CharField(_("reason"), max_length=200, blank=True)
    piece_count = models.PositiveIntegerField(_("pieces"))
    total = models.BigIntegerField(pgettext_lazy("money", "value"))  # minor units of the order's currency
    # None where we know of no right to withdraw; ``due_at`` is empty while the window has not begun
    is_in_time = models.BooleanField(_("in time"), null=True, blank=True)
    due_at = models.DateTimeField(_("last moment of the window"), null=True, blank=True)
    decision = models.CharField(
        _("decision"), max_length=10, choices=WithdrawalDecision.choices, default=WithdrawalDecision.OPEN
    )
    ground = models.CharField(_("legal ground"), max_length=20, choices=RefusalGround.choices, blank=True)
    evidence = models.CharField(_("evidence"), max_length=300, blank=True)
    decided_at = models.DateTimeField(pgettext_lazy("moment", "decided"), null=True, blank=True)
    decided_by = models.ForeignKey(
        User, null=True, blank=True, on_delete=models.PROTECT, related_name="+", verbose_name=_("decided by")
    )
    created_at = models.DateTimeField(_("recorded"), db_default=Now())

    class Meta:
        verbose_name = _("withdrawal")
        verbose_name_plural = _("withdrawals")
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(condition=Q(way__in=WithdrawalWay.values), name="orders_withdrawal_way_valid"),
            models.CheckConstraint(
                condition=Q(decision__in=WithdrawalDecision.values), name="orders_withdrawal_decision_valid"
            ),
            models.CheckConstraint(
                condition=Q(ground__in=["", *RefusalGround.values]), name="orders_withdrawal_ground_valid"
            ),
            models.CheckConstraint(condition=Q(piece_count__gt=0), name="orders_withdrawal_pieces_positive"),
            models.CheckConstraint(
                condition=Q(decision=WithdrawalDecision.OPEN, decided_at=None, ground="", evidence="")
                | (~Q(decision=WithdrawalDecision.OPEN) & Q(decided_at__isnull=False)),
                name="orders_withdrawal_decided",
            ),
            # a statement in time is never refused without one of the law's grounds and what proves it
            models.CheckConstraint(
                condition=~Q(decision=WithdrawalDecision.REFUSED)
                | (Q(evidence__gt="") & (Q(is_in_time=False) | Q(is_in_time=None) | Q(ground__gt=""))),
                name="orders_withdrawal_refused_lawfully",
            ),
        ]
        permissions = [("decide_withdrawal", gettext_noop("Can accept and refuse withdrawals"))]

    def __str__(self) -> str:
        return f"{self.order} · {self.stated_at:%Y-%m-%d}"
