"""What the clock does for purchasing."""

from celery import shared_task

from core.errors import Conflict
from core.schedule import Daily, Every, periodic
from purchasing.services import value_movements
from purchasing.services.demand.running import start_forecasts

BATCHES = 50  # of one minute; what is left then comes in the next


@shared_task(name="purchasing.value_stock")
def value_stock() -> int:
    """Value what moved; twice is harmless: a movement has one cost entry, and one batch runs at a time."""
    done = 0
    for _batch in range(BATCHES):
        valued = value_movements()
        done += valued
        if not valued:
            break
    return done


@shared_task(name="purchasing.forecast_all")
def forecast_demand() -> None:
    """Have all forecasts made anew.

    Twice is harmless: while a job runs no second one begins, and a second one writes the same rows again.
    """
    try:
        start_forecasts()
    except Conflict:
        return


periodic("purchasing.value_stock", Every(60))
periodic("purchasing.forecast_all", Daily(hour=17, minute=30))  # half past two at night in Seoul and Tokyo
