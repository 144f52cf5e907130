"""Headers and cells of an uploaded table, as resources want them."""

import re
import unicodedata

# what a spreadsheet would run as a formula; a text that only looks escaped is escaped once more, so undoing is exact
_FORMULA = re.compile(r"^'*[=+\-@\t\r\x00＝＋－＠]")


def header_key(header: str) -> str:
    """Return the form in which headers are compared: "Product Code " is "product_code"."""
    return "_".join(unicodedata.normalize("NFKC", header).strip().casefold().split())


def guard(text: str) -> str:
    """Return the text as a CSV cell that no spreadsheet takes for a formula."""
    return f"'{text}" if _FORMULA.match(text) else text


def unguard(text: str) -> str:
    """Undo ``guard``; any other text stays as it is."""
    return text[1:] if text.startswith("'") and _FORMULA.match(text) else text
