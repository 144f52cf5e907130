"""Why things come back, and what is allowed then: data that the shop writes, dated and ranked."""

from datetime import date

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from catalog.models import Category, Product, ProductType, SalesChannel
from compliance.models import Jurisdiction, RefusalGround
from core.money import Currency
from orders.models import ReturnCondition
from staff.models.words import in_language


class Fault(models.TextChoices):
    """Who is the cause that something comes back."""

    CUSTOMER = "customer", pgettext_lazy("fault", "Customer (change of mind)")
    SHOP = "shop", pgettext_lazy("fault", "Us")
    SUPPLIER = "supplier", pgettext_lazy("fault", "Supplier")
    CARRIER = "carrier", pgettext_lazy("fault", "Carrier")


class Payer(models.TextChoices):
    """Who pays the way back."""

    CUSTOMER = "customer", pgettext_lazy("payer", "Customer")
    SHOP = "shop", pgettext_lazy("payer", "Shop")


class ReturnReason(models.Model):
    """One reason that people choose; what follows from it stands beside it."""

    code = models.SlugField(_("code"), max_length=40, unique=True)
    name_en = models.CharField(_("name (English)"), max_length=80, blank=True)
    name_ko = models.CharField(_("name (Korean)"), max_length=80, blank=True)
    name_ja = models.CharField(_("name (Japanese)"), max_length=80, blank=True)
    fault = models.CharField(_("at fault"), max_length=10, choices=Fault.choices)
    shipping_payer = models.CharField(_("who pays the way back"), max_length=10, choices=Payer.choices)
    needs_photos = models.BooleanField(_("photos are needed"), default=False)
    is_for_claims = models.BooleanField(
        _("also without goods back"),
        default=False,
        help_text=_("Broken, lost or missing: refunded or replaced although nothing comes back."),
    )
    is_active = models.BooleanField(_("active"), default=True)
    position = models.PositiveSmallIntegerField(_("position"), default=100)

    class Meta:
        verbose_name = _("return reason")
        verbose_name_plural = _("return reasons")
        ordering = ["position", "id"]
        constraints = [
            models.CheckConstraint(condition=Q(fault__in=Fault.values), name="returns_reason_fault_valid"),
            models.CheckConstraint(condition=Q(shipping_payer__in=Payer.values), name="returns_reason_payer_valid"),
            models.CheckConstraint(
                condition=Q(name_en__gt="") | Q(name_ko__gt="") | Q(name_ja__gt=""), name="returns_reason_has_name"
            ),
            # the way back of what we, a supplier or a carrier spoiled is never the customer's to pay
            models.CheckConstraint(
                condition=Q(fault=Fault.CUSTOMER) | Q(shipping_payer=Payer.SHOP), name="returns_reason_payer_is_fair"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def name(self) -> str:
        """Return the name in the reader's language, or in the first one that is there."""
        return in_language(self, "name")


class ReturnRuleQuerySet(models.QuerySet["ReturnRule"]):
    """Vocabulary of return rules."""

    def in_force(self, day: date) -> "ReturnRuleQuerySet":
        """Active rules that hold on this day, the one that wins first: by rank, then the newer one."""
        begun = Q(valid_from=None) | Q(valid_from__lte=day)
        rows = self.filter(begun, Q(valid_until=None) | Q(valid_until__gte=day), is_active=True)
        return rows.order_by("rank", "-id")


class ReturnRule(models.Model):
    """What may be returned, how long, for what, and what it costs; the first rule by rank that fits a line holds.

    What is left empty holds for all. It adds to the law and never takes away from it: see ``check_rule``.
    """

    name = models.CharField(pgettext_lazy("rule", "name"), max_length=80, unique=True)
    rank = models.PositiveSmallIntegerField(_("rank"), default=100, help_text=_("The lowest rank that fits holds."))
    product = models.ForeignKey(
        Product, null=True, blank=True, on_delete=models.PROTECT, related_name="+", verbose_name=_("product")
    )
    category = models.ForeignKey(
        Category, null=True, blank=True, on_delete=models.PROTECT, related_name="+", verbose_name=_("category"),
        help_text=_("With everything below it."),
    )  # fmt: skip
    product_type = models.ForeignKey(
        ProductType, null=True, blank=True, on_delete=models.PROTECT, related_name="+", verbose_name=_("product type")
    )
    sales_channel = models.ForeignKey(
        SalesChannel, null=True, blank=True, on_delete=models.PROTECT, related_name="+", verbose_name=_("sales channel")
    )
    jurisdiction = models.CharField(_("jurisdiction"), max_length=2, choices=Jurisdiction.choices, blank=True)
    valid_from = models.DateField(_("valid from"), null=True, blank=True)
    valid_until = models.DateField(_("valid until"), null=True, blank=True)
    is_active = models.BooleanField(_("active"), default=True)
    reasons = models.ManyToManyField(
        ReturnReason, blank=True, related_name="rules", verbose_name=_("allowed reasons"),
        help_text=_("Empty: all. While the law lets the customer withdraw, any reason counts."),
    )  # fmt: skip
    extra_days = models.PositiveSmallIntegerField(
        _("days beyond the law"), default=0,
        help_text=_("Added to the window of the law; where there is none they count from the delivery."),
    )  # fmt: skip
    allows_refund = models.BooleanField(pgettext_lazy("rule", "refund"), default=True)
    allows_exchange = models.BooleanField(pgettext_lazy("rule", "exchange"), default=True)
    allows_repair = models.BooleanField(pgettext_lazy("rule", "repair"), default=False)
    restocks_as = models.CharField(
        _("good pieces come back as"), max_length=12, choices=ReturnCondition.choices, default=ReturnCondition.GOOD
    )
    ground = models.CharField(
        _("cannot be returned, because"), max_length=20, choices=RefusalGround.choices, blank=True,
        help_text=_("Only a ground that the law of the jurisdiction knows; empty: it can be returned."),
    )  # fmt: skip
    currency = models.CharField(_("currency"), max_length=3, choices=Currency.choices, blank=True)
    return_shipping = models.PositiveBigIntegerField(
        _("way back, when the customer pays it"), default=0, help_text=_("In the currency's smallest unit.")
    )
    fee = models.PositiveBigIntegerField(
        _("handling fee"), default=0, help_text=_("Asked outside the window of the law only; the smallest unit.")
    )
    note = models.CharField(_("note"), max_length=300, blank=True)
    updated_at = models.DateTimeField(_("changed"), auto_now=True)

    objects = ReturnRuleQuerySet.as_manager()

    class Meta:
        verbose_name = _("return rule")
        verbose_name_plural = _("return rules")
        ordering = ["rank", "id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(jurisdiction__in=["", *Jurisdiction.values]), name="returns_rule_jurisdiction_valid"
            ),
            models.CheckConstraint(
                condition=Q(ground__in=["", *RefusalGround.values]), name="returns_rule_ground_valid"
            ),
            models.CheckConstraint(
                condition=Q(restocks_as__in=ReturnCondition.values), name="returns_rule_condition_valid"
            ),
            models.CheckConstraint(
                condition=Q(currency__in=["", *Currency.values]), name="returns_rule_currency_valid"
            ),
            models.CheckConstraint(
                condition=Q(valid_from=None) | Q(valid_until=None) | Q(valid_until__gte=F("valid_from")),
                name="returns_rule_dates",
            ),
            models.CheckConstraint(
                condition=Q(fee=0, return_shipping=0) | ~Q(currency=""), name="returns_rule_money_has_currency"
            ),
            # nobody refuses by a ground without saying whose law knows it
            models.CheckConstraint(condition=Q(ground="") | ~Q(jurisdiction=""), name="returns_rule_ground_has_law"),
        ]

    def __str__(self) -> str:
        return self.name


class MessageStep(models.TextChoices):
    """The moments at which customers are told something."""

    ASKED = "asked", pgettext_lazy("return step", "Request received")
    APPROVED = "approved", pgettext_lazy("return step", "Approved: how to send it back")
    REFUSED = "refused", pgettext_lazy("return step", "Refused")
    RECEIVED = "received", pgettext_lazy("return step", "Goods received")
    REJECTED = "rejected", pgettext_lazy("return step", "Rejected after the inspection")
    REFUNDED = "refunded", pgettext_lazy("return step", "Refund granted")
    REPLACED = "replaced", pgettext_lazy("return step", "Replacement on its way")
    OVERDUE = "overdue", pgettext_lazy("return step", "Goods did not come")


class MessageMode(models.TextChoices):
    """Who writes the draft."""

    BY_HAND = "by_hand", pgettext_lazy("message", "Somebody drafts it on the case")
    AUTOMATIC = "automatic", pgettext_lazy("message", "Drafted by itself")


class StepMessage(models.Model):
    """What customers are told at a step, where it differs from the usual words, and who drafts it."""

    step = models.CharField(_("step"), max_length=10, choices=MessageStep.choices, unique=True)
    mode = models.CharField(
        _("drafted"), max_length=10, choices=MessageMode.choices, default=MessageMode.BY_HAND,
        help_text=_("A draft waits among the messages to customers until somebody sends it."),
    )  # fmt: skip
    body_ko = models.TextField(_("text (Korean)"), max_length=2000, blank=True)
    body_ja = models.TextField(_("text (Japanese)"), max_length=2000, blank=True)
    body_en = models.TextField(_("text (English)"), max_length=2000, blank=True)
    updated_at = models.DateTimeField(_("changed"), auto_now=True)
    created_at = models.DateTimeField(_("created"), db_default=Now())

    class Meta:
        verbose_name = _("text of a step")
        verbose_name_plural = _("texts of steps")
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(condition=Q(step__in=MessageStep.values), name="returns_stepmessage_step_valid"),
            models.CheckConstraint(condition=Q(mode__in=MessageMode.values), name="returns_stepmessage_mode_valid"),
        ]

    def __str__(self) -> str:
        return str(self.get_step_display())
