"""Cell texts to values: exact or refused, never guessed. Cleaners return (value, None) or (None, reason)."""

import re
import unicodedata
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from core.imports.countries import country_code
from core.imports.headers import normal
from core.imports.reasons import Reason
from core.imports.targets import Field, Kind

Cleaned = tuple[Any, Reason | None]
Cleaner = Callable[[str], Cleaned]

# an apostrophe that spreadsheets and shops put before text that looks like a number or a formula
_APOSTROPHE = re.compile(r"^'(?=[\d=+\-@\t\r])")
_AMOUNT = re.compile(r"[-+]?(\d{1,15}|\d{1,3}(,\d{3}){1,4})(\.\d{1,9})?")
_CURRENCY_SIGNS = str.maketrans("", "", "¥₩$€£円원元 \u00a0")
_FLOAT_ID = re.compile(r"(\d{1,15})\.0+")
_MANGLED = re.compile(r"\d(\.\d+)?[eE]\+\d+")
_DATE_FORMATS = (
    "%Y-%m-%d %H:%M:%S %z",
    "%Y/%m/%d %H:%M:%S",
    "%Y/%m/%d %H:%M",
    "%Y/%m/%d",
    "%Y.%m.%d %H:%M:%S",
    "%Y.%m.%d %H:%M",
    "%Y.%m.%d",
    "%Y年%m月%d日",
    "%Y년 %m월 %d일",
)
TRUE = {"1", "true", "yes", "y", "o", "○", "예", "네", "はい"}
FALSE = {"0", "false", "no", "n", "x", "×", "아니오", "아니요", "いいえ"}


def cleaner(field: Field, *, words: dict[str, str], dates: tuple[str, ...], time_zone: str) -> Cleaner:
    """Return the function that cleans this field's cells in this file."""
    makers: dict[Kind, Callable[[], Cleaner]] = {
        Kind.TEXT: lambda: _text(field),
        Kind.CODE: lambda: _code(field),
        Kind.AMOUNT: lambda: lambda cell: amount(cell, is_personal=field.is_personal),
        Kind.WHOLE: lambda: whole,
        Kind.MOMENT: lambda: _moment(dates, ZoneInfo(time_zone or "UTC"), is_deadline=field.is_deadline),
        Kind.FLAG: lambda: flag,
        Kind.CHOICE: lambda: _choice(field, words),
        Kind.PHONE: lambda: _phone(field),
        Kind.EMAIL: lambda: _email(field),
        Kind.COUNTRY: lambda: lambda cell: (words.get(normal(cell)) or country_code(cell) or "??", None),
    }
    made = makers[field.kind]()
    if words and field.kind == Kind.FLAG:
        # a word of the source that is not mapped says nothing about the flag
        return lambda cell: flag(words[normal(cell)]) if normal(cell) in words else (None, None)
    if words and field.kind not in {Kind.CHOICE, Kind.COUNTRY}:
        return lambda cell: made(words.get(normal(cell), cell))
    return made


def plain(cell: str) -> str:
    """Return the text without outer blanks and without the apostrophe that marks text in spreadsheets."""
    return _APOSTROPHE.sub("", cell.strip())


def digits(cell: str) -> str:
    """Return the text of a number: full-width forms become ASCII, other scripts' digits stay and are refused later."""
    text = cell.strip()
    return text if text.isascii() else unicodedata.normalize("NFKC", text).strip()


def amount(cell: str, *, is_personal: bool = False) -> Cleaned:
    """Return an exact Decimal; thousands separators only where they belong; no exponents, NaN or other scripts."""
    text = digits(cell).translate(_CURRENCY_SIGNS)
    if not _AMOUNT.fullmatch(text) or not text.isascii():
        return None, {"code": "not_amount", "text": "…" if is_personal else cell[:40]}
    return Decimal(text.replace(",", "")), None


def whole(cell: str) -> Cleaned:
    """Return an int; "4.0" is 4 (spreadsheets), "4.5" is refused."""
    value, reason = amount(cell)
    if reason is not None or value != value.to_integral_value():
        return None, {"code": "not_whole", "text": cell[:40]}
    if abs(value) > 2_000_000_000:
        return None, {"code": "too_large", "text": cell[:40]}
    return int(value), None


def flag(cell: str) -> Cleaned:
    """Return True or False."""
    word = cell.strip().lower()
    if word in TRUE:
        return True, None
    if word in FALSE:
        return False, None
    return None, {"code": "not_flag", "text": cell[:20]}


def _text(field: Field) -> Cleaner:
    def clean(cell: str) -> Cleaned:
        return _fit(plain(cell), field)

    return clean


def _code(field: Field) -> Cleaner:
    def clean(cell: str) -> Cleaned:
        text = plain(cell)
        if not text.isascii():
            text = unicodedata.normalize("NFKC", text).strip()
        if _MANGLED.fullmatch(text):
            return None, {"code": "mangled"}
        whole_number = _FLOAT_ID.fullmatch(text)
        return _fit(whole_number[1] if whole_number else text, field)

    return clean


def _moment(dates: tuple[str, ...], zone: ZoneInfo, *, is_deadline: bool) -> Cleaner:
    """Aware UTC; a text without an offset is in the file's zone; a deadline without a time ends with its day."""

    def clean(cell: str) -> Cleaned:
        text = digits(cell)
        found = _parsed(text, dates)
        if found is None or not 1990 <= found.year <= 2100:
            return None, {"code": "not_date", "text": cell[:40]}
        if is_deadline and ":" not in text:
            found = found.replace(hour=23, minute=59, second=59)
        aware = found if found.tzinfo else found.replace(tzinfo=zone)
        return aware.astimezone(UTC), None

    return clean


def _parsed(text: str, dates: tuple[str, ...]) -> datetime | None:
    for written in dates:
        try:
            return datetime.strptime(text, written)  # noqa: DTZ007 the zone is added by the caller
        except ValueError:
            continue
    try:
        # ISO only when punctuated: 20260131 may be a number
        if "-" in text:
            return datetime.fromisoformat(text)
    except ValueError:
        pass
    for written in _DATE_FORMATS:
        try:
            return datetime.strptime(text, written)  # noqa: DTZ007
        except ValueError:
            continue
    return None


def _choice(field: Field, words: dict[str, str]) -> Cleaner:
    known = {normal(value): value for value in (field.choices.values if field.choices else ())}

    def clean(cell: str) -> Cleaned:
        word = normal(cell)
        # a word nobody has mapped yet must not lose the row: the target decides what "unknown" means
        return words.get(word) or known.get(word) or "unknown", None

    return clean


def _phone(field: Field) -> Cleaner:
    def clean(cell: str) -> Cleaned:
        text = plain(unicodedata.normalize("NFKC", cell))
        return ("", None) if not any(c.isdigit() for c in text) else _fit(text, field)

    return clean


def _email(field: Field) -> Cleaner:
    def clean(cell: str) -> Cleaned:
        return _fit(plain(unicodedata.normalize("NFKC", cell)).lower(), field)

    return clean


def _fit(text: str, field: Field) -> Cleaned:
    if len(text) <= field.max_length:
        return text, None
    if field.is_cut:
        return text[: field.max_length - 1] + "…", None
    return None, {"code": "too_long", "limit": field.max_length}
