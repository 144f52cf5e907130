"""Orders by the clock."""

from celery import shared_task

from core.schedule import Every, periodic
from orders.selectors.short import variants_waited_for
from orders.services import allocate_waiting_orders, judge_oversells

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
