"""Payments as providers know them: what was reserved, taken, let go and given back, and what was asked of them."""

from datetime import timedelta

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop, pgettext_lazy

from core.models import append_only
from core.money import Currency
from core.states import Transitions
from orders.models import Order, Payment
from payments.models.method import PaymentMethod, ProviderCode
from payments.models.refund import Refund


class ProviderState(models.TextChoices):
    """Where a payment is at its provider."""

    PENDING = "pending", pgettext_lazy("provider payment", "Not confirmed yet")
    AUTHORISED = "authorised", pgettext_lazy("provider payment", "Authorised")
    CAPTURED = "captured", pgettext_lazy("provider payment", "Captured")
    VOIDED = "voided", pgettext_lazy("provider payment", "Void")
    EXPIRED = "expired", pgettext_lazy("provider payment", "Expired")
    FAILED = "failed", pgettext_lazy("provider payment", "Failed")


_S = ProviderState
PROVIDER_TRANSITIONS = Transitions(
    {
        _S.PENDING: {_S.AUTHORISED, _S.CAPTURED, _S.VOIDED, _S.FAILED, _S.EXPIRED},
        _S.AUTHORISED: {_S.CAPTURED, _S.VOIDED, _S.EXPIRED},
        _S.EXPIRED: {_S.CAPTURED, _S.VOIDED},
    }
)


class TransactionKind(models.TextChoices):
    """What one step did with the money."""

    AUTHORISE = "authorise", pgettext_lazy("transaction", "Authorised")
    CAPTURE = "capture", pgettext_lazy("transaction", "Captured")
    VOID = "void", pgettext_lazy("transaction", "Void")
    REFUND = "refund", pgettext_lazy("transaction", "Refunded")


class CallKind(models.TextChoices):
    """What a provider is asked to do."""

    CAPTURE = "capture", pgettext_lazy("provider call", "Capture")
    VOID = "void", pgettext_lazy("provider call", "Void")
    REFUND = "refund", pgettext_lazy("provider call", "Refund")


class CallState(models.TextChoices):
    """What is known of a question to a provider."""

    WAITING = "waiting", pgettext_lazy("provider call", "Waits to be asked")
    ASKED = "asked", pgettext_lazy("provider call", "Asked")
    UNKNOWN = "unknown", pgettext_lazy("provider call", "Answer lost")
    ANSWERED = "answered", pgettext_lazy("provider call", "Done")
    REFUSED = "refused", pgettext_lazy("provider call", "Refused")


SOON = timedelta(days=2)  # a reservation that ends within is warned of
OPEN_CALLS = (CallState.WAITING, CallState.ASKED, CallState.UNKNOWN)


class ProviderPaymentQuerySet(models.QuerySet["ProviderPayment"]):
    """Vocabulary of payments at providers."""

    def expiring(self) -> "ProviderPaymentQuerySet":
        """Reserved, and free again within two days."""
        return self.filter(state=ProviderState.AUTHORISED, expires_at__lt=timezone.now() + SOON)


class ProviderPayment(models.Model):
    """One payment of an order at a provider (minor units of the order's currency); an order may have several."""

    order = models.ForeignKey(
        Order,
        on_delete=models.PROTECT,
        related_name="provider_payments",
        verbose_name=pgettext_lazy("purchase", "order"),
    )
    method = models.ForeignKey(
        PaymentMethod, null=True, blank=True, on_delete=models.PROTECT, related_name="provider_payments",
        verbose_name=_("payment method"),
    )  # fmt: skip
    provider = models.CharField(_("provider"), max_length=10, choices=ProviderCode.choices)
    external_id = models.CharField(_("provider's number"), max_length=200)
    currency = models.CharField(_("currency"), max_length=3, choices=Currency.choices)
    authorised = models.BigIntegerField(_("authorised"), default=0)
    captured = models.BigIntegerField(_("captured"), default=0)
    refunded = models.BigIntegerField(_("refunded"), default=0)
    state = models.CharField(_("state"), max_length=12, choices=ProviderState.choices, default=ProviderState.PENDING)
    problem = models.CharField(_("problem"), max_length=200, blank=True)
    expires_at = models.DateTimeField(_("authorisation ends"), null=True, blank=True)
    sync_wanted_at = models.DateTimeField(_("to be asked about"), null=True, blank=True)
    created_at = models.DateTimeField(_("noted"), db_default=Now())

    objects = ProviderPaymentQuerySet.as_manager()

    class Meta:
        verbose_name = _("payment at a provider")
        verbose_name_plural = _("payments at providers")
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(fields=["provider", "external_id"], name="payments_providerpayment_number"),
            models.CheckConstraint(condition=Q(provider__in=ProviderCode.values), name="payments_providerpayment_who"),
            models.CheckConstraint(condition=Q(state__in=ProviderState.values), name="payments_providerpayment_state"),
            models.CheckConstraint(condition=Q(currency__in=Currency.values), name="payments_providerpayment_currency"),
            models.CheckConstraint(
                condition=Q(authorised__gte=F("captured"), captured__gte=F("refunded"), refunded__gte=0),
                name="payments_providerpayment_within",
            ),
        ]
        indexes = [
            models.Index(fields=["expires_at"], condition=Q(state="authorised"), name="payments_provider_expiring"),
            models.Index(
                fields=["sync_wanted_at"], condition=Q(sync_wanted_at__isnull=False), name="payments_provider_to_sync"
            ),
        ]
        permissions = [
            ("capture_payment", gettext_noop("Can capture authorised payments")),
            ("void_payment", gettext_noop("Can void authorised payments")),
        ]

    def __str__(self) -> str:
        return f"{self.get_provider_display()} {self.external_id}"

    @property
    def capturable(self) -> int:
        """What is reserved and not taken."""
        return self.authorised - self.captured if self.state == ProviderState.AUTHORISED else 0

    @property
    def refundable(self) -> int:
        """What was taken and not given back."""
        return self.captured - self.refunded


class ProviderTransaction(models.Model):
    """One step of a payment as the provider tells it; append-only. ``ledger`` is its row in the order's ledger."""

    payment = models.ForeignKey(
        ProviderPayment, on_delete=models.PROTECT, related_name="transactions", verbose_name=_("payment at a provider")
    )
    kind = models.CharField(_("kind"), max_length=10, choices=TransactionKind.choices)
    amount = models.BigIntegerField(_("amount"))
    external_id = models.CharField(_("provider's number"), max_length=200)
    happened_at = models.DateTimeField(_("at the provider"))
    ledger = models.OneToOneField(
        Payment, null=True, blank=True, on_delete=models.PROTECT, related_name="transaction",
        verbose_name=pgettext_lazy("money", "payment"),
    )  # fmt: skip
    refund = models.ForeignKey(
        Refund, null=True, blank=True, on_delete=models.PROTECT, related_name="transactions",
        verbose_name=pgettext_lazy("money", "refund"),
    )  # fmt: skip
    at = models.DateTimeField(_("recorded"), db_default=Now())

    class Meta:
        verbose_name = _("provider transaction")
        verbose_name_plural = _("provider transactions")
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(condition=Q(amount__gt=0), name="payments_transaction_amount_positive"),
            models.CheckConstraint(condition=Q(kind__in=TransactionKind.values), name="payments_transaction_kind"),
            models.UniqueConstraint(fields=["payment", "kind", "external_id"], name="payments_transaction_once"),
        ]
        triggers = append_only("payments_transaction")

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.external_id}"


class ProviderCall(models.Model):
    """One thing asked of a provider. Its row, with the key that it may come twice under, is there before the asking.

    ``reference`` travels along where the provider keeps it, so that a lost answer can be looked up.
    """

    payment = models.ForeignKey(
        ProviderPayment, on_delete=models.PROTECT, related_name="calls", verbose_name=_("payment at a provider")
    )
    refund = models.ForeignKey(
        Refund, null=True, blank=True, on_delete=models.PROTECT, related_name="calls",
        verbose_name=pgettext_lazy("money", "refund"),
    )  # fmt: skip
    kind = models.CharField(_("kind"), max_length=10, choices=CallKind.choices)
    amount = models.BigIntegerField(_("amount"))
    key = models.CharField(_("key"), max_length=64, unique=True)
    digest = models.CharField(_("digest of the request"), max_length=64)
    reference = models.CharField(_("reference"), max_length=60)
    state = models.CharField(_("state"), max_length=10, choices=CallState.choices, default=CallState.WAITING)
    attempts = models.PositiveIntegerField(_("attempts"), default=0)
    external_id = models.CharField(_("provider's number"), max_length=200, blank=True)
    error = models.CharField(_("error"), max_length=120, blank=True)
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+",
        verbose_name=_("asked by"),
    )  # fmt: skip
    created_at = models.DateTimeField(_("recorded"), db_default=Now())
    due_at = models.DateTimeField(_("next attempt"), db_default=Now())
    ended_at = models.DateTimeField(_("answered"), null=True, blank=True)

    class Meta:
        verbose_name = _("call to a provider")
        verbose_name_plural = _("calls to providers")
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=CallKind.values), name="payments_call_kind_valid"),
            models.CheckConstraint(condition=Q(state__in=CallState.values), name="payments_call_state_valid"),
            models.CheckConstraint(condition=Q(amount__gt=0), name="payments_call_amount_positive"),
            models.CheckConstraint(
                condition=Q(kind="refund", refund__isnull=False) | (~Q(kind="refund") & Q(refund=None)),
                name="payments_call_of_refund",
            ),
            models.UniqueConstraint(
                fields=["refund"], condition=Q(state__in=OPEN_CALLS), name="payments_call_one_open_of_refund"
            ),
            models.UniqueConstraint(
                fields=["payment"], condition=Q(state__in=OPEN_CALLS) & ~Q(kind="refund"), name="payments_call_one_open"
            ),
            models.UniqueConstraint(
                fields=["refund"], condition=Q(state="answered"), name="payments_call_refunded_once"
            ),
        ]
        indexes = [
            models.Index(fields=["due_at"], condition=Q(state__in=OPEN_CALLS), name="payments_call_open"),
        ]
        triggers = [pgtrigger.Protect(name="payments_call_kept", operation=pgtrigger.Delete)]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.reference}"


class ProviderEvent(models.Model):
    """What a provider told by itself, once by its id; ``body`` is kept only until it was looked at."""

    provider = models.CharField(_("provider"), max_length=10, choices=ProviderCode.choices)
    event_id = models.CharField(_("event"), max_length=120)
    kind = models.CharField(_("kind"), max_length=80, blank=True)
    object_id = models.CharField(_("provider's number"), max_length=200, blank=True)
    body = models.TextField(_("content"), blank=True)
    headers = models.JSONField(_("headers"), default=dict, blank=True)
    received_at = models.DateTimeField(_("received"), db_default=Now())
    handled_at = models.DateTimeField(_("handled"), null=True, blank=True)
    outcome = models.CharField(_("outcome"), max_length=40, blank=True)

    class Meta:
        verbose_name = _("event of a provider")
        verbose_name_plural = _("events of providers")
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(fields=["provider", "event_id"], name="payments_event_once"),
            models.CheckConstraint(condition=Q(provider__in=ProviderCode.values), name="payments_event_provider_valid"),
        ]
        indexes = [
            models.Index(fields=["received_at"], condition=Q(handled_at=None), name="payments_event_open"),
        ]

    def __str__(self) -> str:
        return f"{self.get_provider_display()} {self.event_id}"
