"""Postcodes as their country writes them, and as they are compared."""

import unicodedata

_DASHES = str.maketrans(dict.fromkeys("‐‑‒–—―−ー－", "-"))


def postcode_key(text: str) -> str:
    """Return only letters and digits: 〒１００－０００１ is 1000001."""
    return "".join(char for char in unicodedata.normalize("NFKC", text) if char.isascii() and char.isalnum()).upper()


def normalise_postcode(country: str, text: str) -> str:
    """Return 100-0001 in Japan and five digits in Korea; what is no postcode of these two stays, in half width."""
    key = postcode_key(text)
    if country == "JP" and len(key) == 7 and key.isdigit():
        return f"{key[:3]}-{key[3:]}"
    if country == "KR" and len(key) == 5 and key.isdigit():
        return key
    return " ".join(unicodedata.normalize("NFKC", text).translate(_DASHES).split())
