"""What bulk services share: locking many orders, asking each whether it may, reporting what became of it."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.utils import timezone
from django.utils.translation import gettext as _

from core.copying import update_rows
from core.errors import InvalidTransition, NotAllowed
from orders.models import ORDER_TRANSITIONS, LineKind, Order, OrderLine, OrderStatus
from staff.models import User

When = datetime | Mapping[int, datetime] | None  # of a batch: one moment, one for each order id, or now


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why one order of a batch stayed as it was; ``reason`` is a translated sentence."""

    order_id: int
    number: str
    reason: str


@dataclass(slots=True)
class BatchReport:
    """What became of many orders; a refused one does not hinder the others."""

    done: list[int] = field(default_factory=list)
    refused: list[Refusal] = field(default_factory=list)


def check_right(may: Callable[[User], bool], actor: User | None) -> None:
    """Raise NotAllowed unless ``actor`` may; the system itself (None) may everything."""
    if actor is not None and not may(actor):
        raise NotAllowed(_("Your role does not include this. Ask an administrator if you need it."))


def lock_order(order_id: int) -> Order:
    """Return one order, locked until the transaction ends; Order.DoesNotExist when there is none."""
    return Order.objects.select_for_update(no_key=True, of=("self",)).get(pk=order_id)


def lock_orders(order_ids: Iterable[int]) -> list[Order]:
    """Return the orders that exist, locked in primary-key order until the transaction ends."""
    locked = Order.objects.select_for_update(no_key=True, of=("self",)).filter(pk__in=list(order_ids))
    return list(locked.order_by("pk"))


def sift(
    order_ids: Sequence[int], orders: Sequence[Order], problem: Callable[[Order], str]
) -> tuple[list[Order], list[Refusal]]:
    """Part the locked ``orders`` into those without a ``problem`` and the refused, ids without an order included."""
    problems = {order.pk: problem(order) for order in orders}
    refused = [Refusal(order.pk, order.number, problems[order.pk]) for order in orders if problems[order.pk]]
    missing = [pk for pk in dict.fromkeys(order_ids) if pk not in problems]
    refused += [Refusal(pk, str(pk), _("There is no such order any more.")) for pk in missing]
    return [order for order in orders if not problems[order.pk]], refused


def transition_problem(order: Order, target: OrderStatus) -> str:
    """Return why the order may not go to ``target``, an empty text when it may."""
    try:
        ORDER_TRANSITIONS.check(OrderStatus(order.status), target)
    except InvalidTransition as error:
        return str(error)
    return ""


def goods_of(orders: Iterable[Order]) -> dict[int, list[OrderLine]]:
    """Return each order's product lines; they change only under their order's lock."""
    lines: dict[int, list[OrderLine]] = defaultdict(list)
    ids = [order.pk for order in orders]
    for line in OrderLine.objects.filter(order_id__in=ids, kind=LineKind.PRODUCT).order_by("position", "pk"):
        lines[line.order_id].append(line)
    return lines


def moment(at: When, order_id: int, now: datetime) -> datetime:
    """Return when it happened to this order."""
    return at.get(order_id, now) if isinstance(at, Mapping) else at or now


def move_orders(order_ids: Sequence[int], status: OrderStatus, column: str, at: When) -> None:
    """Put locked orders into ``status`` and note the moment in ``column``, in one statement."""
    now = timezone.now()
    update_rows(
        Order,
        (("status", "text"), (column, "timestamptz"), ("updated_at", "timestamptz")),
        [(pk, status.value, moment(at, pk, now), now) for pk in order_ids],
    )
