"""Where people write to, and who answers there."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from catalog.models import SalesChannel
from staff.models import Language


class InletKind(models.TextChoices):
    """By which way people write."""

    EMAIL = "email", _("E-mail")
    MALL = "mall", _("Mall inquiries")
    PRODUCT_QUESTION = "product_question", _("Product questions")
    WEB_FORM = "web_form", _("Web form")
    PHONE = "phone", _("Phone notes")
    CHAT = "chat", _("Live chat")


IN_MALLS = (InletKind.MALL, InletKind.PRODUCT_QUESTION)  # an answer can leave by the mall's interface
MAILED = (InletKind.EMAIL, InletKind.WEB_FORM)  # an answer can leave by mail


class Inlet(models.Model):
    """One account through which people write to us: a mailbox, a mall's inquiries, a form, the phone."""

    code = models.SlugField(_("code"), max_length=40, unique=True)
    name = models.CharField(_("name"), max_length=120)
    kind = models.CharField(_("kind"), max_length=20, choices=InletKind.choices)
    sales_channel = models.ForeignKey(
        SalesChannel, null=True, blank=True, on_delete=models.PROTECT, related_name="inlets",
        verbose_name=_("sales channel"),
    )  # fmt: skip
    address = models.EmailField(
        _("our e-mail address"), blank=True, help_text=_("Answers leave from here. Empty: they are sent by hand.")
    )
    language = models.CharField(_("language"), max_length=5, choices=Language.choices, default=Language.KOREAN)
    is_active = models.BooleanField(_("active"), default=True)
    remind_after_days = models.PositiveSmallIntegerField(
        _("remind silent customers after (days)"), null=True, blank=True,
        help_text=_("Once for each silence, with the words of the macro. Empty: nobody is reminded."),
    )  # fmt: skip
    remind_macro = models.ForeignKey(
        "service.Macro", null=True, blank=True, on_delete=models.PROTECT, related_name="+", verbose_name=_("reminder"),
        help_text=_("A macro that only says something."), db_index=False,
    )  # fmt: skip
    end_after_days = models.PositiveSmallIntegerField(
        _("resolve when still silent after (days)"), null=True, blank=True,
        help_text=_("Days after the reminder. Empty: the ticket goes on waiting."),
    )  # fmt: skip
    end_reason = models.ForeignKey(
        "service.ReasonNode", null=True, blank=True, on_delete=models.PROTECT, related_name="+",
        verbose_name=_("reason where nobody chose one"), db_index=False,
    )  # fmt: skip
    close_after_days = models.PositiveSmallIntegerField(
        _("close resolved tickets after (days)"), default=14, db_default=14,
        help_text=_("When nobody came back to them. A message opens them again."),
    )  # fmt: skip
    # an upper app reads its questions in a mall and hands over our answers
    is_connected = models.BooleanField(_("connected"), default=False, db_default=False, editable=False)
    heard_at = models.DateTimeField(_("last message"), null=True, blank=True, editable=False)
    # heartbeat of whoever fetches: silence with a beat is a quiet day, without one it is a fault
    checked_at = models.DateTimeField(_("last looked"), null=True, blank=True, editable=False)
    created_at = models.DateTimeField(_("created"), db_default=Now())
    updated_at = models.DateTimeField(_("changed"), auto_now=True)

    class Meta:
        verbose_name = _("inlet")
        verbose_name_plural = _("inlets")
        ordering = ["name", "id"]
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=InletKind.values), name="service_inlet_kind_valid"),
            models.CheckConstraint(condition=Q(language__in=Language.values), name="service_inlet_language_valid"),
            models.CheckConstraint(
                condition=~Q(kind=InletKind.EMAIL) | ~Q(address=""), name="service_inlet_mailbox_has_address"
            ),
            models.CheckConstraint(
                condition=Q(remind_after_days=None, remind_macro=None)
                | Q(remind_after_days__range=(1, 365), remind_macro__isnull=False),
                name="service_inlet_reminder_has_words",
            ),
            models.CheckConstraint(
                condition=Q(end_after_days=None, end_reason=None)
                | Q(end_after_days__range=(1, 365), end_reason__isnull=False, remind_after_days__isnull=False),
                name="service_inlet_end_after_reminder",
            ),
            models.CheckConstraint(condition=Q(close_after_days__range=(1, 365)), name="service_inlet_close_days_sane"),
        ]

    def __str__(self) -> str:
        return self.name


class Team(models.Model):
    """Colleagues who answer the same kind of tickets."""

    name = models.CharField(_("name"), max_length=80, unique=True)
    members: "models.ManyToManyField[models.Model, models.Model]" = models.ManyToManyField(
        settings.AUTH_USER_MODEL, blank=True, related_name="service_teams", verbose_name=_("members")
    )
    created_at = models.DateTimeField(_("created"), db_default=Now())
    updated_at = models.DateTimeField(_("changed"), auto_now=True)

    class Meta:
        verbose_name = pgettext_lazy("customer service", "team")
        verbose_name_plural = pgettext_lazy("customer service", "teams")
        ordering = ["name", "id"]

    def __str__(self) -> str:
        return self.name
