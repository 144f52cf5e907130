"""Which orders a deposit pays: proposals, the best first, with why."""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from orders.models import Order, OrderStatus
from payments.models import BankDeposit, DepositRule
from payments.selectors.names import SHORTEST_CUT, likeness, payer_key

SURE = 95
WORTH_SHOWING = 40
MOST = 5
MOST_SUMMED = 8  # orders of one payer that are added up
_TOKEN = re.compile(r"[0-9A-Za-z][0-9A-Za-z-]{3,}")
WAITING = (OrderStatus.NEW, OrderStatus.AWAITING_PAYMENT)


@dataclass(frozen=True)
class Proposal:
    """Orders that a deposit may pay (order, minor units), 0 to 100 how likely, and why in words."""

    parts: tuple[tuple[Order, int], ...]
    score: int
    reasons: tuple[str, ...]
    rest: int = 0

    @property
    def amounts(self) -> dict[int, int]:
        """Return what each order gets."""
        return {order.pk: amount for order, amount in self.parts}


@dataclass
class Waiting:
    """Orders of one currency that wait for money, found by amount, number and payer; read once for many deposits."""

    tolerance: int = 0
    by_due: dict[int, list[Order]] = field(default_factory=lambda: defaultdict(list))
    by_number: dict[str, Order] = field(default_factory=dict)
    by_name: dict[str, list[Order]] = field(default_factory=lambda: defaultdict(list))
    keys: dict[int, set[str]] = field(default_factory=dict)

    def add(self, order: Order) -> None:
        """Take an order in."""
        self.by_due[_due(order)].append(order)
        for number in (order.number, order.external_number):
            if number:
                self.by_number[number.upper()] = order
        kana = order.customer.kana if order.customer else ""
        names = (order.buyer_name, order.recipient_name, order.recipient_kana, kana)
        self.keys[order.pk] = {key for name in names if (key := payer_key(name))}
        for key in self.keys[order.pk]:
            self.by_name[key].append(order)

    def likeness(self, key: str, order: Order) -> int:
        """Return how much the payer is the buyer or recipient."""
        return max((likeness(key, other) for other in self.keys[order.pk]), default=0)


def _due(order: Order) -> int:
    return order.total - order.paid_total


def waiting_orders(currencies: Iterable[str]) -> dict[str, Waiting]:
    """Read the orders that wait for payment, by currency, in two statements."""
    wanted = set(currencies)
    rules = dict(DepositRule.objects.filter(currency__in=wanted).values_list("currency", "fee_tolerance"))
    found = {currency: Waiting(rules.get(currency, 0)) for currency in wanted}
    rows = Order.objects.filter(status__in=WAITING, currency__in=wanted).select_related("customer", "sales_channel")
    for order in rows.order_by("pk"):
        if _due(order) > 0:
            found[order.currency].add(order)
    return found


def proposals_for(*, deposits: Sequence[BankDeposit]) -> dict[int, list[Proposal]]:
    """Return for each deposit what it may pay, the likeliest first, at most five; a fixed number of statements."""
    waiting = waiting_orders({deposit.currency for deposit in deposits})
    return {deposit.pk: _propose(deposit, waiting[deposit.currency]) for deposit in deposits}


def _propose(deposit: BankDeposit, waiting: Waiting) -> list[Proposal]:
    key, amount = payer_key(deposit.payer_name), deposit.rest
    text = unicodedata.normalize("NFKC", f"{deposit.payer_name} {deposit.message}").upper()
    named = [waiting.by_number[token] for token in _TOKEN.findall(text) if token in waiting.by_number]
    named = list({order.pk: order for order in named}.values())
    close = [order for due in range(amount, amount + waiting.tolerance + 1) for order in waiting.by_due.get(due, ())]
    same = _of_payer(key, waiting)
    single = {order.pk: order for order in (*named, *close, *same)}
    found = [_single(deposit, order, waiting, key, is_named=order in named) for order in single.values()]
    for group, is_named in ((named, True), (same, False)):
        if (several := _several(deposit, group, is_named=is_named)) is not None:
            found.append(several)
    best = sorted(found, key=lambda one: (-one.score, len(one.parts), one.parts[0][0].pk))
    return [one for one in best if one.score >= WORTH_SHOWING][:MOST]


def _of_payer(key: str, waiting: Waiting) -> list[Order]:
    """Return the orders of this payer, also where the bank cut the name."""
    if not key:
        return []
    exact = waiting.by_name.get(key, [])
    cut = [order for name, orders in waiting.by_name.items() if is_cut(key, name) for order in orders]
    return list({order.pk: order for order in (*exact, *cut)}.values())


def is_cut(one: str, other: str) -> bool:
    """Tell whether one key is the beginning of the other, without comparing more."""
    return (
        one != other and min(len(one), len(other)) >= SHORTEST_CUT and (one.startswith(other) or other.startswith(one))
    )


def _single(deposit: BankDeposit, order: Order, waiting: Waiting, key: str, *, is_named: bool) -> Proposal:
    due, amount = _due(order), deposit.rest
    alike = waiting.likeness(key, order)
    reasons = []
    if is_named:
        reasons.append(_("its number is in the text"))
    if alike >= 90:
        reasons.append(_("the payer’s name"))
    elif alike >= 60:
        reasons.append(_("a similar name"))
    score = max(50 if is_named else 0, alike // 2)
    if amount == due:
        score += 50
        reasons.append(_("the exact amount"))
    elif due - waiting.tolerance <= amount < due:
        score += 35
        reasons.append(_("the amount less a bank fee"))
    elif amount > due:
        score += 10
        reasons.append(_("more than is due"))
    else:
        reasons.append(_("a part of what is due"))
    return Proposal(((order, min(amount, due)),), score, tuple(reasons), max(0, amount - due))


def _several(deposit: BankDeposit, group: Sequence[Order], *, is_named: bool) -> Proposal | None:
    """Return all orders of the group together where they make up the amount."""
    if not 1 < len(group) <= MOST_SUMMED or sum(_due(order) for order in group) != deposit.rest:
        return None
    reason = _("the numbers are in the text") if is_named else _("all orders of this payer together")
    parts = tuple((order, _due(order)) for order in group)
    return Proposal(parts, 100 if is_named else 90, (reason, _("the exact amount")))


def is_beyond_doubt(proposals: Sequence[Proposal]) -> bool:
    """Tell whether the first is sure, leaves nothing over, and no other comes near."""
    if not proposals or proposals[0].score < SURE or proposals[0].rest:
        return False
    return len(proposals) == 1 or proposals[1].score <= proposals[0].score - 25
