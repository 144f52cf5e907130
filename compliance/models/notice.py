"""Notices: what has to be told about goods of a class, field by field."""

from datetime import date
from typing import Any, ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from compliance.models.rule import DatedQuerySet, Rule
from staff.models.words import in_language


class FieldKind(models.TextChoices):
    """What is written into a field of a notice."""

    TEXT = "text", pgettext_lazy("notice", "Text")
    LONG_TEXT = "long_text", pgettext_lazy("notice", "Long text")
    DATE = "date", pgettext_lazy("notice", "Date")
    YES_NO = "yes_no", pgettext_lazy("notice", "Yes or no")


class NeededWhen(models.TextChoices):
    """When a field is asked for."""

    ALWAYS = "", pgettext_lazy("notice", "Always")
    COMPARE_AT = "compare_at", pgettext_lazy("notice", "When a compare-at price is shown")


class NoticeType(Rule):
    """One notice: the Korean one for clothing, the Japanese one for mail order, ..."""

    code = models.SlugField(_("code"), max_length=60, unique=True)
    name_en = models.CharField(_("name (English)"), max_length=120, blank=True)
    name_ko = models.CharField(_("name (Korean)"), max_length=120, blank=True)
    name_ja = models.CharField(_("name (Japanese)"), max_length=120, blank=True)
    applies_to_all = models.BooleanField(
        _("for all products"),
        default=False,
        help_text=_(
            "Every product sold in the jurisdiction needs this notice; otherwise it is chosen for each product."
        ),
    )
    position = models.PositiveSmallIntegerField(_("position"), default=0)

    class Meta(Rule.Meta):
        verbose_name = _("notice type")
        verbose_name_plural = _("notice types")
        ordering: ClassVar = ["jurisdiction", "position", "id"]
        constraints: ClassVar = [
            *Rule.Meta.constraints,
            models.CheckConstraint(
                condition=Q(name_en__gt="") | Q(name_ko__gt="") | Q(name_ja__gt=""),
                name="compliance_noticetype_has_name",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def name(self) -> str:
        """Return the name in the reader's language."""
        return in_language(self, "name")


class LineManager(models.Manager):  # type: ignore[type-arg] # written out: a made one is too dynamic for the type checker
    """Lines of notices, with the vocabulary of dated rows."""

    def get_queryset(self) -> Any:
        """Return rows that know when they hold."""
        return DatedQuerySet(self.model, using=self._db)

    def in_force(self, on: date) -> Any:
        """Return what holds on this day."""
        return self.get_queryset().in_force(on)


class NoticeField(models.Model):
    """One line of a notice. A line that the law drops is ended, never removed: products keep what they said."""

    notice_type = models.ForeignKey(
        NoticeType, on_delete=models.CASCADE, related_name="fields", verbose_name=_("notice type")
    )
    code = models.SlugField(_("code"), max_length=60)
    label_en = models.CharField(_("label (English)"), max_length=120, blank=True)
    label_ko = models.CharField(_("label (Korean)"), max_length=120, blank=True)
    label_ja = models.CharField(_("label (Japanese)"), max_length=120, blank=True)
    help_en = models.CharField(_("help (English)"), max_length=200, blank=True)
    help_ko = models.CharField(_("help (Korean)"), max_length=200, blank=True)
    help_ja = models.CharField(_("help (Japanese)"), max_length=200, blank=True)
    kind = models.CharField(
        pgettext_lazy("notice", "kind"), max_length=20, choices=FieldKind.choices, default=FieldKind.TEXT
    )
    is_required = models.BooleanField(_("required"), default=True)
    needed_when = models.CharField(
        _("needed"), max_length=20, choices=NeededWhen.choices, blank=True, default=NeededWhen.ALWAYS
    )
    max_length = models.PositiveSmallIntegerField(_("at most (characters)"), null=True, blank=True)
    position = models.PositiveSmallIntegerField(_("position"), default=0)
    valid_from = models.DateField(pgettext_lazy("rule", "valid from"), null=True, blank=True)
    valid_until = models.DateField(pgettext_lazy("rule", "valid until"), null=True, blank=True)
    delivered = models.CharField(max_length=64, blank=True, default="", editable=False)  # digest, see services.seeding

    objects = LineManager()

    class Meta:
        verbose_name = _("field of a notice")
        verbose_name_plural = _("fields of the notice")
        ordering = ["notice_type", "position", "id"]
        constraints = [
            models.UniqueConstraint(fields=["notice_type", "code"], name="compliance_noticefield_once"),
            models.CheckConstraint(condition=Q(kind__in=FieldKind.values), name="compliance_noticefield_kind_valid"),
            models.CheckConstraint(
                condition=Q(needed_when__in=NeededWhen.values), name="compliance_noticefield_needed_valid"
            ),
            models.CheckConstraint(
                condition=Q(label_en__gt="") | Q(label_ko__gt="") | Q(label_ja__gt=""),
                name="compliance_noticefield_has_label",
            ),
            models.CheckConstraint(
                condition=Q(max_length__isnull=True) | Q(max_length__gt=0, kind__in=["text", "long_text"]),
                name="compliance_noticefield_length_of_text",
            ),
            models.CheckConstraint(
                condition=Q(valid_until__gte=F("valid_from")), name="compliance_noticefield_forward"
            ),
        ]

    def __str__(self) -> str:
        return self.label

    @property
    def label(self) -> str:
        """Return the label in the reader's language."""
        return in_language(self, "label")

    @property
    def help(self) -> str:
        """Return what to write, in the reader's language; may be empty."""
        return in_language(self, "help")
