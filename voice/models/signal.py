"""What tickets, returns and reviews say day by day, the rules that ring, and what rang."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop, pgettext_lazy

from catalog.models import Product, SalesChannel
from inventory.models import Lot
from purchasing.models import Supplier, SupplierReturn
from service.models import ReasonNode
from staff.models import Task


class Source(models.TextChoices):
    """Where a matter was told."""

    TICKET = "ticket", pgettext_lazy("voice", "Ticket")
    RETURN = "return", pgettext_lazy("voice", "Return")
    REVIEW = "review", pgettext_lazy("voice", "Review")


class _Cell(models.Model):
    """What both counts are by: day, product, lot, supplier and channel."""

    day = models.DateField(_("day"))
    product = models.ForeignKey(
        Product, null=True, on_delete=models.CASCADE, related_name="+", db_index=False, verbose_name=_("product")
    )
    lot = models.ForeignKey(
        Lot, null=True, on_delete=models.CASCADE, related_name="+", db_index=False, verbose_name=_("lot")
    )
    supplier = models.ForeignKey(
        Supplier, null=True, on_delete=models.CASCADE, related_name="+", db_index=False, verbose_name=_("supplier")
    )
    sales_channel = models.ForeignKey(
        SalesChannel, null=True, on_delete=models.CASCADE, related_name="+", db_index=False,
        verbose_name=_("sales channel"),
    )  # fmt: skip

    class Meta:
        abstract = True


class MatterCell(_Cell):
    """How many matters of one reason a day has brought; counted anew by the clock from what is closed by then."""

    source = models.CharField(_("source"), max_length=10, choices=Source.choices)
    reason = models.ForeignKey(
        ReasonNode, null=True, on_delete=models.CASCADE, related_name="+", db_index=False, verbose_name=_("reason")
    )
    matter_count = models.PositiveIntegerField(_("matters"))

    class Meta:
        verbose_name = _("matters of a day")
        verbose_name_plural = _("matters of days")
        default_permissions = ()
        permissions = [
            ("view_voice", gettext_noop("Can see the voice of the customer")),
            ("act_on_voice", gettext_noop("Can act on the voice of the customer")),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(source__in=Source.values), name="voice_cell_source_valid"),
            models.CheckConstraint(condition=Q(matter_count__gt=0), name="voice_cell_counts"),
            models.UniqueConstraint(
                fields=["day", "source", "reason", "product", "lot", "supplier", "sales_channel"],
                nulls_distinct=False,
                name="voice_cell_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.day} {self.source}"


class SoldCell(_Cell):
    """How many pieces left on a day: what rates are counted of."""

    piece_count = models.PositiveIntegerField(_("pieces"))

    class Meta:
        verbose_name = _("sold pieces of a day")
        verbose_name_plural = _("sold pieces of days")
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(
                fields=["day", "product", "lot", "supplier", "sales_channel"],
                nulls_distinct=False,
                name="voice_sold_once",
            )
        ]

    def __str__(self) -> str:
        return str(self.day)


class Grain(models.TextChoices):
    """What a rule counts together."""

    PRODUCT = "product", pgettext_lazy("voice", "Product")
    LOT = "lot", pgettext_lazy("voice", "Lot")
    SUPPLIER = "supplier", pgettext_lazy("voice", "Supplier")


class AlertRule(models.Model):
    """When the voice of the customer rings: so many matters, at least such a rate, risen so much, in some days."""

    name = models.CharField(pgettext_lazy("rule", "name"), max_length=120, unique=True)
    grain = models.CharField(_("counted by"), max_length=10, choices=Grain.choices, default=Grain.PRODUCT)
    reason = models.ForeignKey(
        ReasonNode, null=True, blank=True, on_delete=models.PROTECT, related_name="+", verbose_name=_("reason"),
        help_text=_("With everything below it; empty: all."),
    )  # fmt: skip
    days = models.PositiveSmallIntegerField(_("days"), default=14)
    least_count = models.PositiveSmallIntegerField(_("at least so many matters"), default=3)
    least_per_mille = models.PositiveSmallIntegerField(
        _("at least so many of a thousand sold pieces"), default=0
    )  # fmt: skip
    least_growth = models.PositiveSmallIntegerField(
        _("risen by so many percent"), default=0, help_text=_("Against the same number of days before; 0: do not ask.")
    )
    is_active = models.BooleanField(_("active"), default=True)
    updated_at = models.DateTimeField(_("changed"), auto_now=True)

    class Meta:
        verbose_name = _("rule that rings")
        verbose_name_plural = _("rules that ring")
        ordering = ["name", "id"]
        constraints = [
            models.CheckConstraint(condition=Q(grain__in=Grain.values), name="voice_rule_grain_valid"),
            models.CheckConstraint(condition=Q(days__gte=1, days__lte=92), name="voice_rule_days_valid"),
            models.CheckConstraint(condition=Q(least_count__gte=1), name="voice_rule_counts"),
        ]

    def __str__(self) -> str:
        return self.name


class AlertState(models.TextChoices):
    """Whether somebody has taken it on."""

    OPEN = "open", pgettext_lazy("voice alert", "To look at")
    HANDLED = "handled", pgettext_lazy("voice alert", "Handled")


class Alert(models.Model):
    """What rang, with its figures as they were; it rings again only after it was handled and the days have passed."""

    rule = models.ForeignKey(AlertRule, on_delete=models.PROTECT, related_name="alerts", verbose_name=_("rule"))
    reason = models.ForeignKey(
        ReasonNode, null=True, blank=True, on_delete=models.PROTECT, related_name="+", verbose_name=_("reason")
    )
    product = models.ForeignKey(
        Product, null=True, blank=True, on_delete=models.CASCADE, related_name="+", verbose_name=_("product")
    )
    lot = models.ForeignKey(
        Lot, null=True, blank=True, on_delete=models.CASCADE, related_name="+", verbose_name=_("lot")
    )
    supplier = models.ForeignKey(
        Supplier, null=True, blank=True, on_delete=models.CASCADE, related_name="+", verbose_name=_("supplier")
    )
    first_day = models.DateField(_("from"))
    last_day = models.DateField(_("until"))
    matter_count = models.PositiveIntegerField(_("matters"))
    before_count = models.PositiveIntegerField(_("matters before"))
    piece_count = models.PositiveIntegerField(_("sold pieces"))
    state = models.CharField(
        _("state"), max_length=10, choices=AlertState.choices, default=AlertState.OPEN, editable=False
    )
    answer = models.CharField(_("what was done"), max_length=300, blank=True, editable=False)
    handled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+",
        verbose_name=_("handled by"), editable=False,
    )  # fmt: skip
    handled_at = models.DateTimeField(_("handled"), null=True, blank=True, editable=False)
    stopped_at = models.DateTimeField(_("sale stopped"), null=True, blank=True, editable=False)
    supplier_return = models.ForeignKey(
        SupplierReturn, null=True, blank=True, on_delete=models.PROTECT, related_name="+",
        verbose_name=_("claim against the supplier"), editable=False,
    )  # fmt: skip
    task = models.ForeignKey(
        Task, null=True, blank=True, on_delete=models.PROTECT, related_name="+", verbose_name=_("task"),
        editable=False,
    )  # fmt: skip
    created_at = models.DateTimeField(_("rang"), db_default=Now())

    class Meta:
        verbose_name = _("alert of the voice of the customer")
        verbose_name_plural = _("alerts of the voice of the customer")
        ordering = ["-id"]
        default_permissions = ("view",)
        constraints = [
            models.CheckConstraint(condition=Q(state__in=AlertState.values), name="voice_alert_state_valid"),
            models.CheckConstraint(
                condition=Q(state="open", handled_at=None) | Q(state="handled", handled_at__isnull=False),
                name="voice_alert_handled_has_moment",
            ),
            models.UniqueConstraint(
                fields=["rule", "reason", "product", "lot", "supplier"],
                condition=Q(state="open"),
                nulls_distinct=False,
                name="voice_alert_one_open",
            ),
        ]

    def __str__(self) -> str:
        return str(self.lot or self.product or self.supplier or self.rule)
