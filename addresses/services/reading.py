"""The lists of the post offices, read from their files: plain or xz, UTF-8 or cp932."""

import csv
import io
import lzma
import re
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from django.utils.translation import gettext as _

from addresses.models import PostcodeSource
from core.errors import InvalidInput

XZ = b"\xfd7zXZ\x00"
_JAPANESE = re.compile(r"^\d{7}$")
_KOREAN = re.compile(r"^\d{5}$")
_NO_TOWN = re.compile(r"^以下に掲載がない場合$|の次に.*番地.*がくる場合$|^.+一円$")


@dataclass(slots=True, frozen=True)
class ListedCode:
    """One row of a list; names as the post writes them, readings in full-width katakana."""

    code: str
    region: str
    city: str
    region_kana: str = ""
    city_kana: str = ""
    area: str = ""
    area_kana: str = ""
    office: str = ""


@dataclass(frozen=True, slots=True)
class PostcodeList:
    """A list that was recognised: whose it is, of which country, and its rows."""

    source: PostcodeSource
    country: str
    rows: Iterator[ListedCode]


def read_list(path: Path) -> PostcodeList:
    """Recognise the list by its first row; InvalidInput for a file that is none of those we know."""
    if not path.is_file():
        raise InvalidInput(_("There is no file “%(name)s”.") % {"name": path.name})
    raw = path.read_bytes()
    if raw.startswith(XZ):
        raw = lzma.decompress(raw)
    rows = csv.reader(io.StringIO(_text(raw), newline=""))
    first = next(rows, [])
    for source, country, is_it, reader in _LISTS:
        if is_it(first):
            return PostcodeList(source, country, reader(first, rows))
    raise InvalidInput(_("“%(name)s” is no list of postcodes that we know.") % {"name": path.name})


def _text(raw: bytes) -> str:
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        return raw.decode("cp932")


def _named(first: Sequence[str], rows: Iterator[list[str]]) -> Iterator[dict[str, str]]:
    for row in rows:
        if row:
            yield dict(zip(first, row, strict=True))


def _japan_table(first: Sequence[str], rows: Iterator[list[str]]) -> Iterator[ListedCode]:
    """Read the list with one row for each area and a header."""
    for row in _named(first, rows):
        yield ListedCode(
            row["postal_code"],
            row["prefecture"],
            row["city"],
            row["prefecture_kana"],
            row["city_kana"],
            row["neighborhood"],
            row["neighborhood_kana"],
        )


def _japan_official(first: Sequence[str], rows: Iterator[list[str]]) -> Iterator[ListedCode]:
    """Read KEN_ALL.CSV or utf_ken_all.csv, where towns in brackets run over rows and some rows name none."""
    area, kana = "", ""
    for row in _with_first(first, rows):
        area, kana = area + row[8], kana + row[5]
        if area.count("（") > area.count("）"):
            continue
        town = re.sub(r"（.*", "", area)
        town = "" if _NO_TOWN.search(area) else town
        reading = _full(re.sub(r"[（(].*", "", kana)) if town else ""
        yield ListedCode(row[2], row[6], row[7], _full(row[3]), _full(row[4]), town, reading)
        area, kana = "", ""


def _japan_offices(first: Sequence[str], rows: Iterator[list[str]]) -> Iterator[ListedCode]:
    """Read JIGYOSYO.CSV: offices and companies with a code of their own."""
    for row in _with_first(first, rows):
        yield ListedCode(row[7], row[3], row[4], area=row[5], office=row[2])


def _korea_zones(first: Sequence[str], rows: Iterator[list[str]]) -> Iterator[ListedCode]:
    """Read the five-digit zones: each town of a zone is a row."""
    for row in _named(first, rows):
        for area in row["dongs"].split("|") or [""]:
            yield ListedCode(row["zip"], row["sido"], row["sigungu"], area=area)


def _with_first(first: Sequence[str], rows: Iterator[list[str]]) -> Iterator[Sequence[str]]:
    yield first
    yield from (row for row in rows if row)


def _full(kana: str) -> str:
    return unicodedata.normalize("NFKC", kana)


Reader = Callable[[Sequence[str], Iterator[list[str]]], Iterator[ListedCode]]
_LISTS: tuple[tuple[PostcodeSource, str, Callable[[list[str]], bool], Reader], ...] = (
    (PostcodeSource.JP_AREAS, "JP", lambda row: row[:2] == ["postal_code", "jisx0402"], _japan_table),
    (PostcodeSource.KR_ZONES, "KR", lambda row: row[:3] == ["zip", "sido", "sigungu"], _korea_zones),
    (PostcodeSource.JP_OFFICES, "JP", lambda row: len(row) == 13 and bool(_JAPANESE.match(row[7])), _japan_offices),
    (PostcodeSource.JP_AREAS, "JP", lambda row: len(row) == 15 and bool(_JAPANESE.match(row[2])), _japan_official),
)
