"""Answers that somebody else reads before they leave: rules as data, what each found, and who decided."""

import pgtrigger
from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop, pgettext_lazy

from core.money import Currency
from service.models.message import Outgoing
from staff.models import Role


class ApprovalKind(models.TextChoices):
    """What a rule looks at."""

    WORDS = "words", pgettext_lazy("approval", "Words in the answer")
    AMOUNT = "amount", pgettext_lazy("approval", "An amount in the answer")
    ORDER_TOTAL = "order_total", pgettext_lazy("approval", "The total of the linked order")
    REFUND = "refund", pgettext_lazy("approval", "Refunds of the linked order")


class ApprovalRule(models.Model):
    """An answer that this fits waits until somebody else has approved exactly these words."""

    name = models.CharField(_("name"), max_length=80, unique=True)
    kind = models.CharField(_("looks at"), max_length=20, choices=ApprovalKind.choices, default=ApprovalKind.WORDS)
    words = ArrayField(
        models.CharField(max_length=80), verbose_name=_("words or phrases"), default=list, blank=True,
        help_text=_("Separated by commas. Case, width and blanks do not matter."),
    )  # fmt: skip
    limit = models.PositiveBigIntegerField(
        _("amount above"), null=True, blank=True, help_text=_("An answer waits when the amount is above this one.")
    )  # whole minor units
    currency = models.CharField(
        _("currency"), max_length=3, choices=Currency.choices, blank=True,
        help_text=_("Amounts in other currencies want a rule of their own."),
    )  # fmt: skip
    roles = ArrayField(
        models.CharField(max_length=30, choices=Role.choices), verbose_name=_("written by these roles"), default=list,
        blank=True, help_text=_("None chosen: whoever writes, macros that run by themselves included."),
    )  # fmt: skip
    newer_than_days = models.PositiveSmallIntegerField(
        _("only from accounts newer than (days)"), null=True, blank=True, help_text=_("For new colleagues.")
    )
    is_active = models.BooleanField(_("active"), default=True)
    created_at = models.DateTimeField(_("created"), db_default=Now())
    updated_at = models.DateTimeField(_("changed"), auto_now=True)

    class Meta:
        verbose_name = _("approval rule for answers")
        verbose_name_plural = _("approval rules for answers")
        ordering = ["name", "id"]
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=ApprovalKind.values), name="service_approvalrule_kind_valid"),
            models.CheckConstraint(
                condition=Q(currency__in=["", *Currency.values]), name="service_approvalrule_currency_valid"
            ),
            models.CheckConstraint(
                condition=Q(roles__contained_by=Role.values), name="service_approvalrule_roles_valid"
            ),
            models.CheckConstraint(
                condition=(Q(kind="words") & ~Q(words=[]) & Q(limit=None, currency=""))
                | (~Q(kind="words") & Q(words=[], limit__isnull=False) & ~Q(currency="")),
                name="service_approvalrule_complete",
            ),
            models.CheckConstraint(
                condition=Q(newer_than_days=None) | Q(newer_than_days__range=(1, 3650)),
                name="service_approvalrule_days_sane",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class ApprovalDecision(models.TextChoices):
    """What became of an answer that waited."""

    WAITING = "", pgettext_lazy("approval", "Waits")
    APPROVED = "approved", pgettext_lazy("approval", "Approved")
    SENT_BACK = "sent_back", pgettext_lazy("approval", "Sent back")
    WITHDRAWN = "withdrawn", pgettext_lazy("approval", "Taken back by the writer")


class ReplyApproval(models.Model):
    """One answer that waits, or waited, for a second person; decided once, never by who wrote it."""

    outgoing = models.OneToOneField(
        Outgoing, on_delete=models.PROTECT, related_name="approval", verbose_name=_("answer to send")
    )
    writer = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+",
        verbose_name=_("written by"), db_index=False,
    )  # fmt: skip
    sha256 = models.CharField("SHA-256", max_length=64)  # of the words and files that are approved
    resolves = models.BooleanField(_("resolves the ticket"), default=False)
    send_at = models.DateTimeField(_("to be sent"), null=True, blank=True)
    asked_at = models.DateTimeField(_("asked"), db_default=Now())
    decision = models.CharField(_("decision"), max_length=10, choices=ApprovalDecision.choices, default="", blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+",
        verbose_name=_("decided by"), db_index=False,
    )  # fmt: skip
    decided_at = models.DateTimeField(_("decided"), null=True, blank=True)
    word = models.CharField(_("what should change"), max_length=500, blank=True)

    class Meta:
        verbose_name = _("approval of an answer")
        verbose_name_plural = _("approvals of answers")
        ordering = ["id"]
        default_permissions = ()
        permissions = [("approve_reply", gettext_noop("Can approve answers of colleagues before they leave"))]
        constraints = [
            models.CheckConstraint(
                condition=Q(decision__in=ApprovalDecision.values), name="service_replyapproval_decision_valid"
            ),
            models.CheckConstraint(
                condition=Q(decision="", decided_at=None, decided_by=None)
                | (~Q(decision="") & Q(decided_at__isnull=False)),
                name="service_replyapproval_decided_has_moment",
            ),
            models.CheckConstraint(
                condition=~Q(decision__in=["approved", "sent_back"]) | Q(decided_by__isnull=False),
                name="service_replyapproval_decided_by_somebody",
            ),
            models.CheckConstraint(
                condition=~Q(decision__in=["approved", "sent_back"]) | Q(writer=None) | ~Q(decided_by=F("writer")),
                name="service_replyapproval_never_the_writer",
            ),
            models.CheckConstraint(
                condition=~Q(decision="sent_back") | ~Q(word=""), name="service_replyapproval_sent_back_with_a_word"
            ),
        ]
        triggers = [
            pgtrigger.Protect(name="service_replyapproval_undeletable", operation=pgtrigger.Delete),
            pgtrigger.Protect(
                name="service_replyapproval_decided_once",
                operation=pgtrigger.Update,
                condition=pgtrigger.Q(old__decision__in=["approved", "sent_back", "withdrawn"]),
            ),
        ]

    def __str__(self) -> str:
        return str(self.outgoing_id)


class ApprovalGround(models.Model):
    """A rule that an answer fitted, and what in it: a word, or an amount."""

    approval = models.ForeignKey(ReplyApproval, on_delete=models.CASCADE, related_name="grounds")
    rule = models.ForeignKey(
        ApprovalRule, on_delete=models.PROTECT, related_name="grounds", verbose_name=_("approval rule for answers")
    )
    word = models.CharField(max_length=80, blank=True)
    amount = models.PositiveBigIntegerField(null=True, blank=True)  # minor units of the rule's currency

    class Meta:
        verbose_name = _("ground of an approval")
        verbose_name_plural = _("grounds of approvals")
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["approval", "rule"], name="service_approvalground_once")]

    def __str__(self) -> str:
        return f"{self.approval_id} · {self.rule_id}"
