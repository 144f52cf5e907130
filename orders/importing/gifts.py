"""What a file says of a present: wrapping, noshi and message become the wishes that packers read."""

import unicodedata
from collections.abc import Mapping
from typing import Any

from orders.models import NoshiKind

GIFT_VALUES = ("gift_wrapping", "noshi", "noshi_name", "gift_message")
UNKNOWN = "noshi"  # the code of what a person has to look at
_K = NoshiKind
# the words of malls and shops, written with and without the polite お and with or without kana endings
_WORDS: Mapping[str, NoshiKind] = {
    "御祝": _K.CELEBRATION, "お祝い": _K.CELEBRATION, "御祝い": _K.CELEBRATION, "祝": _K.CELEBRATION,
    "寿": _K.WEDDING, "結婚祝": _K.WEDDING, "結婚祝い": _K.WEDDING,
    "内祝": _K.FAMILY, "内祝い": _K.FAMILY,
    "御礼": _K.THANKS, "お礼": _K.THANKS,
    "御中元": _K.MIDYEAR, "お中元": _K.MIDYEAR,
    "御歳暮": _K.YEAREND, "お歳暮": _K.YEAREND,
    "御見舞": _K.GET_WELL, "お見舞": _K.GET_WELL, "お見舞い": _K.GET_WELL, "御見舞い": _K.GET_WELL,
    "志": _K.CONDOLENCE,
    "無地": _K.PLAIN, "無地のし": _K.PLAIN,
}  # fmt: skip
_NONE = frozenset({"なし", "無し", "のしなし", "のし無し", "不要", "no", "none", "-"})


def gift_of(values: Mapping[str, Any]) -> tuple[dict[str, str], list[str]]:
    """Return the present's wishes by the names of ``Gift`` (empty: it is none), and codes of what to look at.

    A noshi word that nobody knows becomes a plain strip, and a person has to look at it; a name alone asks for one.
    """
    wrapping, message = values["gift_wrapping"] or "", values["gift_message"] or ""
    kind, checks = _noshi(values["noshi"] or "")
    name = values["noshi_name"] or ""
    if name and not kind:
        kind = NoshiKind.PLAIN.value
    if not (wrapping or kind or message):
        return {}, checks
    return {"wrapping": wrapping, "noshi_kind": kind, "noshi_name": name, "message": message}, checks


def _noshi(word: str) -> tuple[str, list[str]]:
    text = unicodedata.normalize("NFKC", word).strip()
    if not text or text.lower() in _NONE:
        return "", []
    if text.lower() in NoshiKind.values:
        return text.lower(), []
    known = _WORDS.get(text)
    return (known.value, []) if known else (NoshiKind.PLAIN.value, [UNKNOWN])
