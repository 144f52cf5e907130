"""Lines of a channel's statement are kept, each once; the statement is matched when all of them are there."""

import hashlib
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from django.db import transaction
from django.db.models import Count, Q, Sum
from django.utils.translation import gettext as _

from accounting.models import Settlement, SettlementLine, SettlementState
from accounting.policies import can_take_settlements
from core.errors import InvalidTransition
from core.models import ImportBatch
from orders.services.batches import check_right
from staff.models import User


@dataclass(frozen=True, kw_only=True)
class StatementHead:
    """What a file says of a statement as a whole; ``payout`` in minor units."""

    reference: str
    currency: str
    starts_on: date | None = None
    ends_on: date | None = None
    paid_on: date | None = None
    payout: int | None = None


@dataclass(frozen=True, kw_only=True)
class StatementLine:
    """One amount of a statement in minor units, from the shop's side: what is taken is negative."""

    kind: str
    amount: int
    external_number: str = ""
    external_line: str = ""
    sku: str = ""
    told: str = ""
    occurred_on: date | None = None


@transaction.atomic
def take_settlement(
    *,
    sales_channel_id: int,
    head: StatementHead,
    lines: Sequence[StatementLine],
    batch: ImportBatch | None = None,
    actor: User | None = None,
) -> tuple[Settlement, list[bool]]:
    """Keep the lines of a statement and return it with whether each line is new; the same file again adds nothing.

    A line is known by all it says and the how-manieth alike it is. What the head says fills what was empty.
    NotAllowed without the right; InvalidTransition when the statement is closed and would change.
    """
    check_right(can_take_settlements, actor)
    settlement = _statement(sales_channel_id, head)
    keys = _keys(settlement, lines, batch)
    known = set(settlement.lines.filter(line_key__in=keys).values_list("line_key", flat=True))
    fresh = [key not in known for key in keys]
    if any(fresh) and settlement.state == SettlementState.SETTLED:
        raise InvalidTransition(_("This statement is closed. The file says more than what was settled."))
    SettlementLine.objects.bulk_create(
        [
            SettlementLine(
                settlement=settlement, kind=line.kind, amount=line.amount, external_number=line.external_number[:80],
                external_line=line.external_line[:80], sku=line.sku[:120], told=line.told[:200],
                occurred_on=line.occurred_on, line_key=key, batch=batch,
            )
            for line, key, is_new in zip(lines, keys, fresh, strict=True)
            if is_new
        ],
        batch_size=2000,
    )  # fmt: skip
    if any(fresh):
        sums = settlement.lines.aggregate(total=Sum("amount", default=0), count=Count("pk"))
        settlement.total, settlement.line_count = sums["total"], sums["count"]
        settlement.save(update_fields=["total", "line_count"])
    return settlement, fresh


def _statement(sales_channel_id: int, head: StatementHead) -> Settlement:
    """Return the locked statement, made when it is new, with what the head says where it said nothing before."""
    values = {"currency": head.currency}
    alive = Q(sales_channel=sales_channel_id, reference=head.reference) & ~Q(state=SettlementState.UNDONE)
    settlement = Settlement.objects.select_for_update().filter(alive).first()
    if settlement is None:
        row = Settlement(sales_channel_id=sales_channel_id, reference=head.reference, **values)
        Settlement.objects.bulk_create([row], ignore_conflicts=True)  # another import may have been faster
        settlement = Settlement.objects.select_for_update().get(alive)
    told: Mapping[str, date | int | None] = {
        "starts_on": head.starts_on, "ends_on": head.ends_on, "paid_on": head.paid_on, "payout": head.payout,
    }  # fmt: skip
    new = [name for name, value in told.items() if value is not None and getattr(settlement, name) is None]
    for name in new:
        setattr(settlement, name, told[name])
    if new:
        settlement.save(update_fields=new)
    return settlement


def _keys(settlement: Settlement, lines: Sequence[StatementLine], batch: ImportBatch | None) -> list[str]:
    """Return the key of each line: a digest of what it says, and how many alike came before it in its file."""
    digests = [_digest(line) for line in lines]
    before: Counter[str] = Counter()
    if batch is not None:  # lines of earlier parts of the same file
        earlier = settlement.lines.filter(batch=batch, external_number="").values_list("line_key", flat=True)
        before.update(key.partition(":")[0] for key in earlier)
    seen: dict[str, int] = defaultdict(int, before)
    keys = []
    for digest in digests:
        seen[digest] += 1
        keys.append(f"{digest}:{seen[digest]}")
    return keys


def _digest(line: StatementLine) -> str:
    day = line.occurred_on.isoformat() if line.occurred_on else ""
    told = [line.kind, str(line.amount), line.external_number, line.external_line, line.sku, line.told, day]
    return hashlib.sha256("\x1f".join(told).encode()).hexdigest()[:40]
