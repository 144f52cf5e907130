"""Characters: how wide they are, what an encoding carries, and what may stand for what it does not."""

import unicodedata

WIDE = frozenset("FWA")  # A: ambiguous; a fixed-width print of East Asia shows ①, Ω, ― wide
MOST_BYTES = 4
# the same sign under another number: what Unicode tables of Microsoft and JIS read differently
SAME_SIGN = {
    "\u301c": "\uff5e",  # wave dash
    "\u2212": "\uff0d",  # minus
    "\u2016": "\u2225",  # double bar
    "\u2014": "\u2015",  # long dash
    "\u2010": "-",
    "\u2011": "-",
    "\u2013": "-",
    "\u00a0": " ",
    "\u2019": "'",
}
# variants of characters in names and the form that every table has
PLAIN_FORM = {
    "髙": "高",
    "﨑": "崎",
    "𠮷": "吉",
    "濵": "浜",
    "德": "徳",
    "瀨": "瀬",
    "增": "増",
    "靑": "青",
    "栁": "柳",
    "桒": "桑",
    "淸": "清",
}
_HALF_KANA = range(0xFF61, 0xFFA0)
_TO_WIDE = {code: code + 0xFEE0 for code in range(0x21, 0x7F)} | {0x20: 0x3000}


def columns_of(text: str) -> int:
    """Return the width in half-width columns: what East Asia writes wide counts two."""
    return sum(2 if unicodedata.east_asian_width(char) in WIDE else 1 for char in text)


def widened(text: str) -> str:
    """Return the text in full-width characters only: letters, digits, signs, blanks and half-width kana."""
    if any(ord(char) in _HALF_KANA for char in text):
        text = _full_kana(text)
    return text.translate(_TO_WIDE)


def _full_kana(text: str) -> str:
    """Return the text with half-width kana and their sound marks as full-width kana."""
    parts, run = [], ""
    for char in text + "\0":
        if ord(char) in _HALF_KANA:
            run += char
            continue
        parts.append(unicodedata.normalize("NFKC", run))
        parts.append(char)
        run = ""
    return "".join(parts)[:-1]


def bytes_of(char: str, encoding: str) -> int:
    """Return how many bytes the encoding takes for a character; 0 when it does not have it.

    What Python's EUC-KR spells as eight bytes (a syllable put together from its letters) no carrier reads: it counts as
    missing.
    """
    try:
        length = len(char.encode(encoding))
    except UnicodeEncodeError:
        return 0
    return length if length <= MOST_BYTES else 0


def not_carried(text: str, encoding: str) -> list[str]:
    """Return each character of the text that the encoding does not have, once, in their order."""
    return [char for char in dict.fromkeys(text) if not bytes_of(char, encoding)]


def stand_in(char: str, encoding: str) -> str:
    """Return what may be written for a character that the encoding does not have; empty when we know nothing."""
    ways = (SAME_SIGN.get(char, ""), PLAIN_FORM.get(char, ""), unicodedata.normalize("NFKC", char))
    for way in ways:
        if way and way != char and not not_carried(way, encoding):
            return way
    return ""
