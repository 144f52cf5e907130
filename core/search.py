"""Search that an index can serve: pairs of characters for two-character words, trigrams for longer ones.

pg_trgm knows no pattern of two characters, yet most Korean and Japanese words have two; hence a second GIN index over
all pairs of neighbouring characters. Tables keep one lower-cased ``search_text`` column; its two indexes come from
``search_indexes``.
"""

import itertools
import unicodedata
from typing import Any, TypeVar

from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import connection, models
from django.db.models import F, Func, Q

M = TypeVar("M", bound=models.Model)

FORMERLY = "  "  # parts former names from current ones in a search text; folded words have single blanks
MAX_WORDS = 8
EVERY = 2**62  # a limit that limits nothing: a fence for the planner
STRETCH = 5_000  # rows of an order that are looked through before
MAX_KANA = 40  # in one word; a longer pattern would be refused by the database

# ァ to ヶ lie 96 places behind ぁ to ゖ
HIRAGANA = {code: code - 96 for code in range(0x30A1, 0x30F7)}
KATAKANA = {code - 96: code for code in HIRAGANA}


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
    """``search_text__matches_word="민준"``: contains the folded word, served by whichever index can.

    Hiragana and katakana are equal here, letter by letter (わんぴーす finds ワンピース), not in the stored texts:
    these go on showing what was written, and no table is rewritten.
    """

    lookup_name = "matches_word"

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, Any]:
        """Return LIKE for three characters and more (several where kana are), arrays of pairs for two."""
        column, params = self.process_lhs(compiler, connection)
        word = str(self.rhs)
        if len(word) == 2:
            return _pair(column, params, word)
        if len(word) <= MAX_KANA and _has_kana(word):
            return _kana(column, params, word)
        return f"{column} LIKE %s", [*params, _like(word)]


def _pair(column: str, params: Any, word: str) -> tuple[str, Any]:
    """Return the condition that one way to write the two characters occurs, which the index of pairs serves.

    strpos says the same as the array at a hundredth of its cost: the planner puts it first where it walks another index
    (the newest orders with a common name), and it does not distort the estimate as LIKE would.
    """
    ways = _ways(word)
    found = " OR ".join(f"strpos({column}, %s) > 0" for _way in ways)
    each = [value for way in ways for value in (*params, way)]
    operator = "@>" if len(ways) == 1 else "&&"
    return f"(core_bigrams({column}) {operator} %s::text[] AND ({found}))", [*params, ways, *each]


def _kana(column: str, params: Any, word: str) -> tuple[str, Any]:
    """Return the condition that the word occurs in hiragana, in katakana or in both kinds mixed.

    The patterns of one kind bring a good estimate and the index of trigrams; the mixed one would have it read the whole
    table, so the index of pairs serves it.
    """
    plain = dict.fromkeys((word, word.translate(HIRAGANA), word.translate(KATAKANA)))
    ways = [f"{column} LIKE %s" for _way in plain]
    values = [value for way in plain for value in (*params, _like(way))]
    pairs = [_ways(former + latter) for former, latter in itertools.pairwise(word)]
    mixed = [f"{column} ~ %s", *(f"core_bigrams({column}) && %s::text[]" for _pair in pairs)]
    values += [*params, _pattern(word), *(value for pair in pairs for value in (*params, pair))]
    return f"({' OR '.join(ways)} OR ({' AND '.join(mixed)}))", values


def _like(word: str) -> str:
    escaped = word.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return f"%{escaped}%"


def _ways(letters: str) -> list[str]:
    """Return all ways to write these letters in both kinds of kana."""
    return ["".join(way) for way in itertools.product(*(_letters(letter) for letter in letters))]


def _letters(letter: str) -> tuple[str, ...]:
    """Return the letter, both kinds of it for a kana."""
    code = ord(letter)
    other = HIRAGANA.get(code) or KATAKANA.get(code)
    return (letter, chr(other)) if other else (letter,)


def _has_kana(word: str) -> bool:
    return any(ord(letter) in HIRAGANA or ord(letter) in KATAKANA for letter in word)


def _pattern(word: str) -> str:
    """Return the word as a regular expression in which each kana stands for both kinds."""
    parts = []
    for letter in word:
        ways = _letters(letter)
        if len(ways) > 1:
            parts.append(f"[{''.join(ways)}]")
        else:
            parts.append(letter if letter.isalnum() or not letter.isascii() else f"\\{letter}")
    return "".join(parts)


def sought_words(query: str) -> list[str]:
    """Return the folded words of a query, as many as are sought."""
    return fold(query).split()[:MAX_WORDS]


def matching(query: str, *, field: str = "search_text") -> Q:
    """Return the condition that every word of ``query`` occurs; an empty query matches all, one with a NUL nothing."""
    if "\x00" in query:
        return Q(pk__in=[])
    condition = Q()
    for word in sought_words(query):
        condition &= Q(**{f"{field}__matches_word": word})
    return condition


def first_matching(rows: "models.QuerySet[M]", query: str, *, most: int) -> list[Any]:
    """Return the keys of the first ``most`` rows, in the order of ``rows``, in which every word of ``query`` occurs.

    The planner guesses how often a word occurs, and walks a million rows for one that nowhere does. So the order is
    walked for a stretch first, where a common word fills a page; else the words' indexes name all rows, mostly few
    then, and these are sorted. Two statements at most.
    """
    near = _near(rows, query, most)
    if len(near) == most:
        return near
    found = rows.filter(matching(query)).order_by().values("pk")[:EVERY]
    same = rows.model._default_manager.filter(pk__in=found).order_by(*rows.query.order_by)
    return list(same.values_list("pk", flat=True)[:most])


def _near(rows: "models.QuerySet[M]", query: str, most: int) -> list[Any]:
    """Return what is found in the first stretch of the rows, without an index of words."""
    words = sought_words(query)
    if not words or "\x00" in query:
        return []
    sql, parameters = rows.values_list("pk", "search_text")[:STRETCH].query.sql_with_params()
    occur = " AND ".join("folded ~ %s" if _has_kana(word) else "strpos(folded, %s) > 0" for word in words)
    values = [_pattern(word) if _has_kana(word) else word for word in words]
    with connection.cursor() as cursor:
        statement = f"SELECT key FROM ({sql}) AS near (key, folded) WHERE {occur} LIMIT {most:d}"  # noqa: S608 the ORM's
        cursor.execute(statement, [*parameters, *values])
        return [key for (key,) in cursor.fetchall()]


def contains_word(text: str, word: str) -> bool:
    """Tell what ``matches_word`` tells, of a folded text at hand."""
    return word.translate(HIRAGANA) in text.translate(HIRAGANA)
