"""Nothing leaves before its release date, nor so early that it arrives before the wished day."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime

from django.utils.translation import gettext as _

from core.display import moment_text
from inventory.selectors import shop_day, unreleased
from orders.models import Order, OrderLine, WaitReason
from orders.services.holdings import Held


def early_problem(order: Order, at: datetime) -> str:
    """Return why the order may not leave at this moment: it would arrive before the day the customer wished."""
    if order.wait_reason != WaitReason.DELIVERY or order.not_before is None or order.not_before <= shop_day(at):
        return ""
    return _("It is wished for a later day and leaves on %(day)s.") % {"day": moment_text(order.not_before)}


class ReleaseDates:
    """From when on what is in these orders may leave: read once for all of them, bundles by what is in them."""

    def __init__(self, drawn: Iterable[Sequence[Held] | None], lines: Mapping[int, Sequence[OrderLine]]) -> None:
        sold = {line.pk: line.variant_id for goods in lines.values() for line in goods}
        self._variants = {
            (held.line_id, held.warehouse_id, held.pieces.is_whole): {*held.pieces.recipe, sold.get(held.line_id) or 0}
            for one in drawn
            for held in one or ()
        }
        wanted: set[int] = set().union(*self._variants.values())
        # also what was released since: an order may have been shipped in the past
        self._days = unreleased(variant_ids=wanted, today=date.min) if wanted else {}

    def problem(self, drawn: Sequence[Held], at: datetime) -> str:
        """Return why these pieces may not leave at this moment; an empty text when they may."""
        if not self._days:
            return ""
        keys = [(held.line_id, held.warehouse_id, held.pieces.is_whole) for held in drawn]
        last = max((self._days[pk] for key in keys for pk in self._variants[key] if pk in self._days), default=None)
        if last is None or last <= shop_day(at):
            return ""
        return _("It may not ship before its release on %(day)s.") % {"day": moment_text(last)}
