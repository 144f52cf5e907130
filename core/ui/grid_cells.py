"""What people type into cells of a grid, read by kind: full-width digits, thousands separators, currency signs."""

import re
import unicodedata
from collections.abc import Callable, Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from core.errors import InvalidInput
from core.money import parse_amount, to_decimal

# Commas stand between thousands only: "12,5" means 12.5 to some and 125 to others, so it is asked about.
_PLAIN = re.compile(r"[+-]?(\d{1,3}(,\d{3})+|\d+)(\.\d+)?")
_SIGNS = str.maketrans("", "", "₩¥$€£원円 ")
_YES = frozenset({"1", "y", "yes", "true", "on", "o", "✓", "예", "はい", "有効", "활성"})
_NO = frozenset({"", "0", "n", "no", "false", "off", "x", "–", "-", "아니요", "いいえ", "無効", "비활성"})

Parser = Callable[[str], Any]


def text_cell(*, max_length: int, is_required: bool = False, validate: Callable[[str], None] | None = None) -> Parser:
    """Return a reader of one line, blanks tidied, of at most ``max_length`` characters; ``validate`` may refuse it."""

    def parse(text: str) -> str:
        tidy = " ".join(text.split())
        if len(tidy) > max_length:
            raise InvalidInput(
                _("At most %(count)s characters; these are %(found)s.") % {"count": max_length, "found": len(tidy)}
            )
        if not tidy and is_required:
            raise InvalidInput(_("This cannot be empty."))
        if tidy and validate is not None:
            validate(tidy)
        return tidy

    return parse


def digits_cell(*, validate: Callable[[str], None]) -> Parser:
    """Return a reader of a code of digits: full-width ones become plain, blanks and hyphens fall away."""

    def parse(text: str) -> str:
        digits = re.sub(r"[\s-]", "", unicodedata.normalize("NFKC", text))
        if digits:
            validate(digits)
        return digits

    return parse


def number_cell(*, most: int, is_required: bool = False) -> Parser:
    """Return a reader of whole numbers from 0 to ``most``; empty is None unless ``is_required``."""

    def parse(text: str) -> int | None:
        plain = _plain(text)
        if not plain:
            if is_required:
                raise InvalidInput(_("Write a whole number; 0 is allowed."))
            return None
        if not _PLAIN.fullmatch(plain) or "." in plain:
            raise InvalidInput(_("“%(text)s” is not a whole number.") % {"text": text[:40]})
        number = int(plain.replace(",", "")) if len(plain) <= 20 else most + 1
        if not 0 <= number <= most:
            raise InvalidInput(_("Write a whole number from 0 to %(most)s.") % {"most": f"{most:,}"})
        return number

    return parse


def money_cell(*, currency: str) -> Parser:
    """Return a reader of amounts in ``currency`` as minor units; empty is None, what is below 0 is refused."""

    def parse(text: str) -> int | None:
        plain = _plain(text)
        if not plain:
            return None
        if not _PLAIN.fullmatch(plain):
            raise InvalidInput(_("“%(text)s” is not an amount. Write digits such as 1234.50.") % {"text": text[:40]})
        amount = parse_amount(plain, currency)
        if amount < 0:
            raise InvalidInput(_("An amount cannot be negative."))
        return amount

    return parse


def money_text(currency: str) -> Callable[[Any], str]:
    """Return a writer of minor units as they are edited: "1234.50", an empty text for None."""
    return lambda minor: "" if minor is None else str(to_decimal(minor, currency))


def flag_cell(text: str) -> bool:
    """Read yes or no as the three languages and spreadsheets write it."""
    word = unicodedata.normalize("NFKC", text).strip().lower()
    if word in _YES or word in _NO:
        return word in _YES
    raise InvalidInput(_("Write 1 for yes or 0 for no."))


def flag_text(value: Any) -> str:
    """Write yes or no as it is edited."""
    return "1" if value else "0"


def choice_cell(ids: Mapping[str, int]) -> Parser:
    """Return a reader of one of the names in ``ids``, whatever its blanks and case; empty is None."""
    folded = {_folded(name): pk for name, pk in ids.items()}

    def parse(text: str) -> int | None:
        if not text.strip():
            return None
        found = folded.get(_folded(text))
        if found is None:
            raise InvalidInput(_("“%(text)s” is none of the choices.") % {"text": text[:80]})
        return found

    return parse


def sentence_of(error: Exception) -> str:
    """Return what a refusal says."""
    return " ".join(error.messages) if isinstance(error, ValidationError) else str(error)


def _folded(text: str) -> str:
    return re.sub(r"\s*>\s*", ">", unicodedata.normalize("NFKC", text).strip().casefold())


def _plain(text: str) -> str:
    return unicodedata.normalize("NFKC", text).replace("−", "-").translate(_SIGNS).strip()
