"""What stands still: rules, orders held by them and by hand, wished days, a channel that confirms by itself."""

from collections.abc import Mapping
from datetime import date, timedelta

from backoffice.demo.premises import channel_ids
from core.saving import save_view
from inventory.selectors import shop_day
from orders.models import HoldReason, Order, OrderStatus
from orders.services import (
    RuleDraft,
    apply_changed_rules,
    edit_order,
    hold_orders,
    release_orders,
    save_handling,
    save_hold_rule,
    triage_open_orders,
)
from staff.models import User

CONFIRMS_ITSELF = {"coupang"}
SLOTS = ("午前", "14-16", "16-18", "18-20", "19-21")
RULES = (
    RuleDraft(
        name="첫 주문 고액 확인",
        conditions={"first_order": {"currency": "KRW", "amount": 250_000}},
        rank=10,
    ),
    RuleDraft(name="주소 확인 필요", conditions={"address": ["no_door", "odd_postcode", "short"]}, rank=20),
    RuleDraft(name="お名前のカナ未入力", conditions={"kana": True}, takes_stock=True, rank=30),
    RuleDraft(name="반품이 잦은 고객", conditions={"returner": {"count": 2, "days": 180}}, takes_stock=True, rank=40),
    RuleDraft(name="개인통관고유부호 없음", conditions={"customs": True}, rank=50),
    RuleDraft(name="Thirty pieces or more", conditions={"quantity": 30}, rank=60, is_active=False),
)


def hold_some(*, team: Mapping[str, User]) -> None:
    """Write the rules and carry them to the open orders; let some orders wait for a day, some for a person."""
    manager = team["manager"]
    for code, channel in sorted(channel_ids().items()):
        save_handling(sales_channel_id=channel, confirms_itself=code in CONFIRMS_ITSELF, transit_days=2, actor=manager)
    _wish(manager)
    for draft in RULES:
        save_hold_rule(draft=draft, actor=manager)
    apply_changed_rules()
    triage_open_orders()
    _keep_searches(manager)
    open_orders = Order.objects.filter(status__in=[OrderStatus.TO_CONFIRM, OrderStatus.TO_SHIP], is_held=False)
    [*asked] = open_orders.order_by("-placed_at", "-pk").values_list("pk", flat=True)[:3]
    hold_orders(
        order_ids=asked[:2], reason=HoldReason.CUSTOMER, note="휴가 다녀온 뒤 받고 싶다고 하심", takes_stock=True,
        actor=manager,
    )  # fmt: skip
    hold_orders(order_ids=asked[2:], reason=HoldReason.ADDRESS, note="동·호수 문의 중", actor=manager)
    ruled = Order.objects.filter(holds__released_at=None, holds__rule__isnull=False).order_by("placed_at", "pk")
    first = list(ruled.values_list("pk", flat=True)[:1])
    release_orders(order_ids=first, note="전화로 확인함", actor=manager)


def _keep_searches(manager: User) -> None:
    """Share two searches of the order list as tabs."""
    channels = channel_ids()
    for name, code, tab in (("楽天の出荷分", "rakuten", "to_ship"), ("네이버 지연", "naver", "late")):
        if code in channels:
            query = f"sales_channel__id__exact={channels[code]}&tab={tab}"
            save_view(model="orders.order", name=name, query=query, is_shared=True, owner_id=manager.pk, may_share=True)


def _wish(manager: User) -> None:
    """Let some Japanese customers wish a day and a time of day."""
    orders = Order.objects.filter(status__in=[OrderStatus.TO_CONFIRM, OrderStatus.TO_SHIP], country="JP")
    today = shop_day()
    for place, pk in enumerate(orders.order_by("-placed_at", "-pk").values_list("pk", flat=True)[:8]):
        wish: dict[str, str | date | None] = {
            "delivery_on": today + timedelta(days=2 + place),
            "delivery_slot": SLOTS[place % len(SLOTS)],
        }
        edit_order(order_id=pk, changes=wish, actor=manager)
