"""Counting what lies there while sales go on: plans, lines, every count that was made."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop, pgettext_lazy

from core.models import append_only
from core.states import Transitions
from inventory.models.lot import Lot
from inventory.models.stock import StockEntry, StockItem
from inventory.models.warehouse import Bin, Warehouse


class StocktakeScope(models.TextChoices):
    """Which stock items a stocktake is about."""

    ALL = "all", pgettext_lazy("stocktake", "The whole warehouse")
    ABC = "abc", pgettext_lazy("stocktake", "An ABC class")
    ZONE = "zone", pgettext_lazy("stocktake", "A zone")
    SUSPECT = "suspect", pgettext_lazy("stocktake", "Where something looks wrong")
    CHOSEN = "chosen", pgettext_lazy("stocktake", "Chosen items")


class StocktakeState(models.TextChoices):
    """Where a stocktake stands."""

    PLANNED = "planned", pgettext_lazy("stocktake", "Planned")
    COUNTING = "counting", pgettext_lazy("stocktake", "Counting")
    REVIEW = "review", pgettext_lazy("stocktake", "To review")
    APPROVED = "approved", pgettext_lazy("stocktake", "Approved")
    POSTED = "posted", pgettext_lazy("stocktake", "Posted")
    CANCELLED = "cancelled", pgettext_lazy("stocktake", "Cancelled")


_S = StocktakeState
STOCKTAKE_TRANSITIONS = Transitions(
    {
        _S.PLANNED: {_S.COUNTING, _S.CANCELLED},
        _S.COUNTING: {_S.REVIEW, _S.CANCELLED},
        _S.REVIEW: {_S.COUNTING, _S.APPROVED, _S.CANCELLED},
        _S.APPROVED: {_S.POSTED, _S.REVIEW, _S.CANCELLED},
    }
)


OPEN_STOCKTAKES = (_S.PLANNED, _S.COUNTING, _S.REVIEW, _S.APPROVED)


class CountReason(models.TextChoices):
    """Why a count differs from the books."""

    MISCOUNT = "miscount", pgettext_lazy("count", "Counted or booked wrongly before")
    MISPLACED = "misplaced", pgettext_lazy("count", "Lay elsewhere")
    DAMAGED = "damaged", pgettext_lazy("count", "Damaged")
    STOLEN = "stolen", pgettext_lazy("count", "Stolen or lost")
    MISSHIPPED = "misshipped", pgettext_lazy("count", "Wrong piece shipped")
    RECEIPT = "receipt", pgettext_lazy("count", "Receipt booked wrongly")
    UNKNOWN = "unknown", pgettext_lazy("count", "Not found out")


class CountPlan(models.Model):
    """How often the pieces of one ABC class in one warehouse are counted by the clock; an empty class: not classed."""

    warehouse = models.ForeignKey(
        Warehouse, on_delete=models.CASCADE, related_name="count_plans", verbose_name=_("warehouse")
    )
    abc = models.CharField(
        _("ABC class"), max_length=1, blank=True, choices=[("A", "A"), ("B", "B"), ("C", "C")],
        help_text=_("Empty: what has no class yet."),
    )  # fmt: skip
    every_days = models.PositiveSmallIntegerField(_("counted every (days)"))
    lines_a_day = models.PositiveSmallIntegerField(_("most lines a day"), default=30)
    is_active = models.BooleanField(_("active"), default=True)

    class Meta:
        verbose_name = _("count plan")
        verbose_name_plural = _("count plans")
        ordering = ["warehouse_id", "abc"]
        constraints = [
            models.UniqueConstraint(fields=["warehouse", "abc"], name="inventory_countplan_once"),
            models.CheckConstraint(condition=Q(abc__in=["", "A", "B", "C"]), name="inventory_countplan_abc"),
            models.CheckConstraint(condition=Q(every_days__gt=0, lines_a_day__gt=0), name="inventory_countplan_moves"),
        ]

    def __str__(self) -> str:
        return f"{self.warehouse} {self.abc}".strip()


class Stocktake(models.Model):
    """A count of many stock items of one warehouse: counted blind, looked into, approved by somebody else, posted."""

    number = models.CharField(_("number"), max_length=20, unique=True)
    warehouse = models.ForeignKey(
        Warehouse, on_delete=models.PROTECT, related_name="stocktakes", verbose_name=_("warehouse")
    )
    scope = models.CharField(_("scope"), max_length=12, choices=StocktakeScope.choices)
    scope_value = models.CharField(_("which"), max_length=80, blank=True)  # the class or the zone
    state = models.CharField(_("state"), max_length=12, choices=StocktakeState.choices, default=StocktakeState.PLANNED)
    is_blind = models.BooleanField(
        _("blind"), default=True, help_text=_("Who counts does not see how many there should be.")
    )
    blind_counts = models.PositiveSmallIntegerField(
        _("counts by different people"), default=1, db_default=1,
        help_text=_("How many people count each line, one after the other."),
    )  # fmt: skip
    tolerance_pieces = models.PositiveIntegerField(
        _("tolerance (pieces)"), default=0, db_default=0,
        help_text=_("Somebody else counts again what differs by more."),
    )  # fmt: skip
    tolerance_value = models.BigIntegerField(
        _("tolerance (value)"), null=True, blank=True,
        help_text=_("What differs by more money is counted again, too; in the smallest unit of the currency."),
    )  # fmt: skip
    plan = models.ForeignKey(
        CountPlan, null=True, blank=True, on_delete=models.PROTECT, related_name="stocktakes",
        verbose_name=_("count plan"),
    )  # fmt: skip
    planned_for = models.DateField(_("planned for"), null=True, blank=True)
    note = models.CharField(_("note"), max_length=200, blank=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+",
        verbose_name=_("by"),
    )  # fmt: skip
    created_at = models.DateTimeField(_("created"), db_default=Now())
    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+",
        verbose_name=_("approved by"),
    )  # fmt: skip
    approved_at = models.DateTimeField(_("approved"), null=True, blank=True)
    posted_at = models.DateTimeField(_("posted"), null=True, blank=True)

    class Meta:
        verbose_name = _("stocktake")
        verbose_name_plural = _("stocktakes")
        ordering = ["-id"]
        permissions = [
            ("count_stock", gettext_noop("Can count stock")),
            ("approve_stocktake", gettext_noop("Can approve stocktakes")),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(scope__in=StocktakeScope.values), name="inventory_stocktake_scope"),
            models.CheckConstraint(condition=Q(state__in=StocktakeState.values), name="inventory_stocktake_state"),
            models.CheckConstraint(
                condition=~Q(state__in=["approved", "posted"]) | Q(approved_at__isnull=False),
                name="inventory_stocktake_posted_only_approved",
            ),
            models.CheckConstraint(
                condition=Q(blind_counts__gte=1, blind_counts__lte=3), name="inventory_stocktake_blind_counts"
            ),
            models.CheckConstraint(
                condition=Q(tolerance_value=None) | Q(tolerance_value__gte=0), name="inventory_stocktake_tolerance"
            ),
            models.UniqueConstraint(
                fields=["plan", "planned_for"],
                condition=Q(plan__isnull=False),
                name="inventory_stocktake_plan_day_once",
            ),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def is_under_way(self) -> bool:
        """Whether it is planned or being counted: nobody has judged it yet."""
        return self.state in {StocktakeState.PLANNED, StocktakeState.COUNTING}

    @property
    def is_open(self) -> bool:
        """Whether it may still change stock."""
        return self.state in OPEN_STOCKTAKES


class LineState(models.TextChoices):
    """Where one line of a stocktake stands."""

    OPEN = "open", pgettext_lazy("count", "To count")
    COUNTED = "counted", pgettext_lazy("count", "Counted")
    RECOUNT = "recount", pgettext_lazy("count", "To count again")
    INVESTIGATE = "investigate", pgettext_lazy("count", "Being looked into")
    ACCEPTED = "accepted", pgettext_lazy("count", "Accepted")
    SKIPPED = "skipped", pgettext_lazy("count", "Left out")


class StocktakeLine(models.Model):
    """One thing to count: a stock item, or its pieces of one lot or in one bin.

    ``expected`` is what the books said at the moment of the last count, so that what is sold afterwards is no
    difference; posting changes stock by ``counted - expected``.
    """

    stocktake = models.ForeignKey(
        Stocktake, on_delete=models.CASCADE, related_name="lines", verbose_name=_("stocktake")
    )
    stock_item = models.ForeignKey(
        StockItem, on_delete=models.PROTECT, related_name="stocktake_lines", verbose_name=_("stock item")
    )
    lot = models.ForeignKey(
        Lot, null=True, blank=True, on_delete=models.PROTECT, related_name="+", verbose_name=_("lot")
    )
    bin = models.ForeignKey(
        Bin, null=True, blank=True, on_delete=models.PROTECT, related_name="+",
        verbose_name=pgettext_lazy("shelf", "bin"),
    )  # fmt: skip
    signs = models.JSONField(_("why it is counted"), default=list, db_default=[], blank=True)  # [code, number]
    abc = models.CharField(_("ABC class"), max_length=1, blank=True, default="", db_default="")  # when it was planned
    unit_cost = models.BigIntegerField(_("cost of a piece"), null=True, blank=True)  # minor units, when it was planned
    currency = models.CharField(_("currency"), max_length=3, blank=True, default="", db_default="")
    state = models.CharField(_("state"), max_length=12, choices=LineState.choices, default=LineState.OPEN)
    expected = models.IntegerField(_("expected"), null=True, blank=True)
    counted = models.PositiveIntegerField(_("counted"), null=True, blank=True)
    counted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+",
        verbose_name=_("counted by"),
    )  # fmt: skip
    counted_at = models.DateTimeField(_("counted at"), null=True, blank=True)
    reason = models.CharField(_("reason"), max_length=12, choices=CountReason.choices, blank=True)
    note = models.CharField(_("note"), max_length=200, blank=True)
    entry = models.ForeignKey(
        StockEntry, null=True, blank=True, on_delete=models.PROTECT, related_name="stocktake_lines",
        verbose_name=_("stock entry"),
    )  # fmt: skip

    class Meta:
        verbose_name = _("stocktake line")
        verbose_name_plural = _("stocktake lines")
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["stocktake", "stock_item", "lot", "bin"], nulls_distinct=False,
                name="inventory_stocktakeline_once",
            ),
            models.CheckConstraint(condition=Q(state__in=LineState.values), name="inventory_stocktakeline_state"),
            models.CheckConstraint(
                condition=Q(reason__in=["", *CountReason.values]), name="inventory_stocktakeline_reason"
            ),
            models.CheckConstraint(
                condition=Q(state__in=["open", "recount", "skipped"])
                | Q(counted__isnull=False, expected__isnull=False),
                name="inventory_stocktakeline_counted_when_it_says_so",
            ),
            models.CheckConstraint(
                condition=Q(entry=None) | Q(state__in=["counted", "accepted"]),
                name="inventory_stocktakeline_posted_when_decided",
            ),
            models.CheckConstraint(condition=Q(unit_cost=None) | ~Q(currency=""), name="inventory_stocktakeline_cost"),
        ]  # fmt: skip

    def __str__(self) -> str:
        return str(self.stock_item)

    @property
    def value_difference(self) -> int | None:
        """The difference in money (minor units), None where the cost or the count is not known."""
        return None if self.difference is None or self.unit_cost is None else self.difference * self.unit_cost

    @property
    def difference(self) -> int | None:
        """Pieces found more (or less) than the books said when they were counted; None before."""
        return None if self.counted is None or self.expected is None else self.counted - self.expected


class StocktakeCount(models.Model):
    """One count of a line, as it was typed in; append-only."""

    line = models.ForeignKey(StocktakeLine, on_delete=models.PROTECT, related_name="counts", verbose_name=_("line"))
    counted = models.PositiveIntegerField(_("counted"))
    expected = models.IntegerField(_("expected"))
    counted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+",
        verbose_name=_("counted by"),
    )  # fmt: skip
    key = models.CharField(_("key"), max_length=80, unique=True)  # one for each press of the button
    at = models.DateTimeField(pgettext_lazy("moment", "at"), db_default=Now(), editable=False)

    class Meta:
        verbose_name = pgettext_lazy("stocktake", "count")
        verbose_name_plural = pgettext_lazy("stocktake", "counts")
        triggers = append_only("inventory_stocktakecount")

    def __str__(self) -> str:
        return str(self.counted)
