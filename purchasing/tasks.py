"""What the clock does for purchasing."""

from celery import shared_task

from core.schedule import Every, periodic
from purchasing.services import value_movements

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


periodic("purchasing.value_stock", Every(60))
