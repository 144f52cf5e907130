"""What readers find: published articles only, and what fits the words of a conversation."""

from dataclasses import dataclass

from django.db.models import F, FloatField, Func, Q, QuerySet, Value

from core.search import fold, sought_words
from knowledge.models import Audience, Edition, EditionState

MOST = 50
SUGGESTED = 5
LEAST = 0.2  # word similarity below which a suggestion is noise
READ = 400  # characters of a conversation that are compared


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


def suggest_articles(*, words: str, language: str) -> list[Suggestion]:
    """Return published articles that resemble these words, the nearest first, the ticket's language only.

    One statement; the title counts by its nearest part of the words (pg_trgm word similarity).
    """
    sought = fold(words)[:READ]
    if len(sought) < 2:
        return []
    rows = Edition.objects.filter(state=EditionState.PUBLISHED, language=language).select_related("article")
    pieces = [word for word in sought_words(sought) if len(word) > 1]
    # how well the title occurs somewhere in what was written
    title = Func(F("title"), Value(sought), function="word_similarity", output_field=FloatField())
    near = rows.annotate(nearness=title)
    any_word = Q()
    for piece in pieces:
        any_word |= Q(search_text__matches_word=piece)
    found = near.filter(Q(nearness__gte=LEAST) | any_word if pieces else Q(nearness__gte=LEAST))
    return [
        Suggestion(row, row.article.audience == Audience.PUBLIC)
        for row in found.order_by("-nearness", "pk")[:SUGGESTED]
    ]
