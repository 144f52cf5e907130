"""Are two names one payer? Banks write half-width capitals without small kana, and cut what is long."""

import re
import unicodedata
from difflib import SequenceMatcher

# small kana as banks write them, and hiragana as katakana
_SMALL = str.maketrans("ァィゥェォッャュョヮヵヶ", "アイウエオツヤユヨワカケ")
_KATAKANA = {code: code + 0x60 for code in range(0x3041, 0x3097)}
_FORMS = re.compile(
    r"株式会社|有限会社|合同会社|合資会社|\(株\)|\(有\)|\(合\)|주식회사|유한회사|\(주\)|\(유\)"
    r"|^(?:カ|ユ|ド|シヤ|ザイ|イ)\)|\((?:カ|ユ|ド|シヤ|ザイ|イ)\)?$|\b(?:CO|LTD|INC|GMBH|KK)\b"
)
_REST = re.compile(r"[^0-9A-Z가-힣ァ-ヺ一-龯々]")
SHORTEST_CUT = 4


def payer_key(text: str) -> str:
    """Return a name as it is compared: full-width katakana, voiced and large, without legal form and blanks."""
    full = unicodedata.normalize("NFKC", text).translate(_KATAKANA).upper()
    full = unicodedata.normalize("NFC", full.replace("゛", "\u3099").replace("゜", "\u309a")).translate(_SMALL)
    return _REST.sub("", _FORMS.sub("", full.strip()))


def likeness(one: str, other: str) -> int:
    """Return how alike two keys are, 0 to 100; one that is cut off is nearly the same."""
    if not one or not other:
        return 0
    if one == other:
        return 100
    shorter, longer = sorted((one, other), key=len)
    if len(shorter) >= SHORTEST_CUT and longer.startswith(shorter):
        return 95
    if sorted(one) == sorted(other):  # family name first or last
        return 90
    return round(100 * SequenceMatcher(None, one, other, autojunk=False).ratio())
