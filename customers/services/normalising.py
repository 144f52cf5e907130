"""How identities are written: one form for each address and number, so that equal ones are equal."""

import re
import unicodedata

_COUNTRY_PREFIXES = {"82": "0", "81": "0"}


def normal_email(text: str) -> str:
    """Return the address in lower case, empty when it is none or masked."""
    email = text.strip().lower()
    return email if re.fullmatch(r"[^@\s*]+@[^@\s*]+\.[^@\s*]+", email) else ""


def normal_phone(text: str) -> str:
    """Return the digits of a phone that stays with one person, in the national form for KR and JP; else empty.

    Safety numbers of the Korean malls (050...) are lent to many buyers in turn; no real number begins with 000.
    """
    written = unicodedata.normalize("NFKC", text).strip()
    number = re.sub(r"\D", "", written)
    if written.startswith("+"):
        national = _COUNTRY_PREFIXES.get(number[:2])
        number = national + number[2:].removeprefix("0") if national else "+" + number
    is_lent = "*" in written or number.startswith(("000", "050"))
    return number if 9 <= len(number) <= 16 and not is_lent else ""
