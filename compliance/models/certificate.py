"""Certificates: what somebody else has to have tested, registered or approved before goods may be sold."""

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from compliance.models.notice import NoticeType
from compliance.models.rule import Rule
from staff.models.words import in_language


class CertificateKind(Rule):
    """One kind of certificate. Kinds of the same group satisfy each other: one of them is enough."""

    code = models.SlugField(_("code"), max_length=60, unique=True)
    name_en = models.CharField(_("name (English)"), max_length=120, blank=True)
    name_ko = models.CharField(_("name (Korean)"), max_length=120, blank=True)
    name_ja = models.CharField(_("name (Japanese)"), max_length=120, blank=True)
    group = models.SlugField(
        _("group of alternatives"),
        max_length=60,
        blank=True,
        help_text=_("Kinds with the same word satisfy each other; empty: only this kind will do."),
    )
    needs_number = models.BooleanField(_("has a number"), default=True)
    number_pattern = models.CharField(
        _("pattern of the number"), max_length=200, blank=True, help_text=_("Regular expression for the whole number.")
    )
    number_example = models.CharField(_("example of a number"), max_length=60, blank=True)
    needs_document = models.BooleanField(_("document needed"), default=False)
    needs_expiry = models.BooleanField(_("expiry date needed"), default=False)
    position = models.PositiveSmallIntegerField(_("position"), default=0)
    notice_types = models.ManyToManyField(
        NoticeType, through="CertificateNeed", related_name="certificate_kinds", verbose_name=_("notice types")
    )

    class Meta(Rule.Meta):
        verbose_name = _("certificate kind")
        verbose_name_plural = _("certificate kinds")
        ordering: ClassVar = ["jurisdiction", "position", "id"]
        constraints: ClassVar = [
            *Rule.Meta.constraints,
            models.CheckConstraint(
                condition=Q(name_en__gt="") | Q(name_ko__gt="") | Q(name_ja__gt=""),
                name="compliance_certificatekind_has_name",
            ),
            models.CheckConstraint(
                condition=Q(number_pattern="") | Q(needs_number=True), name="compliance_certificatekind_number"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def name(self) -> str:
        """Return the name in the reader's language."""
        return in_language(self, "name")


class CertificateNeed(models.Model):
    """Goods with this notice need this certificate, or, when not required, may need it."""

    certificate_kind = models.ForeignKey(
        CertificateKind, on_delete=models.CASCADE, related_name="needs", verbose_name=_("certificate kind")
    )
    notice_type = models.ForeignKey(
        NoticeType, on_delete=models.CASCADE, related_name="needs", verbose_name=_("notice type")
    )
    is_required = models.BooleanField(
        _("required"), default=True, help_text=_("Off: only some goods of this notice need it, so a person decides.")
    )

    class Meta:
        verbose_name = _("needed for")
        verbose_name_plural = _("needed for")
        ordering = ["certificate_kind", "notice_type"]
        constraints = [
            models.UniqueConstraint(fields=["certificate_kind", "notice_type"], name="compliance_certificateneed_once")
        ]

    def __str__(self) -> str:
        return f"{self.certificate_kind} → {self.notice_type}"
