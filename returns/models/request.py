"""The case: what a customer asks for, from the first word to the last won."""

from datetime import datetime

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop, pgettext_lazy

from catalog.models import Variant
from compliance.models import RefusalGround
from core.money import Currency
from core.states import Transitions
from inventory.models import Warehouse
from orders.models import Order, OrderLine, OrderMessage, Return, Withdrawal
from returns.models.rule import MessageStep, ReturnReason, ReturnRule


class RequestKind(models.TextChoices):
    """Whether goods come back at all."""

    RETURN = "return", pgettext_lazy("return request", "Goods come back")
    CLAIM = "claim", pgettext_lazy("return request", "Claim without goods")


class AskedThrough(models.TextChoices):
    """How the customer asked."""

    CHANNEL = "channel", pgettext_lazy("return request", "Sales channel")
    PHONE = "phone", pgettext_lazy("return request", "Phone")
    WRITTEN = "written", pgettext_lazy("return request", "In writing")
    BUTTON = "button", pgettext_lazy("return request", "Withdrawal button")


class RequestState(models.TextChoices):
    """Where a case stands; each is met in a tab of the list."""

    REQUESTED = "requested", pgettext_lazy("return request", "To decide")
    APPROVED = "approved", pgettext_lazy("return request", "Approved")
    REFUSED = "refused", pgettext_lazy("return request", "Refused")
    IN_TRANSIT = "in_transit", pgettext_lazy("return request", "On its way back")
    RECEIVED = "received", pgettext_lazy("return request", "Received, to inspect")
    INSPECTED = "inspected", pgettext_lazy("return request", "To resolve")
    RESOLVED = "resolved", pgettext_lazy("return request", "Resolved")
    CALLED_OFF = "called_off", pgettext_lazy("return request", "Called off by the customer")


_S = RequestState
REQUEST_TRANSITIONS = Transitions(
    {
        _S.REQUESTED: {_S.APPROVED, _S.REFUSED, _S.CALLED_OFF},
        # a claim needs no inspection: what was decided about it is resolved next
        _S.APPROVED: {_S.IN_TRANSIT, _S.RECEIVED, _S.INSPECTED, _S.CALLED_OFF},
        _S.IN_TRANSIT: {_S.RECEIVED, _S.CALLED_OFF},
        _S.RECEIVED: {_S.INSPECTED},
        _S.INSPECTED: {_S.RESOLVED},
        _S.RESOLVED: {_S.INSPECTED},  # its replacement was cancelled: something is owed again
    }
)
AWAITED = (_S.APPROVED, _S.IN_TRANSIT)
OPEN_REQUESTS = (_S.REQUESTED, _S.APPROVED, _S.IN_TRANSIT, _S.RECEIVED, _S.INSPECTED)


class Resolution(models.TextChoices):
    """What the customer gets."""

    REFUND = "refund", pgettext_lazy("resolution", "Refund")
    EXCHANGE = "exchange", pgettext_lazy("resolution", "Replacement")
    REPAIR = "repair", pgettext_lazy("resolution", "Repair")
    REJECT = "reject", pgettext_lazy("resolution", "Rejected, goes back")


WISHES = (Resolution.REFUND, Resolution.EXCHANGE, Resolution.REPAIR)
WISH_CHOICES = [(one.value, one.label) for one in WISHES]


class ReturnRequestQuerySet(models.QuerySet["ReturnRequest"]):
    """Vocabulary of cases."""

    def open(self) -> "ReturnRequestQuerySet":
        """Cases that still need work."""
        return self.filter(state__in=OPEN_REQUESTS)

    def late(self, now: datetime | None = None) -> "ReturnRequestQuerySet":
        """Cases that wait for goods whose time is over."""
        return self.filter(late_condition(now))

    def to_send_back(self) -> "ReturnRequestQuerySet":
        """Cases with pieces that we owe the customer back: rejected or repaired."""
        return self.filter(Q(lines__findings__resolution__in=[Resolution.REJECT, Resolution.REPAIR]),
                           state=_S.RESOLVED, lines__findings__sent_back_at=None).distinct()  # fmt: skip


def late_condition(now: datetime | None = None) -> Q:
    """Return the condition of cases whose goods should have come."""
    return Q(state__in=[_S.APPROVED.value, _S.IN_TRANSIT.value], due_at__lt=now or timezone.now())


class ReturnRequest(models.Model):
    """One case of one order: who asked for what, what was decided, what came back, what was given."""

    number = models.CharField(_("case number"), max_length=20, unique=True)
    order = models.ForeignKey(
        Order, on_delete=models.PROTECT, related_name="return_requests",
        verbose_name=pgettext_lazy("purchase", "order"),
    )  # fmt: skip
    kind = models.CharField(_("kind"), max_length=10, choices=RequestKind.choices, default=RequestKind.RETURN)
    state = models.CharField(
        _("state"), max_length=12, choices=RequestState.choices, default=RequestState.REQUESTED, editable=False
    )
    asked_at = models.DateTimeField(pgettext_lazy("return request", "asked"))
    asked_through = models.CharField(_("asked through"), max_length=10, choices=AskedThrough.choices)
    customer_note = models.TextField(_("the customer's words"), max_length=2000, blank=True)
    staff_note = models.TextField(_("staff note"), max_length=2000, blank=True)
    # the statement that the law knows, where this is one
    withdrawal = models.OneToOneField(
        Withdrawal, null=True, blank=True, on_delete=models.PROTECT, related_name="return_request",
        verbose_name=_("withdrawal"),
    )  # fmt: skip
    warehouse = models.ForeignKey(
        Warehouse, null=True, blank=True, on_delete=models.PROTECT, related_name="return_requests",
        verbose_name=_("goes back to"),
    )  # fmt: skip
    currency = models.CharField(_("currency"), max_length=3, choices=Currency.choices)
    # minor units that the customer pays for the way back, decided with the approval
    return_shipping = models.BigIntegerField(_("way back, paid by the customer"), default=0)
    fee = models.BigIntegerField(_("handling fee"), default=0)
    # minor units of the way there that go back too: by the law of some places, of a whole order
    delivery_refund = models.BigIntegerField(_("refund of the delivery"), default=0)
    # minor units of what came back that the law's deadline does not wait for: replaced, rejected, borne by the customer
    not_refunded = models.BigIntegerField(_("not refunded"), default=0)
    due_at = models.DateTimeField(_("goods expected until"), null=True, blank=True)
    carrier = models.CharField(_("carrier"), max_length=60, blank=True)
    tracking_number = models.CharField(_("tracking number"), max_length=60, blank=True)
    ground = models.CharField(_("legal ground"), max_length=20, choices=RefusalGround.choices, blank=True)
    refusal = models.CharField(_("why it was refused"), max_length=300, blank=True)
    opened_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+",
        verbose_name=_("opened by"),
    )  # fmt: skip
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+",
        verbose_name=_("decided by"),
    )  # fmt: skip
    decided_at = models.DateTimeField(pgettext_lazy("moment", "decided"), null=True, blank=True)
    sent_at = models.DateTimeField(pgettext_lazy("return request", "handed to the carrier"), null=True, blank=True)
    received_at = models.DateTimeField(pgettext_lazy("return request", "goods received"), null=True, blank=True)
    inspected_at = models.DateTimeField(pgettext_lazy("return request", "inspected"), null=True, blank=True)
    resolved_at = models.DateTimeField(pgettext_lazy("return request", "resolved"), null=True, blank=True)
    created_at = models.DateTimeField(_("opened"), db_default=Now())

    objects = ReturnRequestQuerySet.as_manager()

    class Meta:
        verbose_name = _("return case")
        verbose_name_plural = _("return cases")
        ordering = ["-id"]
        permissions = [
            ("open_returnrequest", gettext_noop("Can open return cases")),
            ("decide_returnrequest", gettext_noop("Can approve and refuse return cases")),
            ("inspect_returnrequest", gettext_noop("Can receive and inspect what comes back")),
            ("judge_returnrequest", gettext_noop("Can reject returned goods")),
            ("resolve_returnrequest", gettext_noop("Can grant refunds and replacements of return cases")),
            ("view_return_figures", gettext_noop("Can see how much comes back and why")),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=RequestKind.values), name="returns_request_kind_valid"),
            models.CheckConstraint(condition=Q(state__in=RequestState.values), name="returns_request_state_valid"),
            models.CheckConstraint(
                condition=Q(asked_through__in=AskedThrough.values), name="returns_request_through_valid"
            ),
            models.CheckConstraint(condition=Q(currency__in=Currency.values), name="returns_request_currency_valid"),
            models.CheckConstraint(
                condition=Q(ground__in=["", *RefusalGround.values]), name="returns_request_ground_valid"
            ),
            models.CheckConstraint(
                condition=Q(return_shipping__gte=0, fee__gte=0, delivery_refund__gte=0, not_refunded__gte=0),
                name="returns_request_costs_positive",
            ),
            models.CheckConstraint(
                condition=Q(state=_S.REFUSED, refusal__gt="") | (~Q(state=_S.REFUSED) & Q(refusal="", ground="")),
                name="returns_request_refused_with_reason",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=[_S.RECEIVED]) | Q(received_at__isnull=False, kind=RequestKind.RETURN),
                name="returns_request_received_when",
            ),
            models.CheckConstraint(
                condition=~Q(state=_S.RESOLVED) | Q(resolved_at__isnull=False), name="returns_request_resolved_when"
            ),
            models.CheckConstraint(
                condition=Q(state__in=[_S.REQUESTED, _S.CALLED_OFF]) | Q(decided_at__isnull=False),
                name="returns_request_decided_when",
            ),
        ]
        indexes = [
            models.Index(fields=["state", "-id"], condition=Q(state__in=OPEN_REQUESTS), name="returns_request_open"),
            models.Index(
                fields=["due_at"], condition=Q(state__in=["approved", "in_transit"]), name="returns_request_due"
            ),
            models.Index(fields=["tracking_number"], condition=~Q(tracking_number=""), name="returns_request_tracking"),
        ]

    def __str__(self) -> str:
        return self.number


class RequestLine(models.Model):
    """Pieces of one order line: why, and what the customer would like."""

    request = models.ForeignKey(
        ReturnRequest, on_delete=models.CASCADE, related_name="lines", verbose_name=_("return case")
    )
    order_line = models.ForeignKey(
        OrderLine, on_delete=models.PROTECT, related_name="request_lines", verbose_name=_("order line")
    )
    quantity = models.PositiveIntegerField(_("quantity"))
    reason = models.ForeignKey(
        ReturnReason, on_delete=models.PROTECT, related_name="request_lines", verbose_name=_("reason")
    )
    wish = models.CharField(_("wish"), max_length=10, choices=WISH_CHOICES, default=Resolution.REFUND)
    # the rule as it held when it was asked for
    rule = models.ForeignKey(
        ReturnRule, null=True, blank=True, on_delete=models.PROTECT, related_name="request_lines",
        verbose_name=_("return rule"),
    )  # fmt: skip
    exchange_variant = models.ForeignKey(
        Variant, null=True, blank=True, on_delete=models.PROTECT, related_name="+", verbose_name=_("exchange for")
    )
    # pieces that are kept for the exchange, and until when; empty again once they are shipped or free
    held_until = models.DateTimeField(_("kept until"), null=True, blank=True, editable=False)
    received_count = models.PositiveIntegerField(_("came back"), default=0, editable=False)
    return_record = models.ForeignKey(
        Return, null=True, blank=True, on_delete=models.PROTECT, related_name="request_lines", editable=False,
        verbose_name=pgettext_lazy("goods", "return"),
    )  # fmt: skip
    note = models.CharField(_("note"), max_length=300, blank=True)

    class Meta:
        verbose_name = _("line of a case")
        verbose_name_plural = _("lines of cases")
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["request", "order_line"], name="returns_line_once"),
            models.CheckConstraint(condition=Q(quantity__gt=0), name="returns_line_quantity_positive"),
            models.CheckConstraint(condition=Q(wish__in=[one.value for one in WISHES]), name="returns_line_wish_valid"),
            models.CheckConstraint(
                condition=Q(received_count__lte=F("quantity")), name="returns_line_not_over_received"
            ),
            models.CheckConstraint(
                condition=Q(exchange_variant=None) | Q(wish=Resolution.EXCHANGE), name="returns_line_exchange_is_wished"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.order_line} × {self.quantity}"

    @property
    def hold_key(self) -> str:
        """Name what inventory keeps for this line."""
        return f"exchange:{self.pk}"


class RequestPhoto(models.Model):
    """A picture that proves something: of the customer, or of the inspection."""

    request = models.ForeignKey(
        ReturnRequest, on_delete=models.CASCADE, related_name="photos", verbose_name=_("return case")
    )
    line = models.ForeignKey(
        RequestLine, null=True, blank=True, on_delete=models.CASCADE, related_name="photos", verbose_name=_("line")
    )
    file = models.FileField(_("file"), upload_to="returns/%Y/%m/", max_length=255)
    filename = models.CharField(_("file name"), max_length=200)
    is_inspection = models.BooleanField(_("from the inspection"), default=False)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+",
        verbose_name=_("by"),
    )  # fmt: skip
    created_at = models.DateTimeField(_("added"), db_default=Now())

    class Meta:
        verbose_name = _("photo of a case")
        verbose_name_plural = _("photos of cases")
        ordering = ["id"]

    def __str__(self) -> str:
        return self.filename


class CaseMessage(models.Model):
    """A message to the customer that belongs to a step of a case; one for each step."""

    request = models.ForeignKey(
        ReturnRequest, on_delete=models.CASCADE, related_name="messages", verbose_name=_("return case")
    )
    step = models.CharField(_("step"), max_length=10, choices=MessageStep.choices)
    message = models.OneToOneField(
        OrderMessage, on_delete=models.PROTECT, related_name="return_step", verbose_name=_("message to a customer")
    )

    class Meta:
        verbose_name = _("message of a case")
        verbose_name_plural = _("messages of cases")
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["request", "step"], name="returns_casemessage_once"),
            models.CheckConstraint(condition=Q(step__in=MessageStep.values), name="returns_casemessage_step_valid"),
        ]

    def __str__(self) -> str:
        return str(self.get_step_display())
