"""What the clock does for the catalogue."""

from celery import shared_task

from catalog.services import check_shown_prices, switch_listings
from catalog.services.collecting import refresh_collections
from core.schedule import Every, periodic


@shared_task(name="catalog.check_shown_prices")
def check_prices_on_pictures() -> list[int]:
    """Compare what live pictures show with what is asked: prices also change by plan and by file.

    Twice is harmless: what is marked already is left alone.
    """
    return list(check_shown_prices())


@shared_task(name="catalog.switch_listings")
def start_and_end_listings() -> list[int]:
    """Start listings whose moment has come and end those whose time is over.

    Twice is harmless: what was switched is no longer due, and two at once leave each other's products alone.
    """
    return list(switch_listings())


@shared_task(name="catalog.refresh_collections")
def refresh_all_collections() -> dict[str, int]:
    """Let all collections follow their rules.

    Twice is harmless: the second time nothing differs.
    """
    return refresh_collections()


periodic("catalog.check_shown_prices", Every(300))
periodic("catalog.switch_listings", Every(60))
periodic("catalog.refresh_collections", Every(3600))
