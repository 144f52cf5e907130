"""Money promised back, and what became of the promise."""

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop, pgettext_lazy

from core.money import Currency
from core.states import Transitions
from orders.models import Order, OrderLine, Payment


class RefundReason(models.TextChoices):
    """Why money goes back; reports count by it."""

    CHANGED_MIND = "changed_mind", pgettext_lazy("refund", "Customer changed their mind")
    CANCELLED = "cancelled", pgettext_lazy("refund", "Cancelled before shipping")
    OUT_OF_STOCK = "out_of_stock", pgettext_lazy("refund", "Out of stock")
    DAMAGED = "damaged", pgettext_lazy("refund", "Damaged")
    DEFECTIVE = "defective", pgettext_lazy("refund", "Defective")
    WRONG_ITEM = "wrong_item", pgettext_lazy("refund", "Wrong item")
    NOT_DELIVERED = "not_delivered", pgettext_lazy("refund", "Not delivered")
    LATE = "late", pgettext_lazy("refund", "Delivered late")
    PRICE = "price", pgettext_lazy("refund", "Price corrected")
    EDITED = "edited", pgettext_lazy("refund", "Order changed")
    OVERPAID = "overpaid", pgettext_lazy("refund", "Paid too much")
    GOODWILL = "goodwill", pgettext_lazy("refund", "Goodwill")
    OTHER = "other", pgettext_lazy("refund", "Other")


class RefundState(models.TextChoices):
    """Where a refund is; the money is gone only when it is sent."""

    GRANTED = "granted", pgettext_lazy("refund", "Granted")
    SENDING = "sending", pgettext_lazy("refund", "Being sent")
    SENT = "sent", pgettext_lazy("refund", "Sent")
    FAILED = "failed", pgettext_lazy("refund", "Could not be sent")
    WITHDRAWN = "withdrawn", pgettext_lazy("refund", "Withdrawn")


_S = RefundState
REFUND_TRANSITIONS = Transitions(
    {
        _S.GRANTED: {_S.SENDING, _S.SENT, _S.WITHDRAWN},
        _S.SENDING: {_S.SENT, _S.FAILED},
        _S.FAILED: {_S.SENDING, _S.SENT, _S.WITHDRAWN},
    }
)
# promised and not gone: what is open may never be more than what is still paid
OPEN_REFUNDS = (_S.GRANTED, _S.SENDING, _S.FAILED)

_WITHIN_PAID = """
    SELECT paid_total INTO paid FROM orders_order WHERE id = NEW.order_id FOR NO KEY UPDATE;
    IF TG_OP = 'UPDATE' AND (NEW.order_id, NEW.amount, NEW.currency) <> (OLD.order_id, OLD.amount, OLD.currency) THEN
        RAISE EXCEPTION 'what was granted is not changed (refund %)', OLD.id USING ERRCODE = 'check_violation';
    END IF;
    SELECT coalesce(sum(amount), 0) INTO promised FROM payments_refund
    WHERE order_id = NEW.order_id AND id <> NEW.id
      AND state = ANY (CASE WHEN TG_OP = 'INSERT' THEN ARRAY['granted', 'sending', 'failed'] ELSE ARRAY['sending'] END);
    IF (TG_OP = 'INSERT' OR (NEW.state = 'sending' AND OLD.state <> 'sending')) AND promised + NEW.amount > paid THEN
        RAISE EXCEPTION 'refunds of order % exceed what was paid', NEW.order_id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'payments_refund_within_paid';
    END IF;
    RETURN NEW;
"""
_WITHIN_LINE = """
    SELECT r.order_id INTO of_order FROM payments_refund r WHERE r.id = NEW.refund_id;
    PERFORM 1 FROM orders_order WHERE id = of_order FOR NO KEY UPDATE;
    SELECT total INTO worth FROM orders_orderline WHERE id = NEW.order_line_id AND order_id = of_order;
    SELECT coalesce(sum(l.amount), 0) INTO promised FROM payments_refundline l
    JOIN payments_refund r ON r.id = l.refund_id
    WHERE l.order_line_id = NEW.order_line_id AND r.state <> 'withdrawn';
    IF worth IS NULL OR promised + NEW.amount > worth THEN
        RAISE EXCEPTION 'refunds of order line % exceed its amount', NEW.order_line_id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'payments_refundline_within_line';
    END IF;
    RETURN NEW;
"""


class RefundQuerySet(models.QuerySet["Refund"]):
    """Vocabulary of refunds."""

    def open(self) -> "RefundQuerySet":
        """Promised, and neither sent nor withdrawn."""
        return self.filter(state__in=OPEN_REFUNDS)

    def to_approve(self) -> "RefundQuerySet":
        """Granted above the limit, and no second person has said yes."""
        return self.filter(state=RefundState.GRANTED, needs_approval=True, approved_at=None)

    def to_send(self) -> "RefundQuerySet":
        """Ready to be sent, or to be sent again."""
        return self.filter(state__in=[RefundState.GRANTED, RefundState.FAILED]).exclude(
            needs_approval=True, approved_at=None
        )


class Refund(models.Model):
    """Money granted back on one order (minor units of its currency); ``payment`` is its row in the ledger once sent."""

    number = models.CharField(_("number"), max_length=30, unique=True)
    order = models.ForeignKey(
        Order, on_delete=models.PROTECT, related_name="refunds", verbose_name=pgettext_lazy("purchase", "order")
    )
    amount = models.BigIntegerField(_("amount"))
    currency = models.CharField(_("currency"), max_length=3, choices=Currency.choices)
    reason = models.CharField(_("reason"), max_length=20, choices=RefundReason.choices)
    note = models.CharField(_("note"), max_length=300, blank=True)
    state = models.CharField(_("state"), max_length=10, choices=RefundState.choices, default=RefundState.GRANTED)
    # which fact proposed it ("cancelled", "change:12"): proposed once, whatever became of it; empty: by people
    cause = models.CharField(_("proposed because of"), max_length=40, blank=True, db_default="", editable=False)
    failure = models.CharField(_("why it could not be sent"), max_length=200, blank=True)
    needs_approval = models.BooleanField(_("needs a second person"), default=False)
    granted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+",
        verbose_name=_("granted by"),
    )  # fmt: skip
    granted_at = models.DateTimeField(pgettext_lazy("refund", "granted"), db_default=Now())
    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+",
        verbose_name=_("approved by"),
    )  # fmt: skip
    approved_at = models.DateTimeField(_("approved"), null=True, blank=True)
    sent_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+",
        verbose_name=_("sent by"),
    )  # fmt: skip
    sent_at = models.DateTimeField(pgettext_lazy("refund", "sent"), null=True, blank=True)
    payment = models.OneToOneField(
        Payment, null=True, blank=True, on_delete=models.PROTECT, related_name="refund",
        verbose_name=pgettext_lazy("money", "payment"),
    )  # fmt: skip

    objects = RefundQuerySet.as_manager()

    class Meta:
        verbose_name = pgettext_lazy("money", "refund")
        verbose_name_plural = pgettext_lazy("money", "refunds")
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(condition=Q(amount__gt=0), name="payments_refund_amount_positive"),
            models.CheckConstraint(condition=Q(currency__in=Currency.values), name="payments_refund_currency_valid"),
            models.CheckConstraint(condition=Q(reason__in=RefundReason.values), name="payments_refund_reason_valid"),
            models.CheckConstraint(condition=Q(state__in=RefundState.values), name="payments_refund_state_valid"),
            models.UniqueConstraint(
                fields=["order", "cause"], condition=~Q(cause=""), name="payments_refund_proposed_once"
            ),
            models.CheckConstraint(
                condition=Q(state=RefundState.SENT, payment__isnull=False, sent_at__isnull=False)
                | (~Q(state=RefundState.SENT) & Q(payment=None, sent_at=None)),
                name="payments_refund_sent_has_payment",
            ),
            models.CheckConstraint(
                condition=Q(needs_approval=False)
                | Q(approved_at__isnull=False)
                | Q(state__in=[RefundState.GRANTED, RefundState.WITHDRAWN]),
                name="payments_refund_sent_after_approval",
            ),
            models.CheckConstraint(
                condition=Q(approved_by=None) | Q(granted_by=None) | ~Q(approved_by=F("granted_by")),
                name="payments_refund_second_person",
            ),
        ]
        indexes = [
            models.Index(fields=["state", "-id"], condition=Q(state__in=OPEN_REFUNDS), name="payments_refund_open"),
        ]
        triggers = [
            pgtrigger.Trigger(
                name="payments_refund_within_paid",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert | pgtrigger.Update,
                declare=[("paid", "bigint"), ("promised", "bigint")],
                func=_WITHIN_PAID,
            ),
            pgtrigger.Protect(name="payments_refund_kept", operation=pgtrigger.Delete),
        ]
        permissions = [
            ("grant_refund", gettext_noop("Can grant refunds up to the limit for agents")),
            ("grant_large_refund", gettext_noop("Can grant refunds of any amount")),
            ("approve_refund", gettext_noop("Can approve refunds above the limit")),
            ("send_refund", gettext_noop("Can send refunds that were granted")),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def is_approved(self) -> bool:
        """Tell whether no second person has to say yes any more."""
        return not self.needs_approval or self.approved_at is not None


class RefundLine(models.Model):
    """The part of a refund that is for one order line; the rest of the refund is for the order as a whole."""

    refund = models.ForeignKey(
        Refund, on_delete=models.PROTECT, related_name="lines", verbose_name=pgettext_lazy("money", "refund")
    )
    order_line = models.ForeignKey(
        OrderLine, on_delete=models.PROTECT, related_name="refund_lines", verbose_name=_("order line")
    )
    amount = models.BigIntegerField(_("amount"))
    line_total = models.BigIntegerField(_("line’s amount then"))
    reason = models.CharField(_("reason"), max_length=20, choices=RefundReason.choices)

    class Meta:
        verbose_name = _("line of a refund")
        verbose_name_plural = _("lines of refunds")
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(condition=Q(amount__gt=0), name="payments_refundline_amount_positive"),
            models.CheckConstraint(condition=Q(amount__lte=F("line_total")), name="payments_refundline_not_above_line"),
            models.CheckConstraint(condition=Q(reason__in=RefundReason.values), name="payments_refundline_reason"),
            models.UniqueConstraint(fields=["refund", "order_line"], name="payments_refundline_once"),
        ]
        triggers = [
            pgtrigger.Trigger(
                name="payments_refundline_within_line",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert,
                declare=[("of_order", "bigint"), ("worth", "bigint"), ("promised", "bigint")],
                func=_WITHIN_LINE,
            ),
            pgtrigger.Protect(name="payments_refundline_kept", operation=pgtrigger.Update | pgtrigger.Delete),
        ]

    def __str__(self) -> str:
        return f"{self.refund_id} · {self.order_line_id}"


class RefundLimit(models.Model):
    """Who may grant how much of one currency; without a row agents grant nothing and each refund is approved."""

    currency = models.CharField(_("currency"), max_length=3, choices=Currency.choices, unique=True)
    agent_amount = models.BigIntegerField(_("agents grant up to"))
    alone_amount = models.BigIntegerField(_("one person decides up to"))

    class Meta:
        verbose_name = _("refund limit")
        verbose_name_plural = _("refund limits")
        ordering = ["currency"]
        constraints = [
            models.CheckConstraint(condition=Q(currency__in=Currency.values), name="payments_refundlimit_currency"),
            models.CheckConstraint(
                condition=Q(agent_amount__gte=0, alone_amount__gte=0), name="payments_refundlimit_not_negative"
            ),
        ]

    def __str__(self) -> str:
        return self.currency
