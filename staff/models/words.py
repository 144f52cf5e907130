"""Words that several tables of tasks share."""

from typing import Any

from django.db import models
from django.utils.translation import get_language, pgettext_lazy


class TaskKind(models.TextChoices):
    """What is asked; decides the fields of the brief (``staff.selectors.briefs``) and the usual template."""

    BANNER = "banner", pgettext_lazy("task", "Banner")
    PRODUCT_REGISTRATION = "product_registration", pgettext_lazy("task", "Product registration")
    PRODUCT_EDIT = "product_edit", pgettext_lazy("task", "Product edit")
    PHOTO = "photo", pgettext_lazy("task", "Photo")
    COPY = "copy", pgettext_lazy("task", "Copywriting")
    INFLUENCER_FOLLOW_UP = "influencer_follow_up", pgettext_lazy("task", "Influencer follow-up")
    STOCK_CHECK = "stock_check", pgettext_lazy("task", "Stock check")
    GENERAL = "general", pgettext_lazy("task", "General")


class Priority(models.IntegerChoices):
    """How much it presses; more is first."""

    LOW = 1, pgettext_lazy("priority", "Low")
    NORMAL = 2, pgettext_lazy("priority", "Normal")
    HIGH = 3, pgettext_lazy("priority", "High")
    URGENT = 4, pgettext_lazy("priority", "Urgent")


def in_language(row: Any, name: str) -> str:
    """Return ``row.<name>_<language of the reader>``, else the first language that is filled in."""
    wanted = (get_language() or "en")[:2]
    texts = [getattr(row, f"{name}_{language}", "") for language in (wanted, "en", "ko", "ja")]
    return next((text for text in texts if text), "")
