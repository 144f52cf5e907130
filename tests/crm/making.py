"""Purchases of customers, one by one and by the ten thousand."""

from collections.abc import Iterable
from datetime import date, datetime, time
from typing import Any

from django.db import connection
from django.utils import timezone

from customers.models import Customer
from orders.models import Order
from tests.factories import make_channel, make_order


def bought(customer: Customer | None, day: date, *, spent: int = 1000, **over: Any) -> Order:
    """Make an order of the customer at noon of ``day``, without lines."""
    placed_at = datetime.combine(day, time(12), timezone.get_default_timezone())
    return make_order(customer=customer, placed_at=placed_at, goods_total=spent, total=spent, **over)


def cdnow_orders(lines: Iterable[str]) -> None:
    """Load lines of the CDNOW file as customers and shipped orders in dollars."""
    rows = [line.split() for line in lines]
    channel = make_channel(currency="USD")
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO customers_customer (id, name, kana, country, language, note, search_text, updated_at)"
            " SELECT DISTINCT id::bigint + 1000000, '', '', 'US', '', '', '', now() FROM unnest(%s::text[]) AS t(id)",
            [[row[0] for row in rows]],
        )
        fields = {f.column: f for f in Order._meta.concrete_fields if not f.primary_key}
        known = {
            "number": "'C-' || place",
            "external_number": "'C-' || place",
            "sales_channel_id": str(channel.pk),
            "customer_id": "id + 1000000",
            "status": "'shipped'",
            "placed_at": "day::timestamp AT TIME ZONE 'Asia/Seoul' + interval '12 hours'",
            "currency": "'USD'",
            "goods_total": "spent",
            "total": "spent",
            "extras_total": "0",
            "paid_total": "0",
            "line_count": "0",
            "is_prepaid": "false",
            "to_check": "''",
            "channel_values": "'{}'",
            "updated_at": "now()",
        }
        texts = {
            name: "''"
            for name, field in fields.items()
            if name not in known and not field.null and field.db_default.__class__.__name__ == "type"
            and field.get_internal_type() in {"CharField", "TextField"}
        }  # fmt: skip
        columns = {**known, **texts}
        cursor.execute(
            f"INSERT INTO orders_order ({', '.join(columns)}) SELECT {', '.join(columns.values())}"  # noqa: S608
            " FROM unnest(%s::bigint[], %s::date[], %s::bigint[]) WITH ORDINALITY AS t(id, day, spent, place)",
            [
                [int(row[0]) for row in rows],
                [date.fromisoformat(row[1]) for row in rows],
                [round(float(row[3]) * 100) for row in rows],
            ],
        )
