"""One counter for many clients who want the same at once: whoever's turn it is serves all who wait.

1. A client commits what it asks for as a row. The row need not survive a crash of the database: then no client waits.
2. It takes its turn (an advisory lock). Either somebody before it has served it already, or it serves everybody who
   waits, itself included, in one batch, and writes down their answers. In the plain case both happen inside the
   database (``inventory_take_turn``, migration 0011), in one round trip.
3. A client that is killed before its turn is served like the others, and asks again under the same key. One that is
   killed while it serves takes nothing with it: its transaction never was, and the next in turn serves the same rows.
"""

import json
from collections.abc import Sequence
from typing import Any

from django.db import connection, transaction

from core.errors import Conflict
from inventory.models import ReservationRequest
from inventory.services.reservations.asking import Need, Shortage, StockAnswer, StockRequest, Take
from inventory.services.reservations.reserving import check_needs, conflict, reserve_stock

TURN = 7305001  # of the advisory lock, as in migration 0011
Answer = dict[str, Any]  # what a row's answer holds: see _written
_ASK = """
INSERT INTO inventory_reservationrequest
    (reference, country, channel_number, take, keys, variant_numbers, quantities)
SELECT %s, %s, %s, %s, %s, %s, %s WHERE set_config('synchronous_commit', 'off', true) IS NOT NULL
RETURNING id
"""


def reserve_together(*, request: StockRequest) -> StockAnswer:
    """Reserve as ``reserve_stock`` does, for many clients at once: they lose nothing by wanting the same SKU.

    The answer is committed when it returns. Who is killed meanwhile asks again under the same keys. Facts that a batch
    records (ran low, ran out) have no actor. RuntimeError inside a transaction, which would keep all others waiting.
    Refuses what ``reserve_stock`` refuses.
    """
    if connection.in_atomic_block:
        raise RuntimeError("reserve_together commits by itself: call it outside of transactions")
    check_needs(request.needs)
    if not request.needs:
        return StockAnswer(request)
    with connection.cursor() as cursor:
        cursor.execute(_ASK, _row(request))
        mine = cursor.fetchone()[0]
        cursor.execute("SELECT inventory_take_turn(%s)", [mine])
        found = cursor.fetchone()[0]
    return _read(request, json.loads(found) if found else _serve(mine))  # Django's cursors leave JSON unread


def _row(request: StockRequest) -> list[Any]:
    return [
        request.reference,
        request.country,
        request.sales_channel_id or 0,
        request.take.value,
        [need.key for need in request.needs],
        [need.variant_id for need in request.needs],
        [need.quantity for need in request.needs],
    ]


@transaction.atomic
def _serve(mine: int) -> Answer:
    """Serve everybody who waits, the long way if need be, and return the answer of the row ``mine``."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [TURN])
    waiting = list(ReservationRequest.objects.filter(answer__isnull=True).order_by("pk"))
    while waiting:
        batch, waiting = _without_twins(waiting)
        for row, said in zip(batch, _answers([_request(row) for row in batch]), strict=True):
            row.answer = said
        ReservationRequest.objects.bulk_update(batch, ["answer"])
    served = ReservationRequest.objects.get(pk=mine)
    served.delete()
    answer: Answer = served.answer or {}
    return answer


def _without_twins(rows: Sequence[ReservationRequest]) -> tuple[list[ReservationRequest], list[ReservationRequest]]:
    """Part the rows into those whose keys are new and those that come after another with the same key."""
    seen: set[str] = set()
    new: list[ReservationRequest] = []
    twins: list[ReservationRequest] = []
    for row in rows:
        (twins if seen.intersection(row.keys) else new).append(row)
        seen.update(row.keys)
    return new, twins


def _request(row: ReservationRequest) -> StockRequest:
    needs = zip(row.keys, row.variant_numbers, row.quantities, strict=True)
    return StockRequest(
        reference=row.reference,
        needs=[Need(key=key, variant_id=variant, quantity=count) for key, variant, count in needs],
        country=row.country,
        sales_channel_id=row.channel_number or None,
        take=Take(row.take),
    )


def _answers(requests: Sequence[StockRequest]) -> list[Answer]:
    """Serve all in one batch; if one of them cannot be, each by itself, so that it stops nobody else."""
    try:
        with transaction.atomic():
            return [_written(answer) for answer in reserve_stock(requests=requests)]
    except Conflict:
        if len(requests) == 1:
            return [{"conflict": True}]
    except Exception as error:  # noqa: BLE001 a bug or an unknown variant: told to the one who asked, not to the others
        if len(requests) == 1:
            return [{"failure": f"{type(error).__name__}: {error}"}]
    return [answer for request in requests for answer in _answers([request])]


def _written(answer: StockAnswer) -> Answer:
    return {
        "ids": answer.reservation_ids,
        "warehouse": answer.warehouse_id,
        "shortages": [[one.sku, one.wanted, one.available] for one in answer.shortages],
    }


def _read(request: StockRequest, found: Answer) -> StockAnswer:
    if "conflict" in found:
        raise conflict()
    if "failure" in found:
        raise RuntimeError(found["failure"])
    shortages = [Shortage(*row) for row in found.get("shortages", ())]
    return StockAnswer(request, found["warehouse"], found["ids"], shortages)
