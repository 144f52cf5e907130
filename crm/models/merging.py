"""Two customers that may be one person, and what was done about it."""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop, pgettext_lazy

from customers.models import Customer


class DuplicateReason(models.TextChoices):
    """Why two customers may be one person."""

    PHONE = "phone", pgettext_lazy("duplicate", "Same phone")
    EMAIL = "email", pgettext_lazy("duplicate", "Same e-mail")
    ADDRESS = "address", pgettext_lazy("duplicate", "Same name and address")


class ProposalState(models.TextChoices):
    """What a person decided; ``apart`` is for good: these two are never proposed or merged again."""

    OPEN = "open", pgettext_lazy("duplicate", "To decide")
    MERGED = "merged", pgettext_lazy("duplicate", "Merged")
    APART = "apart", pgettext_lazy("duplicate", "Another person")


class DuplicateProposal(models.Model):
    """Two customers that may be one, found by the night; ``first`` has the smaller number."""

    first = models.ForeignKey(
        Customer, on_delete=models.CASCADE, related_name="+", verbose_name=_("customer"), db_index=False
    )
    second = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="+", verbose_name=_("may be the same"))
    score = models.PositiveSmallIntegerField(_("points"))
    reasons = ArrayField(models.CharField(max_length=10, choices=DuplicateReason.choices), verbose_name=_("reasons"))
    state = models.CharField(
        _("state"), max_length=10, choices=ProposalState.choices, default=ProposalState.OPEN, editable=False
    )
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, editable=False, on_delete=models.PROTECT, related_name="+",
        verbose_name=_("decided by"),
    )  # fmt: skip
    decided_at = models.DateTimeField(_("decided"), null=True, blank=True, editable=False)
    created_at = models.DateTimeField(pgettext_lazy("moment", "found"), db_default=Now())

    shown_as = ""  # names, as who looks at it may read them

    class Meta:
        verbose_name = _("possible duplicate")
        verbose_name_plural = _("possible duplicates")
        ordering = ["-score", "-id"]
        default_permissions = ("view",)
        permissions = [("merge_customer", gettext_noop("Can merge customers and keep them apart"))]
        constraints = [
            models.UniqueConstraint(fields=["first", "second"], name="crm_duplicateproposal_once"),
            models.CheckConstraint(condition=Q(first__lt=F("second")), name="crm_duplicateproposal_in_order"),
            models.CheckConstraint(
                condition=Q(state__in=ProposalState.values), name="crm_duplicateproposal_state_valid"
            ),
            models.CheckConstraint(
                condition=Q(reasons__contained_by=DuplicateReason.values), name="crm_duplicateproposal_reasons_valid"
            ),
        ]
        indexes = [models.Index(fields=["state", "-score", "-id"], name="crm_duplicateproposal_state")]

    def __str__(self) -> str:
        return self.shown_as or f"{self.first_id} = {self.second_id}?"


class Merge(models.Model):
    """One customer taken into another; while it is not undone the absorbed one owns nothing."""

    survivor = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="absorbed", verbose_name=_("stays"))
    absorbed = models.ForeignKey(
        Customer, on_delete=models.PROTECT, related_name="merges", verbose_name=_("taken in"), db_index=False
    )
    merged_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+", verbose_name=_("by")
    )
    merged_at = models.DateTimeField(pgettext_lazy("customers", "merged"), db_default=Now())
    undone_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+", verbose_name=_("undone by")
    )
    undone_at = models.DateTimeField(_("undone"), null=True)

    class Meta:
        verbose_name = _("merge of customers")
        verbose_name_plural = _("merges of customers")
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["absorbed"], condition=Q(undone_at=None), name="crm_merge_absorbed_once"),
            models.CheckConstraint(condition=~Q(survivor=F("absorbed")), name="crm_merge_of_two"),
        ]
        indexes = [models.Index(fields=["absorbed", "-id"], name="crm_merge_absorbed")]

    def __str__(self) -> str:
        return f"{self.absorbed_id} > {self.survivor_id}"


class MergeMove(models.Model):
    """A row that a merge pointed to the survivor: what undoing points back."""

    merge = models.ForeignKey(Merge, on_delete=models.CASCADE, related_name="moves", db_index=False)
    part = models.CharField(_("kind"), max_length=40)  # of crm.services.merging.PARTS
    row_id = models.BigIntegerField(_("row"))

    class Meta:
        verbose_name = _("row of a merge")
        verbose_name_plural = _("rows of merges")
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["merge", "part", "row_id"], name="crm_mergemove_once")]

    def __str__(self) -> str:
        return f"{self.merge_id} {self.part} {self.row_id}"
