"""People who work here."""

import zoneinfo
from typing import ClassVar

from django.conf import settings
from django.contrib.auth.models import AbstractUser
from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class Language(models.TextChoices):
    """Languages of the screens, each named in itself."""

    ENGLISH = "en", "English"
    KOREAN = "ko", "한국어"
    JAPANESE = "ja", "日本語"


class Role(models.TextChoices):
    """What people do here. A role is the group of this name; what it may do stands in ``backoffice.roles``."""

    EC_MANAGER = "ec_manager", pgettext_lazy("role", "EC manager")
    CS_AGENT = "cs_agent", pgettext_lazy("role", "CS agent")
    CS_LEAD = "cs_lead", pgettext_lazy("role", "CS lead")
    DESIGNER = "designer", pgettext_lazy("role", "Designer")
    MERCHANDISER = "merchandiser", pgettext_lazy("role", "Merchandiser")
    WAREHOUSE = "warehouse", pgettext_lazy("role", "Warehouse")
    QUALITY_MANAGER = "quality_manager", pgettext_lazy("role", "Quality manager")
    ACCOUNTANT = "accountant", pgettext_lazy("role", "Accountant")
    ADMINISTRATOR = "administrator", pgettext_lazy("role", "Administrator")


def validate_time_zone(value: str) -> None:
    """Refuse names that the time zone database does not know."""
    try:
        zoneinfo.ZoneInfo(value)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
        raise ValidationError(
            _("“%(value)s” is no time zone. Write one such as Asia/Seoul."), params={"value": value}
        ) from None


def default_time_zone() -> str:
    """Return the shop's own time zone."""
    return str(settings.TIME_ZONE)


class User(AbstractUser):
    """A colleague: who they are, how they read the screens, which roles (groups) they have."""

    REQUIRED_FIELDS: ClassVar[list[str]] = ["email"]

    language = models.CharField(
        _("language"), max_length=5, choices=Language.choices, blank=True
    )  # blank: the browser's
    time_zone = models.CharField(
        _("time zone"), max_length=50, default=default_time_zone, validators=[validate_time_zone]
    )

    class Meta:
        verbose_name = pgettext_lazy("person", "user")
        verbose_name_plural = pgettext_lazy("person", "users")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(language__in=["", *Language.values]), name="staff_user_language_valid"
            )
        ]

    def __str__(self) -> str:
        return self.get_full_name() or self.username

    def get_full_name(self) -> str:
        """Return the name in the order of its script: family name first where it is written in Hangul, kana or Han."""
        if any(ord(c) >= 0x1100 for c in self.last_name):
            return (
                f"{self.last_name}{self.first_name}"
                if len(self.first_name) < 3
                else f"{self.last_name} {self.first_name}"
            )
        return f"{self.first_name} {self.last_name}".strip()
