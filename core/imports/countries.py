"""Countries as people write them, in the three languages of the product, to ISO 3166 codes."""

import functools

from babel import Locale

from core.imports.headers import normal

_OTHER_NAMES = {
    "uk": "GB", "england": "GB", "scotland": "GB", "wales": "GB", "usa": "US", "unitedstatesofamerica": "US",
    "eire": "IE", "republicofireland": "IE", "rsa": "ZA", "korea": "KR", "southkorea": "KR", "republicofkorea": "KR",
    "대한민국": "KR", "일본국": "JP", "日本国": "JP", "hongkong": "HK", "holland": "NL", "thenetherlands": "NL",
    "czechrepublic": "CZ",
    "macedonia": "MK", "taiwan": "TW", "russia": "RU", "vietnam": "VN", "uae": "AE", "macau": "MO", "macao": "MO",
}  # fmt: skip


def country_code(text: str) -> str:
    """Return the two-letter code of a country's code or name, empty when it is not known."""
    name = text.strip()
    if len(name) == 2 and name.isascii() and name.isalpha():
        return name.upper()
    return _names().get(normal(name), "")


@functools.cache
def _names() -> dict[str, str]:
    names: dict[str, str] = {}
    for language in ("en", "ko", "ja"):
        for code, name in Locale(language).territories.items():
            if len(code) == 2 and code.isalpha():
                names[normal(name)] = code
    return names | _OTHER_NAMES
