"""People who buy."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop, pgettext_lazy

from core.search import search_indexes
from privacy.locking import LockedTextField


class Customer(models.Model):
    """One buyer, however many shops they use; recognised by identities."""

    name = models.CharField(_("name"), max_length=120, blank=True)
    kana = models.CharField(_("reading (kana)"), max_length=120, blank=True)
    country = models.CharField(_("country"), max_length=2, blank=True)
    language = models.CharField(_("language"), max_length=5, blank=True)
    note = models.TextField(_("note"), blank=True)
    search_text = models.TextField(editable=False, default="")  # names, kana and identities, folded; kept by services
    created_at = models.DateTimeField(_("known since"), db_default=Now())
    updated_at = models.DateTimeField(_("changed"), auto_now=True)

    class Meta:
        verbose_name = _("customer")
        verbose_name_plural = _("customers")
        ordering = ["-id"]
        indexes = search_indexes("customers_search")
        permissions = [("see_contact_data", gettext_noop("Can see phone numbers, e-mail and street addresses in full"))]

    shown_as = ""  # set by pages for readers who may not see the name: titles and dialogs use it

    def __str__(self) -> str:
        return self.shown_as or self.name or str(_("Unnamed customer"))


class IdentityKind(models.TextChoices):
    """By what a buyer is recognised."""

    EMAIL = "email", _("E-mail")
    PHONE = "phone", pgettext_lazy("identity", "Phone")
    CHANNEL = "channel", _("Customer id of a sales channel")


class Identity(models.Model):
    """One way to recognise a customer; ``scope`` is the sales channel's code for ids that only mean something there."""

    customer = models.ForeignKey(
        Customer, on_delete=models.CASCADE, related_name="identities", verbose_name=_("customer")
    )
    kind = models.CharField(_("kind"), max_length=10, choices=IdentityKind.choices)
    scope = models.CharField(_("sales channel"), max_length=40, blank=True)
    value = models.CharField(_("value"), max_length=254)  # normalised: lower case e-mail, digits of a phone number
    # the same, locked, and the digest by which it is found: written beside the plain value, which a later release drops
    sealed = LockedTextField(default="", db_default="", editable=False)
    digest = models.CharField(max_length=32, default="", db_default="", editable=False)

    class Meta:
        verbose_name = _("identity")
        verbose_name_plural = _("identities")
        constraints = [
            models.UniqueConstraint(fields=["kind", "scope", "value"], name="customers_identity_once"),
            models.CheckConstraint(condition=Q(kind__in=IdentityKind.values), name="customers_identity_kind_valid"),
            models.CheckConstraint(condition=~Q(value=""), name="customers_identity_value_given"),
        ]
        indexes = [
            models.Index(fields=["digest"], condition=~Q(digest=""), name="customers_identity_digest"),
            models.Index(fields=["id"], condition=Q(digest=""), name="customers_identity_unlocked"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} ({self.pk})"  # never the value: it may reach a log
