"""Transfers in a test: their lines, the stock's states, and what was recorded."""

from core.events import sentences_of
from core.models import EventRecord
from inventory.models import Transfer, TransferLine


def told(transfer: Transfer) -> list[str]:
    records = EventRecord.objects.filter(subject_id=transfer.pk, name__startswith="inventory.transfer").order_by("id")
    return sentences_of(list(records))


def line_of(transfer: Transfer) -> TransferLine:
    return transfer.lines.get()


def states(transfer: Transfer) -> list[tuple[int, int, int, int]]:
    return list(transfer.lines.order_by("pk").values_list("quantity", "sent", "received", "lost"))
