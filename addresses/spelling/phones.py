"""Phone numbers as the country writes them; what cannot be read as a number of the country is left alone.

Korea: the public numbering plan (area codes 02, 031-064; 010, 070, 080, 050x; 15xx-18xx without an area). Japan:
numbers of the MIC's numbering plan (070/080/090/060 mobile, 050 IP, 0120, 0800, 0570, 0990; 03 and 06).
Other areas of Japan have codes of two to five digits that share their beginnings: their hyphens are kept where somebody
wrote them, and are not guessed where nobody did.
"""

import re
import unicodedata

CALLING_CODES = {"JP": "81", "KR": "82", "US": "1", "CA": "1"}
_DASHES = str.maketrans(dict.fromkeys("‐‑‒–—―−ー－.", "-"))
_ALLOWED = re.compile(r"^\+?[\d\-() /]+$")
_JAPAN = (
    (re.compile(r"^(0120|0570|0990)(\d{3})(\d{3})$"), r"\1-\2-\3"),
    (re.compile(r"^(0800)(\d{3})(\d{4})$"), r"\1-\2-\3"),
    (re.compile(r"^(0[5-9]0)(\d{4})(\d{4})$"), r"\1-\2-\3"),
    (re.compile(r"^(0[36])(\d{4})(\d{4})$"), r"\1-\2-\3"),
)
_JAPAN_GROUPS = re.compile(r"^0\d{1,4}-\d{1,4}-\d{4}$")
_KOREA = (
    (re.compile(r"^(02)(\d{3,4})(\d{4})$"), r"\1-\2-\3"),
    (re.compile(r"^(050\d)(\d{3,4})(\d{4})$"), r"\1-\2-\3"),
    (re.compile(r"^(01[016789]|070|080|0[3-6]\d)(\d{3,4})(\d{4})$"), r"\1-\2-\3"),
    (re.compile(r"^(1[5-8]\d\d)(\d{4})$"), r"\1-\2"),
)
LEAST_DIGITS = 7
MOST_DIGITS = 15  # ITU-T E.164


def normalise_phone(country: str, text: str) -> str:
    """Return the number as people in ``country`` write it, in half width; foreign ones as +, code and digits.

    A text that is no number (letters, extensions, too short) comes back with its blanks tidied and nothing else.
    """
    plain = " ".join(unicodedata.normalize("NFKC", text).translate(_DASHES).split())
    digits = "".join(char for char in plain if char.isdigit())
    if not _ALLOWED.match(plain) or not LEAST_DIGITS <= len(digits) <= MOST_DIGITS:
        return plain
    code, national = _split(country, plain, digits)
    if code is None:
        return f"+{national}"
    if country == "KR":
        return _shaped(_KOREA, national, plain)
    if country == "JP":
        return _japanese(national, plain)
    return f"+{code}{national}" if code and len(national) == 10 else plain


def _split(country: str, plain: str, digits: str) -> tuple[str | None, str]:
    """Return (calling code, national digits); None for a number of another country, with its code."""
    code = CALLING_CODES.get(country, "")
    if not plain.startswith("+"):
        return code, digits
    if not code or not digits.startswith(code):
        return None, digits
    national = digits[len(code) :]
    if country in {"JP", "KR"} and not national.startswith(("0", "15", "16", "18")):
        national = f"0{national}"
    return code, national


def _japanese(national: str, plain: str) -> str:
    shaped = _shaped(_JAPAN, national, "")
    if shaped:
        return shaped
    groups = re.sub(r"-+", "-", re.sub(r"[() /]+", "-", plain)).strip("-")
    if len(national) == 10 and _JAPAN_GROUPS.match(groups):
        return groups
    return national if len(national) == 10 and national.startswith("0") else plain


def _shaped(shapes: tuple[tuple[re.Pattern[str], str], ...], digits: str, otherwise: str) -> str:
    for shape, written in shapes:
        if shape.match(digits):
            return shape.sub(written, digits)
    return otherwise
