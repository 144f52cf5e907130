"""How a channel is reached: said by who keeps the connections."""

from collections.abc import Collection
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from channels.adapters.choosing import CLIENTS
from channels.models import Connection
from channels.policies import can_keep_connections
from core.errors import InvalidInput, NotAllowed
from service.models import Inlet, InletKind
from service.services.sending import set_inlet_connected
from staff.models import User

INLETS = {InletKind.MALL: "mall_inlet", InletKind.PRODUCT_QUESTION: "question_inlet"}
UNTIL = {InletKind.MALL: "mall_until", InletKind.PRODUCT_QUESTION: "question_until"}


@transaction.atomic
def save_connection(*, connection_id: int | None, values: dict[str, Any], actor: User | None) -> Connection:
    """Say how a channel is reached, and return the connection; its mall is tried again at once.

    Answers leave through the inlets' malls from now on; inlets that the connection lets go, or all of them when it is
    switched off, send by hand. NotAllowed; InvalidInput for what ``faults_of`` names.
    """
    if not can_keep_connections(actor):
        raise NotAllowed(_("Your role does not include this. Ask an administrator if you need it."))
    row = Connection.objects.select_for_update().get(pk=connection_id) if connection_id else Connection()
    before = _inlets(row) if connection_id else set()
    was_elsewhere = {name: getattr(row, name) for name in INLETS.values()} if connection_id else {}
    for name, value in values.items():
        setattr(row, name, value)
    if faults := faults_of(row):
        raise InvalidInput(next(iter(faults.values())))
    for kind, name in INLETS.items():
        if was_elsewhere.get(name) != getattr(row, name):
            setattr(row, UNTIL[kind], None)
    row.failure_count, row.problem, row.word, row.due_at, row.asked_at = 0, "", "", timezone.now(), None
    row.save()
    after = _inlets(row) if row.is_active else set()
    for inlet_id in sorted(before | after):
        set_inlet_connected(inlet_id=inlet_id, is_connected=inlet_id in after)
    return row


def faults_of(row: Connection) -> dict[str, str]:
    """Return by field what the channel's mall cannot do, or lacks; empty when all fits."""
    client = CLIENTS.get(row.sales_channel.kind)
    if client is None:
        return {"sales_channel": _("No interface of this mall is known here; use its files.")}
    faults: dict[str, str] = {}
    for name, label in {"account": client.ACCOUNT, "user": client.USER}.items():
        if label and not getattr(row, name).strip():
            faults[name] = _("Needed: %(what)s.") % {"what": label}
    for kind, name in INLETS.items():
        inlet: Inlet | None = getattr(row, name)
        if inlet is not None and (fault := _fault_of(inlet, kind, client.ASKS, row.sales_channel_id)):
            faults[name] = fault
    return faults


def _fault_of(inlet: Inlet, kind: InletKind, asks: Collection[InletKind], sales_channel_id: int) -> str:
    if kind not in asks:
        return _("This mall does not show them through its interface.")
    if inlet.kind != kind:
        return _("Choose an inlet of the kind “%(kind)s”.") % {"kind": kind.label}
    return "" if inlet.sales_channel_id in {None, sales_channel_id} else _("This inlet belongs to another channel.")


def _inlets(row: Connection) -> set[int]:
    return {pk for pk in (row.mall_inlet_id, row.question_inlet_id) if pk}


@transaction.atomic
def talk_soon(*, connection_id: int, actor: User | None) -> None:
    """Let the mall be talked with at the next minute, questions included, whatever pause it was in."""
    if not can_keep_connections(actor):
        raise NotAllowed(_("Your role does not include this. Ask an administrator if you need it."))
    Connection.objects.filter(pk=connection_id).update(due_at=timezone.now(), asked_at=None)
