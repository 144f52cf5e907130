"""Everything that writes tickets."""

from service.services.answering import (
    ConversationMoved,
    mark_sent_by_hand,
    reply_to_ticket,
    save_reply_draft,
    undo_reply,
)
from service.services.approving.deciding import approve_reply, send_reply_back
from service.services.coupons import add_coupon_codes, give_coupon, take_coupon_back
from service.services.describing import link_ticket_order, link_ticket_product, sort_ticket, unlink_ticket
from service.services.ending import close_silent_tickets, reopen_ticket, resolve_ticket
from service.services.handing import assign_ticket, claim_ticket, release_ticket
from service.services.joining.merging import merge_tickets, unmerge_ticket
from service.services.joining.splitting import split_ticket, undo_split
from service.services.noting import write_note
from service.services.quiet.snoozing import snooze_ticket, wake_ticket
from service.services.reading import mark_ticket_read, note_presence
from service.services.reasons.choosing import ReasonMissing, give_reason
from service.services.reasons.merging import merge_reason, unmerge_reason
from service.services.reasons.seeding import seed_ticket_reasons
from service.services.sending import OwedReply, claim_reply, record_reply_failed, record_reply_sent
from service.services.storing import GivenFile, KeptFile, keep_answer_file
from service.services.surveying import answer_survey, survey_of, survey_token
from service.services.taking import Incoming, Taken, note_call, take_message

__all__ = [
    "ConversationMoved",
    "GivenFile",
    "Incoming",
    "KeptFile",
    "OwedReply",
    "ReasonMissing",
    "Taken",
    "add_coupon_codes",
    "answer_survey",
    "approve_reply",
    "assign_ticket",
    "claim_reply",
    "claim_ticket",
    "close_silent_tickets",
    "give_coupon",
    "give_reason",
    "keep_answer_file",
    "link_ticket_order",
    "link_ticket_product",
    "mark_sent_by_hand",
    "mark_ticket_read",
    "merge_reason",
    "merge_tickets",
    "note_call",
    "note_presence",
    "record_reply_failed",
    "record_reply_sent",
    "release_ticket",
    "reopen_ticket",
    "reply_to_ticket",
    "resolve_ticket",
    "save_reply_draft",
    "seed_ticket_reasons",
    "send_reply_back",
    "snooze_ticket",
    "sort_ticket",
    "split_ticket",
    "survey_of",
    "survey_token",
    "take_coupon_back",
    "take_message",
    "undo_reply",
    "undo_split",
    "unlink_ticket",
    "unmerge_reason",
    "unmerge_ticket",
    "wake_ticket",
    "write_note",
]
