"""Search that forgives typing mistakes: words that resemble a mistyped one, among those that texts really have.

An index over whole texts would make every write pay and would read thousands of rows for a common word. Here the
mistyped word is compared with the different words (``SearchWord``: some ten thousand for a hundred thousand products),
and what it probably means is then sought exactly, by the indexes of exact search.

Words are compared as people mistake them (``alike``): Korean by jamo, without the differences that nobody hears (ㅐ/ㅔ,
ㅅ/ㅆ); Japanese in hiragana, without long vowel marks and small kana; others without accents and a final s.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from django.db import connection
from django.db.models import Q

from core.copying import array_literal
from core.search import HIRAGANA, contains_word, fold, sought_words

MAX_WORD = 40
MAX_QUERY = 200
SUGGESTED = 8  # words sought in place of one
EXAMINED = 60  # words compared with one
READ = 2000  # texts read at a time
FORGOTTEN = 200  # words deleted by one statement

LATIN, HANGUL, KANA, EXACT = "latin", "hangul", "kana", "exact"

_RUN = re.compile(
    r"(?P<hangul>[\uac00-\ud7a3]+)"
    r"|(?P<kana>[\u3041-\u3096][\u3041-\u3096\u30fc]*|[\u30a1-\u30fa][\u30a1-\u30fa\u30fc]*)"
    r"|(?P<exact>[\u3005\u3400-\u9fff\uf900-\ufaff]+|\d+)"
    r"|(?P<latin>[^\W\d_\uac00-\ud7a3\u3040-\u30ff\u3005\u3400-\u9fff\uf900-\ufaff]+)"
)
_EAST_ASIAN = re.compile(r"[\uac00-\ud7a3\u3041-\u30ff\u3005\u3400-\u9fff\uf900-\ufaff]")
_DIGIT = re.compile(r"\d")
# conjoining jamo: tense consonants as plain ones, ae as e, oe and wae as we
_JAMO = {
    0x1101: 0x1100,
    0x1104: 0x1103,
    0x1108: 0x1107,
    0x110A: 0x1109,
    0x110D: 0x110C,
    0x1162: 0x1166,
    0x1164: 0x1168,
    0x116B: 0x1170,
    0x116C: 0x1170,
    0x11A9: 0x11A8,
    0x11BB: 0x11BA,
}
_LARGE = str.maketrans("ぁぃぅぇぉっゃゅょゎゕゖ", "あいうえおつやゆよわかけ")
_MARKS = {0x3099: "v", 0x309A: "p", 0x30FC: None}  # letters, because pg_trgm reads nothing else
_SHORTEST = {LATIN: 4, HANGUL: 2, KANA: 3}  # shorter words resemble everything
_ALLOWED = {LATIN: (5, 9), HANGUL: (3, 5), KANA: (4, 8)}  # letters from which on one mistake, and two, are forgiven


@dataclass(frozen=True, slots=True)
class Run:
    """Letters of one kind within a word."""

    text: str
    kind: str

    @property
    def is_comparable(self) -> bool:
        """Tell whether similar words make sense: numbers and Chinese characters are sought as they are."""
        return self.kind != EXACT and _SHORTEST[self.kind] <= len(self.text) <= MAX_WORD


@dataclass(frozen=True, slots=True)
class Similar:
    """What a query probably means: each part may be any of its ``ways``."""

    parts: tuple[tuple[str, ...], ...]
    suggested: tuple[str, ...]

    def condition(self, *, field: str = "search_text") -> Q:
        """Return the condition that each part occurs in one of its ways."""
        every = Q()
        for ways in self.parts:
            every &= Q(*[(f"{field}__matches_word", way) for way in ways], _connector=Q.OR)
        return every


def alike(text: str, kind: str) -> str:
    """Return a folded word without the differences that people mistake."""
    if kind == KANA:
        spelled = text.translate(HIRAGANA).translate(_LARGE)
        return unicodedata.normalize("NFD", spelled).translate(_MARKS)
    letters = unicodedata.normalize("NFD", text)
    if kind == HANGUL:
        return letters.translate(_JAMO)
    bare = "".join([letter for letter in letters if not unicodedata.combining(letter)])
    return bare[:-1] if len(bare) > 4 and bare.endswith("s") and not bare.endswith("ss") else bare


def runs_of(word: str) -> list[Run]:
    """Return the runs of a folded word without blanks; an article number (digits, no East Asian letter) is one."""
    if _DIGIT.search(word) and not _EAST_ASIAN.search(word):
        return [Run(word, EXACT)]
    return [Run(found.group(), str(found.lastgroup)) for found in _RUN.finditer(word)]


# --- words of texts


def remember_words(*, subject: str, texts: Iterable[str]) -> None:
    """Make the words of these texts known as words of ``subject`` (an app); known ones are not written again."""
    words = set(fold(" ".join(texts)).split())  # at once, and each different word once: texts come by the thousand
    runs = {run for word in words for run in runs_of(word) if run.is_comparable}
    if not runs:
        return
    rows = sorted((run.text, alike(run.text, run.kind)) for run in runs)
    spelled, likes = zip(*rows, strict=True)
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO core_searchword (subject, word, alike, letters)"
            " SELECT %s, n.word, n.alike, n.letters FROM unnest(%s::text[], %s::text[], %s::text[])"
            " AS n(word, alike, letters)"
            " WHERE NOT EXISTS (SELECT FROM core_searchword o WHERE o.subject = %s AND o.word = n.word)",
            [
                subject,
                array_literal(spelled),
                array_literal(likes),
                array_literal(["".join(sorted(like)) for like in likes]),
                subject,
            ],
        )


def forget_words(*, subject: str, tables: Sequence[str]) -> int:
    """Delete words of ``subject`` that no ``search_text`` of its tables has any more, and doubles; return how many.

    1. Doubles go. 2. All texts are read, a chunk at a time. 3. Each word that was not met is deleted unless some text
    holds it by then: one that came in meanwhile stays. A word of a transaction that is still open may go; it is
    remembered again by the next text that has it.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM core_searchword a USING core_searchword b"
            " WHERE a.subject = %s AND b.subject = a.subject AND b.word = a.word AND b.id < a.id",
            [subject],
        )
        count = int(cursor.rowcount)
        cursor.execute("SELECT word, id FROM core_searchword WHERE subject = %s", [subject])
        unmet = dict(cursor.fetchall())
        for table in tables:
            for words in _words_of(table):
                for run in {run.text for word in words for run in runs_of(word)}:
                    unmet.pop(run, None)
        held = " OR ".join(f"EXISTS (SELECT FROM {table} t WHERE t.search_text LIKE w.pattern)" for table in tables)
        unused = sorted(unmet)
        for start in range(0, len(unused), FORGOTTEN):
            chunk = unused[start : start + FORGOTTEN]
            cursor.execute(
                "DELETE FROM core_searchword s USING unnest(%s::bigint[], %s::text[]) AS w(id, pattern)"  # noqa: S608 names of our own tables
                f" WHERE s.id = w.id AND NOT ({held})",
                [array_literal([unmet[word] for word in chunk]), array_literal([f"%{word}%" for word in chunk])],
            )
            count += int(cursor.rowcount)
    return count


def _words_of(table: str) -> Iterator[set[str]]:
    """Yield the different words of the texts, some thousand rows at a time."""
    last = 0
    with connection.cursor() as cursor:
        while True:
            cursor.execute(
                f"SELECT id, search_text FROM {table} WHERE id > %s ORDER BY id LIMIT %s",  # noqa: S608 a name of our own
                [last, READ],
            )
            rows = cursor.fetchall()
            yield {word for _pk, text in rows for word in text.split()}
            if len(rows) < READ:
                return
            last = rows[-1][0]


# --- similar words


def similar_to(query: str, *, subject: str) -> Similar | None:
    """Return what a query that found nothing probably means, None when nothing resembles it; one statement."""
    if "\x00" in query or len(query) > MAX_QUERY:
        return None
    words = [runs_of(word) for word in sought_words(query)]
    sought = {run for runs in words for run in runs if run.is_comparable}
    if not sought:
        return None
    ways = _ways(list(sought), subject)
    parts: list[tuple[str, ...]] = []
    for run in (run for runs in words for run in runs):
        replaced = ways.get(run, (run.text,))
        if not replaced:
            return None
        parts.append(replaced)
    suggested = [way for run, replaced in ways.items() for way in replaced if replaced != (run.text,)]
    return Similar(tuple(parts), tuple(suggested)) if suggested else None


def _ways(sought: list[Run], subject: str) -> dict[Run, tuple[str, ...]]:
    """Return for each run what to seek instead: itself when texts have it, nothing when nothing resembles it."""
    likes = [alike(run.text, run.kind) for run in sought]
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT q.place, c.word, c.alike FROM unnest(%s::text[], %s::text[]) WITH ORDINALITY"
            " AS q(alike, letters, place) CROSS JOIN LATERAL (SELECT w.word, w.alike FROM core_searchword w"
            " WHERE w.subject = %s AND (w.alike %% q.alike OR q.alike <%% w.alike"
            " OR w.alike LIKE '%%' || q.alike || '%%' OR w.letters = q.letters)"
            " ORDER BY strpos(w.alike, q.alike) > 0 DESC, similarity(w.alike, q.alike) DESC, w.word LIMIT %s) c",
            [likes, ["".join(sorted(like)) for like in likes], subject, EXAMINED],
        )
        rows = cursor.fetchall()
    found: dict[Run, tuple[str, ...]] = {}
    for place, (run, like) in enumerate(zip(sought, likes, strict=True), 1):
        found[run] = _best(run, like, [(word, other) for at, word, other in rows if at == place])
    return found


def _best(run: Run, like: str, candidates: list[tuple[str, str]]) -> tuple[str, ...]:
    """Return the words with the fewest mistakes, shortest first; one that contains another of them adds nothing."""
    if any(contains_word(word, run.text) for word, _like in candidates):
        return (run.text,)
    judged = [(_mistakes(run, like, other), word) for word, other in candidates]
    near = [(count, word) for count, word in judged if count is not None]
    if not near:
        return ()
    fewest = min(near)[0]
    best: list[str] = []
    for word in sorted({word for count, word in near if count == fewest}, key=lambda word: (len(word), word)):
        if not any(shorter in word for shorter in best):
            best.append(word)
    return tuple(best[:SUGGESTED])


def _mistakes(run: Run, like: str, other: str) -> int | None:
    """Return how many typing mistakes lie between two words, None for too many."""
    within = run.kind != LATIN  # East Asian words stand within longer ones; others stand alone
    length = len(run.text.replace("ー", "")) if within else max(len(like), len(other))
    one, two = _ALLOWED[run.kind]
    allowed = (length >= one) + (length >= two)
    if not within and (abs(len(like) - len(other)) > allowed or (length < two and like[0] != other[0])):
        return None
    count = distance(like, other, within=within)
    return count if count <= allowed else None


def distance(sought: str, word: str, *, within: bool = False) -> int:
    """Return the fewest letters to change, add, leave out or swap with their neighbour to turn one into the other.

    ``within``: into the nearest part of ``word``.
    """
    before: list[int] = []
    row = [0] * (len(word) + 1) if within else list(range(len(word) + 1))
    for i, letter in enumerate(sought, 1):
        earlier, before, row = before, row, [i]
        for j, other in enumerate(word, 1):
            least = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (letter != other))
            if i > 1 and j > 1 and letter == word[j - 2] and sought[i - 2] == other:
                least = min(least, earlier[j - 2] + 1)
            row.append(least)
    return min(row) if within else row[-1]
