"""Reserve stock for many documents at once.

Two ways with one result. The plain one, a single round trip, serves a batch for which the warehouses asked first have
everything (``inventory_reserve`` and ``inventory_reserve_one``, migration 0030; docs/adr/0020). Everything else
goes the long way: lock, decide one document after the other in memory (``choosing``), write once.
"""

from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field

from django.db import connection, transaction
from django.utils.translation import gettext as _

from catalog.models import Variant
from catalog.selectors.bundling import bundle_contents
from core.copying import array_literal
from core.errors import Conflict
from inventory.models import Reservation
from inventory.services.ledger import ItemChange, lock_items, record_facts, write
from inventory.services.reservations.asking import Need, Shortage, StockAnswer, StockRequest
from inventory.services.reservations.calling import call
from inventory.services.reservations.choosing import Lack, Pick, Recipe, Shelves, Wish
from inventory.services.reservations.sets import ReservedSet, reserved_sets
from staff.models import User

_PLAIN = "SELECT * FROM inventory_reserve(%s, %s, %s, %s, %s, %s, %s)"
_ONE = "SELECT * FROM inventory_reserve_one(%s, %s, %s, %s, %s, %s, %s)"  # a row of NULLs when it is not plain
_RESERVE = """
wanted AS (
    SELECT * FROM unnest(%(items)s::bigint[], %(keys)s::text[], %(references)s::text[], %(quantities)s::int[],
                         %(per_unit)s::int[])
        WITH ORDINALITY AS t(stock_item_id, key, reference, quantity, per_unit, seq)
),
reservation AS (
    INSERT INTO inventory_reservation AS r (stock_item_id, key, reference, quantity, per_unit, shipped, released)
    SELECT stock_item_id, key, reference, quantity, per_unit, 0, 0 FROM wanted ORDER BY seq
    ON CONFLICT (key, stock_item_id)
        DO UPDATE SET quantity = r.quantity + excluded.quantity, per_unit = excluded.per_unit
    RETURNING id, key, stock_item_id
),
change AS (
    SELECT wanted.seq, wanted.stock_item_id, 'reserved' AS kind, 0 AS on_hand_change,
           wanted.quantity AS reserved_change, 0 AS held_change, reservation.id AS reservation_id,
           NULL::bigint AS entry_id, NULL::bigint AS hold_id
    FROM wanted JOIN reservation USING (key, stock_item_id)
)
"""


def reserve_stock(*, requests: Sequence[StockRequest], actor: User | None = None) -> list[StockAnswer]:
    """Reserve for each request, in the order given, and answer each; a refused one takes nothing from later ones.

    A request is served by the first warehouse that has all it needs: those of its sales channel by their rank there,
    those of its country first among equals. What no warehouse has altogether is refused, or taken as far as there is
    (``StockRequest.take``). A bundle is reserved as it is packed, if enough lie there, otherwise by its components.

    A key that has what it asks for is answered again; one that has less gets the rest. Conflict when a key has more
    than it asks for, or another variant. ValueError for a key twice in one batch or a quantity below 1.
    """
    needs = [need for request in requests for need in request.needs]
    check_needs(needs)
    if not needs:
        return [StockAnswer(request) for request in requests]
    # outside a transaction the one statement is one by itself, and commits as it answers
    is_chosen = any(request.warehouse_ids for request in requests)
    answers = None if is_chosen else _reserve_plainly(requests, actor)
    if answers is not None:
        return answers
    with nullcontext() if connection.in_atomic_block else transaction.atomic():
        return _reserve_one_by_one(requests, actor)  # refuses before it writes: no savepoint needed


def check_needs(needs: Sequence[Need]) -> None:
    """Raise ValueError for a key twice or a quantity below 1: mistakes of the caller."""
    if len({need.key for need in needs}) != len(needs):
        raise ValueError("a key occurs twice in one batch")
    if any(need.quantity < 1 for need in needs):
        raise ValueError("a need is at least one piece")


def _reserve_plainly(requests: Sequence[StockRequest], actor: User | None) -> list[StockAnswer] | None:
    """Serve the whole batch in one round trip, or change nothing and return None."""
    pairs = [(request, need) for request in requests for need in request.needs]
    is_inside = "t" if connection.in_atomic_block else "f"
    if len(pairs) == 1:
        [(request, need)] = pairs
        whose = (need.key, request.reference, str(need.variant_id), str(need.quantity))
        rows = call(_ONE, [*whose, str(request.sales_channel_id or 0), request.country, is_inside])
    else:
        rows = call(_PLAIN, [*_columns(pairs), is_inside])
    if not rows or rows[0][0] is None:
        return None
    record_facts({row[2]: ItemChange(*row[2:]) for row in rows}.values(), actor=actor)
    found = {row[0]: row for row in rows}
    answers = []
    for request in requests:
        answer = StockAnswer(request)
        answer.reservation_ids = {need.key: [found[need.key][1]] for need in request.needs}
        answer.warehouse_id = next((found[need.key][4] for need in request.needs), None)
        answers.append(answer)
    return answers


def _columns(pairs: Sequence[tuple[StockRequest, Need]]) -> list[str]:
    """Return needs and what their documents say of them as arrays."""
    return [
        array_literal(need.key for _request, need in pairs),
        array_literal(request.reference for request, _need in pairs),
        array_literal(need.variant_id for _request, need in pairs),
        array_literal(need.quantity for _request, need in pairs),
        array_literal(request.sales_channel_id or 0 for request, _need in pairs),
        array_literal(request.country for request, _need in pairs),
    ]


@dataclass(slots=True)
class _Decision:
    """What becomes of one request: its answer so far, what it had, what it takes, what it lacked."""

    answer: StockAnswer
    before: list[ReservedSet] = field(default_factory=list)
    picks: list[Pick] = field(default_factory=list)
    lacks: list[Lack] = field(default_factory=list)


def _reserve_one_by_one(requests: Sequence[StockRequest], actor: User | None) -> list[StockAnswer]:
    """Lock what the batch may touch, decide request by request from the locked numbers, write once."""
    wanted = {need.variant_id for request in requests for need in request.needs}
    contents = bundle_contents(variant_ids=wanted)
    touched = wanted.union(*contents.values())
    items = lock_items(variant_id__in=touched, warehouse__is_active=True)
    # safe to read now: who reserves under the same key waits for the same items
    before = _sets_by_key(requests)
    shelves = Shelves(items, (pk for request in requests if (pk := request.sales_channel_id)))
    decisions = [_decide(request, before, contents, shelves) for request in requests]
    _write(decisions, actor)
    _answer(decisions)
    return [decision.answer for decision in decisions]


def _sets_by_key(requests: Sequence[StockRequest]) -> dict[str, list[ReservedSet]]:
    """Return what exists under the requests' keys."""
    variants = {need.key: need.variant_id for request in requests for need in request.needs}
    rows: dict[str, list[Reservation]] = {}
    for row in Reservation.objects.filter(key__in=list(variants)).select_related("stock_item"):
        rows.setdefault(row.key, []).append(row)
    return {key: reserved_sets(variant_id=variants[key], reservations=found) for key, found in rows.items()}


def _decide(
    request: StockRequest,
    before: dict[str, list[ReservedSet]],
    contents: dict[int, dict[int, int]],
    shelves: Shelves,
) -> _Decision:
    decision = _Decision(StockAnswer(request))
    wishes = []
    for need in request.needs:
        sets = before.get(need.key, [])
        decision.before += sets
        decision.answer.reservation_ids[need.key] = [row.pk for one in sets for row in one.reservations]
        missing = _missing(need, sets, contents.get(need.variant_id))
        if missing:
            wishes.append(Wish(need.key, need.variant_id, missing, _recipe(sets, contents.get(need.variant_id, {}))))
    if wishes:
        decision.picks, decision.lacks = shelves.serve(request, wishes)
    return decision


def _missing(need: Need, sets: Sequence[ReservedSet], parts: Recipe | None) -> int:
    """Return how many sold pieces the key still lacks; Conflict when it has more, or something else."""
    missing = need.quantity - sum(one.taken for one in sets)
    if missing < 0 or (parts is None and not all(one.is_whole for one in sets)):
        raise conflict()
    return missing


def conflict() -> Conflict:
    """Return the refusal of a key that has more than it asks for, or something else."""
    return Conflict(_("Stock is already reserved for this in another quantity. Reload the page and try again."))


def _recipe(sets: Sequence[ReservedSet], now: Recipe) -> Recipe:
    """Return what a key's bundle is made of: as when it was first reserved, whatever became of the bundle since."""
    return next((one.recipe for one in sets if not one.is_whole), now)


def _write(decisions: Sequence[_Decision], actor: User | None) -> None:
    """Write the picks of all requests and put the reservations' ids into the answers."""
    picks = [(decision.answer, pick) for decision in decisions for pick in decision.picks]
    if not picks:
        return
    write(
        _RESERVE,
        {
            "items": array_literal(pick.stock_item_id for _answer, pick in picks),
            "keys": array_literal(pick.key for _answer, pick in picks),
            "references": array_literal(answer.request.reference for answer, _pick in picks),
            "quantities": array_literal(pick.pieces for _answer, pick in picks),
            "per_unit": array_literal(pick.per_unit for _answer, pick in picks),
        },
        actor=actor,
    )
    rows = Reservation.objects.filter(key__in={pick.key for _answer, pick in picks})
    ids = {(key, item): pk for pk, key, item in rows.values_list("pk", "key", "stock_item_id")}
    for answer, pick in picks:
        known = answer.reservation_ids[pick.key]
        if (pk := ids[pick.key, pick.stock_item_id]) not in known:
            known.append(pk)


def _answer(decisions: Sequence[_Decision]) -> None:
    """Say where each request's pieces lie and, by the SKUs that people know, what was short."""
    lacking = {lack.variant_id for decision in decisions for lack in decision.lacks}
    skus = dict(Variant.objects.filter(pk__in=lacking).values_list("pk", "sku")) if lacking else {}
    for decision in decisions:
        places = {one.warehouse_id for one in decision.before} | {pick.warehouse_id for pick in decision.picks}
        decision.answer.warehouse_id = places.pop() if len(places) == 1 else None
        decision.answer.shortages = [Shortage(skus[one.variant_id], one.wanted, one.free) for one in decision.lacks]
        ids = decision.answer.reservation_ids
        decision.answer.reservation_ids = {key: found for key, found in ids.items() if found}
