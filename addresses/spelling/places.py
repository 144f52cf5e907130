"""Names of places as they are compared: the same town in all the ways people and malls write it."""

import re
import unicodedata
from collections.abc import Iterable, Iterator

# one character each; the SQL function addresses_key (migration 0001) folds in the same way
SAME = {
    "ヶ": "ケ",
    "が": "ケ",
    "ガ": "ケ",
    "ヵ": "カ",
    "ノ": "の",
    "之": "の",
    "ッ": "ツ",
    "龍": "竜",
    "澤": "沢",
    "濱": "浜",
    "濵": "浜",
    "嶋": "島",
    "嶌": "島",
    "﨑": "崎",
    "髙": "高",
    "邊": "辺",
    "邉": "辺",
    "國": "国",
    "廣": "広",
    "瀨": "瀬",
    "鰺": "鯵",
    "藪": "薮",
    "壺": "壷",
    "諫": "諌",
    "舘": "館",
    "條": "条",
    "櫻": "桜",
    "曾": "曽",
    "榮": "栄",
    "淵": "渕",
    "鹽": "塩",
    "靜": "静",
    "驛": "駅",
    "圓": "円",
    "惠": "恵",
    "檜": "桧",
    "籠": "篭",
    "礪": "砺",
    "蠣": "蛎",
    "萬": "万",
    "學": "学",
    "會": "会",
}
DROPPED = " \t\r\n\u00a0\u3000,.、。・·-‐‑–—−()"
_FOLD = str.maketrans({**SAME, **dict.fromkeys(DROPPED, "")})
_REGION_END = re.compile(r"[都府県]$")
_COUNTY = re.compile(r"^.+?郡(?=.+[町村]$)|^.+?島(?=.+[町村]$)")
KOREAN_REGIONS = {
    "서울특별시": ("서울시", "서울"),
    "부산광역시": ("부산시", "부산"),
    "대구광역시": ("대구시", "대구"),
    "인천광역시": ("인천시", "인천"),
    "광주광역시": ("광주시", "광주"),
    "대전광역시": ("대전시", "대전"),
    "울산광역시": ("울산시", "울산"),
    "세종특별자치시": ("세종시", "세종"),
    "경기도": ("경기",),
    "강원특별자치도": ("강원도", "강원"),
    "강원도": ("강원특별자치도", "강원"),
    "충청북도": ("충북",),
    "충청남도": ("충남",),
    "전북특별자치도": ("전라북도", "전북"),
    "전라북도": ("전북특별자치도", "전북"),
    "전라남도": ("전남",),
    "경상북도": ("경북",),
    "경상남도": ("경남",),
    "제주특별자치도": ("제주도", "제주"),
}


def place_key(text: str) -> str:
    """Return a name as it is compared: NFKC, lower case, no blanks and signs, variants of characters equal."""
    return unicodedata.normalize("NFKC", text).lower().translate(_FOLD)


def region_names(country: str, region: str) -> list[str]:
    """Return the ways to write a prefecture or a sido, the full one first."""
    if country == "KR":
        return [region, *KOREAN_REGIONS.get(region, ())]
    short = _REGION_END.sub("", region)
    return [region] if short in {region, "北海"} or not short else [region, short]


def city_names(country: str, city: str) -> list[str]:
    """Return the ways to write a city: in Japan with and without its district (郡) or island."""
    short = _COUNTY.sub("", city) if country == "JP" else city
    return [city] if short == city else [city, short]


def place_names(country: str, region: str, city: str, old: Iterable[tuple[str, str]] = ()) -> set[str]:
    """Return the keys with which an address of this place may begin; ``old``: (region, city) as it was called."""
    return set(_keys(country, region, city)) | {key for names in old for key in _keys(country, *names)}


def _keys(country: str, region: str, city: str) -> Iterator[str]:
    cities = city_names(country, city)
    for region_name in region_names(country, region):
        for name in cities:
            yield place_key(region_name + name)
    if city:
        yield from map(place_key, cities)
