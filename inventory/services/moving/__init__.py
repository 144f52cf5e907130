"""Pieces that change their place or form: transfers between warehouses, kits packed and taken apart, B grades."""

from inventory.services.moving.assembling import assemble_kits, unpack_kits
from inventory.services.moving.drafting import (
    TransferPieces,
    add_by_code,
    cancel_transfer,
    create_transfer,
    put_transfer_lines,
)
from inventory.services.moving.receiving import ArrivedPieces, close_transfer, receive_transfer
from inventory.services.moving.regrading import regrade_held
from inventory.services.moving.sending import send_transfer

__all__ = [
    "ArrivedPieces",
    "TransferPieces",
    "add_by_code",
    "assemble_kits",
    "cancel_transfer",
    "close_transfer",
    "create_transfer",
    "put_transfer_lines",
    "receive_transfer",
    "regrade_held",
    "send_transfer",
    "unpack_kits",
]
