"""Readings of Japanese names, as labels and malls want them: full-width katakana, one blank between the names."""

import re
import unicodedata

_TO_KATAKANA = {code: code + 96 for code in range(0x3041, 0x3097)}
# a hyphen or dash behind kana is how people type the long sound
_LONG = re.compile(r"(?<=[\u30a1-\u30fa\u30fc])[-\u2010-\u2015\u2212\uff0d]")
_NOT_ASCII = re.compile(r"[^\x00-\x7f]")


def normalise_kana(text: str) -> str:
    """Return a reading in full-width katakana with single blanks; what is no kana stays as it is."""
    if not _NOT_ASCII.search(text):
        return " ".join(text.split())
    full = unicodedata.normalize("NFKC", text).translate(_TO_KATAKANA)
    return _LONG.sub("ー", " ".join(full.split()))
