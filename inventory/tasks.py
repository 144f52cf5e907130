"""What the clock does for stock."""

from celery import shared_task

from core.schedule import Daily, Every, periodic
from inventory.services import check_pictured_stock, hold_expiring_lots, release_ended_holds, settle_expiring
from inventory.services.counting import plan_cycle_counts


@shared_task(name="inventory.check_pictured_stock")
def check_stock_on_pictures() -> list[int]:
    """Find live pictures of sold-out products: beside the reservations, so that no order waits for it.

    Twice is harmless: what is marked already is left alone.
    """
    return list(check_pictured_stock())


@shared_task(name="inventory.plan_cycle_counts")
def plan_counts_of_today() -> list[int]:
    """Plan what is due to be counted today, before the warehouse begins.

    Twice is harmless: a plan has one stocktake a day, and what is being counted is not planned again.
    """
    return [stocktake.pk for stocktake in plan_cycle_counts()]


periodic("inventory.plan_cycle_counts", Daily(hour=20, minute=30))  # half past five in the morning in Seoul and Tokyo
periodic("inventory.check_pictured_stock", Every(300))


@shared_task(name="inventory.free_ended_holds")
def free_ended_holds() -> int:
    """Free pieces that were held until a moment that is over; twice is harmless: what is free is not held any more."""
    return release_ended_holds()


periodic("inventory.free_ended_holds", Every(300))


@shared_task(name="inventory.hold_expiring_lots")
def hold_ending_lots() -> int:
    """Hold back what is left of lots that end soon; twice is harmless: held pieces are not free to be held again."""
    return hold_expiring_lots()


periodic("inventory.hold_expiring_lots", Every(3600))  # each hour: a lot ends at the shop's midnight in any zone


@shared_task(name="inventory.watch_expiring_lots")
def watch_expiring_lots() -> int:
    """Open and close the alerts of lots that end soon; twice is harmless: an alert that is open is not opened again."""
    return settle_expiring()


periodic("inventory.watch_expiring_lots", Daily(hour=15, minute=20))  # after midnight in Seoul and Tokyo
