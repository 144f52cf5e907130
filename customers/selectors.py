"""Reads about people."""

from typing import NamedTuple

from core.masking import mask_code, mask_email, mask_phone
from customers.models import Identity, IdentityKind

_MASKS = {IdentityKind.EMAIL: mask_email, IdentityKind.PHONE: mask_phone, IdentityKind.CHANNEL: mask_code}


class KnownAs(NamedTuple):
    """One way in which a customer is recognised, as the reader may see it."""

    label: str
    scope: str
    value: str


def identities_of(*, customer_id: int, masked: bool) -> list[KnownAs]:
    """Return by what a customer is recognised, e-mail first; ``masked`` for those who may not see contact data."""
    order = {IdentityKind.EMAIL: 0, IdentityKind.PHONE: 1, IdentityKind.CHANNEL: 2}
    found = [
        (IdentityKind(kind), scope, sealed or value)
        for kind, scope, sealed, value in Identity.objects.filter(customer_id=customer_id)
        .order_by("scope", "pk")
        .values_list("kind", "scope", "sealed", "value")
    ]
    found.sort(key=lambda row: order[row[0]])
    return [KnownAs(str(kind.label), scope, _MASKS[kind](value) if masked else value) for kind, scope, value in found]
