"""Signs that a number may be wrong, so that it is counted first. Upper apps register what only they know."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db.models import Count, Max, OuterRef, Subquery
from django.db.models.functions import Greatest
from django.utils import timezone
from django.utils.translation import gettext_lazy, ngettext_lazy

from inventory.models import MovementKind, StockIncident, StockItem, StockMovement, StocktakeLine, StocktakeState
from inventory.outlook import waiting_for

ADJUSTED_DAYS, ADJUSTED_TIMES = 90, 3
SILENT_DAYS = 21
UNCOUNTED_DAYS = 365

Find = Callable[[int], Mapping[int, int]]  # warehouse id -> stock item id: a number that the words say


@dataclass(frozen=True)
class Sign:
    """One sign: ``words`` take ``count``, ``weight`` says how bad it is, the worst are counted first."""

    code: str
    label: Any
    words: Any
    weight: int
    find: Find

    def sentence(self, count: int) -> str:
        """Return what stands on the line, in the reader's language."""
        return str(self.words % {"count": count})


_signs: dict[str, Sign] = {}


def register_sign(sign: Sign) -> None:
    """Let stocktakes choose by ``sign``; the same code again replaces it."""
    _signs[sign.code] = sign


def signs() -> list[Sign]:
    """Return all signs, the worst first."""
    return sorted(_signs.values(), key=lambda sign: (-sign.weight, sign.code))


def sentences(found: list[list[Any]]) -> list[str]:
    """Return what the signs kept on a line say; one whose app is gone says nothing."""
    return [_signs[code].sentence(int(count)) for code, count in found if code in _signs]


def last_counted() -> Any:
    """Return the moment of the last posted count of a stock item, to annotate; None: never."""
    movements = StockMovement.objects.filter(stock_item=OuterRef("pk"), kind=MovementKind.COUNTED).order_by("-at")
    lines = StocktakeLine.objects.filter(
        stock_item=OuterRef("pk"), stocktake__state=StocktakeState.POSTED, counted_at__isnull=False
    ).order_by("-counted_at")
    return Greatest(Subquery(movements.values("at")[:1]), Subquery(lines.values("counted_at")[:1]))


def _incidents(warehouse_id: int) -> Mapping[int, int]:
    rows = StockIncident.objects.filter(closed_at=None, stock_item__warehouse_id=warehouse_id)
    return dict(rows.order_by().values_list("stock_item_id").annotate(count=Count("pk")))


def _short(warehouse_id: int) -> Mapping[int, int]:
    """Orders that wait for pieces: perhaps they are there after all."""
    items = dict(StockItem.objects.filter(warehouse_id=warehouse_id).values_list("variant_id", "pk"))
    return {items[variant_id]: len(rows) for variant_id, rows in waiting_for(variant_ids=list(items)).items()}


def _adjusted(warehouse_id: int) -> Mapping[int, int]:
    since = timezone.now() - timedelta(days=ADJUSTED_DAYS)
    often = StockItem.objects.filter(
        warehouse_id=warehouse_id, movements__kind=MovementKind.ADJUSTED, movements__at__gte=since
    )
    return dict(often.order_by().values_list("pk").annotate(count=Count("movements")).filter(count__gte=ADJUSTED_TIMES))


def _silent(warehouse_id: int) -> Mapping[int, int]:
    now = timezone.now()
    items = StockItem.objects.filter(warehouse_id=warehouse_id, reserved__gt=0).annotate(moved_at=Max("movements__at"))
    waiting = items.filter(moved_at__lt=now - timedelta(days=SILENT_DAYS)).values_list("pk", "moved_at")
    return {pk: (now - moved_at).days for pk, moved_at in waiting if moved_at}


def _uncounted(warehouse_id: int) -> Mapping[int, int]:
    now = timezone.now()
    items = StockItem.objects.filter(warehouse_id=warehouse_id, on_hand__gt=0).annotate(at=last_counted())
    old = items.filter(at__lt=now - timedelta(days=UNCOUNTED_DAYS)).values_list("pk", "at")
    return {pk: (now - at).days for pk, at in old if at}


def _never_counted(warehouse_id: int) -> Mapping[int, int]:
    items = StockItem.objects.filter(warehouse_id=warehouse_id, on_hand__gt=0).annotate(at=last_counted())
    return dict(items.filter(at=None).values_list("pk", "on_hand"))


register_sign(
    Sign(
        "incident",
        gettext_lazy("An open incident"),
        ngettext_lazy("%(count)s open incident", "%(count)s open incidents", "count"),
        100,
        _incidents,
    )
)
register_sign(
    Sign(
        "short",
        gettext_lazy("Orders wait for it"),
        ngettext_lazy("%(count)s order waits for it", "%(count)s orders wait for it", "count"),
        80,
        _short,
    )
)
register_sign(
    Sign(
        "adjusted",
        gettext_lazy("Adjusted often"),
        ngettext_lazy("Adjusted %(count)s time in 90 days", "Adjusted %(count)s times in 90 days", "count"),
        60,
        _adjusted,
    )
)
register_sign(
    Sign(
        "silent",
        gettext_lazy("Reserved, and nothing moves"),
        ngettext_lazy(
            "Reserved, and nothing moved for %(count)s day", "Reserved, and nothing moved for %(count)s days", "count"
        ),
        50,
        _silent,
    )
)
register_sign(Sign("never", gettext_lazy("Never counted"), gettext_lazy("Never counted"), 30, _never_counted))
register_sign(
    Sign(
        "old",
        gettext_lazy("Not counted for a year"),
        ngettext_lazy("Not counted for %(count)s day", "Not counted for %(count)s days", "count"),
        20,
        _uncounted,
    )
)
