"""What came of purchase orders: a year of deliveries that suppliers are judged by, and this week's troubles."""

from collections import Counter
from collections.abc import Callable
from datetime import timedelta

from backoffice.demo.dealing import LINES, Story, Team, move_receipt, order_from, send_order, wanted_lately
from inventory.selectors.shelves import shop_day
from inventory.services import LotGiven
from purchasing.models import (
    GoodsReceipt,
    InspectionState,
    LandedCostBasis,
    LandedCostKind,
    PurchaseOrderLine,
    PurchaseState,
    Supplier,
    SupplierItem,
)
from purchasing.services import (
    ReceivedLine,
    add_landed_cost,
    close_purchase_order,
    inspect_goods,
    undo_receipt,
)

# days ago that orders of the past were sent, and by how many days each supplier in turn is late
SENT_AGO = (290, 196, 118, 71)
LATE = (0, -1, 2, 0, 6, -2, 1, 11, 0, 4, 0, 3)
LATE_IN = (0, 1, 0, 2)  # so many times that: nobody is always late
# of so many past deliveries one has broken pieces, and one lacks some for good
BROKEN, SHORT = 5, 11


def let_goods_arrive(*, team: Team) -> int:
    """Order and receive: a past for every supplier, then one order for each kind of trouble; return the receipts."""
    suppliers = list(Supplier.objects.order_by("pk"))
    wanted = wanted_lately()
    for place, supplier in enumerate(suppliers):
        for turn, ago in enumerate(SENT_AGO):
            _live_through_past(supplier, place, turn, ago + 3 * place, wanted, team)
    present: tuple[Callable[[Story], None], ...] = (
        _in_two_parts, _too_many, _some_to_inspect, _judged, _refused_at_the_door, _booked_by_mistake, _given_up,
        _from_abroad, _in_lots,
    )  # fmt: skip
    for place, tell in enumerate(present):
        supplier = suppliers[-3] if tell is _from_abroad else suppliers[place % 6]
        story = order_from(supplier, supplier.lead_days + 1 + place % 3, 3 + place, wanted, team)
        if story is not None:
            tell(story)
    return GoodsReceipt.objects.count()


def _live_through_past(
    supplier: Supplier, place: int, turn: int, sent_ago: int, wanted: Counter[int], team: Team
) -> None:
    """One order of the past: mostly whole, now and then late, broken or short."""
    story = order_from(supplier, sent_ago, turn * LINES, wanted, team)
    if story is None:
        return
    number = place + turn * 12
    came = [
        ReceivedLine(
            line_id=line.pk,
            accepted=line.quantity - (2 if is_broken else 0) - (1 if is_short else 0),
            damaged=1 if is_broken else 0,
            refused=1 if is_broken else 0,
        )
        for n, line in enumerate(story.lines)
        for is_broken, is_short in [(not n and not number % BROKEN, n == 1 and not number % SHORT)]
    ]
    receipt = story.receive(*came)
    story.order.refresh_from_db()
    if story.order.state == PurchaseState.PARTLY_RECEIVED:
        close_purchase_order(order_id=story.order.pk, reason="공급사 재고 없음", actor=team["manager"])
    late = LATE[place % len(LATE)] * LATE_IN[turn]
    move_receipt(receipt, days_ago=max(1, sent_ago - supplier.lead_days - late))


def _whole(line: PurchaseOrderLine) -> ReceivedLine:
    return ReceivedLine(line_id=line.pk, accepted=line.quantity)


def _in_two_parts(story: Story) -> None:
    """Half of it came; the rest is expected still."""
    first, second, *_rest = story.lines
    half = ReceivedLine(line_id=second.pk, accepted=second.quantity // 2)
    move_receipt(story.receive(_whole(first), half, note="나머지는 다음 주 출고 예정"), days_ago=2)


def _too_many(story: Story) -> None:
    """Three more came than were ordered."""
    first, *rest = story.lines
    more = ReceivedLine(line_id=first.pk, accepted=first.quantity + 3, note="3개 초과 납품, 공급사 확인함")
    move_receipt(story.receive(more, *map(_whole, rest), by="manager"), days_ago=4)


def _some_to_inspect(story: Story) -> None:
    """Some pieces are broken, others wait for somebody who looks at them."""
    first, second, *rest = story.lines
    broken = ReceivedLine(line_id=first.pk, accepted=first.quantity - 2, damaged=2, note="상자 모서리 파손")
    doubted = ReceivedLine(line_id=second.pk, accepted=second.quantity - 6, to_inspect=6, note="색상 차이 의심")
    move_receipt(story.receive(broken, doubted, *map(_whole, rest)), days_ago=1)


def _judged(story: Story) -> None:
    """What waited was looked at: one line passed, of the other two pieces failed."""
    lines = story.lines
    receipt = story.receive(
        *(ReceivedLine(line_id=line.pk, accepted=line.quantity - 5, to_inspect=5) for line in lines[:2]),
        *map(_whole, lines[2:]),
    )
    first, second = receipt.lines.filter(inspection=InspectionState.WAITING).order_by("pk")
    judge = story.team["manager"]
    inspect_goods(receipt_line_id=first.pk, actor=judge)
    inspect_goods(receipt_line_id=second.pk, failed=2, note="봉제 불량", actor=judge)
    move_receipt(receipt, days_ago=6)


def _refused_at_the_door(story: Story) -> None:
    """Three pieces were wet and went back with the driver."""
    first, *rest = story.lines
    wet = ReceivedLine(line_id=first.pk, accepted=first.quantity - 3, refused=3, note="젖은 상자, 인수 거부")
    move_receipt(story.receive(wet, *map(_whole, rest)), days_ago=3)


def _booked_by_mistake(story: Story) -> None:
    """The wrong order was received, and that was undone."""
    receipt = story.receive(ReceivedLine(line_id=story.lines[0].pk, accepted=1))
    undo_receipt(receipt_id=receipt.pk, reason="다른 발주서의 입고를 잘못 등록", actor=story.team["admin"])
    move_receipt(receipt, days_ago=1)


def _given_up(story: Story) -> None:
    """The supplier has no more of it: the remainder is given up."""
    first, *_rest = story.lines
    receipt = story.receive(_whole(first))
    close_purchase_order(order_id=story.order.pk, reason="단종, 남은 수량은 받지 않음", actor=story.team["manager"])
    move_receipt(receipt, days_ago=8)


def _from_abroad(story: Story) -> None:
    """A container: freight by value in the supplier's currency, duty by weight in won."""
    receipt = story.receive(*map(_whole, story.lines))
    for kind, basis, amount, currency, document in (
        (LandedCostKind.FREIGHT, LandedCostBasis.VALUE, 18_000, "USD", "BL-20417"),
        (LandedCostKind.DUTY, LandedCostBasis.QUANTITY, 64_300, "KRW", "IMP-20417"),
    ):
        add_landed_cost(
            receipt_id=receipt.pk, kind=kind, basis=basis, amount=amount, currency=currency, reference=document,
            actor=story.team["accountant"],
        )  # fmt: skip
    move_receipt(receipt, days_ago=9)


def _in_lots(story: Story) -> None:
    """Beside plain goods nothing: its own order follows for what is tracked by lots, if a supplier sells that."""
    move_receipt(story.receive(*map(_whole, story.lines)), days_ago=5)
    item = SupplierItem.objects.filter(variant__stock_policy__tracks_lots=True).select_related("supplier").first()
    if item is None:
        return
    lots = send_order(item.supplier, [item], item.supplier.lead_days + 2, story.team)
    [line] = lots.lines
    part = line.quantity // 2
    receipt = lots.receive(
        ReceivedLine(line_id=line.pk, accepted=part, lot=_lot("L004", 45)),
        ReceivedLine(line_id=line.pk, accepted=line.quantity - part, lot=_lot("L005", 540)),
    )
    move_receipt(receipt, days_ago=2)


def _lot(number: str, days: int) -> LotGiven:
    return LotGiven(number=number, expires_on=shop_day() + timedelta(days=days))
