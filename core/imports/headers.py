"""Where the column names stand, and names that can be told apart."""

import re
import unicodedata
from collections.abc import Callable, Sequence

SEARCHED_ROWS = 20
_NUMBER = re.compile(r"[-+]?[\d,.:/ \-]+")


def normal(name: str) -> str:
    """Return the form in which names are compared: NFKC, lower case, no blanks, quotes or marks."""
    text = unicodedata.normalize("NFKC", name).strip("\ufeff '\"*").lower()
    return re.sub(r"[\s_\-]+", "", text)


def find_header(rows: Sequence[tuple[int, list[str]]], score: Callable[[list[str]], float]) -> int | None:
    """Return the index of the header among the first rows, or None.

    The row that matches a known format best wins (notice lines may stand above it); without a match, the first row
    whose cells are mostly filled with words.
    """
    scores = [score(row) for _number, row in rows[:SEARCHED_ROWS]]
    if scores and max(scores) > 0:
        return scores.index(max(scores))
    width = max((_filled(row) for _number, row in rows[:SEARCHED_ROWS]), default=0)
    for index, (_number, row) in enumerate(rows[:SEARCHED_ROWS]):
        filled = _filled(row)
        words = sum(1 for cell in row if cell.strip() and not _NUMBER.fullmatch(cell.strip()))
        if filled >= min(2, width) and filled >= 0.6 * width and words >= 0.6 * filled and words:
            return index
    return None


def unique_names(cells: Sequence[str]) -> list[str]:
    """Return the column names, a repeated one marked "(2)", an empty one called by its place ("#5")."""
    seen: dict[str, int] = {}
    names = []
    for place, cell in enumerate(cells, start=1):
        name = " ".join(cell.replace("\ufeff", "").split()) or f"#{place}"
        seen[name] = seen.get(name, 0) + 1
        names.append(name if seen[name] == 1 else f"{name} ({seen[name]})")
    while names and names[-1].startswith("#") and not cells[len(names) - 1].strip():
        names.pop()
    return names


def _filled(row: list[str]) -> int:
    return sum(1 for cell in row if cell.strip())
