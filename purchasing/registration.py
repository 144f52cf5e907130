"""Numbers under which companies are registered, checked and written in one way."""

import re

from django.utils.translation import gettext as _
from stdnum.exceptions import ValidationError as WrongNumber
from stdnum.jp import cn

from core.errors import InvalidInput

_KR_WEIGHTS = (1, 3, 7, 1, 3, 7, 1, 3, 5)
_SEPARATORS = re.compile(r"[\s\-\u2010-\u2015\u2212.]")


def tidy_registration_number(country: str, text: str) -> str:
    """Return the number as it is kept; an empty text stays empty. InvalidInput when it cannot be one of ``country``.

    Korea: the business number as 123-45-67891. Japan: the corporate number (13 digits), or T and 13 digits for an
    issuer of qualified invoices. Other countries' numbers are kept as typed.
    """
    text = text.strip()
    plain = _SEPARATORS.sub("", _narrow(text)).upper()
    if not text:
        return ""
    if country == "KR":
        return _korean(plain)
    if country == "JP":
        return _japanese(plain)
    return text


def _narrow(text: str) -> str:
    """Turn full-width digits and letters, as Japanese keyboards type them, into plain ones."""
    return "".join(chr(ord(c) - 0xFEE0) if "！" <= c <= "～" else c for c in text)


def _korean(digits: str) -> str:
    """Check a business registration number (사업자등록번호).

    The tenth digit checks the others: their sum by the weights 1 3 7 1 3 7 1 3 5, plus the tens of the ninth digit
    times 5, is completed to a multiple of ten (the public algorithm that the National Tax Service's forms use).
    """
    if not re.fullmatch(r"[0-9]{10}", digits):
        raise InvalidInput(_("A Korean business number has ten digits, such as 123-45-67891."))
    numbers = [int(digit) for digit in digits]
    total = sum(number * weight for number, weight in zip(numbers, _KR_WEIGHTS, strict=False)) + numbers[8] * 5 // 10
    if (10 - total % 10) % 10 != numbers[9]:
        raise InvalidInput(_("This Korean business number has a wrong digit: its check digit does not fit."))
    return f"{digits[:3]}-{digits[3:5]}-{digits[5:]}"


def _japanese(text: str) -> str:
    """Check a corporate number (法人番号) by its check digit, or the form of a qualified invoice issuer's number."""
    if re.fullmatch(r"T[1-9][0-9]{12}", text):
        return text  # a person's number need not be a corporate number
    if not re.fullmatch(r"[0-9]{13}", text):
        raise InvalidInput(_("A Japanese corporate number has 13 digits; an invoice number is T and 13 digits."))
    try:
        cn.validate(text)
    except WrongNumber:
        raise InvalidInput(
            _("This Japanese corporate number has a wrong digit: its check digit does not fit.")
        ) from None
    return text
