"""What stock does when its own numbers moved: alerts follow them."""

from core.events import handles
from inventory.events import AlertLevelsSet, StockRanLow, StockRanOut, StockReplenished
from inventory.selectors import watched_items_of
from inventory.services import settle_alerts


@handles(StockRanLow)
def open_low(event: StockRanLow) -> None:
    """Say that it runs low."""
    settle_alerts(stock_item_ids=[event.stock_item_id])


@handles(StockRanOut)
def open_out(event: StockRanOut) -> None:
    """Say that it is sold out."""
    settle_alerts(stock_item_ids=[event.stock_item_id])


@handles(StockReplenished)
def close_alerts(event: StockReplenished) -> None:
    """Take back what is no longer true."""
    settle_alerts(stock_item_ids=[event.stock_item_id])


@handles(AlertLevelsSet)
def follow_levels(event: AlertLevelsSet) -> None:
    """Judge by the new levels."""
    settle_alerts(stock_item_ids=watched_items_of(product_id=event.product_id))
