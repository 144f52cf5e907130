"""Every write to return cases."""

from returns.services.charging import Claimed, answer_charge, charge_for_case, draft_return_to_supplier
from returns.services.deciding import (
    RequestRefusal,
    Terms,
    approve_return,
    call_off_return,
    note_return_sent,
    refuse_return,
)
from returns.services.exchanging import cancel_exchange, release_late_exchanges
from returns.services.findings import Found, inspect_return, receive_return
from returns.services.joining import join_file_returns
from returns.services.opening import LineWish, open_return
from returns.services.outcomes import Outcome, reject_pieces, send_pieces_back
from returns.services.photographing import add_photos
from returns.services.replacing import reopen_for_cancelled, serve_replacement
from returns.services.resolving import reopen_for_withdrawn, resolve_return
from returns.services.ruling import save_return_rule
from returns.services.telling import draft_case_message, draft_text

__all__ = [
    "Claimed",
    "Found",
    "LineWish",
    "Outcome",
    "RequestRefusal",
    "Terms",
    "add_photos",
    "answer_charge",
    "approve_return",
    "call_off_return",
    "cancel_exchange",
    "charge_for_case",
    "draft_case_message",
    "draft_return_to_supplier",
    "draft_text",
    "inspect_return",
    "join_file_returns",
    "note_return_sent",
    "open_return",
    "receive_return",
    "refuse_return",
    "reject_pieces",
    "release_late_exchanges",
    "reopen_for_cancelled",
    "reopen_for_withdrawn",
    "resolve_return",
    "save_return_rule",
    "send_pieces_back",
    "serve_replacement",
]
