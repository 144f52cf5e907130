"""A lot that the maker calls back: two customers have pieces of it, one bought a numbered piece as well."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

from django.utils import timezone

from backoffice.demo.drafts import code_of, draft_of
from backoffice.demo.plan import Plan
from backoffice.demo.premises import channel_ids
from backoffice.demo.shopping import PlannedOrder
from catalog.models import Price, Variant
from inventory.models import AdjustReason, EntryKind, HoldKind, Lot, SerialNumber, SerialState, StockItem
from inventory.services import EntryLine, HoldWish, hold_stock, post_entry
from orders.models import OrderLine
from orders.services import confirm_orders, ship_order
from orders.services.intake.drafts import LineDraft, OrderDraft, PaymentDraft
from orders.services.intake.placing import place_orders
from staff.models import User

CHANNEL = "seoul-shop"
BUYERS = 2
LOT = "L002"  # the first that may still be sold
PIECES = 2
FIRST_NUMBER = 91  # after the orders of the imported file


def recall_lot(*, plan: Plan, team: Mapping[str, User]) -> int:
    """Ship pieces of a lot, hold back what is left of it, and use one numbered piece up; return the pieces held."""
    lot = Lot.objects.filter(number=LOT).select_related("variant").first()
    numbered = SerialNumber.objects.filter(state=SerialState.IN_STOCK).select_related("variant").order_by("number")
    if lot is None or len(numbered) < BUYERS:
        return 0
    buyers = [one for one in plan.orders if one.channel == CHANNEL and not one.fate.problem and one.is_prepaid]
    for place, buyer in enumerate(buyers[-BUYERS:]):
        number = f"TEL-{plan.begin.now:%y%m%d}-{FIRST_NUMBER + place}"
        goods = [(lot.variant, PIECES)] + ([(numbered[0].variant, 1)] if not place else [])
        _sell(_draft(buyer, number, goods, plan), numbered[0] if not place else None, team)
    _use_up(numbered[1], team)
    item = StockItem.objects.get(shelves__lot=lot)
    left = item.shelves.get(lot=lot).quantity
    note = "Recalled by the maker: the seal may leak"
    wish = HoldWish(stock_item_id=item.pk, kind=HoldKind.QUARANTINE, quantity=left, lot_id=lot.pk, note=note)
    hold_stock(wishes=[wish], actor=team["warehouse"])
    return left


def _draft(buyer: PlannedOrder, number: str, goods: list[tuple[Variant, int]], plan: Plan) -> OrderDraft:
    """Return an order of somebody who bought before, paid by card an hour ago."""
    at = plan.begin.now - timedelta(hours=1)
    lines = []
    for place, (variant, pieces) in enumerate(goods, start=1):
        price = Price.objects.filter(variant=variant, sales_channel__code=CHANNEL, starts_at__lte=timezone.now())
        amount = price.order_by("starts_at", "pk").values_list("amount", flat=True).last() or 9_900
        lines.append(
            LineDraft(
                external_id=str(place), quantity=pieces, unit_price=Decimal(amount), total=amount * pieces,
                sku=variant.sku, name=variant.label,
            )
        )  # fmt: skip
    total = sum(line.total for line in lines)
    paid = PaymentDraft(amount=total, method=buyer.payment_method, external_id=f"P{number}", paid_at=at)
    return replace(
        draft_of(buyer), external_number=number, placed_at=at, lines=lines, payments=[paid], is_paid=True, state="",
        cancelled_at=None, cancel_reason="", stated_total=total, customer_note="",
    )  # fmt: skip


def _sell(draft: OrderDraft, piece: SerialNumber | None, team: Mapping[str, User]) -> None:
    [placed] = place_orders(drafts=[draft], sales_channel_id=channel_ids()[CHANNEL])
    confirm_orders(order_ids=[placed.id], at={placed.id: draft.placed_at}, actor=team["manager"])
    line = OrderLine.objects.filter(order=placed.id, variant=piece.variant_id).first() if piece else None
    ship_order(
        order_id=placed.id, carrier="CJ대한통운", tracking_number=f"68{code_of(draft.external_number)}",
        serials={line.pk: [piece.number]} if line and piece else None, at=draft.placed_at + timedelta(minutes=40),
        actor=team["warehouse"],
    )  # fmt: skip


def _use_up(piece: SerialNumber, team: Mapping[str, User]) -> None:
    """Give one numbered piece to the photo studio."""
    item = StockItem.objects.get(serials=piece)
    line = EntryLine(
        variant_id=item.variant_id, warehouse_id=item.warehouse_id, quantity=-1, serials=(piece.number,)
    )  # fmt: skip
    post_entry(
        kind=EntryKind.ADJUSTMENT, lines=[line], reason="For the photo studio", reason_code=AdjustReason.SAMPLE,
        actor=team["warehouse"],
    )  # fmt: skip
