"""How the quoted policies read today, as a digest that changes when they do."""

import hashlib
from collections.abc import Sequence

from compliance.models import LegalRule
from knowledge.models import Quote

_SEEN_OTHERWISE = {"id", "verified_on", "delivered", "updated_at", "source_level"}  # says nothing about the rule


def print_of(quote: Quote) -> str:
    """Return the digest of one quoted policy (one statement)."""
    laws = LegalRule.objects.filter(code=quote.legal_code, jurisdiction=quote.jurisdiction) if quote.legal_code else ()
    return _print(quote, list(laws))


def prints_of(quotes: Sequence[Quote]) -> dict[int, str]:
    """Return the digests of many (one statement)."""
    codes = {quote.legal_code for quote in quotes if quote.legal_code}
    laws = list(LegalRule.objects.filter(code__in=codes).order_by("pk"))
    by_key: dict[tuple[str, str], list[LegalRule]] = {}
    for law in laws:
        by_key.setdefault((law.code, law.jurisdiction), []).append(law)
    return {quote.pk: _print(quote, by_key.get((quote.legal_code, quote.jurisdiction), [])) for quote in quotes}


def _print(quote: Quote, laws: Sequence[LegalRule]) -> str:
    rows = [quote.return_rule] if quote.return_rule is not None else sorted(laws, key=lambda law: law.pk)
    told = [
        f"{field.attname}={field.value_from_object(row)}"
        for row in rows
        for field in row._meta.concrete_fields
        if field.attname not in _SEEN_OTHERWISE
    ]
    return hashlib.sha256("\n".join(told).encode()).hexdigest()
