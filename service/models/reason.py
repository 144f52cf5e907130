"""Why people write: a tree of reasons that every ticket gets when it is settled."""

from typing import Self

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from returns.models import ReturnReason
from staff.models.words import in_language

DEEPEST = 3  # levels


class ReasonQuerySet(models.QuerySet["ReasonNode"]):
    """Words for choosing reasons."""

    def choosable(self) -> Self:
        """Keep those that a ticket may get now: in use, and with nothing in use below them."""
        below = ReasonNode.objects.filter(parent=models.OuterRef("pk"), is_active=True, merged_into=None)
        return self.filter(~models.Exists(below), is_active=True, merged_into=None)


class ReasonNode(models.Model):
    """One reason. What was merged away stays, so that old tickets keep what was chosen; figures follow the pointer."""

    code = models.SlugField(_("code"), max_length=60, unique=True)
    parent = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="children", verbose_name=_("part of")
    )
    name_en = models.CharField(_("name (English)"), max_length=80, blank=True)
    name_ko = models.CharField(_("name (Korean)"), max_length=80, blank=True)
    name_ja = models.CharField(_("name (Japanese)"), max_length=80, blank=True)
    return_reason = models.ForeignKey(
        ReturnReason, null=True, blank=True, on_delete=models.PROTECT, related_name="+",
        verbose_name=_("return reason"),
        help_text=_("Suggested for tickets of orders that come back for it; returns count here."),
    )  # fmt: skip
    merged_into = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="merged", verbose_name=_("merged into"),
        editable=False,
    )  # fmt: skip
    is_active = models.BooleanField(_("active"), default=True)
    position = models.PositiveSmallIntegerField(_("position"), default=100)
    created_at = models.DateTimeField(_("created"), db_default=Now())
    updated_at = models.DateTimeField(_("changed"), auto_now=True)

    objects = ReasonQuerySet.as_manager()

    class Meta:
        verbose_name = _("reason of tickets")
        verbose_name_plural = _("reasons of tickets")
        ordering = ["position", "id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(name_en__gt="") | Q(name_ko__gt="") | Q(name_ja__gt=""), name="service_reason_has_name"
            ),
            models.CheckConstraint(
                condition=Q(parent=None) | ~Q(parent=F("id")), name="service_reason_not_below_itself"
            ),
            models.CheckConstraint(
                condition=Q(merged_into=None) | ~Q(merged_into=F("id")), name="service_reason_not_merged_into_itself"
            ),
            # one return reason counts at one place
            models.UniqueConstraint(
                fields=["return_reason"],
                condition=Q(return_reason__isnull=False, merged_into=None),
                name="service_reason_return_once",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        """Refuse a place below itself, and more than three levels."""
        above, seen = self.parent, 1
        while above is not None:
            seen += 1
            if above.pk == self.pk or seen > DEEPEST:
                raise ValidationError({"parent": _("A reason lies at most two below another, and never below itself.")})
            above = above.parent

    @property
    def name(self) -> str:
        """Return the name in the reader's language, or in the first one that is there."""
        return in_language(self, "name")
