"""What one night found of how people buy. Readers take the latest finished run; rows of other runs are nobody's."""

from datetime import date

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop, pgettext_lazy

from catalog.models import Category, Product
from core.money import Currency
from customers.models import Customer
from orders.models import OrderStatus

# an order that somebody still has to look at, or that nobody paid, is no purchase yet
PURCHASED = [
    OrderStatus.TO_CONFIRM,
    OrderStatus.AWAITING_STOCK,
    OrderStatus.TO_SHIP,
    OrderStatus.PARTLY_SHIPPED,
    OrderStatus.SHIPPED,
]


def shifted_month(day: date, by: int) -> date:
    """Return the first day of the month that lies ``by`` months from the month of ``day``."""
    year, month = divmod(day.year * 12 + day.month - 1 + by, 12)
    return date(year, month + 1, 1)


class BuyerGroup(models.TextChoices):
    """Where recency and frequency put a buyer; ``GROUP_RULES`` in the services says how."""

    CHAMPION = "champion", pgettext_lazy("buyers", "Champions")
    LOYAL = "loyal", pgettext_lazy("buyers", "Loyal")
    NEW = "new", pgettext_lazy("buyers", "New")
    FADING = "fading", pgettext_lazy("buyers", "Fading")
    AT_RISK = "at_risk", pgettext_lazy("buyers", "At risk")
    ASLEEP = "asleep", pgettext_lazy("buyers", "Asleep")


class PatternRun(models.Model):
    """One night's figures; without ``finished_at`` they are not complete and nobody reads them."""

    day = models.DateField(pgettext_lazy("purchase pattern", "day"), unique=True)  # purchases before it count
    started_at = models.DateTimeField(_("started"), db_default=Now())
    finished_at = models.DateTimeField(pgettext_lazy("moment", "finished"), null=True, blank=True)
    buyer_count = models.PositiveIntegerField(_("buyers"), default=0)
    order_count = models.PositiveIntegerField(pgettext_lazy("purchase", "orders"), default=0)
    basket_count = models.PositiveIntegerField(_("orders of the last year"), default=0)

    class Meta:
        verbose_name = _("purchase pattern")
        verbose_name_plural = _("purchase patterns")
        ordering = ["-day"]
        default_permissions = ()
        permissions = [("view_pattern", gettext_noop("Can see how customers buy"))]

    def __str__(self) -> str:
        return self.day.isoformat()


class CustomerPattern(models.Model):
    """How one customer buys; money in minor units of the currency in which they bought most often."""

    run = models.ForeignKey(PatternRun, on_delete=models.CASCADE, related_name="customers", db_index=False)
    customer = models.ForeignKey(
        Customer, on_delete=models.CASCADE, related_name="patterns", verbose_name=_("customer")
    )
    currency = models.CharField(_("currency"), max_length=3, choices=Currency.choices)
    first_on = models.DateField(_("first purchase"))
    last_on = models.DateField(_("last purchase"))
    day_count = models.PositiveIntegerField(_("purchases"))  # days with a purchase
    spent = models.BigIntegerField(_("spent"))
    # known from three purchases on
    typical_gap = models.PositiveIntegerField(_("days between purchases"), null=True, blank=True)  # the median
    next_on = models.DateField(_("next purchase"), null=True, blank=True)
    is_lapsed = models.BooleanField(_("lapsed"), null=True, blank=True)
    year_value = models.BigIntegerField(_("value of the next year"), null=True, blank=True)
    # 1 to 5; empty where too few people bought
    recency = models.PositiveSmallIntegerField(_("recency"), null=True, blank=True)
    frequency = models.PositiveSmallIntegerField(pgettext_lazy("purchases", "frequency"), null=True, blank=True)
    monetary = models.PositiveSmallIntegerField(_("spending"), null=True, blank=True)
    group = models.CharField(
        pgettext_lazy("buyers", "group"), max_length=10, choices=BuyerGroup.choices, blank=True, default=""
    )

    class Meta:
        verbose_name = _("purchase pattern of a customer")
        verbose_name_plural = _("purchase patterns of customers")
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["run", "customer"], name="crm_customerpattern_once"),
            models.CheckConstraint(
                condition=Q(currency__in=Currency.values), name="crm_customerpattern_currency_valid"
            ),
            models.CheckConstraint(
                condition=Q(group__in=["", *BuyerGroup.values]), name="crm_customerpattern_group_valid"
            ),
            models.CheckConstraint(condition=Q(last_on__gte=F("first_on")), name="crm_customerpattern_first_then_last"),
        ]
        indexes = [models.Index(fields=["run", "group"], name="crm_customerpattern_group")]

    def __str__(self) -> str:
        return f"{self.customer_id}"


class MonthlyGroup(models.Model):
    """In which group a customer was when a month ended; written once."""

    month = models.DateField(_("month"))  # its first day
    customer = models.ForeignKey(
        Customer, on_delete=models.CASCADE, related_name="monthly_groups", verbose_name=_("customer")
    )
    group = models.CharField(pgettext_lazy("buyers", "group"), max_length=10, choices=BuyerGroup.choices)

    class Meta:
        verbose_name = _("group of a month")
        verbose_name_plural = _("groups of months")
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["month", "customer"], name="crm_monthlygroup_once"),
            models.CheckConstraint(condition=Q(group__in=BuyerGroup.values), name="crm_monthlygroup_group_valid"),
        ]

    def __str__(self) -> str:
        return f"{self.month} {self.customer_id}"


class MigrationCell(models.Model):
    """How many customers went from one group to another within a month; from none: bought for the first time."""

    month = models.DateField(_("month"))
    origin = models.CharField(_("from"), max_length=10, choices=BuyerGroup.choices, blank=True)
    goal = models.CharField(_("to"), max_length=10, choices=BuyerGroup.choices)
    customer_count = models.PositiveIntegerField(_("customers"))

    class Meta:
        verbose_name = _("migration between groups")
        verbose_name_plural = _("migrations between groups")
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["month", "origin", "goal"], name="crm_migrationcell_once"),
            models.CheckConstraint(
                condition=Q(origin__in=["", *BuyerGroup.values]), name="crm_migrationcell_origin_valid"
            ),
            models.CheckConstraint(condition=Q(goal__in=BuyerGroup.values), name="crm_migrationcell_goal_valid"),
        ]

    def __str__(self) -> str:
        return f"{self.month} {self.origin} {self.goal}"


class CohortCell(models.Model):
    """How many of those who first bought in ``cohort`` bought again ``months`` later; 0 months: the cohort's size."""

    run = models.ForeignKey(PatternRun, on_delete=models.CASCADE, related_name="cohorts", db_index=False)
    cohort = models.DateField(_("month of the first purchase"))
    months = models.PositiveSmallIntegerField(_("months later"))
    customer_count = models.PositiveIntegerField(_("customers"))

    class Meta:
        verbose_name = _("cohort")
        verbose_name_plural = _("cohorts")
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["run", "cohort", "months"], name="crm_cohortcell_once")]

    def __str__(self) -> str:
        return f"{self.cohort} +{self.months}"


class GapCell(models.Model):
    """How many times a purchase followed the one before after so many days (``from_days`` on)."""

    run = models.ForeignKey(PatternRun, on_delete=models.CASCADE, related_name="gaps", db_index=False)
    from_days = models.PositiveIntegerField(_("from days"))
    purchase_count = models.PositiveIntegerField(_("purchases"))

    class Meta:
        verbose_name = _("interval between purchases")
        verbose_name_plural = _("intervals between purchases")
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["run", "from_days"], name="crm_gapcell_once")]

    def __str__(self) -> str:
        return f"{self.from_days}"


class BasketPair(models.Model):
    """Two products bought in one order within the last year, read from ``product`` to ``other``."""

    run = models.ForeignKey(PatternRun, on_delete=models.CASCADE, related_name="pairs", db_index=False)
    product = models.ForeignKey(Product, on_delete=models.CASCADE, related_name="+", verbose_name=_("product"))
    other = models.ForeignKey(Product, on_delete=models.CASCADE, related_name="+", verbose_name=_("bought together"))
    together = models.PositiveIntegerField(_("orders with both"))
    product_orders = models.PositiveIntegerField(_("orders with the product"))
    other_orders = models.PositiveIntegerField(_("orders with the other"))

    class Meta:
        verbose_name = _("basket pair")
        verbose_name_plural = _("basket pairs")
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["run", "product", "other"], name="crm_basketpair_once"),
            models.CheckConstraint(condition=~Q(product=F("other")), name="crm_basketpair_of_two"),
        ]

    def __str__(self) -> str:
        return f"{self.product_id} {self.other_id}"


class CategoryPair(models.Model):
    """How many customers of a category also bought from another one within the last year."""

    run = models.ForeignKey(PatternRun, on_delete=models.CASCADE, related_name="category_pairs", db_index=False)
    category = models.ForeignKey(Category, on_delete=models.CASCADE, related_name="+", verbose_name=_("category"))
    other = models.ForeignKey(Category, on_delete=models.CASCADE, related_name="+", verbose_name=_("also bought from"))
    together = models.PositiveIntegerField(_("customers of both"))
    category_customers = models.PositiveIntegerField(_("customers of the category"))
    other_customers = models.PositiveIntegerField(_("customers of the other"))

    class Meta:
        verbose_name = _("category affinity")
        verbose_name_plural = _("category affinities")
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["run", "category", "other"], name="crm_categorypair_once"),
            models.CheckConstraint(condition=~Q(category=F("other")), name="crm_categorypair_of_two"),
        ]

    def __str__(self) -> str:
        return f"{self.category_id} {self.other_id}"


class Replenishment(models.Model):
    """After how many days (the median) customers buy the same product again."""

    run = models.ForeignKey(PatternRun, on_delete=models.CASCADE, related_name="replenishments", db_index=False)
    product = models.ForeignKey(Product, on_delete=models.CASCADE, related_name="+", verbose_name=_("product"))
    typical_gap = models.PositiveIntegerField(_("days between purchases"))
    repeat_count = models.PositiveIntegerField(_("purchases again"))

    class Meta:
        verbose_name = _("replenishment")
        verbose_name_plural = _("replenishments")
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["run", "product"], name="crm_replenishment_once")]

    def __str__(self) -> str:
        return f"{self.product_id}"
