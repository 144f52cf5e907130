"""Groups of products that follow rules."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from catalog.models.product import Product
from staff.models.words import in_language


class Match(models.TextChoices):
    """How many of the rules have to hold."""

    ALL = "all", pgettext_lazy("rules", "All rules")
    ANY = "any", pgettext_lazy("rules", "Any rule")


class Collection(models.Model):
    """Products that fulfil its rules now; its members are found again by a job."""

    code = models.SlugField(_("code"), max_length=60, unique=True)
    name_en = models.CharField(_("name (English)"), max_length=100)
    name_ko = models.CharField(_("name (Korean)"), max_length=100, blank=True)
    name_ja = models.CharField(_("name (Japanese)"), max_length=100, blank=True)
    match = models.CharField(_("match"), max_length=10, choices=Match.choices, default=Match.ALL)
    is_active = models.BooleanField(_("active"), default=True)
    refreshed_at = models.DateTimeField(_("refreshed"), null=True, blank=True, editable=False)
    product_count = models.PositiveIntegerField(_("products"), default=0, editable=False)

    class Meta:
        verbose_name = _("collection")
        verbose_name_plural = _("collections")
        ordering = ["name_en"]
        constraints = [
            models.CheckConstraint(condition=Q(match__in=Match.values), name="catalog_collection_match_valid")
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def name(self) -> str:
        """Return the name in the reader's language, else in the first that has one."""
        return in_language(self, "name")


class CollectionRule(models.Model):
    """One condition: a subject that catalog or a floor above offers, an operator it knows, and a value.

    Subjects and operators are registered (``catalog.collecting``), so they are words, not choices of the database.
    """

    collection = models.ForeignKey(
        Collection, on_delete=models.CASCADE, related_name="rules", verbose_name=_("collection")
    )
    subject = models.CharField(_("what"), max_length=60)
    operator = models.CharField(_("condition"), max_length=20)
    value = models.CharField(_("value"), max_length=200, blank=True)
    position = models.PositiveSmallIntegerField(_("position"), default=0)

    class Meta:
        verbose_name = _("rule")
        verbose_name_plural = _("rules")
        ordering = ["position", "id"]

    def __str__(self) -> str:
        return f"{self.subject} {self.operator} {self.value}"


class CollectionMember(models.Model):
    """A product that fulfilled the rules when they were last looked at."""

    collection = models.ForeignKey(
        Collection, on_delete=models.CASCADE, related_name="members", verbose_name=_("collection")
    )
    product = models.ForeignKey(
        Product, on_delete=models.CASCADE, related_name="memberships", verbose_name=_("product")
    )
    since = models.DateTimeField(pgettext_lazy("collection", "since"), db_default=Now())

    class Meta:
        verbose_name = _("product of the collection")
        verbose_name_plural = _("products of the collection")
        default_permissions = ()
        ordering = ["-id"]
        constraints = [models.UniqueConstraint(fields=["collection", "product"], name="catalog_collectionmember_once")]

    def __str__(self) -> str:
        return str(self.product)
