"""Numbers that a Korean cash receipt is for: a mobile phone, a card or a business."""

import re

from django.utils.translation import gettext as _

from core.errors import InvalidInput
from purchasing.registration import tidy_registration_number

# issued without being asked, for customers who named no number (자진발급)
SELF_ISSUED = "0100001234"
INCOME, EXPENSE = "income", "expense"


def tidy_identity(purpose: str, text: str) -> str:
    """Return the plain digits; without a number that of receipts nobody asked for. InvalidInput when it is none.

    소득공제 takes a mobile phone number or a card of 13 to 19 digits, 지출증빙 a business number with its check digit.
    """
    digits = re.sub(r"[\s\-]", "", text)
    if not digits and purpose == INCOME:
        return SELF_ISSUED
    if purpose == EXPENSE:
        return tidy_registration_number("KR", digits).replace("-", "") if digits else _refuse()
    if re.fullmatch(r"01[016789][0-9]{7,8}", digits) or re.fullmatch(r"[0-9]{13,19}", digits):
        return digits
    return _refuse()


def _refuse() -> str:
    raise InvalidInput(_("A cash receipt needs a mobile phone number, a receipt card’s number or a business number."))


def masked_identity(digits: str) -> str:
    """Return the number as a paper shows it: 010****5678."""
    return f"{digits[:3]}{'*' * (len(digits) - 7)}{digits[-4:]}"
