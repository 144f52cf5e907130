"""A mall with a connector is told directly what is owed; the connector stands above and brings the way to tell."""

from collections.abc import Callable, Mapping, Sequence
from itertools import islice

from django.db import transaction
from django.utils import timezone

from shipping.adapters.channels import Told, ToldLine
from shipping.models import ChannelNotice, NoticeState
from shipping.selectors.carriers import CarrierBook
from shipping.services.notices.owing import answer_notices
from shipping.services.notices.telling import lines_of_parcels

MOST_AT_ONCE = 200


def push_notices(*, sales_channel_id: int, tell: Callable[[Sequence[Told]], Mapping[int, str]]) -> int:
    """Tell this channel of at most 200 parcels that it is owed, and return how many it answered for.

    1. The rows are read without locks. 2. The mall is asked outside any transaction: it must know twins by the number.
    3. Answers are written in one; what got none is owed as before. Who calls sees to it that nobody else does just now.
    """
    told = _told(sales_channel_id)
    if not told:
        return 0
    answers = tell(told)
    with transaction.atomic():
        for one in told:
            if one.notice_id not in answers:
                continue
            sent = ChannelNotice.objects.filter(pk=one.notice_id, state=NoticeState.OWED)
            sent.update(state=NoticeState.SENT, sent_at=timezone.now(), told_number=one.tracking_number)
            refused = answers[one.notice_id]
            answer_notices(notice_ids=[one.notice_id], is_accepted=not refused, answer=refused)
    return len(answers)


def _told(sales_channel_id: int) -> list[Told]:
    """Return what the mall has to know, the most urgent first; parcels of unknown carriers stay owed."""
    owed = ChannelNotice.objects.filter(state=NoticeState.OWED, sales_channel=sales_channel_id)
    named = owed.exclude(shipment__tracking_number="").select_related("shipment__order", "sales_channel")
    book = CarrierBook()
    known = (
        (notice, carrier)
        for notice in named.order_by("due_at", "pk").iterator(chunk_size=500)
        if (carrier := book.meant_by(notice.shipment.carrier)) is not None
    )
    chosen = list(islice(known, MOST_AT_ONCE))
    inside = lines_of_parcels([notice.shipment_id for notice, _carrier in chosen])
    return [
        Told(
            notice_id=notice.pk,
            sales_channel=notice.sales_channel.code,
            order_number=notice.shipment.order.external_number,
            carrier=carrier.code,
            carrier_name=carrier.own_name,
            tracking_url=carrier.tracking_link(notice.shipment.tracking_number),
            tracking_number=notice.shipment.tracking_number,
            shipped_at=notice.shipment.shipped_at,
            lines=tuple(
                ToldLine(line_id=row.line.external_id, sku=row.line.sku, quantity=row.quantity)
                for row in inside.get(notice.shipment_id, ())
            ),
        )
        for notice, carrier in chosen
    ]
