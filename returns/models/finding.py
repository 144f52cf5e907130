"""What the inspection found, what becomes of it, and who is charged."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop, pgettext_lazy

from compliance.models import RefusalGround
from core.money import Currency
from core.states import Transitions
from orders.models import Order, ReturnCondition
from payments.models import Refund
from purchasing.models import Supplier, SupplierReturn
from returns.models.request import RequestLine, Resolution, ReturnRequest


class Finding(models.Model):
    """Some pieces of a line in one condition, and what becomes of them; of a claim what is given for them."""

    line = models.ForeignKey(RequestLine, on_delete=models.CASCADE, related_name="findings", verbose_name=_("line"))
    quantity = models.PositiveIntegerField(_("quantity"))
    condition = models.CharField(_("condition"), max_length=12, choices=ReturnCondition.choices)
    serials = models.JSONField(_("serial numbers"), default=list, blank=True)
    lot = models.CharField(_("lot number"), max_length=60, blank=True)
    evidence = models.CharField(_("evidence"), max_length=300, blank=True)
    value = models.BigIntegerField(pgettext_lazy("money", "value"))  # the line's share, minor units
    resolution = models.CharField(_("outcome"), max_length=10, choices=Resolution.choices, blank=True)
    value_loss = models.BigIntegerField(_("loss of value"), default=0)
    amount = models.BigIntegerField(_("refund"), default=0)  # minor units that are granted for these pieces
    ground = models.CharField(_("legal ground"), max_length=20, choices=RefusalGround.choices, blank=True)
    replacement = models.ForeignKey(
        Order, null=True, blank=True, on_delete=models.PROTECT, related_name="replaces",
        verbose_name=_("replacement order"),
    )  # fmt: skip
    refund = models.ForeignKey(
        Refund, null=True, blank=True, on_delete=models.PROTECT, related_name="findings",
        verbose_name=pgettext_lazy("money", "refund"),
    )  # fmt: skip
    sent_back_at = models.DateTimeField(pgettext_lazy("goods", "sent back"), null=True, blank=True)
    sent_back_with = models.CharField(_("carrier and tracking number"), max_length=120, blank=True)
    inspected_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+",
        verbose_name=_("inspected by"),
    )  # fmt: skip
    judged_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+",
        verbose_name=_("decided by"),
    )  # fmt: skip
    created_at = models.DateTimeField(_("found"), db_default=Now())

    class Meta:
        verbose_name = pgettext_lazy("return", "finding")
        verbose_name_plural = pgettext_lazy("return", "findings")
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(condition=Q(quantity__gt=0), name="returns_finding_quantity_positive"),
            models.CheckConstraint(
                condition=Q(condition__in=ReturnCondition.values), name="returns_finding_condition_valid"
            ),
            models.CheckConstraint(
                condition=Q(resolution__in=["", *Resolution.values]), name="returns_finding_resolution_valid"
            ),
            models.CheckConstraint(
                condition=Q(ground__in=["", *RefusalGround.values]), name="returns_finding_ground_valid"
            ),
            models.CheckConstraint(
                condition=Q(value_loss__gte=0, amount__gte=0, value__gte=F("value_loss") + F("amount")),
                name="returns_finding_money_positive",
            ),
            # who keeps the customer's money or goods shows why
            models.CheckConstraint(
                condition=(Q(value_loss=0) & ~Q(resolution=Resolution.REJECT)) | ~Q(evidence=""),
                name="returns_finding_has_evidence",
            ),
            models.CheckConstraint(
                condition=~Q(resolution__in=[Resolution.REJECT, Resolution.REPAIR]) | Q(amount=0),
                name="returns_finding_one_or_the_other",
            ),
            models.CheckConstraint(
                condition=Q(sent_back_at=None) | Q(resolution__in=[Resolution.REJECT, Resolution.REPAIR]),
                name="returns_finding_sent_back_if_owed",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.quantity} × {self.get_condition_display()}"


class ChargedParty(models.TextChoices):
    """Who pays for what went wrong."""

    CARRIER = "carrier", pgettext_lazy("charge", "Carrier")
    SUPPLIER = "supplier", pgettext_lazy("charge", "Supplier")
    PARTNER = "partner", pgettext_lazy("charge", "Partner")


class ChargeState(models.TextChoices):
    """How far a charge is."""

    CLAIMED = "claimed", pgettext_lazy("charge", "Claimed")
    ACCEPTED = "accepted", pgettext_lazy("charge", "Accepted")
    REFUSED = "refused", pgettext_lazy("charge", "Refused")
    PAID = "paid", pgettext_lazy("charge", "Paid")


_C = ChargeState
CHARGE_TRANSITIONS = Transitions(
    {_C.CLAIMED: {_C.ACCEPTED, _C.REFUSED, _C.PAID}, _C.ACCEPTED: {_C.PAID, _C.REFUSED}, _C.REFUSED: {_C.ACCEPTED}}
)


class ReturnCharge(models.Model):
    """What a carrier, a supplier or a partner is asked to pay for a case."""

    request = models.ForeignKey(
        ReturnRequest, on_delete=models.PROTECT, related_name="charges", verbose_name=_("return case")
    )
    party = models.CharField(_("charged to"), max_length=10, choices=ChargedParty.choices)
    supplier = models.ForeignKey(
        Supplier, null=True, blank=True, on_delete=models.PROTECT, related_name="return_charges",
        verbose_name=_("supplier"),
    )  # fmt: skip
    party_name = models.CharField(pgettext_lazy("charge", "who"), max_length=120, blank=True)
    currency = models.CharField(_("currency"), max_length=3, choices=Currency.choices)
    amount = models.BigIntegerField(_("amount"))  # minor units
    paid_amount = models.BigIntegerField(pgettext_lazy("money", "paid"), default=0)
    state = models.CharField(_("state"), max_length=10, choices=ChargeState.choices, default=ChargeState.CLAIMED)
    reason = models.CharField(_("reason"), max_length=300)
    answer = models.CharField(pgettext_lazy("charge", "their answer"), max_length=300, blank=True)
    # the goods themselves go back, or are credited, through purchasing
    supplier_return = models.OneToOneField(
        SupplierReturn, null=True, blank=True, on_delete=models.PROTECT, related_name="return_charge",
        verbose_name=_("return to a supplier"),
    )  # fmt: skip
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+",
        verbose_name=_("by"),
    )  # fmt: skip
    created_at = models.DateTimeField(_("claimed"), db_default=Now())
    changed_at = models.DateTimeField(_("changed"), auto_now=True)

    class Meta:
        verbose_name = _("charge to others")
        verbose_name_plural = _("charges to others")
        ordering = ["-id"]
        permissions = [("settle_returncharge", gettext_noop("Can charge carriers, suppliers and partners"))]
        constraints = [
            models.CheckConstraint(condition=Q(party__in=ChargedParty.values), name="returns_charge_party_valid"),
            models.CheckConstraint(condition=Q(state__in=ChargeState.values), name="returns_charge_state_valid"),
            models.CheckConstraint(condition=Q(currency__in=Currency.values), name="returns_charge_currency_valid"),
            models.CheckConstraint(condition=Q(amount__gt=0), name="returns_charge_amount_positive"),
            models.CheckConstraint(condition=~Q(reason=""), name="returns_charge_reason_given"),
            models.CheckConstraint(
                condition=Q(state=ChargeState.PAID, paid_amount__gt=0)
                | (~Q(state=ChargeState.PAID) & Q(paid_amount=0)),
                name="returns_charge_paid_with_amount",
            ),
            models.CheckConstraint(
                condition=Q(party=ChargedParty.SUPPLIER, supplier__isnull=False)
                | (~Q(party=ChargedParty.SUPPLIER) & Q(supplier=None, party_name__gt="")),
                name="returns_charge_says_whom",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.request} · {self.supplier or self.party_name}"
