"""What variants cost, and what they cost before."""

import pgtrigger
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateTimeRangeField, RangeBoundary, RangeOperators
from django.db import models
from django.db.models import F, Func, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop, pgettext_lazy

from catalog.models.channel import SalesChannel
from catalog.models.variant import Variant
from core.money import Currency, format_money
from staff.models import User

# What was asked of customers stays provable. From the moment it was recorded until now a price on a shop's page cannot
# be changed; before that moment it was entered afterwards, which ``recorded_at`` tells. Clocks may differ by minutes.
PAST_STAYS = """
    IF OLD.starts_at > statement_timestamp() OR NOT EXISTS (
        SELECT 1 FROM catalog_listing l JOIN catalog_variant v ON v.product_id = l.product_id
        WHERE v.id = OLD.variant_id AND l.sales_channel_id = OLD.sales_channel_id
        AND l.state NOT IN ('planned', 'scheduled')
    ) THEN
        IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
        RETURN NEW;
    END IF;
    IF TG_OP = 'UPDATE'
        AND (NEW.variant_id, NEW.sales_channel_id, NEW.currency, NEW.amount, NEW.starts_at, NEW.recorded_at)
        = (OLD.variant_id, OLD.sales_channel_id, OLD.currency, OLD.amount, OLD.starts_at, OLD.recorded_at)
        AND (NEW.compare_at, NEW.list_price, NEW.cost)
        IS NOT DISTINCT FROM (OLD.compare_at, OLD.list_price, OLD.cost)
        AND (
            NEW.ends_at IS NOT DISTINCT FROM OLD.ends_at
            OR LEAST(OLD.ends_at, NEW.ends_at) < OLD.recorded_at
            OR LEAST(OLD.ends_at, NEW.ends_at) >= transaction_timestamp() - interval '5 minutes'
        )
    THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'a price that customers saw stays in the history'
        USING ERRCODE = 'check_violation', CONSTRAINT = 'catalog_price_past_stays';
"""


class ProposalState(models.TextChoices):
    """What became of a proposed price."""

    WAITING = "waiting", pgettext_lazy("price", "Waiting")
    APPROVED = "approved", pgettext_lazy("price", "Approved")
    REFUSED = "refused", pgettext_lazy("price", "Refused")
    WITHDRAWN = "withdrawn", pgettext_lazy("price", "Withdrawn")


class Price(models.Model):
    """What a variant costs on one channel from ``starts_at`` until ``ends_at`` (or on); periods never overlap."""

    variant = models.ForeignKey(Variant, on_delete=models.CASCADE, related_name="prices", verbose_name=_("variant"))
    sales_channel = models.ForeignKey(
        SalesChannel, on_delete=models.PROTECT, related_name="prices", verbose_name=_("sales channel")
    )
    currency = models.CharField(_("currency"), max_length=3, choices=Currency.choices)
    amount = models.BigIntegerField(_("price"), help_text=_("In the smallest unit of the currency."))
    compare_at = models.BigIntegerField(_("price before"), null=True, blank=True)
    list_price = models.BigIntegerField(_("list price"), null=True, blank=True)  # of the maker
    cost = models.BigIntegerField(_("cost"), null=True, blank=True)  # what one piece cost us, for margins
    starts_at = models.DateTimeField(_("from"), db_default=Now())
    ends_at = models.DateTimeField(_("until"), null=True, blank=True)
    recorded_at = models.DateTimeField(_("recorded"), db_default=Now(), editable=False)  # by the database's clock

    class Meta:
        verbose_name = _("price")
        verbose_name_plural = _("prices")
        constraints = [
            models.CheckConstraint(condition=Q(amount__gte=0), name="catalog_price_not_negative"),
            models.CheckConstraint(condition=Q(currency__in=Currency.values), name="catalog_price_currency_valid"),
            models.CheckConstraint(
                condition=Q(compare_at=None) | Q(compare_at__gt=F("amount")), name="catalog_price_compare_higher"
            ),
            models.CheckConstraint(
                condition=Q(ends_at=None) | Q(ends_at__gt=F("starts_at")), name="catalog_price_period_valid"
            ),
            models.CheckConstraint(
                condition=Q(list_price=None) | Q(list_price__gte=0), name="catalog_price_list_not_negative"
            ),
            models.CheckConstraint(condition=Q(cost=None) | Q(cost__gte=0), name="catalog_price_cost_not_negative"),
            ExclusionConstraint(
                name="catalog_price_no_overlap",
                expressions=[
                    ("variant", RangeOperators.EQUAL),
                    ("sales_channel", RangeOperators.EQUAL),
                    (
                        Func(
                            F("starts_at"),
                            F("ends_at"),
                            RangeBoundary(),
                            function="TSTZRANGE",
                            output_field=DateTimeRangeField(),
                        ),
                        RangeOperators.OVERLAPS,
                    ),
                ],
            ),
        ]
        triggers = [
            pgtrigger.Trigger(
                name="catalog_price_past_stays",
                when=pgtrigger.Before,
                operation=pgtrigger.Update | pgtrigger.Delete,
                func=PAST_STAYS,
            ),
            pgtrigger.Trigger(
                name="catalog_price_recorded_by_database",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert,
                func="NEW.recorded_at = statement_timestamp(); RETURN NEW;",
            ),
        ]

    def __str__(self) -> str:
        return format_money(self.amount, self.currency)


class PriceProposal(models.Model):
    """A price below the channel's lowest margin, until a second person has decided."""

    variant = models.ForeignKey(
        Variant, on_delete=models.CASCADE, related_name="price_proposals", verbose_name=_("variant")
    )
    sales_channel = models.ForeignKey(
        SalesChannel, on_delete=models.PROTECT, related_name="price_proposals", verbose_name=_("sales channel")
    )
    currency = models.CharField(_("currency"), max_length=3, choices=Currency.choices)
    amount = models.BigIntegerField(_("price"))
    compare_at = models.BigIntegerField(_("price before"), null=True, blank=True)
    list_price = models.BigIntegerField(_("list price"), null=True, blank=True)
    cost = models.BigIntegerField(_("cost"))
    margin = models.SmallIntegerField(_("margin (%)"))
    margin_floor = models.PositiveSmallIntegerField(_("lowest margin (%)"))
    starts_at = models.DateTimeField(_("from"), null=True, blank=True)  # None: when it is approved
    ends_at = models.DateTimeField(_("until"), null=True, blank=True)
    reason = models.CharField(_("reason"), max_length=300, blank=True)
    requested_by = models.ForeignKey(
        User, null=True, on_delete=models.PROTECT, related_name="+", verbose_name=_("requested by")
    )
    requested_at = models.DateTimeField(_("requested"), db_default=Now())
    state = models.CharField(
        _("status"), max_length=20, choices=ProposalState.choices, default=ProposalState.WAITING, editable=False
    )
    decided_by = models.ForeignKey(
        User, null=True, blank=True, on_delete=models.PROTECT, related_name="+", verbose_name=_("decided by")
    )
    decided_at = models.DateTimeField(_("decided"), null=True, blank=True)
    note = models.CharField(_("note"), max_length=300, blank=True)

    class Meta:
        verbose_name = _("price to approve")
        verbose_name_plural = _("prices to approve")
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(condition=Q(state__in=ProposalState.values), name="catalog_priceproposal_state"),
            models.CheckConstraint(condition=Q(currency__in=Currency.values), name="catalog_priceproposal_currency"),
            models.CheckConstraint(condition=Q(amount__gte=0, cost__gte=0), name="catalog_priceproposal_not_negative"),
            models.CheckConstraint(
                condition=Q(decided_by=None) | Q(requested_by=None) | ~Q(decided_by=F("requested_by")),
                name="catalog_priceproposal_two_people",
            ),
            # a newer wish for the same variant and channel takes the place of the one that waits
            models.UniqueConstraint(
                fields=["variant", "sales_channel"],
                condition=Q(state="waiting"),
                name="catalog_priceproposal_one_waiting",
            ),
        ]
        permissions = [("approve_price", gettext_noop("Can approve prices below the lowest margin"))]

    def __str__(self) -> str:
        return format_money(self.amount, self.currency)
