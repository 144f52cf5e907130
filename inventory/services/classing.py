"""The classes of variants, worked out from what sells by the app that knows sales."""

from collections.abc import Mapping

from django.db import transaction
from django.utils import timezone

from inventory.models import StockPolicy

CHUNK = 2000


@transaction.atomic
def set_stock_classes(*, classes: Mapping[int, tuple[str, str]]) -> int:
    """Set variant id -> (ABC, XYZ) and return how many differ now; variants left out lose theirs.

    Policies are made where a variant has none; what people decided in them stays. Twice is harmless.
    """
    known = {row.variant_id: row for row in StockPolicy.objects.select_for_update().order_by("variant_id")}
    now = timezone.now()
    changed = []
    for variant_id, row in known.items():
        abc, xyz = classes.get(variant_id, ("", ""))
        if (row.abc, row.xyz) != (abc, xyz):
            row.abc, row.xyz, row.classed_at = abc, xyz, now
            changed.append(row)
    StockPolicy.objects.bulk_update(changed, ["abc", "xyz", "classed_at"], batch_size=CHUNK)
    fresh = [
        StockPolicy(variant_id=variant_id, abc=abc, xyz=xyz, classed_at=now)
        for variant_id, (abc, xyz) in sorted(classes.items())
        if variant_id not in known
    ]
    StockPolicy.objects.bulk_create(
        fresh,
        batch_size=CHUNK,
        update_conflicts=True,
        unique_fields=["variant"],
        update_fields=["abc", "xyz", "classed_at"],
    )
    return len(changed) + len(fresh)
