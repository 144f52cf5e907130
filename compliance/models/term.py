"""Legal terms: within how many days of what something has to be done, may be claimed, or has to be kept."""

from decimal import Decimal
from typing import ClassVar

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeBoundary, RangeOperators
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import F, Func, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from compliance.models.rule import Rule
from staff.models.words import in_language


class TermKind(models.TextChoices):
    """Whose term it is: passing one of a customer is no breach, passing one of ours is."""

    DUTY = "duty", pgettext_lazy("term", "The shop has to act")
    WINDOW = "window", pgettext_lazy("term", "The customer may act")
    RETENTION = "retention", pgettext_lazy("term", "Records are kept")


class Duty(models.TextChoices):
    """What a term is about; in one jurisdiction there is one rule for each at any moment."""

    WITHDRAWAL = "withdrawal", pgettext_lazy("legal", "Withdrawal")
    DEFECT_SUPPLY = "defect_supply", pgettext_lazy("legal", "Defect: since the supply")
    DEFECT_KNOWN = "defect_known", pgettext_lazy("legal", "Defect: since it is known")
    REFUND_RETURN = "refund_return", pgettext_lazy("legal", "Refund after a return")
    REFUND_STATEMENT = "refund_statement", pgettext_lazy("legal", "Refund after a withdrawal or cancellation")
    REFUND_UNSUPPLIED = "refund_unsupplied", pgettext_lazy("legal", "Refund of what cannot be supplied")
    SHIP_PREPAID = "ship_prepaid", pgettext_lazy("legal", "Ship what is paid")
    SHIP_ORDERED = "ship_ordered", pgettext_lazy("legal", "Ship what is ordered")
    SUPPLY_NOTICE = "supply_notice", pgettext_lazy("legal", "Tell that it cannot be supplied")
    COMPLAINT_PROGRESS = "complaint_progress", pgettext_lazy("legal", "Complaint: tell the progress")
    COMPLAINT_RESULT = "complaint_result", pgettext_lazy("legal", "Complaint: tell the result")
    WITHDRAWAL_RECEIPT = "withdrawal_receipt", pgettext_lazy("legal", "Receipt for a withdrawal")
    DATA_REQUEST = "data_request", pgettext_lazy("legal", "Request about personal data")
    RECORDS_ADS = "records_ads", pgettext_lazy("legal", "Records of advertisements")
    RECORDS_CONTRACT = "records_contract", pgettext_lazy("legal", "Records of contracts and withdrawals")
    RECORDS_PAYMENT = "records_payment", pgettext_lazy("legal", "Records of payment and supply")
    RECORDS_DISPUTE = "records_dispute", pgettext_lazy("legal", "Records of complaints and disputes")
    RECORDS_INVOICE = "records_invoice", pgettext_lazy("legal", "Copies of invoices")


class ClockEvent(models.TextChoices):
    """What starts and stops the clock of a term."""

    ORDERED = "ordered", pgettext_lazy("clock", "Order placed")
    PAID = "paid", pgettext_lazy("clock", "Paid")
    DISPATCHED = "dispatched", pgettext_lazy("clock", "Everything handed to the carrier")
    DELIVERED = "delivered", pgettext_lazy("clock", "Received by the customer")
    DEFECT_KNOWN = "defect_known", pgettext_lazy("clock", "The customer knows of the defect")
    WITHDRAWAL_STATED = "withdrawal_stated", pgettext_lazy("clock", "Withdrawal stated")
    UNSHIPPED_WITHDRAWN = "unshipped_withdrawn", pgettext_lazy("clock", "Withdrawn or cancelled before anything left")
    WITHDRAWAL_BY_BUTTON = "withdrawal_by_button", pgettext_lazy("clock", "Withdrawal stated by the button")
    CLAIM_STATED = "claim_stated", pgettext_lazy("clock", "Claim stated")
    RETURN_RECEIVED = "return_received", pgettext_lazy("clock", "Returned goods received")
    SUPPLY_IMPOSSIBLE = "supply_impossible", pgettext_lazy("clock", "Known that it cannot be supplied")
    UNSUPPLIED_PAID = "unsupplied_paid", pgettext_lazy("clock", "Payment of what cannot be supplied")
    REFUND_PAID = "refund_paid", pgettext_lazy("clock", "Refunded, or the card company told to")
    CUSTOMER_TOLD = "customer_told", pgettext_lazy("clock", "Customer told")
    RECEIPT_SENT = "receipt_sent", pgettext_lazy("clock", "Receipt sent")
    COMPLAINT_RECEIVED = "complaint_received", pgettext_lazy("clock", "Complaint received")
    PROGRESS_SENT = "progress_sent", pgettext_lazy("clock", "Progress told")
    RESULT_SENT = "result_sent", pgettext_lazy("clock", "Result told")
    DATA_REQUESTED = "data_requested", pgettext_lazy("clock", "Somebody asked about their data")
    DATA_ANSWERED = "data_answered", pgettext_lazy("clock", "Request about data answered")
    RECORD_MADE = "record_made", pgettext_lazy("clock", "Record made")
    RECORD_DESTROYED = "record_destroyed", pgettext_lazy("clock", "Record destroyed")


class TermUnit(models.TextChoices):
    """In what a term is counted."""

    DAY = "day", pgettext_lazy("term", "Days")
    BUSINESS_DAY = "business_day", pgettext_lazy("term", "Business days")
    HOUR = "hour", pgettext_lazy("term", "Hours")
    MONTH = "month", pgettext_lazy("term", "Months")
    YEAR = "year", pgettext_lazy("term", "Years")
    AT_ONCE = "at_once", pgettext_lazy("term", "Without delay")


class Extension(models.TextChoices):
    """Whether a term may become longer."""

    NONE = "none", pgettext_lazy("term", "Never")
    AGREED = "agreed", pgettext_lazy("term", "To a day agreed with the customer")
    FIXED = "fixed", pgettext_lazy("term", "Once, by what the law says")


FIXED_UNITS = (TermUnit.DAY, TermUnit.MONTH, TermUnit.YEAR)


class LegalRule(Rule):
    """One term of one jurisdiction. What changes is ended and made anew: a clock keeps the rule of its contract."""

    code = models.SlugField(_("code"), max_length=60, unique=True)
    duty = models.CharField(pgettext_lazy("legal", "about"), max_length=30, choices=Duty.choices)
    kind = models.CharField(pgettext_lazy("term", "kind"), max_length=10, choices=TermKind.choices)
    name_en = models.CharField(_("name (English)"), max_length=120, blank=True)
    name_ko = models.CharField(_("name (Korean)"), max_length=120, blank=True)
    name_ja = models.CharField(_("name (Japanese)"), max_length=120, blank=True)
    count = models.PositiveSmallIntegerField(pgettext_lazy("term", "how many"), default=0)
    unit = models.CharField(pgettext_lazy("term", "counted in"), max_length=15, choices=TermUnit.choices)
    starts_by = models.CharField(pgettext_lazy("clock", "starts with"), max_length=30, choices=ClockEvent.choices)
    stops_by = models.CharField(pgettext_lazy("clock", "stops with"), max_length=30, choices=ClockEvent.choices)
    counts_first_day = models.BooleanField(
        _("the day it starts counts"), default=False, help_text=_("Otherwise the day after is the first one.")
    )
    ends_on_business_day = models.BooleanField(
        _("ends on a business day"),
        default=False,
        help_text=_("A term that would end on a Saturday, Sunday or public holiday ends on the next business day."),
    )
    extension = models.CharField(
        pgettext_lazy("term", "may be extended"), max_length=10, choices=Extension.choices, default=Extension.NONE
    )
    extension_count = models.PositiveSmallIntegerField(pgettext_lazy("term", "extended by"), default=0)
    extension_unit = models.CharField(
        pgettext_lazy("term", "extended in"), max_length=15, choices=TermUnit.choices, blank=True
    )
    may_restart = models.BooleanField(
        _("may start anew"), default=False, help_text=_("For example when the customer was hindered.")
    )
    includes_delivery = models.BooleanField(_("the refund includes the standard delivery"), default=False)
    interest_percent = models.DecimalField(
        _("interest on delay, % a year"),
        max_digits=5,
        decimal_places=2,
        null=True,
        blank=True,
        validators=[MinValueValidator(Decimal("0.01"))],
    )
    article = models.CharField(_("article"), max_length=200, blank=True)
    note_en = models.TextField(_("note (English)"), blank=True)
    note_ko = models.TextField(_("note (Korean)"), blank=True)
    note_ja = models.TextField(_("note (Japanese)"), blank=True)
    position = models.PositiveSmallIntegerField(_("position"), default=0)

    class Meta(Rule.Meta):
        verbose_name = _("legal term")
        verbose_name_plural = _("legal terms")
        ordering: ClassVar = ["jurisdiction", "position", "id"]
        constraints: ClassVar = [
            *Rule.Meta.constraints,
            models.CheckConstraint(condition=Q(duty__in=Duty.values), name="compliance_legalrule_duty_valid"),
            models.CheckConstraint(condition=Q(kind__in=TermKind.values), name="compliance_legalrule_kind_valid"),
            models.CheckConstraint(condition=Q(unit__in=TermUnit.values), name="compliance_legalrule_unit_valid"),
            models.CheckConstraint(
                condition=Q(starts_by__in=ClockEvent.values), name="compliance_legalrule_starts_by_valid"
            ),
            models.CheckConstraint(
                condition=Q(stops_by__in=ClockEvent.values), name="compliance_legalrule_stops_by_valid"
            ),
            models.CheckConstraint(
                condition=Q(extension__in=Extension.values), name="compliance_legalrule_extension_valid"
            ),
            models.CheckConstraint(
                condition=Q(extension_unit__in=["", *TermUnit.values]), name="compliance_legalrule_ext_unit_valid"
            ),
            models.CheckConstraint(
                condition=Q(unit=TermUnit.AT_ONCE, count=0) | (~Q(unit=TermUnit.AT_ONCE) & Q(count__gt=0)),
                name="compliance_legalrule_count_fits",
            ),
            models.CheckConstraint(
                condition=Q(extension=Extension.FIXED, extension_count__gt=0, extension_unit__in=FIXED_UNITS)
                | (~Q(extension=Extension.FIXED) & Q(extension_count=0, extension_unit="")),
                name="compliance_legalrule_extension_fits",
            ),
            models.CheckConstraint(
                condition=Q(interest_percent=None) | Q(interest_percent__gt=0, kind=TermKind.DUTY),
                name="compliance_legalrule_interest_of_duty",
            ),
            models.CheckConstraint(
                condition=Q(name_en__gt="") | Q(name_ko__gt="") | Q(name_ja__gt=""),
                name="compliance_legalrule_has_name",
            ),
            ExclusionConstraint(
                name="compliance_legalrule_one_at_a_time",
                expressions=[
                    ("jurisdiction", RangeOperators.EQUAL),
                    ("duty", RangeOperators.EQUAL),
                    (
                        Func(
                            F("valid_from"),
                            F("valid_until"),
                            RangeBoundary(inclusive_lower=True, inclusive_upper=True),
                            function="DATERANGE",
                            output_field=DateRangeField(),
                        ),
                        RangeOperators.OVERLAPS,
                    ),
                ],
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def name(self) -> str:
        """Return the name in the reader's language, or in the first one that is there."""
        return in_language(self, "name")

    @property
    def note(self) -> str:
        """Return the note in the reader's language, or in the first one that is there; it may be empty."""
        return in_language(self, "note")
