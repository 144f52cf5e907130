"""Stock is valued beside the sales: movements are worked off in their order, a batch at a time.

1. The progress row is locked, so one batch runs at a time; whatever stops it, nothing of the batch is kept.
2. Movements that change what is on hand and have no cost entry yet are read in the order of their ids.
3. Each gets its cost entry (unique per movement), its layer, and the variant's row follows.
4. Landed costs that stock does not know yet are added to what is left of their pieces.
"""

from collections import defaultdict
from collections.abc import Mapping
from decimal import Decimal

from django.db import connection, transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext as _

from catalog.models import Variant
from core.copying import update_rows
from core.errors import InvalidInput
from core.events import record_many
from inventory.models import StockMovement
from purchasing.events import UnknownCostSet
from purchasing.models import CostEntry, CostLayer, GoodsReceiptLine, ValuationProgress, VariantValue
from purchasing.policies import can_set_costs
from purchasing.services.ordering.orders import check_right
from purchasing.services.valuing.costing import Book, Layer, Revaluation, Worth
from purchasing.services.valuing.costs import Costs, Moved, unvalued_movements
from staff.models import User

BATCH = 2000


@transaction.atomic
def value_movements(*, limit: int = BATCH) -> int:
    """Value the next movements of stock and return how many; 0 when all are valued. Twice is harmless."""
    ValuationProgress.objects.bulk_create([ValuationProgress(pk=1)], ignore_conflicts=True)
    progress = ValuationProgress.objects.select_for_update().get(pk=1)
    is_settled = _oldest_running() >= progress.candidate_xid
    moved = unvalued_movements(after=progress.settled_id, limit=limit)
    costs = Costs(moved)
    books = Books({one.variant_id for one in moved} | set(costs.late_variants))
    for one in moved:
        _value(one, books, costs)
    for late in costs.late_landed():
        _land(late.variant_id, late.pieces, late.amount, late.reason, books, is_gone=late.is_gone)
    books.save()
    for line_id, landed in costs.landed_now.items():
        GoodsReceiptLine.objects.filter(pk=line_id).update(landed_valued=landed)
    _advance(progress, is_settled=is_settled)
    return len(moved)


def _value(one: Moved, books: "Books", costs: Costs) -> None:
    book = books[one.variant_id]
    if one.change > 0:
        cost = costs.of(one, books)
        worth = book.take_in(movement_id=one.pk, quantity=one.change, cost=cost, received_at=one.at)
    else:
        worth = book.take_out(quantity=-one.change, of=costs.undone_by(one))
    costs.note(one, worth)
    books.write(one, worth)
    landed = costs.landed_with(one)
    if landed is not None:
        _land(landed.variant_id, landed.pieces, landed.amount, landed.reason, books, is_gone=False)


def _land(
    variant_id: int, pieces: dict[int, int], amount: Decimal, reason: str, books: "Books", *, is_gone: bool
) -> None:
    books.revalue(variant_id, books[variant_id].revalue(pieces=pieces, amount=amount, is_gone=is_gone), reason)


class Books(dict[int, Book]):
    """The locked books of variants by id, and what changed of them until it is saved."""

    def __init__(self, variant_ids: set[int]) -> None:
        new = [VariantValue(variant_id=pk) for pk in sorted(variant_ids)]
        VariantValue.objects.bulk_create(new, ignore_conflicts=True)
        rows = VariantValue.objects.select_for_update().filter(variant__in=variant_ids).order_by("variant_id")
        self.rows = {row.variant_id: row for row in rows}
        layers: dict[int, list[Layer]] = defaultdict(list)
        stored = CostLayer.objects.filter(variant__in=variant_ids, remaining__gt=0).order_by("movement_id")
        for layer in stored:
            layers[layer.variant_id].append(
                Layer(
                    layer.movement_id, layer.quantity, layer.remaining, layer.unit_cost, layer.is_known,
                    layer.received_at, layer.pk,
                )
            )  # fmt: skip
        super().__init__(
            {
                pk: Book(row.quantity, row.average_cost, row.average_value, row.is_complete, layers[pk])
                for pk, row in self.rows.items()
            }
        )
        self.entries: list[CostEntry] = []
        self.last: dict[int, int] = {}

    def write(self, one: Moved, worth: Worth) -> None:
        """Note the entry of a movement."""
        self.last[one.variant_id] = max(one.pk, self.last.get(one.variant_id, 0))
        self.entries.append(
            CostEntry(
                variant_id=one.variant_id, movement_id=one.pk, quantity=one.change, average_value=worth.average,
                fifo_value=worth.fifo, is_known=worth.is_known,
            )
        )  # fmt: skip

    def revalue(self, variant_id: int, change: Revaluation, reason: str) -> None:
        """Note the entry of a revaluation."""
        self.entries.append(
            CostEntry(
                variant_id=variant_id, quantity=0, average_value=change.average, fifo_value=change.fifo,
                average_expensed=change.average_expensed, fifo_expensed=change.fifo_expensed, reason=reason[:120],
            )
        )  # fmt: skip

    def save(self) -> None:
        """Write entries, layers and the variants' rows."""
        CostEntry.objects.bulk_create(self.entries, batch_size=1000)
        self._save_layers()
        now = timezone.now()
        columns = [
            ("quantity", "integer"), ("average_cost", "numeric"), ("average_value", "numeric"),
            ("fifo_value", "numeric"), ("is_complete", "boolean"), ("last_movement_id", "bigint"),
            ("updated_at", "timestamptz"),
        ]  # fmt: skip
        rows = [
            (
                self.rows[pk].pk, book.quantity, book.average_cost, book.average_value, book.fifo_value,
                book.is_complete, max(self.rows[pk].last_movement_id, self.last.get(pk, 0)), now,
            )
            for pk, book in self.items()
        ]  # fmt: skip
        update_rows(VariantValue, columns, rows)

    def _save_layers(self) -> None:
        changed = [(pk, layer) for pk, book in self.items() for layer in book.layers if layer.is_changed]
        CostLayer.objects.bulk_create(
            [
                CostLayer(
                    variant_id=pk, movement_id=layer.movement_id, received_at=layer.received_at,
                    quantity=layer.quantity, remaining=layer.remaining, unit_cost=layer.unit_cost,
                    is_known=layer.is_known,
                )
                for pk, layer in changed
                if layer.pk is None
            ],
            batch_size=1000,
        )  # fmt: skip
        update_rows(
            CostLayer,
            [("remaining", "integer"), ("unit_cost", "numeric"), ("is_known", "boolean")],
            [(layer.pk, layer.remaining, layer.unit_cost, layer.is_known) for _pk, layer in changed if layer.pk],
        )


def _oldest_running() -> int:
    """Return the number of the oldest transaction that still runs."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint")
        return int(cursor.fetchone()[0])


def _advance(progress: ValuationProgress, *, is_settled: bool) -> None:
    """Move on what is settled, and remember up to where all is valued that can be seen now.

    ``is_settled``: before this batch was read, everybody had ended who could bring an id below the candidate to light.
    """
    newest = StockMovement.objects.aggregate(newest=Max("pk"))["newest"] or 0
    left = [one.pk for one in unvalued_movements(after=progress.settled_id, limit=1)]
    seen = min([newest, *(pk - 1 for pk in left)])
    if is_settled and seen >= progress.candidate_id:
        progress.settled_id, progress.candidate_id = progress.candidate_id, seen
        with connection.cursor() as cursor:  # after the ids were read: whoever drew a lower one runs by now
            cursor.execute("SELECT pg_snapshot_xmax(pg_current_snapshot())::text::bigint")
            progress.candidate_xid = int(cursor.fetchone()[0])
        progress.save(update_fields=["settled_id", "candidate_id", "candidate_xid"])


def set_unknown_cost(*, variant_id: int, unit_cost: Decimal, reason: str, actor: User | None = None) -> VariantValue:
    """Say what the pieces left cost whose cost nobody knew (minor units of the shop's currency for one piece).

    InvalidInput for a negative cost, without a reason, or when every cost is known; NotAllowed without the right.
    """
    set_unknown_costs(unit_costs={variant_id: unit_cost}, reason=reason, actor=actor)
    return VariantValue.objects.get(variant=variant_id)


@transaction.atomic
def set_unknown_costs(*, unit_costs: Mapping[int, Decimal], reason: str, actor: User | None = None) -> int:
    """Say it of many variants (cost of one piece by variant id), all or none; return how many. Refusals as for one."""
    check_right(can_set_costs, actor)
    if any(cost < 0 for cost in unit_costs.values()) or not reason.strip():
        raise InvalidInput(_("Write what one piece cost, and where you know it from."))
    ValuationProgress.objects.bulk_create([ValuationProgress(pk=1)], ignore_conflicts=True)
    ValuationProgress.objects.select_for_update().get(pk=1)
    books = Books(set(unit_costs))
    for variant_id, unit_cost in unit_costs.items():
        if books[variant_id].is_complete:
            raise InvalidInput(_("The cost of every piece in stock is known."))
        books.revalue(variant_id, books[variant_id].price_unknown(unit_cost=unit_cost), reason.strip())
    books.save()
    said = reason.strip()[:120]
    record_many([(UnknownCostSet(variant_id=pk, reason=said), pk) for pk in unit_costs], model=Variant, actor=actor)
    return len(unit_costs)
