"""Orders that are written over several calls: kept, priced, placed or dropped."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import date
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _

from catalog.models import SalesChannel
from core.errors import DomainError, InvalidInput
from inventory.selectors import shop_day
from orders.models import DraftState, ManualDraft, Order
from orders.policies import can_write_orders
from orders.services.batches import check_right
from orders.services.manual.placing import check_overrides, place_manual_order
from orders.services.manual.pricing import PricedLine, price_lines
from orders.services.manual.wanted import GiftWish, WantedLine, WantedOrder
from staff.models import User

LONGEST_FREEZE = 90  # days


@dataclass(frozen=True, slots=True)
class Repriced:
    """A line whose price is another one today than when the draft was priced; minor units of one piece."""

    line: PricedLine
    now: int | None


@transaction.atomic
def save_draft(
    *, wanted: WantedOrder, draft_id: int | None = None, prices_until: date | None = None, actor: User | None = None
) -> ManualDraft:
    """Keep what was written so far; its prices are those of today, and hold until ``prices_until`` (that day included).

    A known draft whose prices still hold keeps them. InvalidInput for impossible lines, a day that is over or too far;
    DomainError for a draft that was placed or dropped; NotAllowed without the right to write orders.
    """
    check_right(can_write_orders, actor)
    today = shop_day()
    if prices_until is not None and not 0 <= (prices_until - today).days <= LONGEST_FREEZE:
        raise InvalidInput(
            _("Prices hold until today at least and for %(count)d days at most.") % {"count": LONGEST_FREEZE}
        )
    draft = _locked(draft_id) if draft_id is not None else ManualDraft(created_by=actor)
    if draft.pk is None or not prices_hold(draft):
        draft.priced_at = timezone.now()
    lines = price_lines(wanted.lines, SalesChannel.objects.get(pk=wanted.sales_channel_id), draft.priced_at)
    check_overrides(lines, is_free=False, actor=actor)
    draft.sales_channel_id = wanted.sales_channel_id
    draft.caller = wanted.contact.get("buyer_name", "")[:120]
    draft.total = sum(line.total for line in lines)
    draft.prices_until = prices_until
    draft.contents = _written(wanted)
    draft.save()
    return draft


@transaction.atomic
def place_draft(*, draft_id: int, key: str = "", expected_total: int, actor: User | None = None) -> Order:
    """Place a kept order at its frozen prices, or at today's once they no longer hold, and return the order.

    One that was placed answers with its order. DomainError when that does not come to ``expected_total``, which the
    caller was told, or when the draft was dropped.
    """
    placed = Order.objects.filter(draft__pk=draft_id).first()
    if placed is not None:  # pressed twice
        return placed
    draft = _locked(draft_id)
    wanted = replace(wanted_of(draft), priced_at=draft.priced_at if prices_hold(draft) else None)
    order = place_manual_order(wanted=wanted, key=key, actor=actor)
    if order.total != expected_total:
        raise DomainError(_("The prices changed meanwhile. Look at the difference, then place it."))
    draft.order, draft.state = order, DraftState.PLACED
    draft.save(update_fields=["order", "state", "updated_at"])
    return order


@transaction.atomic
def drop_draft(*, draft_id: int, actor: User | None = None) -> ManualDraft:
    """Say that nothing comes of a written order; DomainError when it is not open any more."""
    check_right(can_write_orders, actor)
    draft = _locked(draft_id)
    draft.state = DraftState.DROPPED
    draft.save(update_fields=["state", "updated_at"])
    return draft


def prices_hold(draft: ManualDraft) -> bool:
    """Tell whether the draft's prices are still those that the customer was told."""
    return draft.prices_until is not None and draft.prices_until >= shop_day()


def repriced(draft: ManualDraft) -> list[Repriced]:
    """Return the lines of a draft that cost something else today."""
    wanted = wanted_of(draft)
    then = price_lines(wanted.lines, draft.sales_channel, draft.priced_at)
    found = []
    for line, now in zip(then, _today(wanted, draft.sales_channel), strict=True):
        if line.price != now:
            found.append(Repriced(line, now))
    return found


def _today(wanted: WantedOrder, channel: SalesChannel) -> list[int | None]:
    try:
        return [line.price for line in price_lines(wanted.lines, channel, None)]
    except InvalidInput:  # one of them has no price any more
        return [None] * len(wanted.lines)


def wanted_of(draft: ManualDraft) -> WantedOrder:
    """Return what a draft wants."""
    kept: dict[str, Any] = dict(draft.contents)
    lines = [WantedLine(**line) for line in kept.pop("lines")]
    gift = GiftWish(**kept.pop("gift"))
    day = kept.pop("delivery_on")
    return WantedOrder(
        **kept,
        sales_channel_id=draft.sales_channel_id,
        lines=lines,
        gift=gift,
        delivery_on=parse_date(day) if day else None,
    )


def _written(wanted: WantedOrder) -> Mapping[str, Any]:
    said = asdict(wanted)
    for name in ("sales_channel_id", "priced_at", "source", "original_id"):
        del said[name]
    said["delivery_on"] = wanted.delivery_on.isoformat() if wanted.delivery_on else ""
    return said


def _locked(draft_id: int) -> ManualDraft:
    draft = ManualDraft.objects.select_for_update(of=("self",)).select_related("sales_channel").get(pk=draft_id)
    if draft.state != DraftState.OPEN:
        raise DomainError(_("This written order was placed or dropped already."))
    return draft
