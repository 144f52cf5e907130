"""Everything that writes about personal data."""

from privacy.services.bundling import bundle_for_person
from privacy.services.consenting import Said, merge_consents, record_consents, withdraw_consents
from privacy.services.erasing import (
    carry_out_decision,
    destroy_due_records,
    open_restricted_record,
    relock_restricted_records,
)
from privacy.services.links import withdraw_by_link, withdrawal_token
from privacy.services.requesting import answer_data_request, decide_erasure, note_request_due, open_data_request
from privacy.services.revealing import note_opened_page, reveal_personal_data
from privacy.services.reviewing import review_access_log

__all__ = [
    "Said",
    "answer_data_request",
    "bundle_for_person",
    "carry_out_decision",
    "decide_erasure",
    "destroy_due_records",
    "merge_consents",
    "note_opened_page",
    "note_request_due",
    "open_data_request",
    "open_restricted_record",
    "record_consents",
    "relock_restricted_records",
    "reveal_personal_data",
    "review_access_log",
    "withdraw_by_link",
    "withdraw_consents",
    "withdrawal_token",
]
