"""Reserve stock for many documents at once, all or nothing for each."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from django.db import transaction
from django.utils.translation import gettext as _

from catalog.models import Variant
from core.errors import Conflict
from inventory.models import Reservation, StockItem, Warehouse
from inventory.services.ledger import lock_items, write
from staff.models import User

_RESERVE = """
wanted AS (
    SELECT * FROM unnest(%(items)s::bigint[], %(keys)s::text[], %(references)s::text[], %(quantities)s::int[])
        WITH ORDINALITY AS t(stock_item_id, key, reference, quantity, seq)
),
reservation AS (
    INSERT INTO inventory_reservation (stock_item_id, key, reference, quantity, shipped, released)
    SELECT stock_item_id, key, reference, quantity, 0, 0 FROM wanted ORDER BY seq
    RETURNING id, key
),
change AS (
    SELECT wanted.seq, wanted.stock_item_id, 'reserved' AS kind, 0 AS on_hand_change,
           wanted.quantity AS reserved_change, 0 AS held_change, reservation.id AS reservation_id,
           NULL::bigint AS entry_id, NULL::bigint AS hold_id
    FROM wanted JOIN reservation USING (key)
)
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Need:
    """``quantity`` pieces of a variant for the holder ``key`` (such as "orderline:17"; one reservation each)."""

    key: str
    variant_id: int
    quantity: int


@dataclass(frozen=True, slots=True, kw_only=True)
class StockRequest:
    """All that one document needs from one warehouse; those of ``country`` are asked first."""

    reference: str
    needs: Sequence[Need]
    country: str = ""


@dataclass(frozen=True, slots=True)
class Shortage:
    """What the best warehouse lacked."""

    sku: str
    wanted: int
    available: int


@dataclass(slots=True)
class StockAnswer:
    """The answer to one request: reservation ids by key, or what was short (then nothing is reserved)."""

    request: StockRequest
    warehouse_id: int | None = None
    reservation_ids: dict[str, int] = field(default_factory=dict)
    shortages: list[Shortage] = field(default_factory=list)

    @property
    def is_served(self) -> bool:
        """Tell whether everything asked for is held."""
        return not self.shortages


@transaction.atomic
def reserve_stock(*, requests: Sequence[StockRequest], actor: User | None = None) -> list[StockAnswer]:
    """Hold stock for each request, in the order given, and answer each; a refused one takes nothing from later ones.

    A request is served by the first active warehouse that has all of it: those of its country first, then by rank.
    A key that is already held is answered again, not held twice; Conflict when it held something else.
    """
    variant_ids = {need.variant_id for request in requests for need in request.needs}
    shelves = _Shelves(lock_items(variant_id__in=variant_ids, warehouse__is_active=True))
    held = _held_before(requests)
    answers = [_answer(request, shelves, held) for request in requests]
    _write(answers, shelves, actor)
    _name_shortages(answers)
    return answers


class _Shelves:
    """The locked stock items and what of them is still free while a batch is being decided."""

    def __init__(self, items: Iterable[StockItem]) -> None:
        self.items = {(item.warehouse_id, item.variant_id): item for item in items}
        self.free = {place: item.available for place, item in self.items.items()}
        self.warehouses = list(Warehouse.objects.filter(is_active=True).order_by("rank", "pk"))

    def lacks(self, warehouse_id: int, wanted: Counter[int]) -> dict[int, int]:
        """Return what is free of each variant of which too little is free there."""
        free = {variant_id: self.free.get((warehouse_id, variant_id), 0) for variant_id in wanted}
        return {variant_id: free[variant_id] for variant_id in wanted if free[variant_id] < wanted[variant_id]}

    def preferred(self, country: str) -> list[Warehouse]:
        """Return the warehouses in the order in which a document to ``country`` asks them."""
        return sorted(self.warehouses, key=lambda warehouse: warehouse.country != country)

    def take(self, warehouse_id: int, wanted: Counter[int]) -> None:
        """Count the pieces as no longer free."""
        for variant_id, quantity in wanted.items():
            self.free[warehouse_id, variant_id] -= quantity


def _held_before(requests: Sequence[StockRequest]) -> dict[str, Reservation]:
    """Return the reservations that exist under the requests' keys; safe to read, because the items are locked."""
    needs = {need.key: need for request in requests for need in request.needs}
    if len(needs) != sum(len(request.needs) for request in requests):
        raise ValueError("a key occurs twice in one batch")
    found = Reservation.objects.filter(key__in=list(needs)).select_related("stock_item")
    for reservation in found:
        need = needs[reservation.key]
        if (reservation.stock_item.variant_id, reservation.quantity) != (need.variant_id, need.quantity):
            raise Conflict(_("Stock is already reserved for this in another quantity. Reload the page and try again."))
    return {reservation.key: reservation for reservation in found}


def _answer(request: StockRequest, shelves: _Shelves, held: dict[str, Reservation]) -> StockAnswer:
    answer = StockAnswer(request)
    wanted: Counter[int] = Counter()
    for need in request.needs:
        if before := held.get(need.key):
            answer.reservation_ids[need.key] = before.pk
            answer.warehouse_id = before.stock_item.warehouse_id
        else:
            wanted[need.variant_id] += need.quantity
    if not wanted:
        return answer
    choices = [(shelves.lacks(place.pk, wanted), place.pk) for place in shelves.preferred(request.country)]
    # the first with nothing lacking; for the explanation otherwise the one that lacks least
    lacking, warehouse_id = min(choices, key=lambda choice: len(choice[0]), default=(dict.fromkeys(wanted, 0), None))
    if lacking or warehouse_id is None:
        answer.shortages = [Shortage(str(pk), wanted[pk], free) for pk, free in lacking.items()]
    else:
        shelves.take(warehouse_id, wanted)
        answer.warehouse_id = warehouse_id
    return answer


def _write(answers: Sequence[StockAnswer], shelves: _Shelves, actor: User | None) -> None:
    """Write the reservations decided on and put their ids into the answers."""
    rows = [
        (answer, need, shelves.items[answer.warehouse_id, need.variant_id].pk)
        for answer in answers
        if answer.is_served and answer.warehouse_id is not None
        for need in answer.request.needs
        if need.key not in answer.reservation_ids
    ]
    if not rows:
        return
    write(
        _RESERVE,
        {
            "items": [item_id for _answer, _need, item_id in rows],
            "keys": [need.key for _answer, need, _item in rows],
            "references": [answer.request.reference for answer, _need, _item in rows],
            "quantities": [need.quantity for _answer, need, _item in rows],
        },
        actor=actor,
    )
    ids = dict(Reservation.objects.filter(key__in=[need.key for _a, need, _i in rows]).values_list("key", "pk"))
    for answer, need, _item in rows:
        answer.reservation_ids[need.key] = ids[need.key]


def _name_shortages(answers: Sequence[StockAnswer]) -> None:
    """Replace variant ids by the SKUs that people know."""
    lacking = {int(shortage.sku) for answer in answers for shortage in answer.shortages}
    skus = dict(Variant.objects.filter(pk__in=lacking).values_list("pk", "sku")) if lacking else {}
    for answer in answers:
        answer.shortages = [Shortage(skus[int(s.sku)], s.wanted, s.available) for s in answer.shortages]
