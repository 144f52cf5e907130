"""What orders put on the home page, into the search box and beside the navigation."""

from datetime import timedelta

from django.contrib import admin
from django.core.cache import cache
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext_lazy

from catalog.models import SalesChannel
from core.money import format_money, to_decimal
from core.ui.badges import NavigationBadge, register_badge
from core.ui.finding import Finder, Found, admin_finder, register_finder
from core.ui.tabs import capped_counts, capped_text
from core.ui.tiles import Chart, Kpi, Row, Rows, Series, Tile, register_tile
from orders import selectors
from orders.admin.status import status_badge
from orders.models import Order, OrderStatus

DAYS = 30
SECONDS = 60
VIEW = "orders.view_order"
SEE_MONEY = "orders.view_payment"  # who packs need not know what the shop earns


def list_url(tab: str) -> str:
    """Return the address of one tab of the order list."""
    return f"{reverse('admin:orders_order_changelist')}?tab={tab}"


def _month_of_sales() -> list[selectors.ChannelSales]:
    """Return 30 days of sales; three tiles show them, one statement reads them."""
    key = f"orders.sales:{timezone.localdate(timezone=timezone.get_default_timezone())}"
    sales: list[selectors.ChannelSales] | None = cache.get(key)
    if sales is None:
        sales = selectors.sales_by_channel(days=DAYS)
        cache.set(key, sales, SECONDS)
    return sales


def sales_today(request: HttpRequest) -> Kpi:
    """Say what was sold today, one sum for each currency."""
    by_currency: dict[str, int] = {}
    count = 0
    for sales in _month_of_sales():
        if not sales.today_count:
            continue
        by_currency[sales.currency] = by_currency.get(sales.currency, 0) + sales.today_total
        count += sales.today_count
    sums = [format_money(total, currency) for currency, total in sorted(by_currency.items(), reverse=True)]
    orders = ngettext("%(count)s order", "%(count)s orders", count) % {"count": count}
    note = " · ".join([*(f"+ {text}" for text in sums[1:]), orders])  # the tile has room for one sum in large type
    return Kpi(sums[0] if sums else "0", note, list_url("all"), icon="payments")


def to_confirm(request: HttpRequest) -> Kpi:
    """Count orders that someone should confirm or check."""
    new, ready = capped_counts([Order.objects.filter(status=s) for s in (OrderStatus.NEW, OrderStatus.TO_CONFIRM)])
    note = _("%(count)s to check first") % {"count": capped_text(new)} if new else ""
    return Kpi(capped_text(ready), note, list_url(OrderStatus.TO_CONFIRM), icon="check_circle")


def to_ship(request: HttpRequest) -> Kpi:
    """Count orders whose pieces can leave, and those that cannot for want of stock."""
    ready, waiting = capped_counts(
        [
            Order.objects.filter(status__in=[OrderStatus.TO_SHIP, OrderStatus.PARTLY_SHIPPED]),
            Order.objects.filter(status=OrderStatus.AWAITING_STOCK),
        ]
    )
    note = _("%(count)s wait for stock") % {"count": capped_text(waiting)} if waiting else ""
    return Kpi(capped_text(ready), note, list_url(OrderStatus.TO_SHIP), icon="local_shipping")


def late(request: HttpRequest) -> Kpi:
    """Count open orders whose promise is broken."""
    count = capped_counts([selectors.late_orders()])[0]
    return Kpi(capped_text(count), "", list_url("late"), "danger" if count else "good", "schedule")


def sales_chart(currency: str) -> "Tile":
    """Return the tile that draws the last 30 days by channel in one currency."""

    def load(request: HttpRequest) -> Chart | None:
        channels = [sales for sales in _month_of_sales() if sales.currency == currency]
        if not channels:
            return None
        first = timezone.localdate(timezone=timezone.get_default_timezone()) - timedelta(days=DAYS - 1)
        labels = [date_format(first + timedelta(days=n), "m-d") for n in range(DAYS)]
        series = [Series(s.channel.name, [float(to_decimal(v, currency)) for v in s.by_day]) for s in channels]
        return Chart(labels, series, stacked=True, unit=currency, url=list_url("all"))

    title = {
        "KRW": gettext_lazy("Sales of 30 days by channel, in won"),
        "JPY": gettext_lazy("Sales of 30 days by channel, in yen"),
    }.get(currency, gettext_lazy("Sales of 30 days by channel"))
    position = 50 if currency == "KRW" else 51
    return Tile(f"orders.sales.{currency}", title, load, SEE_MONEY, "orders", position, cache_seconds=60)


def most_late(request: HttpRequest) -> Rows:
    """List the latest orders of all."""
    now = timezone.now()
    orders = selectors.late_orders(now).select_related("sales_channel")[:6]
    rows = [
        Row(
            order.number,
            reverse("admin:orders_order_change", args=[order.pk]),
            format_html("{} {}", order.sales_channel, status_badge(order)),
            _("%(days)s d") % {"days": (now - order.ship_by).days} if order.ship_by else "",
        )
        for order in orders
    ]
    return Rows(rows, gettext_lazy("No order is late. Well done."), list_url("late"))


def find_orders(request: HttpRequest, query: str, limit: int) -> list[Found]:
    """Find orders by number, buyer or recipient."""
    model_admin = admin.site.get_model_admin(Order)
    names = dict(SalesChannel.objects.values_list("pk", "name"))
    return [
        Found(
            order.number,
            reverse("admin:orders_order_change", args=[order.pk]),
            f"{order.get_status_display()} · {names[order.sales_channel_id]} {order.external_number}".strip(),
        )
        for order in admin_finder(model_admin, request, query, limit)
    ]


for tile in [
    Tile("orders.today", gettext_lazy("Sales today"), sales_today, SEE_MONEY, "orders", 10, cache_seconds=30),
    Tile("orders.to_confirm", OrderStatus.TO_CONFIRM.label, to_confirm, VIEW, "orders", 20),
    Tile("orders.to_ship", OrderStatus.TO_SHIP.label, to_ship, VIEW, "orders", 21),
    Tile("orders.late", pgettext_lazy("order", "Late"), late, VIEW, "orders", 22),
    sales_chart("KRW"),
    Tile("orders.most_late", gettext_lazy("Most late orders"), most_late, VIEW, "orders", 51),
    sales_chart("JPY"),
]:
    register_tile(tile)
register_badge(NavigationBadge("orders_to_ship", selectors.orders_to_ship))
register_finder(Finder("orders", pgettext_lazy("purchase", "Orders"), find_orders, VIEW, "receipt_long", 10))
