"""What must be true of customers at every commit."""

from core.verify import invariant

invariant(
    "customers.locked_identities_are_found",
    "an identity is locked and has its digest, or neither while it waits for lock_personal_data",
    """
    SELECT i.id AS identity, i.customer_id FROM customers_identity i
    WHERE (i.digest = '') <> (i.sealed = '') OR (i.sealed <> '' AND NOT starts_with(i.sealed, 'v1.'))
    """,
)
invariant(
    "customers.forgotten_have_no_identities",
    "nobody is recognised by what an erasure took away",
    """
    SELECT r.number, i.id AS identity, i.customer_id
    FROM privacy_datarequest r
    JOIN privacy_recorddecision d ON d.request_id = r.id AND d.record_class = 'customers.profile'
        AND d.outcome <> 'kept' AND d.done_at IS NOT NULL
    JOIN django_content_type t ON t.id = r.subject_type_id AND t.app_label = 'customers' AND t.model = 'customer'
    JOIN customers_identity i ON i.customer_id = r.subject_id
    """,
)
