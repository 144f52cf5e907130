"""The tree of goods."""

import pgtrigger
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from catalog.models.channel import SalesChannel

# one at a time, so that two moves cannot close a loop together; the walk sees what the other committed
NO_LOOP = """
    IF NEW.parent_id IS NULL OR NEW.parent_id = NEW.id THEN RETURN NEW; END IF;
    PERFORM pg_advisory_xact_lock(hashtext('catalog_category'));
    WITH RECURSIVE up (id, parent_id) AS (
        SELECT id, parent_id FROM catalog_category WHERE id = NEW.parent_id
        UNION SELECT c.id, c.parent_id FROM catalog_category c JOIN up ON c.id = up.parent_id
    ) SELECT id INTO below FROM up WHERE id = NEW.id;
    IF FOUND THEN
        RAISE EXCEPTION 'a category cannot stand below itself'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'catalog_category_no_loop';
    END IF;
    RETURN NEW;
"""


class Category(models.Model):
    """A shelf in the tree of goods."""

    parent = models.ForeignKey(
        "self",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="children",
        verbose_name=_("parent category"),
    )
    name = models.CharField(_("name"), max_length=100)
    position = models.PositiveSmallIntegerField(_("position"), default=0)

    class Meta:
        verbose_name = _("category")
        verbose_name_plural = _("categories")
        ordering = ["position", "name"]
        constraints = [
            models.UniqueConstraint(fields=["parent", "name"], name="catalog_category_name", nulls_distinct=False),
            models.CheckConstraint(condition=~Q(parent=F("id")), name="catalog_category_not_own_parent"),
        ]
        triggers = [
            pgtrigger.Trigger(
                name="catalog_category_no_loop",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert | pgtrigger.Update,
                declare=[("below", "bigint")],
                func=NO_LOOP,
            )
        ]

    def __str__(self) -> str:
        return self.name


class CategoryMapping(models.Model):
    """Where a category's products stand on one channel; without a row of its own a category takes its parent's."""

    category = models.ForeignKey(
        Category, on_delete=models.CASCADE, related_name="mappings", verbose_name=_("category")
    )
    sales_channel = models.ForeignKey(
        SalesChannel, on_delete=models.CASCADE, related_name="category_mappings", verbose_name=_("sales channel")
    )
    code = models.CharField(_("category code there"), max_length=60)
    path = models.CharField(_("category name there"), max_length=255, blank=True)

    class Meta:
        verbose_name = _("category mapping")
        verbose_name_plural = _("category mappings")
        ordering = ["category_id", "sales_channel_id"]
        constraints = [
            models.UniqueConstraint(fields=["category", "sales_channel"], name="catalog_categorymapping_once"),
            models.CheckConstraint(condition=~Q(code=""), name="catalog_categorymapping_code_given"),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.path}".strip()
