"""Orders that must not go on yet: the rules that find them, what holds each, and how a channel's orders are handled."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop, pgettext_lazy

from catalog.models import SalesChannel
from orders.models.order import Order


class HoldRule(models.Model):
    """Orders that fulfil every condition are held until somebody looks at them, or the condition no longer holds."""

    name = models.CharField(pgettext_lazy("rule", "name"), max_length=80, unique=True)
    # {kind of orders.conditions: value}; all of them must be fulfilled
    conditions = models.JSONField(_("conditions"))
    takes_stock = models.BooleanField(
        _("held orders take stock"),
        default=False,
        help_text=_("Yes: they are confirmed and reserve their pieces, but do not leave. No: they are not confirmed."),
    )
    rank = models.PositiveSmallIntegerField(_("rank"), default=100, help_text=_("Lower numbers are named first."))
    valid_from = models.DateField(_("valid from"), null=True, blank=True)
    valid_until = models.DateField(_("valid until"), null=True, blank=True)
    is_active = models.BooleanField(_("active"), default=True)
    applied_at = models.DateTimeField(
        _("applied to open orders"), null=True, blank=True, editable=False
    )  # empty since it was changed, until open orders were sorted by it
    created_at = models.DateTimeField(_("written"), db_default=Now())
    updated_at = models.DateTimeField(_("changed"), auto_now=True)

    class Meta:
        verbose_name = _("hold rule")
        verbose_name_plural = _("hold rules")
        ordering = ["rank", "id"]
        constraints = [
            models.CheckConstraint(condition=~Q(conditions={}), name="orders_holdrule_has_conditions"),
            models.CheckConstraint(
                condition=Q(valid_from=None) | Q(valid_until=None) | Q(valid_until__gte=F("valid_from")),
                name="orders_holdrule_dates",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class HoldReason(models.TextChoices):
    """Why a person held an order; a rule's hold says so itself."""

    RULE = "rule", pgettext_lazy("hold", "By a rule")
    ADDRESS = "address", pgettext_lazy("hold", "Address to be asked for")
    CUSTOMER = "customer", pgettext_lazy("hold", "The customer asked to wait")
    PAYMENT = "payment", pgettext_lazy("hold", "Payment looks odd")
    GOODS = "goods", pgettext_lazy("hold", "Something with the goods")
    EXTRA = "extra", pgettext_lazy("hold", "Extra payment is due")
    OTHER = "other", pgettext_lazy("hold", "Another reason")


class OrderHold(models.Model):
    """One reason why an order stands still; open until it is released, and kept afterwards."""

    order = models.ForeignKey(
        Order, on_delete=models.PROTECT, related_name="holds", verbose_name=pgettext_lazy("purchase", "order")
    )
    rule = models.ForeignKey(
        HoldRule, null=True, blank=True, on_delete=models.PROTECT, related_name="holds", verbose_name=_("hold rule")
    )
    reason = models.CharField(_("reason"), max_length=10, choices=HoldReason.choices)
    note = models.CharField(_("note"), max_length=300, blank=True)
    takes_stock = models.BooleanField(_("takes stock"), default=False)
    held_at = models.DateTimeField(_("held"), db_default=Now())
    held_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+",
        verbose_name=_("held by"),
    )  # fmt: skip
    released_at = models.DateTimeField(_("released"), null=True, blank=True)
    released_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+",
        verbose_name=_("released by"),
    )  # fmt: skip
    release_note = models.CharField(_("note of the release"), max_length=300, blank=True)

    class Meta:
        verbose_name = pgettext_lazy("order", "hold")
        verbose_name_plural = pgettext_lazy("order", "holds")
        ordering = ["-id"]
        default_permissions = ("view",)
        permissions = [
            ("hold_order", gettext_noop("Can hold orders")),
            ("release_order", gettext_noop("Can release held orders")),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(reason__in=HoldReason.values), name="orders_hold_reason_valid"),
            models.CheckConstraint(
                condition=Q(reason="rule", rule__isnull=False) | (~Q(reason="rule") & Q(rule=None)),
                name="orders_hold_rule_or_person",
            ),
            models.UniqueConstraint(
                fields=["order", "rule"],
                condition=Q(released_at=None, rule__isnull=False),
                name="orders_hold_rule_once",
            ),
            models.UniqueConstraint(
                fields=["order", "reason"], condition=Q(released_at=None, rule=None), name="orders_hold_reason_once"
            ),
            models.CheckConstraint(
                condition=Q(released_at__isnull=False) | Q(released_by=None, release_note=""),
                name="orders_hold_released_whole",
            ),
        ]

    def __str__(self) -> str:
        return str(self.rule) if self.rule_id else str(self.get_reason_display())


class ChannelHandling(models.Model):
    """How the orders of a sales channel go on without a person; a channel without a row waits for one."""

    sales_channel = models.OneToOneField(
        SalesChannel, on_delete=models.CASCADE, related_name="handling", verbose_name=_("sales channel")
    )
    confirms_itself = models.BooleanField(
        _("confirms by itself"),
        default=False,
        help_text=_("Orders that nothing speaks against are confirmed and reserve their stock within a minute."),
    )
    transit_days = models.PositiveSmallIntegerField(
        _("days on the way"),
        default=1,
        help_text=_("An order with a wished delivery date leaves so many days before it."),
    )

    class Meta:
        verbose_name = _("handling of a channel")
        verbose_name_plural = _("handling of channels")
        ordering = ["sales_channel_id"]
        constraints = [
            models.CheckConstraint(condition=Q(transit_days__lte=30), name="orders_handling_transit_days"),
        ]

    def __str__(self) -> str:
        return str(self.sales_channel)
