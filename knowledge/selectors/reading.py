"""What readers find: published articles only, and what fits the words of a conversation."""

from dataclasses import dataclass

from django.conf import settings
from django.db.models import Case, Expression, F, FloatField, Func, QuerySet, Value, When
from django.urls import reverse

from core.search import fold, sought_words
from knowledge.models import Audience, Edition, EditionState

MOST = 50
SUGGESTED = 5
LEAST = 0.25  # nearness below which a suggestion is noise
WORD = 0.15  # what a word counts that the article has too
READ = 600  # characters of a conversation that are compared


@dataclass(frozen=True)
class Suggestion:
    """An article that may answer what the customer wrote."""

    edition: Edition
    is_public: bool


def public_editions(*, language: str, query: str = "") -> "QuerySet[Edition]":
    """Return the published articles that customers may read in this language, found by words."""
    rows = Edition.objects.filter(
        state=EditionState.PUBLISHED, article__audience=Audience.PUBLIC, language=language
    ).select_related("article")  # fmt: skip
    for word in sought_words(query):
        rows = rows.filter(search_text__matches_word=word)
    return rows.order_by("article__topic", "title", "pk")


def public_edition(*, code: str, language: str) -> Edition | None:
    """Return what customers read at this address: in their language, else in the first one there is."""
    rows = Edition.objects.filter(
        state=EditionState.PUBLISHED, article__audience=Audience.PUBLIC, article__code=code
    ).select_related("article")  # fmt: skip
    found = {row.language: row for row in rows}
    return next((found[one] for one in (language, "en", "ko", "ja") if one in found), None)


def public_url(edition: Edition) -> str:
    """Return where customers read it, in its language."""
    path = reverse("knowledge_article", args=[edition.article.code])
    return f"{settings.PUBLIC_URL.rstrip('/')}{path}?lang={edition.language}"


def suggest_articles(*, words: str, language: str) -> list[Suggestion]:
    """Return published articles that resemble these words, the nearest first, in this language only.

    One statement. What comes first in ``words`` weighs most: of it single words count beside how well the title occurs
    anywhere in all of them (pg_trgm word similarity); one common word alone is not enough.
    """
    sought = fold(words)[:READ]
    if len(sought) < 2:
        return []
    nearness: Expression = Func(F("title"), Value(sought), function="word_similarity", output_field=FloatField())
    for piece in sought_words(sought):
        if len(piece) > (2 if piece.isascii() else 1):
            has = When(search_text__matches_word=piece, then=Value(WORD))
            nearness = nearness + Case(has, default=Value(0.0), output_field=FloatField())
    rows = Edition.objects.filter(state=EditionState.PUBLISHED, language=language).select_related("article")
    found = rows.annotate(nearness=nearness).filter(nearness__gte=LEAST).order_by("-nearness", "pk")[:SUGGESTED]
    return [Suggestion(row, row.article.audience == Audience.PUBLIC) for row in found]
