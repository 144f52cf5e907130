"""Channels are told by their own upload files, made of the notices that are owed."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from zoneinfo import ZoneInfo

from django.core.files.base import ContentFile
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from catalog.models import SalesChannel
from core.commands import once
from core.errors import DomainError, InvalidInput
from core.sequences import document_number, next_numbers
from orders.models import ShipmentLine
from orders.services.batches import Refusal, check_right
from shipping.models import ChannelNotice, FormatKind, NoticeFile, NoticeState, OutFormat
from shipping.policies import can_tell_channels
from shipping.selectors.carriers import CarrierBook
from shipping.services.files.definitions import OutDefinition
from shipping.services.files.formats import definition_of
from shipping.services.files.writing import SUFFIXES, Row, day_text, write_file
from staff.models import User

SERIES = "shipping.notice_file"
MOST_NOTICES = 10_000


@dataclass(slots=True)
class NoticeReport:
    """The file, and why parcels stayed out."""

    file: NoticeFile | None = None
    refused: list[Refusal] = field(default_factory=list)


def make_notice_file(*, notice_ids: Sequence[int], format_id: int, key: str, actor: User | None = None) -> NoticeReport:
    """Write the notices of one channel into its upload file and mark them sent; the same ``key``, the same file.

    Refused by parcel: no tracking number, an unknown carrier, one the channel has no word for, told already.
    DomainError when none is left, InvalidInput for notices of several channels; NotAllowed without the right.
    """
    check_right(can_tell_channels, actor)
    parameters = {"notices": sorted(notice_ids), "format": format_id}

    def run() -> dict[str, Any]:
        report = _make(notice_ids, format_id, actor)
        refused = [[one.order_id, one.number, one.reason] for one in report.refused]
        return {"file": report.file.pk if report.file else None, "refused": refused}

    done = once(key=f"shipping.notice_file:{key}", parameters=parameters, run=run)
    file = NoticeFile.objects.get(pk=done["file"]) if done["file"] else None
    return NoticeReport(file, [Refusal(*one) for one in done["refused"]])


@transaction.atomic
def _make(notice_ids: Sequence[int], format_id: int, actor: User | None) -> NoticeReport:
    definition, notices, channel = _read(notice_ids, format_id)
    book, report = CarrierBook(), NoticeReport()
    good: list[tuple[ChannelNotice, str, str]] = []
    for notice in notices:
        carrier = book.meant_by(notice.shipment.carrier)
        word = definition.word("carrier", carrier.code) if carrier else None
        if problem := _problem(notice, carrier is not None, word, definition):
            report.refused.append(Refusal(notice.pk, notice.shipment.number, problem))
        else:
            good.append((notice, word or "", carrier.own_name if carrier else notice.shipment.carrier))
    if not good:
        problems = [refusal.reason for refusal in report.refused]
        raise DomainError(problems[0] if problems else _("There is nothing to tell."))
    rows = _rows(good, definition, channel)
    report.file = _keep(rows, definition, channel, actor)
    now = timezone.now()
    for notice, _word, _name in good:
        notice.state, notice.sent_at, notice.file = NoticeState.SENT, now, report.file
        notice.told_number, notice.answer, notice.answered_at = notice.shipment.tracking_number, "", None
    fields = ["state", "sent_at", "file", "told_number", "answer", "answered_at"]
    ChannelNotice.objects.bulk_update([notice for notice, _w, _n in good], fields, batch_size=500)
    return report


def _read(notice_ids: Sequence[int], format_id: int) -> tuple[OutDefinition, list[ChannelNotice], SalesChannel]:
    if not 0 < len(notice_ids) <= MOST_NOTICES:
        raise InvalidInput(_("Choose between one and %(count)s parcels.") % {"count": MOST_NOTICES})
    row = OutFormat.objects.get(pk=format_id)
    if row.kind != FormatKind.CHANNEL:
        raise InvalidInput(_("This format is none of a sales channel."))
    locked = ChannelNotice.objects.select_for_update(of=("self",)).select_related("shipment__order", "sales_channel")
    notices = list(locked.filter(pk__in=notice_ids).order_by("pk"))
    channels = {notice.sales_channel for notice in notices}
    if len(channels) != 1:
        raise InvalidInput(_("A file is for one sales channel: filter the list by it first."))
    return definition_of(row), notices, channels.pop()


def _problem(notice: ChannelNotice, is_known: bool, word: str | None, definition: OutDefinition) -> str:  # noqa: FBT001
    if notice.state in {NoticeState.SENT, NoticeState.ACCEPTED}:
        return _("The channel was told already.")
    if not notice.shipment.tracking_number:
        return _("It has no tracking number yet.")
    if definition.says("carrier") and not is_known:
        return _("“%(carrier)s” is no carrier that is known here.") % {"carrier": notice.shipment.carrier}
    if definition.says("carrier") and word is None:
        return _("This channel has no word for %(carrier)s.") % {"carrier": notice.shipment.carrier}
    return ""


def _rows(
    good: Sequence[tuple[ChannelNotice, str, str]], definition: OutDefinition, channel: SalesChannel
) -> list[Row]:
    zone = ZoneInfo(channel.time_zone)
    lines: Mapping[int, Sequence[ShipmentLine]] = lines_of_parcels([notice.shipment_id for notice, _w, _n in good])
    rows: list[Row] = []
    for notice, word, name in good:
        shipment, order = notice.shipment, notice.shipment.order
        local = shipment.shipped_at.astimezone(zone)
        told = {
            "external_number": order.external_number,
            "order_number": order.number,
            "carrier": word,
            "carrier_name": name,
            "tracking_number": shipment.tracking_number,
            "ship_on": day_text(definition, local.date()),
            "shipped_at": local.isoformat(timespec="minutes"),
        }
        if definition.rows == "parcel":
            rows.append({**told, "position": str(len(rows) + 1)})
            continue
        for one in lines.get(shipment.pk, ()):
            rows.append({
                **told,
                "position": str(len(rows) + 1),
                "line_id": one.line.external_id,
                "sku": one.line.sku,
                "line_name": one.line.name,
                "quantity": str(one.quantity),
            })  # fmt: skip
    return rows


def lines_of_parcels(shipment_ids: Iterable[int]) -> Mapping[int, Sequence[ShipmentLine]]:
    """Return what lies in each of these parcels, line by line; one statement."""
    found: dict[int, list[ShipmentLine]] = defaultdict(list)
    rows = ShipmentLine.objects.filter(shipment__in=list(shipment_ids)).select_related("line")
    for row in rows.order_by("shipment_id", "line__position", "pk"):
        found[row.shipment_id].append(row)
    return found


def _keep(rows: Sequence[Row], definition: OutDefinition, channel: SalesChannel, actor: User | None) -> NoticeFile:
    [number] = next_numbers(series=SERIES, count=1)
    name = document_number("NF", number)
    file = NoticeFile(
        number=name,
        sales_channel=channel,
        format_code=definition.code,
        format_version=definition.version,
        filename=f"{name}_{definition.code}{SUFFIXES[definition.file]}",
        row_count=len(rows),
        made_by=actor,
    )
    file.file.save(file.filename, ContentFile(write_file(definition, rows)), save=False)
    file.save()
    return file
