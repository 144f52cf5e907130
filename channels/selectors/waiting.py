"""What waits to be handed over to malls."""

from dataclasses import dataclass

from django.db.models import Count, QuerySet

from channels.models import Connection
from service.models import Outgoing, OutgoingState, OutgoingWay
from shipping.models import ChannelNotice, NoticeState


@dataclass(frozen=True)
class Waiting:
    """How many parcels a channel is to be told of, and how many answers it is to take."""

    parcels: int = 0
    answers: int = 0


def waiting_of(connections: list[Connection]) -> dict[int, Waiting]:
    """Return what waits for each connection, by its id (two statements)."""
    channels = {row.sales_channel_id for row in connections}
    owed = ChannelNotice.objects.filter(state=NoticeState.OWED, sales_channel__in=channels).order_by()
    parcels = dict(owed.values_list("sales_channel").annotate(count=Count("pk")))
    inlets = {pk for row in connections for pk in (row.mall_inlet_id, row.question_inlet_id) if pk}
    to_send = Outgoing.objects.filter(state=OutgoingState.OWED, way=OutgoingWay.MALL, message__inlet__in=inlets)
    answers = dict(to_send.order_by().values_list("message__inlet").annotate(count=Count("pk")))
    return {
        row.pk: Waiting(
            parcels.get(row.sales_channel_id, 0),
            sum(answers.get(pk, 0) for pk in (row.mall_inlet_id, row.question_inlet_id) if pk),
        )
        for row in connections
    }


def failing() -> QuerySet[Connection]:
    """Return the active connections whose last talk came to nothing."""
    return Connection.objects.filter(is_active=True).exclude(problem="")
