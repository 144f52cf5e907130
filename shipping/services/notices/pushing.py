"""Malls that have a connector are told directly; nobody else is affected."""

from collections.abc import Sequence

from django.db import transaction
from django.utils import timezone

from shipping.adapters.channels import ChannelTeller, Told, ToldLine, tellers
from shipping.models import ChannelNotice, NoticeState
from shipping.selectors.carriers import CarrierBook
from shipping.services.notices.owing import answer_notices
from shipping.services.notices.telling import lines_of_parcels

MOST_AT_ONCE = 200


def push_notices() -> int:
    """Tell the malls whose connector is registered what is owed, and return how many parcels were told of.

    1. The rows are read without locks. 2. The mall is asked outside any transaction: it must know twins by the number.
    3. Answers are written in one; what got none is owed as before.
    """
    count = 0
    for kind, teller in tellers().items():
        owed = ChannelNotice.objects.filter(state=NoticeState.OWED, sales_channel__kind=kind)
        named = owed.exclude(shipment__tracking_number="").select_related("shipment__order", "sales_channel")
        count += _push(teller, list(named.order_by("due_at", "pk")[:MOST_AT_ONCE]))
    return count


def _push(teller: ChannelTeller, notices: Sequence[ChannelNotice]) -> int:
    book, inside = CarrierBook(), lines_of_parcels([notice.shipment_id for notice in notices])
    told = []
    for notice in notices:
        carrier = book.meant_by(notice.shipment.carrier)
        if carrier is not None:
            one = Told(
                notice_id=notice.pk,
                sales_channel=notice.sales_channel.code,
                order_number=notice.shipment.order.external_number,
                carrier=carrier.code,
                tracking_number=notice.shipment.tracking_number,
                lines=tuple(
                    ToldLine(line_id=row.line.external_id, sku=row.line.sku, quantity=row.quantity)
                    for row in inside.get(notice.shipment_id, ())
                ),
            )
            told.append(one)
    if not told:
        return 0
    answers = teller.tell(told)
    with transaction.atomic():
        for one in told:
            if one.notice_id not in answers:
                continue
            sent = ChannelNotice.objects.filter(pk=one.notice_id, state=NoticeState.OWED)
            sent.update(state=NoticeState.SENT, sent_at=timezone.now(), told_number=one.tracking_number)
            refused = answers[one.notice_id]
            answer_notices(notice_ids=[one.notice_id], is_accepted=not refused, answer=refused)
    return len(answers)
