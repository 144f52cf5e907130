"""Search that an index can serve: pairs of characters for two-character words, trigrams for longer ones.

pg_trgm knows no pattern of two characters, yet most Korean and Japanese words have two; hence a second GIN index over
all pairs of neighbouring characters. Tables keep one lower-cased ``search_text`` column; its two indexes come from
``search_indexes``.
"""

import unicodedata
from typing import Any, TypeVar

from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.db.models import F, Func, Q

M = TypeVar("M", bound=models.Model)


class Bigrams(Func):
    """SQL: all pairs of neighbouring characters of a text, as text[] (function core_bigrams of core's migration)."""

    function = "core_bigrams"
    arity = 1


def fold(text: str) -> str:
    """Return the form that is stored and sought: NFKC (half-width kana become full), lower case, single blanks."""
    return " ".join(unicodedata.normalize("NFKC", text).lower().split())


def search_indexes(prefix: str) -> list[models.Index]:
    """Return the two indexes of a ``search_text`` column."""
    return [
        GinIndex(OpClass(F("search_text"), name="gin_trgm_ops"), name=f"{prefix}_trgm"),
        GinIndex(Bigrams("search_text"), name=f"{prefix}_bigram"),
    ]


@models.TextField.register_lookup
class MatchesWord(models.Lookup):
    """``search_text__matches_word="민준"``: contains the folded word, served by whichever index can."""

    lookup_name = "matches_word"

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, Any]:
        """Return LIKE for three characters and more; for two array containment, which the pairs' index serves.

        strpos says the same as the containment at a hundredth of its cost: the planner puts it first where it walks
        another index (the newest orders with a common name), and it does not distort the estimate as LIKE would.
        """
        column, params = self.process_lhs(compiler, connection)
        word = str(self.rhs)
        pattern = "%" + word.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%"
        if len(word) == 2:
            sql = f"(core_bigrams({column}) @> ARRAY[%s]::text[] AND strpos({column}, %s) > 0)"
            return sql, [*params, word, *params, word]
        return f"{column} LIKE %s", [*params, pattern]


def matching(query: str, *, field: str = "search_text") -> Q:
    """Return the condition that every word of ``query`` occurs; an empty query matches all, one with a NUL nothing."""
    if "\x00" in query:
        return Q(pk__in=[])
    condition = Q()
    for word in fold(query).split()[:8]:
        condition &= Q(**{f"{field}__matches_word": word})
    return condition
