"""What readers find: published articles only, and what fits the words of a conversation."""

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db.models import F, FloatField, Func, Q, QuerySet, Value
from django.db.models.functions import Greatest
from django.urls import reverse

from core.search import fold, sought_words
from knowledge.models import Audience, Edition, EditionState

MOST = 50
SUGGESTED = 5
NEAR = 0.4  # word similarity below which a title says nothing about the words
SHARED = 0.25  # of the title's words: one of four
READ = 600  # characters of a conversation that are compared
_BETWEEN_WORDS = r"[^[:alnum:]]+|[ぁ-ゖ]+"


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


class TitleWords(Func):
    """SQL: which part of a title's words occurs in what was written, 0 to 1.

    By characters, so that 교환 is found in 교환하고; hiragana parts words, and short Latin words say nothing.
    """

    output_field = FloatField()

    def as_sql(self, compiler: Any, connection: Any, *_over: Any, **_more: Any) -> tuple[str, Any]:
        """Return the share as a subquery over the words."""
        (title, of_title), (sought, of_sought) = map(compiler.compile, self.source_expressions)
        sql = (
            f"(SELECT coalesce(avg((strpos({sought}, word) > 0)::int), 0)"  # noqa: S608 compiled expressions
            f" FROM regexp_split_to_table(lower({title}), %s) AS word"
            " WHERE length(word) >= CASE WHEN word ~ '^[ -~]+$' THEN 4 ELSE 2 END)"
        )
        return sql, (*of_sought, *of_title, _BETWEEN_WORDS)


def suggest_articles(*, words: str, language: str) -> list[Suggestion]:
    """Return published articles that resemble these words, the nearest first, in this language only.

    One statement: how well the title occurs anywhere in the words (pg_trgm word similarity), and how many of the
    title's own words do; whichever is more.
    """
    sought = fold(words)[:READ]
    if len(sought) < 2:
        return []
    near = Func(F("title"), Value(sought), function="word_similarity", output_field=FloatField())
    shared = TitleWords(F("title"), Value(sought))
    rows = Edition.objects.filter(state=EditionState.PUBLISHED, language=language).select_related("article")
    found = rows.annotate(near=near, shared=shared).filter(Q(near__gte=NEAR) | Q(shared__gte=SHARED))
    nearest = found.order_by(Greatest("near", "shared").desc(), "pk")[:SUGGESTED]
    return [Suggestion(row, row.article.audience == Audience.PUBLIC) for row in nearest]
