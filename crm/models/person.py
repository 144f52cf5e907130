"""What colleagues write down about customers."""

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop, pgettext_lazy

from customers.models import Customer


class CustomerNote(models.Model):
    """What a colleague should know about a customer; internal and append-only."""

    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="notes", verbose_name=_("customer"))
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+",
        verbose_name=_("by"),
    )  # fmt: skip
    body = models.TextField(pgettext_lazy("message", "text"))
    at = models.DateTimeField(_("written"), db_default=Now())

    class Meta:
        verbose_name = _("note about a customer")
        verbose_name_plural = _("notes about customers")
        ordering = ["-at", "-id"]
        default_permissions = ()
        permissions = [("note_customer", gettext_noop("Can write notes and tags at customers"))]
        constraints = [models.CheckConstraint(condition=~Q(body=""), name="crm_customernote_says_something")]
        indexes = [models.Index(fields=["customer", "-at", "-id"], name="crm_customernote_customer")]
        triggers = [
            pgtrigger.Protect(name="crm_customernote_append_only", operation=pgtrigger.Update | pgtrigger.Delete),
        ]

    def __str__(self) -> str:
        return f"{self.customer_id}/{self.pk}"  # never its words: they may reach a log


class Tag(models.Model):
    """A word by which customers are put together."""

    name = models.CharField(pgettext_lazy("tag", "name"), max_length=40, unique=True)  # folded to lower case

    class Meta:
        verbose_name = _("tag of customers")
        verbose_name_plural = _("tags of customers")
        ordering = ["name"]
        default_permissions = ()
        constraints = [models.CheckConstraint(condition=~Q(name=""), name="crm_tag_named")]

    def __str__(self) -> str:
        return self.name


class CustomerTag(models.Model):
    """A customer has a tag."""

    customer = models.ForeignKey(
        Customer, on_delete=models.CASCADE, related_name="customer_tags", verbose_name=_("customer"), db_index=False
    )
    tag = models.ForeignKey(Tag, on_delete=models.CASCADE, related_name="customer_tags", verbose_name=_("tag"))

    class Meta:
        verbose_name = _("tag of a customer")
        verbose_name_plural = _("tags of a customer")
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["customer", "tag"], name="crm_customertag_once")]

    def __str__(self) -> str:
        return f"{self.customer_id} {self.tag_id}"
