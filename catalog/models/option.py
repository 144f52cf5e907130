"""What sets the variants of a product apart, and what customers may wish besides."""

import pgtrigger
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from catalog.models.product import Product
from catalog.models.variant import Variant

# one at a time, so that several changes cannot close a circle together; the walk sees what the others committed
NO_CIRCLE = """
    IF NEW.bundle_id = NEW.component_id THEN RETURN NEW; END IF;
    PERFORM pg_advisory_xact_lock(hashtext('catalog_bundlecomponent'));
    WITH RECURSIVE inside (id) AS (
        SELECT NEW.component_id
        UNION SELECT c.component_id FROM catalog_bundlecomponent c JOIN inside ON c.bundle_id = inside.id
    ) SELECT id INTO met FROM inside WHERE id = NEW.bundle_id;
    IF FOUND THEN
        RAISE EXCEPTION 'a bundle cannot contain itself'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'catalog_bundlecomponent_no_circle';
    END IF;
    RETURN NEW;
"""


class OptionAxis(models.Model):
    """One way in which variants differ, such as colour; at most three on a product (Shopify's limit)."""

    product = models.ForeignKey(Product, on_delete=models.CASCADE, related_name="axes", verbose_name=_("product"))
    name = models.CharField(_("option"), max_length=60, help_text=_("Such as colour or size."))
    position = models.PositiveSmallIntegerField(_("position"), default=0)

    class Meta:
        verbose_name = _("option")
        verbose_name_plural = _("options")
        ordering = ["position", "id"]
        constraints = [
            models.UniqueConstraint(fields=["product", "name"], name="catalog_optionaxis_once"),
            models.CheckConstraint(condition=~Q(name=""), name="catalog_optionaxis_name_given"),
        ]

    def __str__(self) -> str:
        return self.name


class OptionValue(models.Model):
    """One value of an axis, such as black."""

    axis = models.ForeignKey(OptionAxis, on_delete=models.CASCADE, related_name="values", verbose_name=_("option"))
    name = models.CharField(_("value"), max_length=80)
    colour = models.CharField(_("colour"), max_length=7, blank=True, help_text=_("Such as #1a2b3c."))
    position = models.PositiveSmallIntegerField(_("position"), default=0)

    class Meta:
        verbose_name = _("option value")
        verbose_name_plural = _("option values")
        ordering = ["position", "id"]
        constraints = [
            models.UniqueConstraint(fields=["axis", "name"], name="catalog_optionvalue_once"),
            models.CheckConstraint(condition=~Q(name=""), name="catalog_optionvalue_name_given"),
            models.CheckConstraint(
                condition=Q(colour="") | Q(colour__regex=r"^#[0-9a-fA-F]{6}$"), name="catalog_optionvalue_colour"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class VariantOption(models.Model):
    """The value of one axis that a variant has."""

    variant = models.ForeignKey(Variant, on_delete=models.CASCADE, related_name="options", verbose_name=_("variant"))
    axis = models.ForeignKey(
        OptionAxis, on_delete=models.PROTECT, related_name="variant_options", verbose_name=_("option")
    )
    value = models.ForeignKey(
        OptionValue, on_delete=models.PROTECT, related_name="variant_options", verbose_name=_("option value")
    )

    class Meta:
        verbose_name = _("option of the variant")
        verbose_name_plural = _("options of the variant")
        ordering = ["variant_id", "axis__position"]
        constraints = [models.UniqueConstraint(fields=["variant", "axis"], name="catalog_variantoption_once")]

    def __str__(self) -> str:
        return str(self.value)


class WishKind(models.TextChoices):
    """What a customer gives with an order line."""

    TEXT = "text", pgettext_lazy("wish", "Text")
    CHOICE = "choice", pgettext_lazy("wish", "One choice")
    FLAG = "flag", pgettext_lazy("wish", "Yes or no")


class CustomOption(models.Model):
    """A wish that is not stock: an engraving, a gift note, wrapping."""

    product = models.ForeignKey(
        Product, on_delete=models.CASCADE, related_name="custom_options", verbose_name=_("product")
    )
    name = models.CharField(_("name"), max_length=80)
    kind = models.CharField(_("kind"), max_length=20, choices=WishKind.choices, default=WishKind.TEXT)
    choices = ArrayField(models.CharField(max_length=80), verbose_name=_("choices"), default=list, blank=True)
    max_length = models.PositiveSmallIntegerField(_("longest text"), null=True, blank=True)
    is_required = models.BooleanField(_("required"), default=False)
    position = models.PositiveSmallIntegerField(_("position"), default=0)

    class Meta:
        verbose_name = _("customer's wish")
        verbose_name_plural = _("customer's wishes")
        ordering = ["position", "id"]
        constraints = [
            models.UniqueConstraint(fields=["product", "name"], name="catalog_customoption_once"),
            models.CheckConstraint(condition=Q(kind__in=WishKind.values), name="catalog_customoption_kind_valid"),
        ]

    def __str__(self) -> str:
        return self.name


class BundleComponent(models.Model):
    """How many pieces of another variant are in one piece of a bundle; never itself, never in a circle."""

    bundle = models.ForeignKey(Variant, on_delete=models.CASCADE, related_name="components", verbose_name=_("bundle"))
    component = models.ForeignKey(
        Variant, on_delete=models.PROTECT, related_name="in_bundles", verbose_name=_("component")
    )
    quantity = models.PositiveIntegerField(_("quantity"), default=1)

    class Meta:
        verbose_name = _("component")
        verbose_name_plural = _("components")
        ordering = ["bundle_id", "id"]
        constraints = [
            models.UniqueConstraint(fields=["bundle", "component"], name="catalog_bundlecomponent_once"),
            models.CheckConstraint(condition=Q(quantity__gte=1), name="catalog_bundlecomponent_quantity_positive"),
            models.CheckConstraint(condition=~Q(bundle=F("component")), name="catalog_bundlecomponent_not_itself"),
        ]
        triggers = [
            pgtrigger.Trigger(
                name="catalog_bundlecomponent_no_circle",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert | pgtrigger.Update,
                declare=[("met", "bigint")],
                func=NO_CIRCLE,
            )
        ]

    def __str__(self) -> str:
        return f"{self.quantity} × {self.component}"
