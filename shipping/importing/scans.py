"""A carrier's history of parcels: one row a scan, matched by the tracking number."""

from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from core.imports.targets import Chunk, Field, Kind, Result, Setting, Target, register
from core.models import ImportBatch, RowOutcome
from shipping.importing.tracking import ENCODINGS
from shipping.models import ScanKind
from shipping.services.tracking.scanning import Scan, ScanOutcome, record_scans

if TYPE_CHECKING:
    from staff.models import User


class DeliveryScans(Target):
    """One row per scan; a filled day of delivery counts more than the status beside it."""

    code = "shipping.scans"
    label = _("Deliveries as the carrier tells them")
    permission = "orders.record_delivery"
    document_field = "tracking_number"
    fields = (
        Field(
            name="tracking_number",
            label=_("tracking number"),
            kind=Kind.CODE,
            is_required=True,
            max_length=60,
            aliases=("운송장번호", "송장번호", "伝票番号", "お問い合わせ番号", "tracking"),
        ),
        Field(
            name="status",
            label=_("what happened"),
            kind=Kind.CHOICE,
            choices=ScanKind,
            aliases=("배송상태", "配達状況", "ステータス", "status"),
        ),
        Field(name="at", label=pgettext_lazy("moment", "at"), kind=Kind.MOMENT, aliases=("처리일시", "日時", "date")),
        Field(
            name="delivered_at",
            label=pgettext_lazy("moment", "delivered"),
            kind=Kind.MOMENT,
            aliases=("배송완료일", "配達完了日", "お届け日時", "delivered"),
        ),
        Field(name="words", label=_("in the carrier’s words"), max_length=120, is_cut=True),
    )

    def setting(self, options: dict[str, Any]) -> Setting:
        """Return the shop's zone and the encodings of both countries."""
        return Setting(time_zone=settings.TIME_ZONE, encodings=ENCODINGS)

    def write(self, chunk: Chunk, *, batch: ImportBatch, actor: "User | None") -> list[Result]:
        """Keep the chunk's scans and tell each row's outcome."""
        names = ("tracking_number", "status", "at", "delivered_at", "words")
        results: dict[int, Result] = {}
        scans: dict[int, Scan] = {}
        for place, (number, status, at, delivered, words) in enumerate(zip(*map(chunk.column, names), strict=True)):
            moment = delivered or at
            if chunk.problems[place]:
                results[place] = Result(
                    outcome=RowOutcome.REFUSED, reference=number or "", reasons=chunk.problems[place]
                )
            elif moment is None:
                # a row of a parcel that only has its number yet: nothing to keep, nothing wrong
                code = "shipping.not_yet" if status is None else "shipping.no_scan"
                results[place] = Result(
                    outcome=RowOutcome.UNCHANGED if status is None else RowOutcome.REFUSED,
                    reference=number or "",
                    reasons=[{"code": code}],
                )
            else:
                kind = ScanKind.DELIVERED if delivered else ScanKind(status or ScanKind.ON_THE_WAY)
                scans[place] = Scan(number=number or "", kind=kind, at=moment, words=words or "")
        for place, outcome in zip(scans, record_scans(scans=list(scans.values()), actor=actor), strict=True):
            results[place] = _result(scans[place].number, outcome)
        return [results[place] for place in range(len(chunk.numbers))]


def _result(number: str, outcome: ScanOutcome) -> Result:
    became = RowOutcome.CREATED if outcome.is_new else RowOutcome.UNCHANGED
    shipment = outcome.shipments[0] if outcome.shipments else None
    return Result(
        outcome=RowOutcome.REFUSED if outcome.reason else became,
        kind="scan",
        reference=shipment.number if shipment else number,
        object_id=shipment.pk if shipment else None,
        reasons=[outcome.reason] if outcome.reason else [],
    )


register(DeliveryScans())
