"""Reads about orders."""

from orders.selectors.details import (
    OrderLineRow,
    latest_orders_of_product,
    lines_of_order,
    problems_of_order,
    short_skus,
)
from orders.selectors.parcels import ParcelContent, parcels_of
from orders.selectors.sales import ChannelSales, DaySales, sales_by_channel, sales_by_day
from orders.selectors.work import late_orders, orders_to_ship

__all__ = [
    "ChannelSales",
    "DaySales",
    "OrderLineRow",
    "ParcelContent",
    "late_orders",
    "latest_orders_of_product",
    "lines_of_order",
    "orders_to_ship",
    "parcels_of",
    "problems_of_order",
    "sales_by_channel",
    "sales_by_day",
    "short_skus",
]
