"""Files that the team keeps to send along: a return form, care instructions, each in the customer's language."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from staff.models import Language

KEPT = "tickets/kept/"  # what was sent points to the same stored file: nothing below this is ever deleted


class AnswerFile(models.Model):
    """One thing that is sent along often, whatever language it is in."""

    name = models.CharField(_("name"), max_length=120, unique=True)
    is_active = models.BooleanField(_("active"), default=True)
    created_at = models.DateTimeField(_("created"), db_default=Now())
    updated_at = models.DateTimeField(_("changed"), auto_now=True)

    class Meta:
        verbose_name = pgettext_lazy("customer service", "file to send along")
        verbose_name_plural = pgettext_lazy("customer service", "files to send along")
        ordering = ["name", "id"]

    def __str__(self) -> str:
        return self.name


class AnswerFileVersion(models.Model):
    """The file in one language as it is sent now; another upload takes its place, what was sent stays as it was."""

    answer_file = models.ForeignKey(
        AnswerFile, on_delete=models.PROTECT, related_name="versions",
        verbose_name=pgettext_lazy("customer service", "file to send along"),
    )  # fmt: skip
    language = models.CharField(_("language"), max_length=5, choices=Language.choices)
    file = models.FileField(_("file"), upload_to=KEPT, max_length=300)
    filename = models.CharField(_("file name"), max_length=150)
    kind = models.CharField(_("type"), max_length=20)  # a key of staff.adapters.file_types.PHRASES
    size_bytes = models.PositiveBigIntegerField(_("size"))
    sha256 = models.CharField("SHA-256", max_length=64)
    kept_at = models.DateTimeField(_("uploaded"), auto_now=True)

    class Meta:
        verbose_name = _("file in a language")
        verbose_name_plural = _("files in languages")
        ordering = ["answer_file", "language", "id"]
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["answer_file", "language"], name="service_answerfileversion_once"),
            models.CheckConstraint(
                condition=Q(language__in=Language.values), name="service_answerfileversion_language_valid"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.answer_file_id}/{self.language}"
