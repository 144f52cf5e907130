"""What an answer promises: amounts of money in its words, read in Korean, Japanese and English, and phrases in it."""

import re
import unicodedata
from collections.abc import Iterable
from decimal import Decimal

from core.money import Currency, to_minor
from core.search import fold

_UNITS = {
    "백": 100, "百": 100, "천": 1000, "千": 1000, "k": 1000, "만": 10_000, "万": 10_000, "萬": 10_000,
    "억": 100_000_000, "億": 100_000_000,
}  # fmt: skip
_LARGE = 10_000  # units from here on are followed by a smaller rest: 1만 2천
_NAMES = {
    Currency.KRW: ("₩", "krw", "원", "won", "ウォン"),
    Currency.JPY: ("¥", "jpy", "円", "엔", "yen"),
    Currency.USD: ("us$", "$", "usd", "dollars", "dollar", "달러", "불", "ドル"),
    Currency.EUR: ("€", "eur", "euros", "euro", "유로", "ユーロ"),
    Currency.GBP: ("£", "gbp", "pounds", "pound", "파운드", "ポンド"),
    Currency.CNY: ("cny", "rmb", "元", "위안"),
    Currency.TWD: ("nt$", "twd"),
    Currency.BRL: ("r$", "brl"),
}
_BY_NAME = {name: currency for currency, names in _NAMES.items() for name in names}
_NAME = "|".join(re.escape(name) for name in sorted(_BY_NAME, key=len, reverse=True))
_NUMBER = r"\d(?:[\d,.]*\d)?"
_SIGNS = f"[{''.join(_UNITS)}]"
_AMOUNT = rf"{_NUMBER}(?:\s?{_SIGNS}{{1,3}}(?:\s?{_NUMBER}(?:\s?{_SIGNS}{{1,3}})?)*)?"
_FOUND = re.compile(rf"(?:(?P<before>{_NAME})\s?)?(?P<amount>{_AMOUNT})(?:\s?(?P<after>{_NAME}))?")
_PARTS = re.compile(rf"({_NUMBER})\s?({_SIGNS}{{0,3}})")
_GROUPED = re.compile(r"\d{1,3}(?:,\d{3})+(?:\.\d+)?")
_GROUPED_BY_DOTS = re.compile(r"\d{1,3}(?:\.\d{3})+(?:,\d+)?")


def plain(text: str) -> str:
    """Return the text as rules compare it: folded, without signs that nobody sees."""
    seen = "".join(sign for sign in unicodedata.normalize("NFKC", text) if unicodedata.category(sign) != "Cf")
    return fold(seen)


def amounts_in(text: str) -> list[tuple[str, int]]:
    """Return each amount with a currency in the text as (currency, minor units): "12만원" is ("KRW", 120000)."""
    found = []
    for match in _FOUND.finditer(plain(text)):
        name = match["before"] or match["after"]
        if name:
            currency = str(_BY_NAME[name])
            found.append((currency, to_minor(_value(match["amount"]), currency)))
    return found


def phrase_in(phrases: Iterable[str], text: str) -> str:
    """Return the first of the phrases that the text holds, an empty text when it holds none.

    Case, width and blanks do not matter; a phrase in Latin letters is a word of its own: "free" is not in "freedom".
    """
    words = plain(text)
    bare = words.replace(" ", "")
    for phrase in phrases:
        wanted = plain(phrase)
        if not wanted:
            continue
        if wanted.isascii():
            if re.search(rf"(?<![a-z0-9]){re.escape(wanted)}(?![a-z0-9])", words):
                return phrase
        elif wanted.replace(" ", "") in bare:
            return phrase
    return ""


def _value(text: str) -> Decimal:
    """Return the number that digits and units make: 1만 2천 is 12000, 2천3백만 is 23 million."""
    whole, rest = Decimal(0), Decimal(0)
    for digits, units in _PARTS.findall(text):
        number = _number(digits)
        for unit in units:
            if _UNITS[unit] < _LARGE:
                number *= _UNITS[unit]
        rest += number
        for unit in units:
            if _UNITS[unit] >= _LARGE:
                whole, rest = whole + rest * _UNITS[unit], Decimal(0)
    return whole + rest


def _number(digits: str) -> Decimal:
    if _GROUPED_BY_DOTS.fullmatch(digits) and not _GROUPED.fullmatch(digits):
        return Decimal(digits.replace(".", "").replace(",", "."))
    cleaned = digits.replace(",", "")
    return Decimal(cleaned if cleaned.count(".") < 2 else cleaned.replace(".", ""))
