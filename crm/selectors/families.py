"""Which customers are one person by a merge."""

from typing import Any

from django.db import connection
from django.db.models import QuerySet
from django.db.models.expressions import RawSQL

from crm.models import Merge
from customers.models import Customer

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


def merges_into(customer_id: int) -> list[Merge]:
    """Return the merges by which others were taken into this customer, the latest first."""
    rows = Merge.objects.filter(survivor_id=customer_id, undone_at=None).select_related("absorbed", "merged_by")
    return list(rows.order_by("-pk")[:20])
