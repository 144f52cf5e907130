"""Customers that may be one person, found by what their orders tell; never merged by the machine."""

from django.db import connection, transaction

from crm.models import DuplicateReason, ProposalState
from crm.services.patterns.gathering import let_it_take_its_time

POINTS = {DuplicateReason.EMAIL: 60, DuplicateReason.PHONE: 50, DuplicateReason.ADDRESS: 40}
MOST_SHARING = 4  # a phone of more customers is a shop's, an office's or a made-up one: it says nothing

# E-mail and phone as customers.services.identifying has them: masked, lent (050...) and impossible values are none.
# Name and address without blanks and case; a name alone, or a postcode alone, is many people's.
_FIND = """
WITH told AS (
    SELECT DISTINCT customer_id, 'email' AS kind, lower(btrim(buyer_email)) AS value
    FROM orders_order WHERE customer_id IS NOT NULL AND buyer_email LIKE '%%@%%.%%' AND buyer_email NOT LIKE '%%*%%'
    UNION
    SELECT customer_id, 'phone',
           regexp_replace(regexp_replace(buyer_phone, '^\\s*\\+8[12][ -]*0?', '0'), '\\D', '', 'g')
    FROM orders_order WHERE customer_id IS NOT NULL AND buyer_phone <> '' AND buyer_phone NOT LIKE '%%*%%'
    UNION
    SELECT customer_id, 'address', lower(regexp_replace(
               concat(recipient_name, '|', postcode, '|', address_1, '|', address_2), '[\\s-]', '', 'g'))
    FROM orders_order
    WHERE customer_id IS NOT NULL AND buyer_name = recipient_name AND recipient_name NOT LIKE '%%*%%'
      AND recipient_name <> '' AND postcode <> '' AND address_1 <> ''
), usable AS (
    SELECT * FROM told WHERE kind <> 'phone' OR (length(value) BETWEEN 9 AND 16 AND value !~ '^(000|050)')
), shared AS (
    SELECT kind, value FROM usable GROUP BY 1, 2 HAVING count(*) BETWEEN 2 AND %(most)s
), met AS (
    SELECT a.customer_id AS first, b.customer_id AS second, a.kind
    FROM shared JOIN usable a USING (kind, value) JOIN usable b USING (kind, value)
    WHERE a.customer_id < b.customer_id GROUP BY 1, 2, 3
), found AS (
    SELECT first, second, least(100, sum(CASE kind WHEN 'email' THEN %(email)s WHEN 'phone' THEN %(phone)s
               ELSE %(address)s END))::int AS score, array_agg(kind ORDER BY kind) AS reasons
    FROM met GROUP BY 1, 2
), gone AS (
    DELETE FROM crm_duplicateproposal p WHERE p.state = %(open)s
      AND NOT EXISTS (SELECT 1 FROM found f WHERE f.first = p.first_id AND f.second = p.second_id)
)
INSERT INTO crm_duplicateproposal AS p (first_id, second_id, score, reasons, state)
SELECT first, second, score, reasons, %(open)s FROM found
ON CONFLICT (first_id, second_id) DO UPDATE SET score = excluded.score, reasons = excluded.reasons
WHERE p.state = %(open)s
"""


@transaction.atomic
def propose_duplicates() -> int:
    """Find customers that may be one person and return how many pairs are new or still open.

    What somebody decided stays decided; an open pair that nothing speaks for any more is forgotten.
    """
    let_it_take_its_time()
    with connection.cursor() as cursor:
        cursor.execute(
            _FIND,
            {
                "most": MOST_SHARING,
                "open": ProposalState.OPEN.value,
                **{reason.value: points for reason, points in POINTS.items()},
            },
        )
        return int(cursor.rowcount)
