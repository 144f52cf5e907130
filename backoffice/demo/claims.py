"""Customers who want to give something back: a case in every state, two rules, and a carrier who pays."""

from collections.abc import Iterator, Mapping
from datetime import timedelta
from io import BytesIO

from django.core.files.base import ContentFile
from django.db import transaction
from django.utils import timezone
from PIL import Image, ImageDraw

from compliance.models import RefusalGround
from core.errors import DomainError
from orders.models import LineKind, Order, OrderLine, ReturnCondition
from returns.models import (
    AskedThrough,
    ChargedParty,
    ChargeState,
    RequestKind,
    Resolution,
    ReturnReason,
    ReturnRequest,
    ReturnRule,
    StepMessage,
)
from returns.services import (
    Claimed,
    Found,
    LineWish,
    Outcome,
    RequestRefusal,
    add_photos,
    answer_charge,
    approve_return,
    call_off_return,
    charge_for_case,
    inspect_return,
    note_return_sent,
    open_return,
    receive_return,
    refuse_return,
    reject_pieces,
    resolve_return,
    save_return_rule,
)
from returns.services.seeding import seed_reasons
from staff.models import User

Team = Mapping[str, User]
_DAY = timedelta(days=1)


def open_cases(*, team: Team) -> int:
    """Write two rules and automatic words, open a case for each story, and return how many there are."""
    seed_reasons()
    save_return_rule(
        rule=ReturnRule(
            name="국내 배송 기본", rank=100, jurisdiction="KR", extra_days=7, currency="KRW", return_shipping=3_000,
            fee=2_000, note="법정 기간이 지난 뒤 7일까지 받아 줍니다.",
        ),
        actor=team["manager"],
    )  # fmt: skip
    save_return_rule(
        rule=ReturnRule(name="日本向け", rank=100, jurisdiction="JP", currency="JPY", return_shipping=800),
        actor=team["manager"],
    )
    StepMessage.objects.create(step="approved", mode="automatic")
    StepMessage.objects.create(step="refunded", mode="automatic")
    told = [_decide, _refuse, _send, _let_inspect, _find, _refund, _exchange, _reject, _claim, _keep]
    waiting = _orders()
    for story in told:
        for order, line in waiting:
            try:
                with transaction.atomic():
                    story(order, line, team)
            except DomainError:
                continue  # the next order will do: its stock is gone, or it came too late
            break
    return ReturnRequest.objects.count()


def _orders() -> Iterator[tuple[Order, OrderLine]]:
    """Yield paid Korean orders that were received lately and that nobody gave back, each with a line."""
    now = timezone.now()
    orders = Order.objects.filter(
        jurisdiction="KR", status="shipped", paid_total__gt=0, returns=None, withdrawals=None,
        shipments__delivered_at__range=(now - 20 * _DAY, now),
    ).distinct().order_by("-number")  # fmt: skip
    for order in orders:
        line = order.lines.filter(kind=LineKind.PRODUCT, shipped_count__gt=0, variant__isnull=False).first()
        if line is not None:
            yield order, line


def _ask(order: Order, line: OrderLine, team: Team, reason: str, **over: object) -> ReturnRequest:
    kind = RequestKind(str(over.get("kind", RequestKind.RETURN)))
    wish = LineWish(
        line_id=line.pk,
        quantity=1,
        reason_id=ReturnReason.objects.get(code=reason).pk,
        wish=Resolution(str(over.get("wish", Resolution.REFUND))),
    )
    return open_return(
        order_id=order.pk,
        lines=[wish],
        asked_at=timezone.now() - timedelta(hours=2),
        asked_through=AskedThrough.CHANNEL,
        kind=kind,
        customer_note=str(over.get("note", "")),
        actor=team["cs"],
    )


def _came(case: ReturnRequest, team: Team, condition: ReturnCondition, evidence: str = "") -> None:
    approve_return(request_id=case.pk, actor=team["cslead"])
    line = case.lines.get()
    receive_return(request_id=case.pk, counts={line.pk: 1}, actor=team["warehouse"])
    found = Found(line_id=line.pk, quantity=1, condition=condition, evidence=evidence)
    inspect_return(request_id=case.pk, findings=[found], actor=team["warehouse"])


def _give(case: ReturnRequest, team: Team, resolution: Resolution) -> None:
    finding = case.lines.get().findings.get()
    outcome = Outcome(finding_id=finding.pk, resolution=resolution, quantity=1)
    resolve_return(request_id=case.pk, outcomes=[outcome], actor=team["manager"])


def _photo() -> "ContentFile[bytes]":
    """Return a drawn picture of a crack: nobody's photograph."""
    picture = Image.new("RGB", (480, 360), "#e7e5e4")
    draw = ImageDraw.Draw(picture)
    draw.rounded_rectangle((110, 70, 370, 300), 24, fill="#a8a29e")
    draw.line((150, 90, 210, 170, 190, 210, 260, 280), fill="#1c1917", width=5)
    out = BytesIO()
    picture.save(out, "JPEG", quality=80)
    return ContentFile(out.getvalue(), name="crack.jpg")


def _decide(order: Order, line: OrderLine, team: Team) -> None:
    _ask(order, line, team, "changed-mind", note="생각보다 색이 어두워요.")


def _refuse(order: Order, line: OrderLine, team: Team) -> None:
    case = _ask(order, line, team, "changed-mind", wish=Resolution.EXCHANGE)
    refuse_return(
        request_id=case.pk,
        refusal=RequestRefusal(reason="세탁한 흔적이 있습니다(사진 2).", ground=RefusalGround.USED, was_told=True),
        actor=team["cslead"],
    )


def _send(order: Order, line: OrderLine, team: Team) -> None:
    case = _ask(order, line, team, "wrong-size", wish=Resolution.EXCHANGE)
    approve_return(request_id=case.pk, actor=team["cslead"])
    note_return_sent(request_id=case.pk, carrier="CJ대한통운", tracking_number="620000000017", actor=team["cs"])


def _let_inspect(order: Order, line: OrderLine, team: Team) -> None:
    case = _ask(order, line, team, "not-as-described")
    add_photos(request_id=case.pk, files=[_photo()], actor=team["cs"])
    approve_return(request_id=case.pk, actor=team["cslead"])
    receive_return(request_id=case.pk, counts={case.lines.get().pk: 1}, actor=team["warehouse"])


def _find(order: Order, line: OrderLine, team: Team) -> None:
    case = _ask(order, line, team, "changed-mind")
    _came(case, team, ReturnCondition.OPENED, "상자가 열려 있고 비닐이 없습니다.")


def _refund(order: Order, line: OrderLine, team: Team) -> None:
    case = _ask(order, line, team, "changed-mind")
    _came(case, team, ReturnCondition.GOOD)
    _give(case, team, Resolution.REFUND)


def _exchange(order: Order, line: OrderLine, team: Team) -> None:
    case = _ask(order, line, team, "wrong-size", wish=Resolution.EXCHANGE)
    _came(case, team, ReturnCondition.GOOD)
    _give(case, team, Resolution.EXCHANGE)


def _reject(order: Order, line: OrderLine, team: Team) -> None:
    case = _ask(order, line, team, "wrong-choice")
    _came(case, team, ReturnCondition.DAMAGED, "밑창이 닳았습니다(검수 사진 1).")
    finding = case.lines.get().findings.get()
    reject_pieces(finding_id=finding.pk, evidence=finding.evidence, ground=RefusalGround.DAMAGED, actor=team["quality"])
    resolve_return(request_id=case.pk, outcomes=[], actor=team["manager"])


def _claim(order: Order, line: OrderLine, team: Team) -> None:
    case = _ask(order, line, team, "broken-in-transit", kind=RequestKind.CLAIM, note="받았을 때 이미 깨져 있었어요.")
    add_photos(request_id=case.pk, files=[_photo()], actor=team["cs"])
    approve_return(request_id=case.pk, actor=team["cslead"])
    _give(case, team, Resolution.REFUND)
    claimed = Claimed(
        party=ChargedParty.CARRIER, party_name="CJ대한통운", amount=max(1, line.total // line.quantity),
        reason="운송 중 파손, 사진 첨부",
    )  # fmt: skip
    charge = charge_for_case(request_id=case.pk, claimed=claimed, actor=team["cslead"])
    answer_charge(
        charge_id=charge.pk, state=ChargeState.ACCEPTED, answer="다음 달 정산에서 공제", actor=team["accountant"]
    )


def _keep(order: Order, line: OrderLine, team: Team) -> None:
    case = _ask(order, line, team, "changed-mind")
    call_off_return(request_id=case.pk, note="전화: 그냥 쓰기로 했습니다.", actor=team["cs"])
