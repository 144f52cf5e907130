"""Each parcel that left is owed to its channel as a row, until the channel has taken it."""

from collections.abc import Sequence

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from catalog.models import ChannelKind
from core.errors import InvalidInput
from orders.models import Shipment
from orders.services.batches import BatchReport, Refusal, check_right
from shipping.models import ChannelNotice, NoticeState
from shipping.policies import can_tell_channels
from staff.models import User


@transaction.atomic
def owe_notices(*, shipment_ids: Sequence[int]) -> int:
    """Note that the channels of these parcels have to be told, once for each; return how many are new.

    The own shop needs no telling. Due is what the order promised.
    """
    parcels = Shipment.objects.filter(pk__in=shipment_ids, notice=None).select_related("order__sales_channel")
    rows = [
        ChannelNotice(shipment=parcel, sales_channel=parcel.order.sales_channel, due_at=parcel.order.ship_by)
        for parcel in parcels.order_by("pk")
        if parcel.order.sales_channel.kind != ChannelKind.OWN and parcel.order.external_number
    ]
    ChannelNotice.objects.bulk_create(rows, ignore_conflicts=True)
    return len(rows)


@transaction.atomic
def owe_again(*, shipment_ids: Sequence[int]) -> int:
    """Owe what was told with another number anew; return how many."""
    told = ChannelNotice.objects.filter(shipment__in=shipment_ids).exclude(state=NoticeState.OWED)
    return told.update(state=NoticeState.OWED, answer="", answered_at=None)


@transaction.atomic
def answer_notices(
    *, notice_ids: Sequence[int], is_accepted: bool, answer: str = "", actor: User | None = None
) -> BatchReport:
    """Note what the channel said of notices that were sent: taken, or refused with its words.

    ``done`` and refusals are ids of notices. Refused: those that were never sent, and the same answer again.
    InvalidInput for a refusal without words, NotAllowed without the right to tell channels.
    """
    check_right(can_tell_channels, actor)
    if not is_accepted and not answer.strip():
        raise InvalidInput(_("Write down what the channel said."))
    state = NoticeState.ACCEPTED if is_accepted else NoticeState.REFUSED
    report = BatchReport()
    locked = ChannelNotice.objects.select_for_update(of=("self",)).select_related("shipment")
    for notice in locked.filter(pk__in=notice_ids).order_by("pk"):
        if notice.state == NoticeState.OWED:
            report.refused.append(Refusal(notice.pk, notice.shipment.number, _("The channel was not told yet.")))
        elif notice.state == state and notice.answer == answer:
            report.refused.append(Refusal(notice.pk, notice.shipment.number, _("This is noted already.")))
        else:
            report.done.append(notice.pk)
    ChannelNotice.objects.filter(pk__in=report.done).update(
        state=state, answer=answer.strip()[:300], answered_at=timezone.now()
    )
    return report


@transaction.atomic
def tell_notices_again(*, notice_ids: Sequence[int], actor: User | None = None) -> BatchReport:
    """Owe again what the channel refused, once its ground is mended; everything else is refused by parcel."""
    check_right(can_tell_channels, actor)
    report = BatchReport()
    locked = ChannelNotice.objects.select_for_update(of=("self",)).select_related("shipment")
    for notice in locked.filter(pk__in=notice_ids).order_by("pk"):
        if notice.state == NoticeState.REFUSED:
            report.done.append(notice.pk)
        else:
            report.refused.append(Refusal(notice.pk, notice.shipment.number, _("The channel has not refused it.")))
    again = ChannelNotice.objects.filter(pk__in=report.done)
    again.update(state=NoticeState.OWED, answer="", answered_at=None)
    return report
