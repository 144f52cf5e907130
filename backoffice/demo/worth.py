"""What stock cost and how old it is: opening counts priced from the catalogue, layers as old as the story says."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from zlib import crc32

from django.db.models import F

from backoffice.demo.buying import RATES
from catalog.models import Price
from core.copying import update_rows
from core.money import Currency
from inventory.models import EntryKind
from purchasing.models import CostLayer, GoodsReceiptLine, VariantValue
from purchasing.services import set_unknown_costs, value_movements
from staff.models import User

UNPRICED = 60  # of so many opening counts one keeps a cost that nobody knows
# how long ago what is left came, by chance: days, and out of 100 how many variants are younger
AGES = ((25, 22), (55, 44), (85, 63), (170, 82), (350, 93), (500, 100))


def price_openings(*, actor: User) -> int:
    """Value the opening counts at what the catalogue says one piece cost; return how many are known now."""
    while value_movements():
        pass
    known = _costs()
    open_ids = (
        VariantValue.objects.filter(is_complete=False).order_by("variant_id").values_list("variant_id", flat=True)
    )
    costs = {pk: known[pk] for pk in open_ids if pk in known and pk % UNPRICED}
    return set_unknown_costs(unit_costs=costs, reason="Purchase prices of the old system", actor=actor) if costs else 0


def _costs() -> Mapping[int, Decimal]:
    """Return what one piece costs in won by variant: by a price in won, else by one in yen."""
    yen = Decimal(RATES["JPY"])
    found: dict[int, Decimal] = {}
    rows = Price.objects.filter(cost__isnull=False).order_by("variant_id", "pk")
    for variant_id, currency, cost in rows.values_list("variant_id", "currency", "cost"):
        if currency == Currency.KRW:
            found[variant_id] = Decimal(cost or 0)
        else:
            found.setdefault(variant_id, (cost or 0) * yen)
    return found


def age_layers(*, now: datetime) -> int:
    """Let what is left have come when the story says, receipts on their day; return how many layers were moved.

    The ledger keeps the time of filling, as everywhere in the demo; only the books about it tell an invented past.
    """
    received = dict(
        GoodsReceiptLine.objects.filter(receipt__entry__isnull=False).values_list(
            "receipt__entry", "receipt__received_at"
        )
    )
    rows = CostLayer.objects.annotate(entry=F("movement__entry"), kind=F("movement__entry__kind"))
    changes = []
    for pk, variant_id, entry_id, kind in rows.values_list("pk", "variant_id", "entry", "kind"):
        if entry_id in received:
            changes.append((pk, received[entry_id]))
        elif kind == EntryKind.OPENING:
            changes.append((pk, now - timedelta(days=_age(variant_id))))
    update_rows(CostLayer, [("received_at", "timestamptz")], changes)
    return len(changes)


def _age(variant_id: int) -> int:
    """Return how many days ago the pieces left of a variant came; the same for a variant every time."""
    chance = crc32(b"age %d" % variant_id)
    youngest, place = 3, chance % 100
    for oldest, below in AGES:
        if place < below:
            return youngest + chance // 100 % (oldest - youngest)
        youngest = oldest
    return youngest
