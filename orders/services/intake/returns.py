"""Returns that a source tells of: inserted once, tied to the orders they come from where that can be known."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from typing import Any

from django.db import connection, transaction

from catalog.models import SalesChannel
from core.copying import copy_rows, draw_ids, update_rows
from core.models import RowOutcome
from core.sequences import document_number, next_numbers
from customers.services.identifying import identify_customers
from orders.models import LineKind, Return, ReturnLine
from orders.services.counting import Counter, raise_counter
from orders.services.intake.arrivals import buyer_of, match_goods
from orders.services.intake.drafts import LineDraft, Placed, PlacedLine, ReturnDraft
from orders.services.intake.line_ids import Content, settle_ids
from orders.services.legal.withdrawing import return_in_time
from orders.services.returns import SERIES
from staff.models import User

LINE_COLUMNS = (
    ("variant_id", "bigint"),
    ("kind", "text"),
    ("sku", "text"),
    ("name", "text"),
    ("quantity", "int"),
    ("unit_price", "numeric"),
    ("total", "bigint"),
)
# What could have come back: goods of the same buyer that had left before, the latest first.
_CANDIDATES = """
SELECT l.id, l.order_id, o.customer_id, l.sku, o.placed_at, l.shipped_count - l.returned_count
FROM orders_orderline l JOIN orders_order o ON o.id = l.order_id
JOIN unnest(%s::bigint[], %s::text[]) AS w(customer_id, sku) ON w.customer_id = o.customer_id AND w.sku = l.sku
WHERE o.sales_channel_id = %s AND l.kind = 'product' AND l.shipped_count > l.returned_count
ORDER BY o.placed_at DESC, l.total DESC, l.external_id, l.id
FOR NO KEY UPDATE OF o
"""


@transaction.atomic
def place_returns(
    *,
    drafts: Sequence[ReturnDraft],
    sales_channel_id: int,
    create_missing_variants: bool = False,
) -> list[Placed]:
    """Insert returns and return what became of each, in their order; delivered again, only what changed is changed.

    A return is known by (sales channel, external number), its lines by (return, external id). It moves no stock: it
    tells what happened before we kept the books. A line already tied to an order line stays as it is.
    """
    if not drafts:
        return []
    channel = SalesChannel.objects.get(pk=sales_channel_id)
    next_numbers(series=SERIES, count=0)  # one at a time: a return cannot be made twice
    variants = match_goods(drafts, channel, create_missing_variants=create_missing_variants)
    customers = identify_customers(buyers=[buyer_of(draft, channel) for draft in drafts])
    known = {
        record.external_number: record
        for record in Return.objects.select_for_update(no_key=True, of=("self",))
        .filter(sales_channel=channel, external_number__in=[draft.external_number for draft in drafts])
        .order_by("pk")
    }
    new = [draft for draft in drafts if draft.external_number not in known]
    ids = dict(zip((draft.external_number for draft in new), draw_ids(Return, len(new)), strict=True))
    numbers = dict(
        zip(ids, (document_number("R", n) for n in next_numbers(series=SERIES, count=len(new))), strict=True)
    )
    who = {draft.external_number: customer for draft, customer in zip(drafts, customers, strict=True)}
    copy_rows(
        Return,
        (
            "id",
            "number",
            "sales_channel_id",
            "external_number",
            "customer_id",
            "reason",
            "currency",
            "total",
            "line_count",
            "returned_at",
        ),
        (
            (
                ids[draft.external_number],
                numbers[draft.external_number],
                channel.pk,
                draft.external_number,
                who[draft.external_number],
                draft.reason,
                draft.currency,
                sum(line.total for line in draft.lines),
                len(draft.lines),
                draft.returned_at,
            )
            for draft in new
        ),
    )
    placed = [
        Placed(ids[d.external_number], numbers[d.external_number], RowOutcome.CREATED.value)
        if d.external_number in ids
        else Placed(known[d.external_number].pk, known[d.external_number].number, RowOutcome.UNCHANGED.value)
        for d in drafts
    ]
    _merge_lines(list(zip(drafts, placed, strict=True)), variants)
    return placed


def _merge_lines(entries: list[tuple[ReturnDraft, Placed]], variants: dict[str, int]) -> None:
    """Insert lines that are new, change those that differ and are not yet tied to an order."""
    old = [placed.id for _draft, placed in entries if placed.outcome == RowOutcome.UNCHANGED]
    known: dict[tuple[int, str], tuple[Any, ...]] = {}
    names = ("id", *(name for name, _kind in LINE_COLUMNS), "order_line_id")
    rows = ReturnLine.objects.filter(record_id__in=old).values_list("record_id", "external_id", *names)
    contents: dict[int, dict[str, Content]] = defaultdict(dict)
    for record_id, external_id, *values in rows:
        known[record_id, external_id] = tuple(values)
        contents[record_id][external_id] = (values[5], values[6], values[7], values[2])  # as line_ids.content
    for draft, placed in entries:
        settle_ids(draft.lines, contents.get(placed.id, {}))
    added: list[tuple[Placed, LineDraft]] = []
    updated: list[tuple[Any, ...]] = []
    for draft, placed in entries:
        for line in draft.lines:
            ours = known.get((placed.id, line.external_id))
            if ours is None:
                added.append((placed, line))
                continue
            wanted = (ours[0], *_line_values(line, variants))
            is_changed = wanted != ours[:-1] and ours[-1] is None
            if is_changed:
                updated.append(wanted)
            outcome = RowOutcome.UPDATED if is_changed else RowOutcome.UNCHANGED
            placed.lines[line.external_id] = PlacedLine(ours[0], outcome.value)
    update_rows(ReturnLine, LINE_COLUMNS, updated)
    ids = draw_ids(ReturnLine, len(added))
    for pk, (placed, line) in zip(ids, added, strict=True):
        placed.lines[line.external_id] = PlacedLine(pk, RowOutcome.CREATED.value)
    columns = ("id", "record_id", "external_id", *(name for name, _kind in LINE_COLUMNS), "is_restocked")
    copy_rows(
        ReturnLine,
        columns,
        (
            (pk, placed.id, line.external_id, *_line_values(line, variants), False)
            for pk, (placed, line) in zip(ids, added, strict=True)
        ),
    )
    _refresh(old)


def _line_values(line: LineDraft, variants: dict[str, int]) -> tuple[Any, ...]:
    variant = variants.get(line.sku) if line.kind == LineKind.PRODUCT else None
    return (variant, line.kind, line.sku, line.name, line.quantity, line.unit_price, line.total)


def _refresh(return_ids: Sequence[int]) -> None:
    """Make the totals of known returns what their lines add up to."""
    if not return_ids:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE orders_return r SET total = t.total, line_count = t.lines"
            " FROM (SELECT record_id, sum(total) AS total, count(*) AS lines"
            " FROM orders_returnline WHERE record_id = ANY(%s) GROUP BY record_id) t"
            " WHERE r.id = t.record_id AND (r.total, r.line_count) IS DISTINCT FROM (t.total, t.lines)",
            [list(return_ids)],
        )


@transaction.atomic
def link_returns(*, sales_channel_id: int, as_history: bool = False, actor: User | None = None) -> int:
    """Tie return lines to the order lines they come from and return how many were tied.

    Only what is certain enough: the same customer, the same SKU, ordered before, still that many pieces out; the latest
    such order. A return whose lines all come from one order belongs to it, and from its receipt on the law gives the
    time to refund it, unless the source tells of the past (``as_history``). Repeating changes nothing.
    """
    loose = list(
        ReturnLine.objects.filter(
            record__sales_channel_id=sales_channel_id,
            record__customer__isnull=False,
            order_line=None,
            kind=LineKind.PRODUCT,
        )
        .exclude(sku="")
        .order_by("record__returned_at", "record_id", "external_id")
        .values_list("id", "record_id", "record__customer_id", "sku", "record__returned_at", "quantity")
    )
    out = _candidates({(customer, sku) for _i, _r, customer, sku, _at, _q in loose}, sales_channel_id)
    links: list[tuple[int, int]] = []
    came_back: dict[int, int] = defaultdict(int)
    for pk, _record, customer, sku, at, quantity in loose:
        for one in out.get((customer, sku), ()):
            if one["at"] <= at and one["left"] >= quantity:
                one["left"] -= quantity
                came_back[one["line"]] += quantity
                links.append((pk, one["line"]))
                break
    update_rows(ReturnLine, (("order_line_id", "bigint"),), links)
    raise_counter(Counter.RETURNED, came_back)
    adopted = _adopt({record for _pk, record, *_rest in loose})
    if not as_history:
        _begin_refunds(adopted, actor)
    return len(links)


def _begin_refunds(return_ids: Collection[int], actor: User | None) -> None:
    """Start the time to refund returns that a source told of, as ``record_return`` does for those recorded here."""
    for document in Return.objects.filter(pk__in=return_ids).select_related("order").order_by("pk"):
        if document.order is not None:
            return_in_time(document.order, document, actor)


def _candidates(pairs: Iterable[tuple[int, str]], channel_id: int) -> dict[tuple[int, str], list[dict[str, Any]]]:
    wanted = list(pairs)
    found: dict[tuple[int, str], list[dict[str, Any]]] = defaultdict(list)
    if wanted:
        with connection.cursor() as cursor:
            cursor.execute(_CANDIDATES, [[c for c, _s in wanted], [s for _c, s in wanted], channel_id])
            for line, order, customer, sku, at, left in cursor.fetchall():
                found[customer, sku].append({"line": line, "order": order, "at": at, "left": left})
    return found


def _adopt(return_ids: Iterable[int]) -> list[int]:
    """Give returns the one order that all their tied goods come from; return which got theirs now."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE orders_return r SET order_id = t.order_id FROM (SELECT rl.record_id, min(l.order_id) AS order_id"
            " FROM orders_returnline rl LEFT JOIN orders_orderline l ON l.id = rl.order_line_id"
            " WHERE rl.record_id = ANY(%s) AND rl.kind = 'product' GROUP BY rl.record_id"
            " HAVING count(*) = count(l.id) AND count(DISTINCT l.order_id) = 1) t"
            " WHERE r.id = t.record_id AND r.order_id IS NULL RETURNING r.id",
            [list(return_ids)],
        )
        return [row[0] for row in cursor.fetchall()]
