"""What banks credited, and which orders it pays."""

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop, pgettext_lazy

from core.money import Currency
from orders.models import Order, Payment


class DepositState(models.TextChoices):
    """Where a deposit is."""

    UNMATCHED = "unmatched", pgettext_lazy("deposit", "Unmatched")
    PROPOSED = "proposed", pgettext_lazy("deposit", "Proposed")
    MATCHED = "matched", pgettext_lazy("deposit", "Matched")
    EXCESS = "excess", pgettext_lazy("deposit", "Too much came")
    RETURNED = "returned", pgettext_lazy("deposit", "Sent back")


OPEN_DEPOSITS = (DepositState.UNMATCHED, DepositState.PROPOSED, DepositState.EXCESS)


class BankDeposit(models.Model):
    """One line of a bank's list (minor units); ``line_key`` tells it from every other line of the account."""

    account = models.CharField(pgettext_lazy("bank", "account"), max_length=60, blank=True)
    deposited_on = models.DateField(_("credited on"))
    amount = models.BigIntegerField(_("amount"))
    currency = models.CharField(_("currency"), max_length=3, choices=Currency.choices)
    payer_name = models.CharField(_("payer"), max_length=120, blank=True)
    message = models.CharField(pgettext_lazy("bank", "text"), max_length=200, blank=True)
    reference = models.CharField(_("bank’s number"), max_length=80, blank=True)
    line_key = models.CharField(_("key of the line"), max_length=80)
    state = models.CharField(_("state"), max_length=10, choices=DepositState.choices, default=DepositState.UNMATCHED)
    matched = models.BigIntegerField(pgettext_lazy("deposit", "matched"), default=0)
    imported_at = models.DateTimeField(_("imported"), db_default=Now())
    returned_at = models.DateTimeField(pgettext_lazy("deposit", "sent back"), null=True, blank=True)
    returned_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+",
        verbose_name=_("sent back by"),
    )  # fmt: skip

    class Meta:
        verbose_name = _("bank deposit")
        verbose_name_plural = _("bank deposits")
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(fields=["account", "line_key"], name="payments_deposit_line_once"),
            models.CheckConstraint(condition=Q(amount__gt=0), name="payments_deposit_amount_positive"),
            models.CheckConstraint(
                condition=Q(matched__gte=0, matched__lte=F("amount")), name="payments_deposit_matched_within"
            ),
            models.CheckConstraint(condition=Q(state__in=DepositState.values), name="payments_deposit_state_valid"),
            models.CheckConstraint(condition=Q(currency__in=Currency.values), name="payments_deposit_currency_valid"),
            models.CheckConstraint(
                condition=Q(state__in=["unmatched", "proposed"], matched=0)
                | Q(state="matched", matched=F("amount"))
                | Q(state="excess", matched__lt=F("amount"))
                | Q(state="returned"),
                name="payments_deposit_state_fits",
            ),
        ]
        indexes = [
            models.Index(fields=["state", "-id"], condition=Q(state__in=OPEN_DEPOSITS), name="payments_deposit_open"),
        ]
        triggers = [pgtrigger.Protect(name="payments_deposit_kept", operation=pgtrigger.Delete)]
        permissions = [
            ("match_bankdeposit", gettext_noop("Can match bank deposits with orders")),
            ("return_bankdeposit", gettext_noop("Can note bank deposits as sent back")),
        ]

    def __str__(self) -> str:
        return f"{self.deposited_on:%Y-%m-%d} {self.payer_name}".strip()

    @property
    def rest(self) -> int:
        """What no order has got."""
        return self.amount - self.matched


class DepositMatch(models.Model):
    """The part of a deposit that paid an order; undone, it keeps who did it."""

    deposit = models.ForeignKey(
        BankDeposit, on_delete=models.PROTECT, related_name="matches", verbose_name=_("bank deposit")
    )
    order = models.ForeignKey(
        Order, on_delete=models.PROTECT, related_name="deposit_matches", verbose_name=pgettext_lazy("purchase", "order")
    )
    amount = models.BigIntegerField(_("amount"))
    payment = models.OneToOneField(
        Payment, on_delete=models.PROTECT, related_name="deposit_match", verbose_name=pgettext_lazy("money", "payment")
    )
    matched_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+",
        verbose_name=_("matched by"),
    )  # fmt: skip
    matched_at = models.DateTimeField(pgettext_lazy("deposit", "matched"), db_default=Now())
    undone_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+",
        verbose_name=_("undone by"),
    )  # fmt: skip
    undone_at = models.DateTimeField(_("undone"), null=True, blank=True)

    class Meta:
        verbose_name = _("match of a deposit")
        verbose_name_plural = _("matches of deposits")
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(condition=Q(amount__gt=0), name="payments_match_amount_positive"),
            models.UniqueConstraint(
                fields=["deposit", "order"], condition=Q(undone_at=None), name="payments_match_once"
            ),
        ]
        triggers = [pgtrigger.Protect(name="payments_match_kept", operation=pgtrigger.Delete)]

    def __str__(self) -> str:
        return f"{self.deposit_id} · {self.order_id}"


class DepositRule(models.Model):
    """How deposits of one currency are matched; without a row people confirm each, and no fee is overlooked."""

    currency = models.CharField(_("currency"), max_length=3, choices=Currency.choices, unique=True)
    matches_itself = models.BooleanField(_("matches by itself what is beyond doubt"), default=False)
    fee_tolerance = models.BigIntegerField(_("bank fee that may be missing"), default=0)

    class Meta:
        verbose_name = _("rule for deposits")
        verbose_name_plural = _("rules for deposits")
        ordering = ["currency"]
        constraints = [
            models.CheckConstraint(condition=Q(currency__in=Currency.values), name="payments_depositrule_currency"),
            models.CheckConstraint(condition=Q(fee_tolerance__gte=0), name="payments_depositrule_not_negative"),
        ]

    def __str__(self) -> str:
        return self.currency
