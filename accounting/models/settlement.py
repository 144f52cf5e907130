"""What malls pay out: one statement of a channel's account, its lines, and where it differs from our books."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop, pgettext_lazy

from catalog.models import SalesChannel
from core.models import ImportBatch
from core.money import Currency
from orders.models import Order, OrderLine


class SettlementState(models.TextChoices):
    """Where a statement is."""

    OPEN = "open", pgettext_lazy("settlement", "Agrees: to close")
    DIFFERENCES = "differences", pgettext_lazy("settlement", "Differs")
    SETTLED = "settled", pgettext_lazy("settlement", "Settled")
    UNDONE = "undone", pgettext_lazy("settlement", "Undone")


class SettlementKind(models.TextChoices):
    """What a line of a statement is for; from the shop's side: what it gets is positive, what is taken is negative."""

    SALE = "sale", pgettext_lazy("settlement", "Sale")
    FEE = "fee", pgettext_lazy("settlement", "Fee")
    REFUND = "refund", pgettext_lazy("settlement", "Refund")
    SHIPPING = "shipping", pgettext_lazy("settlement", "Shipping")
    COUPON = "coupon", pgettext_lazy("settlement", "Coupon")
    POINTS = "points", pgettext_lazy("settlement", "Points")
    ADJUSTMENT = "adjustment", pgettext_lazy("settlement", "Adjustment")
    OTHER = "other", pgettext_lazy("settlement", "Other")


class Settlement(models.Model):
    """One statement of one channel, known by the number that the mall gave it; amounts are minor units.

    ``total`` is the sum of its lines, ``payout`` what the mall says that it paid.
    """

    sales_channel = models.ForeignKey(
        SalesChannel, on_delete=models.PROTECT, related_name="settlements", verbose_name=_("sales channel")
    )
    reference = models.CharField(_("statement"), max_length=80)
    state = models.CharField(
        _("state"), max_length=12, choices=SettlementState.choices, default=SettlementState.OPEN
    )  # kept by services
    currency = models.CharField(_("currency"), max_length=3, choices=Currency.choices)
    starts_on = models.DateField(_("from"), null=True, blank=True)
    ends_on = models.DateField(_("until"), null=True, blank=True)
    paid_on = models.DateField(_("paid out on"), null=True, blank=True)
    payout = models.BigIntegerField(_("paid out"), null=True, blank=True)
    total = models.BigIntegerField(_("sum of the lines"), default=0)
    line_count = models.PositiveIntegerField(_("lines"), default=0)
    difference_count = models.PositiveIntegerField(_("differences to decide"), default=0)
    taken_at = models.DateTimeField(_("imported"), db_default=Now())
    closed_at = models.DateTimeField(pgettext_lazy("moment", "closed"), null=True, blank=True)
    closed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+",
        verbose_name=_("closed by"),
    )  # fmt: skip

    class Meta:
        verbose_name = _("settlement")
        verbose_name_plural = _("settlements")
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["sales_channel", "reference"], condition=~Q(state="undone"), name="accounting_settlement_once"
            ),
            models.CheckConstraint(
                condition=Q(state__in=SettlementState.values), name="accounting_settlement_state_valid"
            ),
            models.CheckConstraint(
                condition=Q(currency__in=Currency.values), name="accounting_settlement_currency_valid"
            ),
            models.CheckConstraint(condition=~Q(reference=""), name="accounting_settlement_has_reference"),
            models.CheckConstraint(
                condition=(Q(state="differences") & Q(difference_count__gt=0))
                | (~Q(state="differences") & Q(difference_count=0)),
                name="accounting_settlement_state_fits",
            ),
        ]
        permissions = [
            ("decide_settlement", gettext_noop("Can decide differences of settlements and close them")),
            ("undo_settlement", gettext_noop("Can undo settlements that are not closed")),
        ]

    def __str__(self) -> str:
        return self.reference


class SettlementLine(models.Model):
    """One amount of a statement; ``line_key`` tells it from every other one, so the same file adds nothing again."""

    settlement = models.ForeignKey(
        Settlement, on_delete=models.PROTECT, related_name="lines", verbose_name=_("settlement")
    )
    kind = models.CharField(_("kind"), max_length=10, choices=SettlementKind.choices)
    amount = models.BigIntegerField(_("amount"))
    external_number = models.CharField(_("channel's order number"), max_length=80, blank=True)
    external_line = models.CharField(_("channel's line number"), max_length=80, blank=True)
    sku = models.CharField("SKU", max_length=120, blank=True)
    told = models.CharField(_("as the channel calls it"), max_length=200, blank=True)
    occurred_on = models.DateField(_("on"), null=True, blank=True)
    order = models.ForeignKey(
        Order, null=True, blank=True, on_delete=models.PROTECT, related_name="settlement_lines",
        verbose_name=pgettext_lazy("purchase", "order"),
    )  # fmt: skip
    order_line = models.ForeignKey(
        OrderLine, null=True, blank=True, on_delete=models.SET_NULL, related_name="settlement_lines",
        verbose_name=_("order line"),
    )  # fmt: skip
    line_key = models.CharField(_("key of the line"), max_length=80)
    batch = models.ForeignKey(
        ImportBatch, null=True, blank=True, on_delete=models.SET_NULL, related_name="+", verbose_name=_("import")
    )

    class Meta:
        verbose_name = _("line of a settlement")
        verbose_name_plural = _("lines of settlements")
        ordering = ["id"]
        default_permissions = ("view",)
        constraints = [
            models.UniqueConstraint(fields=["settlement", "line_key"], name="accounting_settlementline_once"),
            models.CheckConstraint(
                condition=Q(kind__in=SettlementKind.values), name="accounting_settlementline_kind_valid"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.external_number}".strip()


class DifferenceKind(models.TextChoices):
    """How a statement differs from our books."""

    UNKNOWN_ORDER = "unknown_order", pgettext_lazy("settlement", "Order unknown")
    AMOUNT = "amount", pgettext_lazy("settlement", "Amount differs")
    FEE = "fee", pgettext_lazy("settlement", "Fee differs from the rule")
    MISSING = "missing", pgettext_lazy("settlement", "Order not settled")
    TWICE = "twice", pgettext_lazy("settlement", "Paid twice")
    REFUND = "refund", pgettext_lazy("settlement", "Refund not settled")
    PAYOUT = "payout", pgettext_lazy("settlement", "Payout is not the sum of the lines")


class DifferenceState(models.TextChoices):
    """What people decided."""

    OPEN = "open", pgettext_lazy("difference", "To decide")
    ASKED = "asked", pgettext_lazy("difference", "Channel is asked")
    ACCEPTED = "accepted", pgettext_lazy("difference", "Accepted")


class SettlementDifference(models.Model):
    """One point in which a statement and our books differ, and what was decided about it.

    ``expected`` is what our books say, ``actual`` what the statement says (minor units); ``subject`` names the order
    as the channel does, or is empty for the statement as a whole.
    """

    settlement = models.ForeignKey(
        Settlement, on_delete=models.PROTECT, related_name="differences", verbose_name=_("settlement")
    )
    kind = models.CharField(_("kind"), max_length=14, choices=DifferenceKind.choices)
    subject = models.CharField(_("channel's order number"), max_length=80, blank=True)
    order = models.ForeignKey(
        Order, null=True, blank=True, on_delete=models.PROTECT, related_name="settlement_differences",
        verbose_name=pgettext_lazy("purchase", "order"),
    )  # fmt: skip
    expected = models.BigIntegerField(_("expected"), default=0)
    actual = models.BigIntegerField(_("settled"), default=0)
    currency = models.CharField(_("currency"), max_length=3, choices=Currency.choices)
    state = models.CharField(_("state"), max_length=10, choices=DifferenceState.choices, default=DifferenceState.OPEN)
    reason = models.CharField(_("reason"), max_length=300, blank=True)
    decided_at = models.DateTimeField(_("decided"), null=True, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+",
        verbose_name=_("decided by"),
    )  # fmt: skip

    class Meta:
        verbose_name = _("difference of a settlement")
        verbose_name_plural = _("differences of settlements")
        ordering = ["id"]
        default_permissions = ("view",)
        constraints = [
            models.UniqueConstraint(fields=["settlement", "kind", "subject"], name="accounting_difference_once"),
            models.CheckConstraint(
                condition=Q(kind__in=DifferenceKind.values), name="accounting_difference_kind_valid"
            ),
            models.CheckConstraint(
                condition=Q(state__in=DifferenceState.values), name="accounting_difference_state_valid"
            ),
            models.CheckConstraint(
                condition=Q(currency__in=Currency.values), name="accounting_difference_currency_valid"
            ),
            models.CheckConstraint(
                condition=~Q(state="accepted") | ~Q(reason=""), name="accounting_difference_accepted_why"
            ),
        ]
        indexes = [
            models.Index(fields=["-id"], condition=~Q(state="accepted"), name="accounting_difference_open"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.subject}".strip()

    @property
    def gap(self) -> int:
        """By how much more was settled than expected."""
        return self.actual - self.expected
