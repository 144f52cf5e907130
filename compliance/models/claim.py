"""Price claims: with which earlier price a reduced one may be compared."""

from typing import ClassVar

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeBoundary, RangeOperators
from django.db import models
from django.db.models import F, Func, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext, pgettext_lazy

from compliance.models.rule import Rule


class ClaimMethod(models.TextChoices):
    """How the earlier price is found in the price history."""

    LOWEST_IN_WINDOW = "lowest_in_window", _("Lowest price of the days before")
    MAJORITY_OF_WINDOW = "majority_of_window", _("Price of more than half of the days before")


class PriceClaimRule(Rule):
    """The rule of one jurisdiction for “before” prices; at any moment there is one at most."""

    code = models.SlugField(_("code"), max_length=60, unique=True)
    method = models.CharField(pgettext_lazy("price claim", "method"), max_length=30, choices=ClaimMethod.choices)
    window_days = models.PositiveSmallIntegerField(_("days looked at"))
    min_days_total = models.PositiveSmallIntegerField(
        _("least days at that price"), null=True, blank=True, help_text=_("In total, within the days looked at.")
    )
    max_days_since_last = models.PositiveSmallIntegerField(_("most days since that price"), null=True, blank=True)

    class Meta(Rule.Meta):
        verbose_name = _("price claim rule")
        verbose_name_plural = _("price claim rules")
        ordering: ClassVar = ["jurisdiction", "valid_from", "id"]
        constraints: ClassVar = [
            *Rule.Meta.constraints,
            models.CheckConstraint(
                condition=Q(method__in=ClaimMethod.values), name="compliance_priceclaimrule_method_valid"
            ),
            models.CheckConstraint(condition=Q(window_days__gt=0), name="compliance_priceclaimrule_window_positive"),
            models.CheckConstraint(
                condition=Q(
                    method=ClaimMethod.MAJORITY_OF_WINDOW,
                    min_days_total__isnull=False,
                    max_days_since_last__isnull=False,
                    min_days_total__lte=F("window_days"),
                )
                | Q(method=ClaimMethod.LOWEST_IN_WINDOW, min_days_total__isnull=True, max_days_since_last__isnull=True),
                name="compliance_priceclaimrule_numbers",
            ),
            ExclusionConstraint(
                name="compliance_priceclaimrule_one_at_a_time",
                expressions=[
                    ("jurisdiction", RangeOperators.EQUAL),
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
        days = ngettext("%(count)s day", "%(count)s days", self.window_days) % {"count": self.window_days}
        return f"{self.get_jurisdiction_display()}: {self.get_method_display()} ({days})"
