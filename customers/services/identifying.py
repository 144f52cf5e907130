"""Who is behind these orders: known customers found, new ones made, many at once."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db import connection, transaction

from core.copying import copy_rows, draw_ids
from core.search import fold
from customers.models import Customer, IdentityKind
from customers.services.locking import identity_digest, seal_identity
from customers.services.normalising import normal_email, normal_phone

Key = tuple[str, str, str]  # kind, scope, value


@dataclass(frozen=True, slots=True, kw_only=True)
class Buyer:
    """What an order tells about its buyer; ``code`` is the channel's own id of them, ``scope`` that channel's code."""

    name: str = ""
    kana: str = ""
    country: str = ""
    email: str = ""
    phone: str = ""
    code: str = ""
    scope: str = ""

    def keys(self) -> list[Key]:
        """Return the identities, the surest first; masked and throw-away values identify nobody."""
        found: list[Key] = []
        if self.code and "*" not in self.code:
            found.append((IdentityKind.CHANNEL.value, self.scope, self.code))
        if email := normal_email(self.email):
            found.append((IdentityKind.EMAIL.value, "", email))
        if phone := normal_phone(self.phone):
            found.append((IdentityKind.PHONE.value, "", phone))
        return found


@transaction.atomic
def identify_customers(*, buyers: Sequence[Buyer]) -> list[int | None]:
    """Return each buyer's customer id, None where nothing identifies them; set-based, for thousands.

    The surest identity decides; further ones that nobody owns yet are added to the same customer, one that belongs to
    another customer stays there (two customers are only ever merged by a person). Empty name, reading and country of a
    known customer are filled, never overwritten.
    """
    keys = [buyer.keys() for buyer in buyers]
    owner = _owners({key for found in keys for key in found})
    known = set(owner.values())
    ids: list[int | None] = []
    fresh: dict[int, Buyer] = {}  # place of the first buyer -> that buyer
    for place, (buyer, found) in enumerate(zip(buyers, keys, strict=True)):
        if not found:
            ids.append(None)
            continue
        customer = next((owner[key] for key in found if key in owner), -1 - place)  # negative until ids are drawn
        if customer == -1 - place:
            fresh[customer] = buyer
        for key in found:
            owner.setdefault(key, customer)
        ids.append(customer)
    drawn = dict(zip(fresh, draw_ids(Customer, len(fresh)), strict=True))
    final = {key: drawn.get(customer, customer) for key, customer in owner.items()}
    _insert(fresh, drawn, final)
    answer = [drawn.get(customer, customer) if customer is not None else None for customer in ids]
    _fill(buyers, answer, known)
    return answer


def _owners(keys: set[Key]) -> dict[Key, int]:
    if not keys:
        return {}
    kinds, scopes, values = zip(*keys, strict=True)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT i.kind, i.scope, i.value, i.customer_id FROM customers_identity i"
            " JOIN unnest(%s::text[], %s::text[], %s::text[]) AS w(kind, scope, value) USING (kind, scope, value)",
            [list(kinds), list(scopes), list(values)],
        )
        return {(kind, scope, value): customer for kind, scope, value, customer in cursor.fetchall()}


def _insert(fresh: dict[int, Buyer], drawn: dict[int, int], owner: dict[Key, int]) -> None:
    texts: dict[int, list[str]] = {}
    for (_kind, _scope, value), customer in owner.items():
        texts.setdefault(customer, []).append(value)
    copy_rows(
        Customer,
        ("id", "name", "kana", "country", "language", "note", "search_text", "updated_at"),
        (
            (
                pk,
                b.name[:120],
                b.kana[:120],
                b.country,
                "",
                "",
                fold(" ".join((b.name, b.kana, *texts.get(pk, ())))),
                "now",
            )
            for place, b in fresh.items()
            for pk in (drawn[place],)
        ),
    )
    if owner:
        kinds, scopes, values = zip(*owner, strict=True)
        with connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO customers_identity (customer_id, kind, scope, value, sealed, digest)"
                " SELECT * FROM unnest(%s::bigint[], %s::text[], %s::text[], %s::text[], %s::text[], %s::text[])"
                " ON CONFLICT (kind, scope, value) DO NOTHING",
                [
                    list(owner.values()),
                    list(kinds),
                    list(scopes),
                    list(values),
                    [seal_identity(value) for value in values],
                    [identity_digest(*key) for key in owner],
                ],
            )


def _fill(buyers: Sequence[Buyer], ids: Sequence[int | None], known: set[int]) -> None:
    """Fill what was empty at known customers."""
    news = {pk: b for b, pk in zip(buyers, ids, strict=True) if pk in known and (b.name or b.kana or b.country)}
    if not news:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE customers_customer c SET name = CASE c.name WHEN '' THEN n.name ELSE c.name END,"
            " kana = CASE c.kana WHEN '' THEN n.kana ELSE c.kana END,"
            " country = CASE c.country WHEN '' THEN n.country ELSE c.country END,"
            " search_text = c.search_text || CASE c.name WHEN '' THEN ' ' || n.sought ELSE '' END, updated_at = now()"
            " FROM unnest(%s::bigint[], %s::text[], %s::text[], %s::text[], %s::text[])"
            " AS n(id, name, kana, country, sought)"
            " WHERE c.id = n.id AND ((c.name = '' AND n.name <> '') OR (c.kana = '' AND n.kana <> '')"
            " OR (c.country = '' AND n.country <> ''))",
            [
                list(news),
                [b.name[:120] for b in news.values()],
                [b.kana[:120] for b in news.values()],
                [b.country for b in news.values()],
                [fold(f"{b.name} {b.kana}") for b in news.values()],
            ],
        )
