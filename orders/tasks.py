"""Orders by the clock."""

from celery import shared_task

from core.schedule import Every, periodic
from orders.selectors.short import variants_waited_for
from orders.services import (
    allocate_waiting_orders,
    apply_changed_rules,
    combine_by_itself,
    confirm_by_itself,
    judge_oversells,
)

JUDGED = 200  # variants of one transaction


@shared_task(name="orders.allocate_waiting")
def allocate_waiting() -> None:
    """Try waiting orders again, whatever made stock available (a warehouse opened, a count, a missed wake-up)."""
    while allocate_waiting_orders().done:
        pass


periodic("orders.allocate_waiting", Every(600))


@shared_task(name="orders.judge_oversells")
def judge_all_oversells() -> int:
    """Judge what orders wait for: release days pass and arrivals are cancelled; twice is harmless, nothing changes."""
    variants = variants_waited_for()
    return sum(judge_oversells(variant_ids=variants[at : at + JUDGED]) for at in range(0, len(variants), JUDGED))


periodic("orders.judge_oversells", Every(3600))


@shared_task(name="orders.apply_hold_rules")
def apply_hold_rules() -> int:
    """Carry changed, begun and ended hold rules to open orders; twice is harmless, orders are sorted the same again."""
    return apply_changed_rules()


periodic("orders.apply_hold_rules", Every(60))


@shared_task(name="orders.confirm_by_itself")
def confirm_open_orders() -> int:
    """Confirm what needs no person; twice is harmless, a confirmed order is no longer to be confirmed."""
    report = confirm_by_itself()
    return len(report.done) + len(report.waiting)


periodic("orders.confirm_by_itself", Every(60))


@shared_task(name="orders.combine_by_itself")
def combine_ready_orders() -> int:
    """Combine orders of one recipient, where a rule of parcels asks for it; twice is harmless: they are combined."""
    return combine_by_itself()


periodic("orders.combine_by_itself", Every(300))
