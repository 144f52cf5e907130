"""Words of search texts."""

from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.utils.translation import gettext_lazy as _


class SearchWord(models.Model):
    """A word that occurs in an app's search texts, for ``core.similar``; may occur twice, or outlive its texts.

    Not unique, because a unique key would make who saves wait for a long import that brings the same new word. At night
    doubles and unused words go.
    """

    subject = models.CharField(_("app"), max_length=40)
    word = models.CharField(_("word"), max_length=40)
    alike = models.CharField(max_length=160)  # as core.similar.alike writes the word
    letters = models.CharField(max_length=160)  # those of ``alike``, sorted: finds letters that changed places

    class Meta:
        default_permissions = ()
        verbose_name = _("search word")
        verbose_name_plural = _("search words")
        indexes = [
            models.Index(fields=["subject", "word"], name="core_searchword_word"),
            models.Index(fields=["subject", "letters"], name="core_searchword_letters"),
            GinIndex(OpClass(models.F("alike"), name="gin_trgm_ops"), name="core_searchword_alike"),
        ]

    def __str__(self) -> str:
        return self.word
