"""Short codes of option values for SKUs: Latin letters and digits only, as malls and label printers take no others."""

import re
import unicodedata
from collections.abc import Sequence

# colours as shops write them -> (code, swatch); the words of one line mean the same
_COLOURS: dict[str, tuple[str, str]] = {
    word: (code, swatch)
    for code, swatch, words in (
        ("BLK", "#000000", "black 블랙 검정 검정색 黒 ブラック"),
        ("WHT", "#ffffff", "white 화이트 흰색 하양 白 ホワイト"),
        ("IVR", "#fffff0", "ivory 아이보리 アイボリー"),
        ("CRM", "#fff5d6", "cream 크림 クリーム"),
        ("GRY", "#808080", "gray grey 그레이 회색 グレー 灰色"),
        ("CHA", "#36454f", "charcoal 차콜 チャコール"),
        ("SLV", "#c0c0c0", "silver 실버 은색 シルバー 銀"),
        ("GLD", "#d4af37", "gold 골드 금색 ゴールド 金"),
        ("RED", "#d32f2f", "red 레드 빨강 빨간색 赤 レッド"),
        ("WIN", "#722f37", "wine 와인 ワイン burgundy 버건디"),
        ("PNK", "#f48fb1", "pink 핑크 분홍 ピンク"),
        ("ORG", "#f57c00", "orange 오렌지 주황 オレンジ"),
        ("YEL", "#fbc02d", "yellow 옐로우 옐로 노랑 黄色 イエロー"),
        ("GRN", "#388e3c", "green 그린 초록 녹색 緑 グリーン"),
        ("KHK", "#78866b", "khaki 카키 カーキ"),
        ("MNT", "#98d8c8", "mint 민트 ミント"),
        ("BLU", "#1976d2", "blue 블루 파랑 파란색 青 ブルー"),
        ("SKY", "#81d4fa", "sky 스카이 하늘색 水色 スカイ"),
        ("NVY", "#1a237e", "navy 네이비 남색 紺 ネイビー"),
        ("PUR", "#7b1fa2", "purple 퍼플 보라 紫 パープル"),
        ("LAV", "#b39ddb", "lavender 라벤더 ラベンダー"),
        ("BRN", "#795548", "brown 브라운 갈색 茶 茶色 ブラウン"),
        ("BEG", "#d7c4a3", "beige 베이지 ベージュ"),
        ("CAM", "#c19a6b", "camel 카멜 キャメル"),
    )
    for word in words.split()
}
# words for sizes that are written out
_SIZES = {
    "프리": "F", "フリー": "F", "free": "F", "small": "S", "스몰": "S", "medium": "M", "미디엄": "M",
    "large": "L", "라지": "L", "소": "S", "중": "M", "대": "L", "小": "S", "中": "M", "大": "L",
}  # fmt: skip
_SHORT = 4  # what is so short already stays: M, XXL, 230


def swatch_of(name: str) -> str:
    """Return the colour (#rrggbb) that a value's name usually means, "" for a word that is no colour."""
    return _COLOURS.get(_plain(name), ("", ""))[1]


def abbreviations(names: Sequence[str]) -> list[str]:
    """Return a short code for each name, in order, all different: "Black" BLK, "Dark Olive" DO, "XXL" XXL, "리넨" 3.

    A name without a letter that an SKU may have gets its number in the list.
    """
    found: list[str] = []
    for number, name in enumerate(names, start=1):
        candidates = [
            *_candidates(name),
            str(number),
            *(f"{_first(name)}{extra}" for extra in range(2, len(names) + 3)),
        ]
        found.append(next(each for each in candidates if each and each not in found))
    return found


def _candidates(name: str) -> list[str]:
    plain = _plain(name)
    if plain in _COLOURS:
        return [_COLOURS[plain][0]]
    if plain in _SIZES:
        return [_SIZES[plain]]
    words = _latin_words(name)
    joined = "".join(words)
    if not joined or re.search(r"[^\W\d_]", _without_marks(name).translate(_LATIN_OFF)):
        return []  # letters of another script: half of the word would tell nothing
    if len(joined) <= _SHORT:
        return [joined]
    initials = "".join(word[0] for word in words) if len(words) > 1 else ""
    return [initials, *(joined[:length] for length in range(3, len(joined) + 1))]


_LATIN_OFF = {ord(letter): None for letter in "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"}


def _first(name: str) -> str:
    return next(iter(_candidates(name)), "")


def _plain(name: str) -> str:
    return unicodedata.normalize("NFKC", name).strip().casefold()


def _without_marks(name: str) -> str:
    parts = unicodedata.normalize("NFKD", name)
    kept = "".join(part for part in parts if not unicodedata.combining(part))
    return unicodedata.normalize("NFC", kept)


def _latin_words(name: str) -> list[str]:
    return [word.upper() for word in re.findall(r"[A-Za-z0-9]+", _without_marks(name))]
