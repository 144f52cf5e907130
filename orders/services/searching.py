"""By what an order is found."""

import re
from typing import Protocol

from core.search import fold


class Findable(Protocol):
    """What an order and a draft of one have in common."""

    external_number: str
    buyer_name: str
    buyer_email: str
    recipient_name: str
    recipient_kana: str
    recipient_phone: str
    buyer_phone: str


def order_search_text(number: str, source: Findable) -> str:
    """Return our number and the source's number, buyer, recipient, e-mail and phones, folded, each once.

    Phones stand there as they are written and as bare digits: people paste either.
    """
    parts = (
        number,
        source.external_number,
        source.buyer_name,
        source.buyer_email,
        source.recipient_name,
        source.recipient_kana,
        source.recipient_phone,
        *(_digits(phone) for phone in (source.recipient_phone, source.buyer_phone)),
    )
    return fold(" ".join(dict.fromkeys(part for part in parts if part)))


def _digits(phone: str) -> str:
    """Return the digits as they are dialled at home: +82 10 1234 5678 is 01012345678."""
    home = re.sub(r"^\s*\+8[12][\s-]*0?", "0", phone)
    return re.sub(r"[^0-9]", "", home)
