"""Macros: words with variables in three languages, and what is done with them; who uses them, and who likes them."""

import pgtrigger
from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from returns.models import ReturnReason
from service.models.answer_file import AnswerFile
from service.models.coupon import Coupon
from service.models.inlet import Team
from service.models.reason import ReasonNode
from service.models.ticket import Ticket
from staff.models import Role


class MacroStatus(models.TextChoices):
    """What becomes of the ticket."""

    UNCHANGED = "", pgettext_lazy("macro", "stays as it is")
    OPEN = "open", pgettext_lazy("macro", "is opened again")
    RESOLVED = "resolved", pgettext_lazy("macro", "is resolved")


class MacroHand(models.TextChoices):
    """Who has the ticket afterwards."""

    UNCHANGED = "", pgettext_lazy("macro", "stays with whom it is")
    ACTOR = "actor", pgettext_lazy("macro", "whoever uses the macro")
    QUEUE = "queue", pgettext_lazy("macro", "the queue")
    COLLEAGUE = "colleague", pgettext_lazy("macro", "this colleague")


class Macro(models.Model):
    """An answer that is given often, in each language, with what is done then; acts with the rights of who uses it."""

    name = models.CharField(_("name"), max_length=120, unique=True)
    shortcut = models.SlugField(_("shortcut"), max_length=40, blank=True, help_text=_("Typed after a slash: /late"))
    body_en = models.TextField(_("text (English)"), blank=True)
    body_ko = models.TextField(_("text (Korean)"), blank=True)
    body_ja = models.TextField(_("text (Japanese)"), blank=True)
    tags = ArrayField(models.CharField(max_length=40), verbose_name=_("adds tags"), default=list, blank=True)
    status = models.CharField(
        pgettext_lazy("macro", "the ticket"), max_length=10, choices=MacroStatus.choices, default="", blank=True
    )
    reason = models.ForeignKey(
        ReasonNode, null=True, blank=True, on_delete=models.PROTECT, related_name="+", verbose_name=_("reason"),
        help_text=_("For a macro that resolves: why the customer wrote, where nobody has chosen that yet."),
        db_index=False,
    )  # fmt: skip
    hand = models.CharField(
        pgettext_lazy("macro", "goes to"), max_length=10, choices=MacroHand.choices, default="", blank=True
    )
    colleague = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+",
        verbose_name=_("colleague"), db_index=False,
    )  # fmt: skip
    team = models.ForeignKey(
        Team, null=True, blank=True, on_delete=models.PROTECT, related_name="+",
        verbose_name=pgettext_lazy("customer service", "team"), db_index=False,
    )  # fmt: skip
    note = models.TextField(_("internal note"), blank=True)
    task_title = models.CharField(_("task for a colleague"), max_length=120, blank=True)
    task_role = models.CharField(_("role that does it"), max_length=30, choices=Role.choices, blank=True)
    return_reason = models.ForeignKey(
        ReturnReason, null=True, blank=True, on_delete=models.PROTECT, related_name="+",
        verbose_name=_("opens a return because"), db_index=False,
    )  # fmt: skip
    files: "models.ManyToManyField[AnswerFile, models.Model]" = models.ManyToManyField(
        AnswerFile, blank=True, related_name="macros", verbose_name=_("files sent along"),
        help_text=_("In the language of the answer."),
    )  # fmt: skip
    coupon = models.ForeignKey(
        Coupon, null=True, blank=True, on_delete=models.PROTECT, related_name="macros",
        verbose_name=pgettext_lazy("customer service", "gives a coupon"), db_index=False,
        help_text=_("A code of it for each customer; the text names it as {{coupon.code}}."),
    )  # fmt: skip
    is_active = models.BooleanField(_("active"), default=True)
    use_count = models.PositiveIntegerField(_("used"), default=0, db_default=0, editable=False)
    created_at = models.DateTimeField(_("created"), db_default=Now())
    updated_at = models.DateTimeField(_("changed"), auto_now=True)

    class Meta:
        verbose_name = pgettext_lazy("customer service", "macro")
        verbose_name_plural = pgettext_lazy("customer service", "macros")
        ordering = ["name", "id"]
        constraints = [
            models.CheckConstraint(condition=Q(status__in=MacroStatus.values), name="service_macro_status_valid"),
            models.CheckConstraint(
                condition=Q(reason=None) | Q(status="resolved"), name="service_macro_reason_of_resolving"
            ),
            models.CheckConstraint(condition=Q(hand__in=MacroHand.values), name="service_macro_hand_valid"),
            models.CheckConstraint(
                condition=Q(hand="colleague", colleague__isnull=False) | (~Q(hand="colleague") & Q(colleague=None)),
                name="service_macro_colleague_named",
            ),
            models.CheckConstraint(condition=Q(task_role__in=["", *Role.values]), name="service_macro_role_valid"),
            models.CheckConstraint(
                condition=Q(task_title="", task_role="") | (~Q(task_title="") & ~Q(task_role="")),
                name="service_macro_task_has_role",
            ),
            models.UniqueConstraint(fields=["shortcut"], condition=~Q(shortcut=""), name="service_macro_shortcut_once"),
        ]

    def __str__(self) -> str:
        return self.name


class MacroFavourite(models.Model):
    """A macro that a colleague wants on top."""

    macro = models.ForeignKey(Macro, on_delete=models.CASCADE, related_name="favourites")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+", verbose_name=_("by"))

    class Meta:
        verbose_name = _("favourite macro")
        verbose_name_plural = _("favourite macros")
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["user", "macro"], name="service_macrofavourite_once")]

    def __str__(self) -> str:
        return str(self.macro_id)


class MacroUse(models.Model):
    """A macro was used at a ticket, by whom and on which order; the key of the press makes it once."""

    macro = models.ForeignKey(
        Macro, on_delete=models.PROTECT, related_name="uses", verbose_name=pgettext_lazy("customer service", "macro")
    )
    ticket = models.ForeignKey(Ticket, on_delete=models.PROTECT, related_name="macro_uses", verbose_name=_("ticket"))
    key = models.CharField(max_length=80, unique=True)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+",
        verbose_name=_("by"),
    )  # fmt: skip
    has_sent = models.BooleanField(_("answer sent"), default=False)
    at = models.DateTimeField(_("when"), db_default=Now())

    class Meta:
        verbose_name = _("use of a macro")
        verbose_name_plural = _("uses of macros")
        default_permissions = ()
        indexes = [models.Index(fields=["ticket", "id"], name="service_macrouse_ticket")]
        triggers = [
            pgtrigger.Protect(name="service_macrouse_append_only", operation=pgtrigger.Update | pgtrigger.Delete),
        ]

    def __str__(self) -> str:
        return f"{self.ticket_id}/{self.macro_id}"
