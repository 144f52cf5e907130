"""How one sales channel is reached over the interface that its mall published."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from catalog.models import SalesChannel
from service.models import Inlet


class Problem(models.TextChoices):
    """Why the last talk with the mall came to nothing."""

    NO_SECRET = "no_secret", _("Its keys are not set in the environment")
    REFUSED = "refused", _("The mall refuses account or keys")
    SAID_NO = "said_no", _("The mall does not do what it was asked")
    UNREACHABLE = "unreachable", _("The mall does not answer")
    ODD = "odd", _("The mall answers otherwise than it documents")


class Connection(models.Model):
    """One account of a mall; its keys stand in the environment, never here.

    ``mall_until`` and ``question_until`` are up to when questions were read. ``lease`` is who talks with the mall now;
    a worker that died loses it at ``leased_until``.
    """

    sales_channel = models.OneToOneField(
        SalesChannel, on_delete=models.PROTECT, related_name="connection", verbose_name=_("sales channel")
    )
    account = models.CharField(pgettext_lazy("mall", "account"), max_length=120, blank=True)
    user = models.CharField(pgettext_lazy("mall", "user of the account"), max_length=120, blank=True)
    tells_shipments = models.BooleanField(
        _("tells tracking numbers"), default=True, help_text=_("Parcels that left are told to the mall by themselves.")
    )
    mall_inlet = models.OneToOneField(
        Inlet, null=True, blank=True, on_delete=models.PROTECT, related_name="mall_connection",
        verbose_name=_("inquiries of customers"), help_text=_("They come in here. Empty: they are not read."),
    )  # fmt: skip
    question_inlet = models.OneToOneField(
        Inlet, null=True, blank=True, on_delete=models.PROTECT, related_name="question_connection",
        verbose_name=_("questions about products"), help_text=_("They come in here. Empty: they are not read."),
    )  # fmt: skip
    asks_since = models.DateField(
        _("questions since"),
        default=timezone.localdate,
        help_text=_("Older ones stay in the mall and become no tickets."),
    )  # fmt: skip
    key_expires_on = models.DateField(
        _("key ends on"), null=True, blank=True, help_text=_("Who keeps the connections is told two weeks before.")
    )
    is_active = models.BooleanField(_("active"), default=True)
    mall_until = models.DateTimeField(_("inquiries read until"), null=True, blank=True, editable=False)
    question_until = models.DateTimeField(_("questions read until"), null=True, blank=True, editable=False)
    asked_at = models.DateTimeField(null=True, blank=True, editable=False)
    reread_at = models.DateTimeField(null=True, blank=True, editable=False)  # a week back, for answers of others
    lease = models.CharField(max_length=32, blank=True, editable=False)
    leased_until = models.DateTimeField(null=True, blank=True, editable=False)
    due_at = models.DateTimeField(db_default=Now(), editable=False)
    failure_count = models.PositiveSmallIntegerField(_("failures in a row"), default=0, editable=False)
    problem = models.CharField(_("problem"), max_length=20, choices=Problem.choices, blank=True, editable=False)
    word = models.CharField(_("the mall’s word"), max_length=120, blank=True, editable=False)
    worked_at = models.DateTimeField(_("last talk"), null=True, blank=True, editable=False)
    created_at = models.DateTimeField(_("created"), db_default=Now())
    updated_at = models.DateTimeField(_("changed"), auto_now=True)

    class Meta:
        verbose_name = _("connection")
        verbose_name_plural = _("connections")
        ordering = ["sales_channel__name", "id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(problem__in=[*Problem.values, ""]), name="channels_connection_problem_valid"
            ),
            models.CheckConstraint(
                condition=Q(mall_inlet=None) | Q(question_inlet=None) | ~Q(mall_inlet=models.F("question_inlet")),
                name="channels_connection_inlets_differ",
            ),
        ]
        indexes = [models.Index(fields=["due_at"], condition=Q(is_active=True), name="channels_connection_due")]

    def __str__(self) -> str:
        return str(self.sales_channel)
