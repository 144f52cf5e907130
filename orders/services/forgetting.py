"""Taking every name out of a customer's orders: numbers, lines and sums stay as they are."""

from django.db import connection, transaction

from core.search import fold
from orders.models import Gift, Order, OrderMessage

# what says who somebody is; the state or prefecture stays, for figures
FORGOTTEN = (
    "buyer_name", "buyer_email", "buyer_phone", "recipient_name", "recipient_kana", "recipient_phone", "postcode",
    "city", "address_1", "address_2", "customs_code", "customer_note", "staff_note",
)  # fmt: skip


@transaction.atomic
def forget_buyer(*, customer_id: int) -> int:
    """Empty names, addresses, contacts and notes of the customer's orders and of their changes; return the orders.

    Sums, lines, payments and shipments stay. Repeating changes nothing. Called by erasures that were decided.
    """
    orders = list(
        Order.objects.select_for_update(no_key=True, of=("self",))
        .filter(customer_id=customer_id)
        .order_by("pk")
        .only("pk", "number", "external_number")
    )
    for order in orders:
        order.search_text = fold(f"{order.number} {order.external_number}".strip())
        order.channel_values = {}
        for name in FORGOTTEN:
            setattr(order, name, "")
    Order.objects.bulk_update(orders, [*FORGOTTEN, "search_text", "channel_values"], batch_size=200)
    ids = [order.pk for order in orders]
    OrderMessage.objects.filter(order_id__in=ids).update(body="–")  # it says something, by a constraint
    Gift.objects.filter(order_id__in=ids).update(message="", noshi_name="")
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE orders_orderchange SET contents = jsonb_set(contents, '{fields}', '[]') WHERE order_id = ANY(%s)"
            " AND contents ? 'fields'",
            [ids],
        )
    return len(orders)
