"""Oversells open and close by themselves, as orders and stock say."""

from collections.abc import Collection, Sequence

from django.db import transaction
from django.utils import timezone

from core.events import record
from inventory.services.ledger import lock_items
from orders.events import OversellClosed, OversellOpened
from orders.models import Oversell
from orders.selectors.short import oversold_pieces
from staff.models import Topic
from staff.selectors import users_with_permission
from staff.services.notifications.notifying import Telling, notify_many, settle_key

RIGHT = "orders.decide_oversell"


@transaction.atomic
def judge_oversells(*, variant_ids: Collection[int]) -> int:
    """Open, refresh and close the oversells of these variants, and return how many opened or closed.

    Read under the locks of their stock items, so that of two changes the later one has the last word. Twice changes
    nothing; whoever decides is told once for each opening.
    """
    lock_items(variant_id__in=variant_ids)
    short = oversold_pieces(variant_ids=variant_ids)
    known = {
        row.variant_id: row
        for row in Oversell.objects.select_for_update(of=("self",)).filter(variant__in=variant_ids, closed_at=None)
    }
    for variant_id, row in known.items():
        _refresh(row, short[variant_id])
    opened = [
        Oversell.objects.create(variant_id=pk, short=pieces, most_short=pieces)
        for pk, pieces in sorted(short.items())
        if pieces and pk not in known
    ]
    for row in opened:
        record(OversellOpened(oversell_id=row.pk, variant_id=row.variant_id, short=row.short), subject=row)
    _tell(opened)
    return len(opened) + sum(row.closed_at is not None for row in known.values())


def _refresh(row: Oversell, short: int) -> None:
    if short == row.short:
        return
    if short:
        row.short, row.most_short = short, max(short, row.most_short)
        row.save(update_fields=["short", "most_short"])
        return
    row.closed_at = timezone.now()
    row.save(update_fields=["closed_at"])
    record(OversellClosed(oversell_id=row.pk, variant_id=row.variant_id), subject=row)
    settle_key(key=_key(row), user_ids=_deciders())


def _tell(rows: Sequence[Oversell]) -> None:
    people = _deciders() if rows else []
    notify_many(
        tellings=[
            Telling(
                user_id=pk,
                topic=Topic.STOCK,
                key=_key(row),
                data={
                    "about": f"orders.oversell:{row.pk}",
                    "number": row.variant.sku,
                    "title": row.variant.label,
                    "reason": "oversold",
                    "count": row.short,
                },
            )
            for row in rows
            for pk in people
        ]
    )


def _deciders() -> list[int]:
    return list(users_with_permission(RIGHT).order_by("pk").values_list("pk", flat=True))


def _key(row: Oversell) -> str:
    return f"oversell:{row.pk}"
