"""What the clock does for the catalogue."""

from celery import shared_task

from catalog.services import check_shown_prices
from core.schedule import Every, periodic


@shared_task(name="catalog.check_shown_prices")
def check_prices_on_pictures() -> list[int]:
    """Compare what live pictures show with what is asked: prices also change by plan and by file.

    Twice is harmless: what is marked already is left alone.
    """
    return list(check_shown_prices())


periodic("catalog.check_shown_prices", Every(300))
