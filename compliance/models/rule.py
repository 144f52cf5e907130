"""What every rule has: where it holds, from when until when, who says so, and who looked at it last."""

from datetime import date, timedelta
from typing import Any, Self, TypeVar

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

REVIEW_DAYS = 183  # half a year: laws change, and so do the malls' readings of them


class Jurisdiction(models.TextChoices):
    """Where a rule holds; the values are the codes that people use."""

    KR = "KR", pgettext_lazy("jurisdiction", "Korea")
    JP = "JP", pgettext_lazy("jurisdiction", "Japan")
    EU = "EU", pgettext_lazy("jurisdiction", "European Union")


class SourceLevel(models.TextChoices):
    """How good our source for a rule is."""

    OFFICIAL = "official", pgettext_lazy("source", "Official text")
    PRESS = "press", pgettext_lazy("source", "Press or law firm")
    WEAK = "weak", pgettext_lazy("source", "Weak source")
    UNVERIFIED = "unverified", pgettext_lazy("source", "Unverified")


M_co = TypeVar("M_co", bound=models.Model, covariant=True)


class DatedQuerySet(models.QuerySet[M_co]):
    """Rows with ``valid_from`` and ``valid_until``; both days belong to the time in which they hold."""

    def in_force(self, on: date) -> Self:
        """Return what holds on this day."""
        return self.filter(
            Q(valid_from__isnull=True) | Q(valid_from__lte=on), Q(valid_until__isnull=True) | Q(valid_until__gte=on)
        )


def holds(row: Any, on: date) -> bool:
    """Say whether a row with ``valid_from`` and ``valid_until`` holds on this day, as ``in_force`` finds it."""
    return (row.valid_from is None or row.valid_from <= on) and (row.valid_until is None or on <= row.valid_until)


class Rule(models.Model):
    """The columns of every rule. A rule that changes is ended and another begins: what was right in May stays so."""

    jurisdiction = models.CharField(_("jurisdiction"), max_length=2, choices=Jurisdiction.choices)
    source = models.CharField(
        pgettext_lazy("rule", "source"),
        max_length=300,
        blank=True,
        help_text=_("Law and article, or where it was read."),
    )
    source_level = models.CharField(
        _("quality of the source"), max_length=20, choices=SourceLevel.choices, default=SourceLevel.UNVERIFIED
    )
    verified_on = models.DateField(
        _("verified on"), null=True, blank=True, help_text=_("When somebody last compared the rule with its source.")
    )
    valid_from = models.DateField(
        pgettext_lazy("rule", "valid from"), null=True, blank=True, help_text=_("Empty: has held for long.")
    )
    valid_until = models.DateField(
        pgettext_lazy("rule", "valid until"),
        null=True,
        blank=True,
        help_text=_("The last day; empty: no end is known."),
    )
    delivered = models.CharField(max_length=64, blank=True, default="", editable=False)  # digest, see services.seeding

    objects = DatedQuerySet.as_manager()

    class Meta:
        abstract = True
        constraints = [
            models.CheckConstraint(
                condition=Q(jurisdiction__in=Jurisdiction.values), name="%(app_label)s_%(class)s_jurisdiction_valid"
            ),
            models.CheckConstraint(
                condition=Q(source_level__in=SourceLevel.values), name="%(app_label)s_%(class)s_level_valid"
            ),
            models.CheckConstraint(
                condition=Q(source_level=SourceLevel.UNVERIFIED) | Q(source__gt="", verified_on__isnull=False),
                name="%(app_label)s_%(class)s_level_proved",
            ),
            models.CheckConstraint(
                condition=Q(valid_until__gte=F("valid_from")), name="%(app_label)s_%(class)s_forward"
            ),  # true as well when one of them is empty
        ]

    def is_in_force(self, on: date) -> bool:
        """Say whether the rule holds on this day."""
        return holds(self, on)

    def is_to_verify(self, on: date) -> bool:
        """Say whether nobody has compared the rule with its source for half a year."""
        return self.verified_on is None or self.verified_on + timedelta(days=REVIEW_DAYS) < on
