"""By what an order is found."""

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


def order_search_text(number: str, source: Findable) -> str:
    """Return our number and the source's number, buyer, recipient, e-mail and phone, folded, each once."""
    parts = (
        number,
        source.external_number,
        source.buyer_name,
        source.buyer_email,
        source.recipient_name,
        source.recipient_kana,
        source.recipient_phone,
    )
    return fold(" ".join(dict.fromkeys(part for part in parts if part)))
