"""Identities are written locked, with a digest by which equal ones are found (ADR 25)."""

from django.db import connection, transaction

from customers.models import Identity, IdentityKind
from customers.services.normalising import normal_email, normal_phone
from privacy.locking import current_key, digest, lock

PLACE = "customers_identity.sealed"
BATCH = 1000


def identity_digest(kind: str, scope: str, value: str) -> str:
    """Return the blind index of a normalised identity: of its kind and, for ids of a channel, that channel."""
    return digest(f"{kind}\0{scope}\0{value}", place=PLACE)


def seal_identity(value: str) -> str:
    """Return the locked value for statements of our own; the model's field does it by itself."""
    return lock(value, place=PLACE)


def customers_known_by(text: str) -> list[int]:
    """Return the customers whom a whole e-mail address or phone number names; none for any other text, unasked."""
    wanted = []
    if email := normal_email(text):
        wanted.append(identity_digest(IdentityKind.EMAIL, "", email))
    elif phone := normal_phone(text):
        wanted.append(identity_digest(IdentityKind.PHONE, "", phone))
    return list(Identity.objects.filter(digest__in=wanted).values_list("customer_id", flat=True)) if wanted else []


@transaction.atomic
def lock_identities(*, limit: int = BATCH) -> int:
    """Lock identities that stand plain only, at most ``limit``, and return how many; rows of other workers are skipped.

    Each call is one short transaction: killed half-way, the next call goes on with what is left.
    """
    plain = Identity.objects.select_for_update(skip_locked=True, of=("self",)).filter(digest="").order_by("pk")
    return _write(list(plain[:limit].values_list("pk", "kind", "scope", "value")))


@transaction.atomic
def relock_identities(*, after: int = 0, limit: int = BATCH) -> int | None:
    """Lock the next ``limit`` identities after this id again where another key locked them; the last id seen or None.

    Values are read with the key that locked them and written with the current one; digests stay.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id, starts_with(sealed, %s) FROM customers_identity WHERE id > %s AND sealed <> '' ORDER BY id"
            " LIMIT %s",
            [f"v1.{current_key()}.", after, limit],
        )
        seen = cursor.fetchall()
    old = [pk for pk, is_current in seen if not is_current]
    rows = Identity.objects.select_for_update(of=("self",)).filter(pk__in=old)
    _write(list(rows.values_list("pk", "kind", "scope", "sealed")))
    return seen[-1][0] if seen else None


def _write(rows: list[tuple[int, str, str, str]]) -> int:
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE customers_identity i SET sealed = n.sealed, digest = n.digest"
            " FROM unnest(%s::bigint[], %s::text[], %s::text[]) AS n(id, sealed, digest) WHERE i.id = n.id",
            [
                [pk for pk, _kind, _scope, _value in rows],
                [seal_identity(value) for _pk, _kind, _scope, value in rows],
                [identity_digest(kind, scope, value) for _pk, kind, scope, value in rows],
            ],
        )
    return len(rows)
