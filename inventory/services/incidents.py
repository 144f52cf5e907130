"""What the proof found wrong with stock: opened, seen again, gone by themselves; looked into and closed by people."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.db import transaction
from django.db.models import Sum
from django.utils import timezone
from django.utils.translation import gettext as _

from core.errors import Conflict, InvalidInput, NotAllowed
from core.events import record
from core.verify import Finding
from inventory.events import CountersRestated, StockIncidentClosed, StockIncidentOpened
from inventory.models import Reservation, ShelfStock, StockIncident, StockItem, StockMovement
from inventory.policies import can_close_incidents
from inventory.services.ledger import lock_items
from staff.models import Topic, User
from staff.selectors import users_with_permission
from staff.services.notifications.notifying import Telling, notify_many, settle_key

OURS = "inventory."
RIGHT = "inventory.close_stockincident"
Breach = Mapping[str, Any]


def note_findings(findings: Sequence[Finding]) -> list[int]:
    """Keep what a proof found of stock's rules, one incident for each rule and stock item; return the new ones' ids.

    What was found before is seen again; what is found no more is marked as gone and stays open for a person. Numbers
    are never repaired here. A rule that more rows break than a finding quotes marks none as gone.
    """
    opened = []
    for finding in findings:
        if finding.invariant.name.startswith(OURS):
            opened += _note(finding)
    return opened


@transaction.atomic
def _note(finding: Finding) -> list[int]:
    now = timezone.now()
    rule = finding.invariant.name
    known = {
        row.stock_item_id: row
        for row in StockIncident.objects.select_for_update(of=("self",)).filter(rule=rule, closed_at=None)
    }
    found = _by_item(finding.breaches)
    for item_id, breaches in found.items():
        if (row := known.get(item_id)) is not None:
            row.found, row.seen_at, row.gone_at = _kept(finding, breaches), now, None
            row.save(update_fields=["found", "seen_at", "gone_at"])
    if finding.count <= len(finding.breaches):
        gone = [row.pk for item_id, row in known.items() if item_id not in found and row.gone_at is None]
        StockIncident.objects.filter(pk__in=gone).update(gone_at=now)
    new = [
        StockIncident.objects.create(
            rule=rule, stock_item_id=item_id, found=_kept(finding, breaches), opened_at=now, seen_at=now
        )
        for item_id, breaches in found.items()
        if item_id not in known
    ]
    for row in new:
        record(StockIncidentOpened(incident_id=row.pk, rule=rule, stock_item_id=row.stock_item_id), subject=row)
    _tell(new)
    return [row.pk for row in new]


def _kept(finding: Finding, breaches: Sequence[Breach]) -> dict[str, Any]:
    """Return what is kept of the breaching rows: names of columns and numbers."""
    rows = [
        {name: value if isinstance(value, int | str | bool | None) else str(value) for name, value in row.items()}
        for row in breaches
    ]
    return {"rows": rows, "count": finding.count}


def _by_item(breaches: Sequence[Breach]) -> dict[int | None, list[Breach]]:
    """Group breaching rows by the stock item they are about; None: about none."""
    shelves = _owners(ShelfStock, "shelf", breaches)
    reservations = _owners(Reservation, "reservation", breaches)
    found: dict[int | None, list[Breach]] = defaultdict(list)
    for row in breaches:
        item = row.get("stock_item") or shelves.get(row.get("shelf")) or reservations.get(row.get("reservation"))
        found[item].append(row)
    return dict(found)


def _owners(model: Any, column: str, breaches: Iterable[Breach]) -> dict[Any, int]:
    ids = {row[column] for row in breaches if row.get(column) is not None and not row.get("stock_item")}
    return dict(model.objects.filter(pk__in=ids).values_list("pk", "stock_item_id")) if ids else {}


def _tell(rows: Sequence[StockIncident]) -> None:
    people = users_with_permission(RIGHT).order_by("pk").values_list("pk", flat=True) if rows else ()
    items = StockItem.objects.select_related("variant", "warehouse").in_bulk({row.stock_item_id for row in rows})
    notify_many(
        tellings=[
            Telling(user_id=pk, topic=Topic.STOCK, key=_key(row), data=_data(row, items.get(row.stock_item_id or 0)))
            for row in rows
            for pk in people
        ]
    )


def _key(row: StockIncident) -> str:
    return f"stock-incident:{row.pk}"


def _data(row: StockIncident, item: StockItem | None) -> dict[str, Any]:
    return {
        "about": f"inventory.stockincident:{row.pk}",
        "number": item.variant.sku if item else row.rule,
        "title": str(item.warehouse) if item else "",
        "reason": "incident",
    }


@transaction.atomic
def close_incident(*, incident_id: int, note: str, actor: User | None = None) -> StockIncident:
    """Close an incident with what was found out and return it.

    InvalidInput without a note; Conflict when the last proof still found it, or when somebody closed it already;
    NotAllowed without the right.
    """
    _check_right(actor)
    if not note.strip():
        raise InvalidInput(_("Write what was wrong and what was done about it."))
    row = StockIncident.objects.select_for_update(of=("self",)).get(pk=incident_id)
    if row.closed_at is not None:
        raise Conflict(_("Somebody else has closed it already. Reload the page to read the note."))
    if row.gone_at is None:
        raise Conflict(_("The last proof still found it. Set it right and prove again before you close it."))
    row.closed_at, row.closed_by, row.note = timezone.now(), actor, note.strip()[:500]
    row.save(update_fields=["closed_at", "closed_by", "note"])
    record(StockIncidentClosed(incident_id=row.pk, note=row.note), subject=row, actor=actor)
    settle_key(key=_key(row), user_ids=list(users_with_permission(RIGHT).values_list("pk", flat=True)))
    return row


@transaction.atomic
def restate_counters(*, incident_id: int, note: str, actor: User | None = None) -> StockItem:
    """Set a stock item's counters to what its movements say, tell why, and return it.

    The ledger is what happened; a counter that differs was changed past it. What lies on the shelf is another question:
    count it afterwards. InvalidInput without a note, for an incident without a stock item, and when the movements
    themselves say what cannot be; Conflict when nothing differs; NotAllowed without the right.
    """
    _check_right(actor)
    if not note.strip():
        raise InvalidInput(_("Write what was wrong and what was done about it."))
    row = StockIncident.objects.select_for_update(of=("self",)).get(pk=incident_id)
    if row.stock_item_id is None:
        raise InvalidInput(_("This incident is about no single stock item."))
    [item] = lock_items(pk=row.stock_item_id)
    before = {"on_hand": item.on_hand, "reserved": item.reserved, "held": item.held}
    after = ledger_sums(stock_item_id=item.pk)
    if before == after:
        raise Conflict(_("Counters and movements agree. There is nothing to set right here."))
    if min(after.values()) < 0 or after["on_hand"] < after["reserved"] + after["held"]:
        raise InvalidInput(_("The movements themselves do not add up. Ask an administrator."))
    for name, value in after.items():
        setattr(item, name, value)
    item.save(update_fields=list(after))
    fact = CountersRestated(
        stock_item_id=item.pk, incident_id=row.pk, before=before, after=after, note=note.strip()[:500]
    )
    record(fact, subject=item, actor=actor)
    record(fact, subject=row, actor=actor)
    return item


def ledger_sums(*, stock_item_id: int) -> dict[str, int]:
    """Return what the movements say of the three counters."""
    sums = StockMovement.objects.filter(stock_item=stock_item_id).aggregate(
        on_hand=Sum("on_hand_change", default=0),
        reserved=Sum("reserved_change", default=0),
        held=Sum("held_change", default=0),
    )
    return {name: int(value) for name, value in sums.items()}


def _check_right(actor: User | None) -> None:
    if actor is not None and not can_close_incidents(actor):
        raise NotAllowed(_("You may not close incidents of stock. Ask the EC manager."))
