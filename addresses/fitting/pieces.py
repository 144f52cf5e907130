"""Where an address may break: after the town, after the house number, before the building, at blanks."""

import itertools
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from addresses.fitting.budget import ROLES, AddressParts

# what a break costs: the higher, the harder to read on a label
AT_BUILDING = 0
AFTER_NUMBER = 1
AT_BLANK = 2
AT_PART = 3  # between region, city and street
AFTER_TOWN = 4
BEFORE_DIGITS = 8
ROAD_AND_NUMBER = 12  # 테헤란로 | 152: belongs together
IN_WORD = 100
IN_NUMBER = 400  # 12 | 3 reads as another door

_NUMBER = r"(?:[0-9０-９]+|[一二三四五六七八九十百]+(?=丁目|番|号))"
_JOINT = r"(?:丁目|番地の?|番|号|の|ノ|[-－−‐–—ー])"
_DOOR = re.compile(rf"^(?P<town>.*?)(?P<number>{_NUMBER}(?:{_JOINT}+{_NUMBER})*(?:丁目|番地|番|号)?)(?P<rest>.*)$")
_BLANKS = re.compile(r"[ \u3000]+")
_ROAD = re.compile(r"(로|길|읍|면|동|리|가)$")
_KOREAN_NUMBER = re.compile(r"^(지하|산)?\d+(-\d+)?,?$")
_ROOM = re.compile(r"(?<=[^0-9０-９A-Za-zＡ-Ｚａ-ｚ\-－ー ])(?=[0-9０-９])")
_DIGITS = re.compile(r"[0-9０-９]")


@dataclass(frozen=True, slots=True)
class Piece:
    """A text that stays together, what it belongs to, what a break behind it costs, and what joins it to the next."""

    text: str
    role: str
    cost: int
    glue: str = ""


def pieces_of(parts: AddressParts) -> list[Piece]:
    """Return the address cut at every place where it may break; joined with their glue they are the whole address."""
    found: list[Piece] = []
    for role in ROLES:
        text = " ".join(_BLANKS.split(parts.part(role).strip()))
        if not text:
            continue
        if found:
            found[-1] = _end_of_part(found[-1], role, parts.country)
        found += _cut(text, role, parts.country)
    return found


def in_characters(pieces: list[Piece]) -> list[Piece]:
    """Return the same pieces broken up into characters: the last way to make them fit."""
    broken: list[Piece] = []
    for piece in pieces:
        for here, there in itertools.pairwise(piece.text):
            both_digits = _DIGITS.match(here) and _DIGITS.match(there)
            broken.append(Piece(here, piece.role, IN_NUMBER if both_digits else IN_WORD))
        broken.append(replace(piece, text=piece.text[-1:]))
    return broken


def _end_of_part(last: Piece, role: str, country: str) -> Piece:
    """Return the last piece of a part, now that ``role`` follows."""
    if role == "building":
        return replace(last, cost=AT_BUILDING, glue=" ")
    return replace(last, cost=AT_PART, glue="" if country == "JP" else " ")


def _cut(text: str, role: str, country: str) -> list[Piece]:
    if role == "street" and country == "JP":
        return list(_japanese(text))
    words = text.split(" ")
    found = [Piece(word, role, _after(word, after, country), " ") for word, after in itertools.pairwise(words)]
    return [*found, *_rooms(words[-1], role, country)]


def _after(word: str, after: str, country: str) -> int:
    if country != "KR":
        return AT_BLANK
    if _KOREAN_NUMBER.match(after) and _ROAD.search(word):
        return ROAD_AND_NUMBER
    return AFTER_NUMBER if _KOREAN_NUMBER.match(word) else AT_BLANK


def _rooms(word: str, role: str, country: str) -> list[Piece]:
    """Cut サンプルマンション101 before the room."""
    cuts = _ROOM.split(word, maxsplit=1) if country == "JP" and role == "building" else [word]
    return [*(Piece(cut, role, BEFORE_DIGITS) for cut in cuts[:-1]), Piece(cuts[-1], role, AT_BLANK)]


def _japanese(text: str) -> Iterator[Piece]:
    """Cut 丸の内1-2-3サンプルビル5F behind the town and behind the house number."""
    door = _DOOR.match(text)
    if door is None:
        yield from _words(text, AT_BLANK, "")
        return
    yield from _words(door["town"], AFTER_TOWN, " " if door["town"].endswith(" ") else "")
    rest = door["rest"]
    yield Piece(door["number"], "street", AFTER_NUMBER, " " if rest.startswith(" ") else "")
    yield from _words(rest, AT_BLANK, "")


def _words(text: str, cost: int, glue: str) -> Iterator[Piece]:
    words = text.split()
    for word in words[:-1]:
        yield Piece(word, "street", AT_BLANK, " ")
    if words:
        yield Piece(words[-1], "street", cost, glue)
