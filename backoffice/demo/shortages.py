"""What is short: goods on backorder, one before its release, oversells with a decision, alerts, what malls ask."""

from collections.abc import Mapping
from datetime import timedelta

from backoffice.demo.premises import channel_ids
from inventory.models import StockItem, WhenOut
from inventory.selectors import shop_day
from inventory.services import set_stock_policy, settle_alerts, settle_expiring
from orders.models import CancelPenalty, DecisionKind, Oversell
from orders.selectors.short import short_lines, variants_waited_for
from orders.services import Choice, decide_oversell, judge_oversells
from staff.models import User

# channel, penalty points, amount in the channel's smallest unit, what happens
TERMS = (
    ("naver", 2, 0, "판매자 귀책 취소는 건당 판매관리 점수 2점"),
    ("coupang", 1, 0, "판매자 취소는 주문이행률에 반영"),
    ("rakuten", 1, 500, "店舗都合のキャンセルは違反点数の対象"),
    ("osaka-shop", 0, 500, "店舗都合のキャンセルには500円分のクーポン"),
)
CHUNK = 500


def show_shortages(*, team: Mapping[str, User]) -> None:
    """Say of two variants that they are sold ahead, find what else is oversold, and decide about one order."""
    manager = team["manager"]
    today = shop_day()
    waited = variants_waited_for()
    plans = (
        {"when_out": WhenOut.BACKORDER, "backorder_limit": 50},
        {"when_out": WhenOut.PREORDER, "release_on": today + timedelta(days=18), "backorder_limit": 200},
    )
    # the first of what orders wait for stays oversold
    for variant_id, values in zip(waited[1:], plans, strict=False):
        set_stock_policy(variant_id=variant_id, values=values, actor=manager)
    channels = channel_ids()
    CancelPenalty.objects.bulk_create(
        [
            CancelPenalty(
                sales_channel_id=channels[code], valid_from=today - timedelta(days=400), points=points,
                amount=amount, terms=terms,
            )
            for code, points, amount, terms in TERMS
            if code in channels
        ]
    )  # fmt: skip
    judge_oversells(variant_ids=waited)
    _decide_one(manager)
    watched = list(StockItem.objects.filter(low_at__gt=0).order_by("pk").values_list("pk", flat=True))
    for start in range(0, len(watched), CHUNK):
        settle_alerts(stock_item_ids=watched[start : start + CHUNK])
    settle_expiring()


def _decide_one(manager: User) -> None:
    """Let the oldest short order of the first oversell that has two wait: one that nobody decided yet stays."""
    oversells = list(Oversell.objects.filter(closed_at=None).order_by("pk"))
    short = short_lines(variant_ids=[one.variant_id for one in oversells])
    oversell = next((one for one in oversells if len(short.get(one.variant_id, ())) > 1), None)
    if oversell is None:
        return
    lines = short[oversell.variant_id]
    choice = Choice(
        kind=DecisionKind.WAIT, note="공급사에서 다음 주 입고 확인", promised_on=shop_day() + timedelta(days=9)
    )
    decide_oversell(oversell_id=oversell.pk, order_ids=[lines[0][0].order_id], choice=choice, actor=manager)
