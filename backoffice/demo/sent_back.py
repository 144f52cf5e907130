"""What goes back to suppliers: broken pieces of deliveries, sent and credited; what does not sell waits as a draft."""

from collections.abc import Mapping

from django.db.models import F
from django.utils import timezone

from inventory.models import HoldKind, StockHold, StockItem
from purchasing.models import (
    GoodsReceipt,
    ReturnState,
    SupplierReturn,
)
from purchasing.selectors.returns import begun_from_hold, begun_from_variant, expected_credit, return_lines
from purchasing.services import (
    PiecesBack,
    credit_supplier_return,
    draft_supplier_return,
    send_supplier_return,
)
from staff.models import User

Team = Mapping[str, User]
FATES = (ReturnState.CREDITED, ReturnState.SENT, ReturnState.DRAFT)


def send_goods_back(*, team: Team) -> int:
    """Credit one return of broken pieces, send one, and draft two more; return how many there are."""
    for hold, fate in zip(_broken(), FATES, strict=False):
        _send(hold, fate, team)
    _draft_unsold(team)
    return SupplierReturn.objects.count()


def _broken() -> list[StockHold]:
    """Return what came broken with a receipt: of that it is known what it cost."""
    numbers = GoodsReceipt.objects.filter(undone_at=None).values("number")
    held = StockHold.objects.filter(kind=HoldKind.DAMAGED, quantity__gt=F("released"), reference__in=numbers)
    return list(held.select_related("stock_item").order_by("reference", "stock_item__variant__sku", "pk"))


def _send(hold: StockHold, fate: ReturnState, team: Team) -> None:
    begun = begun_from_hold(hold=hold)
    if begun.supplier_id is None:
        return
    document = draft_supplier_return(
        supplier_id=begun.supplier_id,
        warehouse_id=hold.stock_item.warehouse_id,
        lines=[PiecesBack(variant_id=hold.stock_item.variant_id, quantity=hold.held, hold_id=hold.pk)],
        reason=hold.note or "운송 중 파손",
        actor=team["warehouse"],
    )
    if fate == ReturnState.DRAFT:
        return
    send_supplier_return(return_id=document.pk, actor=team["warehouse"])
    if fate == ReturnState.CREDITED:
        credit_supplier_return(
            return_id=document.pk,
            amount=expected_credit(lines=return_lines(return_id=document.pk)),
            credit_number=f"CN-{2000 + document.pk}",
            credited_on=timezone.localdate(),
            actor=team["accountant"],
        )


def _draft_unsold(team: Team) -> None:
    """Draft a return of what lies in the greatest number and was delivered by somebody."""
    free = F("on_hand") - F("reserved") - F("held")
    plenty = (
        StockItem.objects.filter(variant__purchase_lines__received__gt=0).annotate(free=free).order_by("-free", "pk")
    )
    item = plenty.filter(free__gt=5).first()
    if item is None:
        return
    begun = begun_from_variant(variant_id=item.variant_id, quantity=5)
    if begun.supplier_id is None or begun.warehouse_id is None:
        return
    draft_supplier_return(
        supplier_id=begun.supplier_id,
        warehouse_id=begun.warehouse_id,
        lines=[PiecesBack(variant_id=item.variant_id, quantity=5)],
        reason="판매 부진, 공급사와 반품 합의",
        actor=team["merchandiser"],
    )
