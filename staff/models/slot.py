"""Creative slots: where pictures are shown, and what they must be for that."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from core.search import search_indexes
from staff.models.words import in_language


class SizeRule(models.TextChoices):
    """How exactly a picture must have the slot's size."""

    EXACT = "exact", _("Exactly this size")
    AT_LEAST = "at_least", _("At least this size, same ratio")
    RATIO = "ratio", _("Same ratio")
    WIDTH = "width", _("Exactly this width, any height")  # detail pages of Korean malls


class CreativeSlot(models.Model):
    """One placement of a mall, a network or our own shop; the rule's source and date stand beside it."""

    code = models.SlugField(_("code"), max_length=60, unique=True)
    platform = models.CharField(_("platform"), max_length=60)
    platform_code = models.SlugField(_("platform code"), max_length=30)
    placement_en = models.CharField(_("placement (English)"), max_length=80, blank=True)
    placement_ko = models.CharField(_("placement (Korean)"), max_length=80, blank=True)
    placement_ja = models.CharField(_("placement (Japanese)"), max_length=80, blank=True)
    width_px = models.PositiveIntegerField(_("width (px)"))
    height_px = models.PositiveIntegerField(_("height (px)"))
    size_rule = models.CharField(_("size rule"), max_length=20, choices=SizeRule.choices, default=SizeRule.EXACT)
    max_kb = models.PositiveIntegerField(_("at most (KB)"), null=True, blank=True)
    formats = ArrayField(models.CharField(max_length=10), verbose_name=_("formats"))  # png, jpeg, webp, gif
    safe_top = models.PositiveIntegerField(_("safe area: top (px)"), default=0)
    safe_right = models.PositiveIntegerField(_("safe area: right (px)"), default=0)
    safe_bottom = models.PositiveIntegerField(_("safe area: bottom (px)"), default=0)
    safe_left = models.PositiveIntegerField(_("safe area: left (px)"), default=0)
    text_limit = models.PositiveSmallIntegerField(_("text limit (characters)"), null=True, blank=True)
    note = models.CharField(_("note"), max_length=300, blank=True)
    source = models.CharField(pgettext_lazy("slot", "source"), max_length=300, blank=True)
    checked_on = models.DateField(_("checked on"), null=True, blank=True)
    is_active = models.BooleanField(_("active"), default=True)
    search_text = models.TextField(editable=False, default="")

    class Meta:
        verbose_name = _("creative slot")
        verbose_name_plural = _("creative slots")
        ordering = ["platform", "code"]
        constraints = [
            models.CheckConstraint(condition=Q(size_rule__in=SizeRule.values), name="staff_slot_rule_valid"),
            models.CheckConstraint(condition=Q(width_px__gt=0, height_px__gt=0), name="staff_slot_size_positive"),
            models.CheckConstraint(
                condition=Q(width_px__gt=models.F("safe_left") + models.F("safe_right"))
                & Q(height_px__gt=models.F("safe_top") + models.F("safe_bottom")),
                name="staff_slot_safe_area_inside",
            ),
            models.CheckConstraint(condition=Q(formats__len__gt=0), name="staff_slot_has_format"),
        ]
        indexes = search_indexes("staff_slot")

    def __str__(self) -> str:
        return f"{self.platform_name} · {self.placement} ({self.size})"

    @property
    def platform_name(self) -> str:
        """Return the platform as it calls itself; our own shop in the reader's language."""
        return gettext("Own shop") if self.platform == "Own shop" else self.platform

    @property
    def placement(self) -> str:
        """Return the placement's name in the reader's language."""
        return in_language(self, "placement")

    @property
    def size(self) -> str:
        """Return e.g. ``860 × 500 px``."""
        return f"{self.width_px} × {self.height_px} px"
