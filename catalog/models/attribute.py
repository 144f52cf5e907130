"""Typed attributes: what a kind of product is described by."""

from decimal import Decimal

import pgtrigger
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from compliance.models import NoticeType
from staff.models.words import in_language


class AttributeKind(models.TextChoices):
    """What a value is."""

    TEXT = "text", pgettext_lazy("attribute", "Text")
    RICH_TEXT = "rich_text", pgettext_lazy("attribute", "Formatted text")
    NUMBER = "number", pgettext_lazy("attribute", "Number")
    FLAG = "flag", pgettext_lazy("attribute", "Yes or no")
    DATE = "date", pgettext_lazy("attribute", "Date")
    CHOICE = "choice", pgettext_lazy("attribute", "One choice")
    CHOICES = "choices", pgettext_lazy("attribute", "Several choices")
    FILE = "file", pgettext_lazy("attribute", "File")
    SWATCH = "swatch", pgettext_lazy("attribute", "Colour")


CHOOSING = (AttributeKind.CHOICE, AttributeKind.CHOICES, AttributeKind.SWATCH)


# what was said in one kind cannot be read in another
KIND_STAYS = """
    IF NEW.kind <> OLD.kind AND EXISTS (SELECT FROM catalog_attributevalue WHERE attribute_id = OLD.id) THEN
        RAISE EXCEPTION 'an attribute that products use keeps its kind'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'catalog_attribute_kind_stays';
    END IF;
    RETURN NEW;
"""


class Attribute(models.Model):
    """Something that is said about products, with the kind of its values."""

    code = models.SlugField(_("code"), max_length=60, unique=True)
    name_en = models.CharField(_("name (English)"), max_length=80)
    name_ko = models.CharField(_("name (Korean)"), max_length=80, blank=True)
    name_ja = models.CharField(_("name (Japanese)"), max_length=80, blank=True)
    kind = models.CharField(_("kind"), max_length=20, choices=AttributeKind.choices)
    unit = models.CharField(_("unit"), max_length=20, blank=True, help_text=_("Of a number, such as cm or %."))

    class Meta:
        verbose_name = _("attribute")
        verbose_name_plural = _("attributes")
        ordering = ["name_en"]
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=AttributeKind.values), name="catalog_attribute_kind_valid"),
            models.CheckConstraint(condition=Q(unit="") | Q(kind="number"), name="catalog_attribute_unit_of_number"),
        ]
        triggers = [
            pgtrigger.Trigger(
                name="catalog_attribute_kind_stays",
                when=pgtrigger.Before,
                operation=pgtrigger.UpdateOf("kind"),  # type: ignore[no-untyped-call] # the library's own gap
                func=KIND_STAYS,
            )
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def name(self) -> str:
        """Return the name in the reader's language, else in the first that has one."""
        return in_language(self, "name")


class AttributeChoice(models.Model):
    """One of the values of an attribute that is chosen; a colour has its swatch."""

    attribute = models.ForeignKey(
        Attribute, on_delete=models.CASCADE, related_name="choices", verbose_name=_("attribute")
    )
    code = models.SlugField(_("code"), max_length=60)
    name_en = models.CharField(_("name (English)"), max_length=80)
    name_ko = models.CharField(_("name (Korean)"), max_length=80, blank=True)
    name_ja = models.CharField(_("name (Japanese)"), max_length=80, blank=True)
    colour = models.CharField(_("colour"), max_length=7, blank=True, help_text=_("Such as #1a2b3c."))
    position = models.PositiveSmallIntegerField(_("position"), default=0)

    class Meta:
        verbose_name = _("choice")
        verbose_name_plural = _("choices")
        ordering = ["position", "name_en"]
        constraints = [
            models.UniqueConstraint(fields=["attribute", "code"], name="catalog_attributechoice_once"),
            models.CheckConstraint(
                condition=Q(colour="") | Q(colour__regex=r"^#[0-9a-fA-F]{6}$"), name="catalog_attributechoice_colour"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def name(self) -> str:
        """Return the name in the reader's language, else in the first that has one."""
        return in_language(self, "name")


class ProductType(models.Model):
    """A kind of goods: which attributes describe it, and what law wants to be told about it."""

    code = models.SlugField(_("code"), max_length=60, unique=True)
    name_en = models.CharField(_("name (English)"), max_length=80)
    name_ko = models.CharField(_("name (Korean)"), max_length=80, blank=True)
    name_ja = models.CharField(_("name (Japanese)"), max_length=80, blank=True)
    attributes = models.ManyToManyField(
        Attribute, through="TypeAttribute", related_name="product_types", verbose_name=_("attributes")
    )
    notice_types = models.ManyToManyField(
        NoticeType,
        blank=True,
        related_name="product_types",
        verbose_name=_("notices"),
        help_text=_("What its products have to be told about, one for each country where they are sold."),
    )

    class Meta:
        verbose_name = _("product type")
        verbose_name_plural = _("product types")
        ordering = ["name_en"]

    def __str__(self) -> str:
        return self.name

    @property
    def name(self) -> str:
        """Return the name in the reader's language, else in the first that has one."""
        return in_language(self, "name")


class TypeAttribute(models.Model):
    """An attribute's place in a product type."""

    product_type = models.ForeignKey(
        ProductType, on_delete=models.CASCADE, related_name="type_attributes", verbose_name=_("product type")
    )
    attribute = models.ForeignKey(
        Attribute, on_delete=models.PROTECT, related_name="type_attributes", verbose_name=_("attribute")
    )
    is_required = models.BooleanField(_("required"), default=False, help_text=_("Without it nothing is published."))
    is_per_variant = models.BooleanField(_("per variant"), default=False)
    position = models.PositiveSmallIntegerField(_("position"), default=0)

    class Meta:
        verbose_name = _("attribute of the type")
        verbose_name_plural = _("attributes of the type")
        ordering = ["position", "id"]
        constraints = [models.UniqueConstraint(fields=["product_type", "attribute"], name="catalog_typeattribute_once")]

    def __str__(self) -> str:
        return str(self.attribute)


class AttributeValue(models.Model):
    """What an attribute says of one product, or of one of its variants; one row for each of several choices.

    The column is that of the attribute's kind: ``text`` (also formatted, sanitised), ``number``, ``flag``, ``day``,
    ``choice`` or ``file``.
    """

    product = models.ForeignKey(
        "catalog.Product", on_delete=models.CASCADE, related_name="attribute_values", verbose_name=_("product")
    )
    variant = models.ForeignKey(
        "catalog.Variant",
        null=True,
        blank=True,
        on_delete=models.CASCADE,
        related_name="attribute_values",
        verbose_name=_("variant"),
    )
    attribute = models.ForeignKey(
        Attribute, on_delete=models.PROTECT, related_name="values", verbose_name=_("attribute")
    )
    text = models.TextField(pgettext_lazy("attribute", "text"), blank=True, default="")
    number: "models.DecimalField[Decimal | None, Decimal | None]" = models.DecimalField(
        _("number"), max_digits=18, decimal_places=4, null=True, blank=True
    )
    flag = models.BooleanField(_("yes or no"), null=True, blank=True)
    day = models.DateField(_("date"), null=True, blank=True)
    choice = models.ForeignKey(
        AttributeChoice, null=True, blank=True, on_delete=models.PROTECT, related_name="+", verbose_name=_("choice")
    )
    file = models.FileField(_("file"), upload_to="attributes/", blank=True, max_length=255)

    class Meta:
        verbose_name = _("attribute value")
        verbose_name_plural = _("attribute values")
        ordering = ["product_id", "attribute_id", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["product", "variant", "attribute", "choice"],
                name="catalog_attributevalue_once",
                nulls_distinct=False,
            ),
        ]
        indexes = [models.Index(fields=["attribute", "choice", "product"], name="catalog_attributevalue_choice")]

    def __str__(self) -> str:
        return str(self.choice or self.text or self.number or self.day or "")
