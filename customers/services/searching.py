"""Keeping the words by which customers are found."""

from collections.abc import Collection

from django.db import connection, transaction

from core.search import fold


@transaction.atomic
def refresh_customer_search_text(*, customer_ids: Collection[int]) -> None:
    """Put together the search texts of these customers (name, reading, identities); unchanged ones are not written."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT c.id, concat_ws(' ', c.name, c.kana, i.known) FROM customers_customer c LEFT JOIN LATERAL"
            " (SELECT string_agg(value, ' ' ORDER BY id) AS known FROM customers_identity WHERE customer_id = c.id) i"
            " ON true WHERE c.id = ANY(%s)",
            [list(customer_ids)],
        )
        texts = [(pk, fold(text)) for pk, text in cursor.fetchall()]
        cursor.execute(
            "UPDATE customers_customer c SET search_text = n.words FROM unnest(%s::bigint[], %s::text[])"
            " AS n(id, words) WHERE c.id = n.id AND c.search_text IS DISTINCT FROM n.words",
            [[pk for pk, _text in texts], [text for _pk, text in texts]],
        )
