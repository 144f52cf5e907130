"""Facts about articles; the subject is the article."""

from dataclasses import dataclass

from django.utils.translation import gettext as _

from core.events import Event


@dataclass(frozen=True, kw_only=True)
class ArticlePublished(Event):
    """A version of an article is what people read in this language from now on."""

    name = "knowledge.article_published"
    article_id: int
    language: str
    number: int

    def sentence(self) -> str:
        """Return e.g. "Version 3 published (ko)"."""
        return _("Version %(number)s published (%(language)s)") % {"number": self.number, "language": self.language}


@dataclass(frozen=True, kw_only=True)
class ArticleWithdrawn(Event):
    """Nobody reads the article in this language any more."""

    name = "knowledge.article_withdrawn"
    article_id: int
    language: str

    def sentence(self) -> str:
        """Return e.g. "Taken back (ko)"."""
        return _("Taken back (%(language)s)") % {"language": self.language}


@dataclass(frozen=True, kw_only=True)
class ArticleTurnedStale(Event):
    """Something that the article quotes has changed, or its review is due."""

    name = "knowledge.article_turned_stale"
    article_id: int

    def sentence(self) -> str:
        """Return that it has to be looked through."""
        return _("To look through: what it tells may have changed")


@dataclass(frozen=True, kw_only=True)
class ArticleReviewed(Event):
    """Somebody has looked through the article."""

    name = "knowledge.article_reviewed"
    article_id: int

    def sentence(self) -> str:
        """Return that it was looked through."""
        return _("Looked through")
