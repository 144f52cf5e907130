"""Which customers are one person by a merge."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.db.models import Q, QuerySet
from django.db.models.expressions import RawSQL

from crm.models import Merge
from customers.models import Customer

MOST = 20  # merges shown
_FAMILY = """
WITH RECURSIVE family (id, depth) AS (
    SELECT {start}::bigint, 0
    UNION
    SELECT m.absorbed_id, depth + 1 FROM family JOIN crm_merge m ON m.survivor_id = family.id AND m.undone_at IS NULL
    WHERE depth < 20
) SELECT id FROM family GROUP BY id ORDER BY min(depth), id
"""
_OWN = _FAMILY.format(start="customers_customer.id")


def family_ids(customer_id: int) -> list[int]:
    """Return the customer and all that were taken into it, also those of them; one statement."""
    with connection.cursor() as cursor:
        cursor.execute(_FAMILY.format(start="%s"), [customer_id])
        return [row[0] for row in cursor.fetchall()]


def with_families(customers: "QuerySet[Customer]") -> "QuerySet[Any]":
    """Return the customers with ``family`` (their numbers, the own one first) and ``tag_names`` of all of them."""
    tags = (
        "ARRAY(SELECT DISTINCT t.name FROM crm_customertag c JOIN crm_tag t ON t.id = c.tag_id"  # noqa: S608 our own
        f" WHERE c.customer_id IN ({_OWN}) ORDER BY 1)"
    )
    return customers.annotate(family=RawSQL(f"ARRAY({_OWN})", []), tag_names=RawSQL(tags, []))  # noqa: S611 our own


def merge_of(customer_id: int) -> Merge | None:
    """Return the merge by which this customer was taken into another one, None when it stands for itself."""
    return Merge.objects.filter(absorbed_id=customer_id, undone_at=None).select_related("survivor", "merged_by").first()


@dataclass(frozen=True)
class Merges:
    """Into whom a customer was taken, and who was taken into it, the latest first."""

    into: Merge | None
    taken: Sequence[Merge]


def merges_of(customer: Customer) -> Merges:
    """Return the standing merges of a customer; one statement, asked once of an object."""
    kept: Merges | None = customer.__dict__.get("merges_kept")
    if kept is None:
        either = Q(absorbed=customer) | Q(survivor=customer)
        rows = Merge.objects.filter(either, undone_at=None).select_related("merged_by")
        found = list(rows.annotate(is_into=Q(absorbed=customer)).order_by("-is_into", "-pk")[: 1 + MOST])
        into = next((row for row in found if row.absorbed_id == customer.pk), None)
        kept = Merges(into, [row for row in found if row.survivor_id == customer.pk][:MOST])
        customer.__dict__["merges_kept"] = kept
    return kept
