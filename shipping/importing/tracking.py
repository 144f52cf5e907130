"""Numbers that a carrier issued: one row a parcel, matched by the number we gave it."""

from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from core.imports.targets import Chunk, Field, Kind, Result, Setting, Target, register
from core.models import ImportBatch, RowOutcome
from shipping.models import Carrier
from shipping.services.tracking.recording import Became, IssuedNumber, NumberOutcome, record_tracking

if TYPE_CHECKING:
    from staff.models import User

OUTCOMES = {
    Became.SHIPPED: RowOutcome.CREATED,
    Became.SET: RowOutcome.UPDATED,
    Became.KNOWN: RowOutcome.UNCHANGED,
    Became.REFUSED: RowOutcome.REFUSED,
}
ENCODINGS = ("cp932", "cp949")


class TrackingNumbers(Target):
    """One row per parcel; options: carrier (id, where the file does not say), ships, replaces."""

    code = "shipping.tracking"
    label = _("Tracking numbers of a carrier")
    permission = "orders.ship_order"
    document_field = "order_number"
    fields = (
        Field(
            name="order_number",
            label=pgettext_lazy("purchase", "order number"),
            kind=Kind.CODE,
            is_required=True,
            help=_("Our number, or the channel’s."),
            max_length=80,
            aliases=("お客様管理番号", "고객주문번호", "주문번호", "受注番号", "注文番号", "order"),
        ),
        Field(
            name="tracking_number",
            label=_("tracking number"),
            kind=Kind.CODE,
            is_required=True,
            max_length=60,
            aliases=("운송장번호", "송장번호", "伝票番号", "送り状番号", "お問い合わせ番号", "tracking"),
        ),
        Field(name="carrier", label=_("carrier"), max_length=60, aliases=("택배사", "配送業者", "配送会社")),
        Field(
            name="shipped_at",
            label=pgettext_lazy("moment", "shipped"),
            kind=Kind.MOMENT,
            aliases=("shipped_on", "발송일", "집하일", "出荷日", "発送日"),
        ),
        Field(
            name="warehouse",
            label=_("warehouse"),
            help=_("For an order in several parcels: from where this one leaves."),
            max_length=80,
            aliases=("창고", "출고지", "倉庫", "出荷元", "warehouse"),
        ),
        Field(
            name="parcel",
            label=_("parcel"),
            kind=Kind.CODE,
            help=_("The number of the planned parcel (P-12) or of the shipment (S-0000034)."),
            max_length=40,
        ),
        Field(
            name="sku",
            label=_("SKU"),
            kind=Kind.CODE,
            help=_("For an order in several parcels: what lies in this one."),
            max_length=80,
        ),
        Field(name="quantity", label=_("quantity"), kind=Kind.WHOLE, help=_("Empty: all that is left of the SKU.")),
    )

    def setting(self, options: dict[str, Any]) -> Setting:
        """Return the shop's zone and the encodings of both countries."""
        return Setting(time_zone=settings.TIME_ZONE, encodings=ENCODINGS)

    def write(self, chunk: Chunk, *, batch: ImportBatch, actor: "User | None") -> list[Result]:
        """Record the chunk's numbers and tell each row's outcome."""
        chosen = Carrier.objects.filter(pk=batch.options.get("carrier") or 0).first()
        rows, places = [], []
        results: list[Result | None] = [
            Result(outcome=RowOutcome.REFUSED, reference=str(number or ""), reasons=problems) if problems else None
            for number, problems in zip(chunk.column("order_number"), chunk.problems, strict=True)
        ]
        for place in range(len(chunk.numbers)):
            if results[place] is None:
                places.append(place)
                rows.append(_issued(chunk, place, chosen))
        outcomes = record_tracking(
            rows=rows,
            ships=bool(batch.options.get("ships", True)),
            replaces=bool(batch.options.get("replaces")),
            actor=actor,
        )
        for place, outcome in zip(places, outcomes, strict=True):
            results[place] = _result(outcome)
        return [result for result in results if result is not None]

    def kind_label(self, kind: str) -> Any:
        """Return what people call a row of this kind."""
        return {"order": pgettext_lazy("purchase", "Order")}.get(kind, kind)


def _issued(chunk: Chunk, place: int, chosen: Carrier | None) -> IssuedNumber:
    def told(name: str) -> str:
        return chunk.column(name)[place] or ""

    return IssuedNumber(
        order=told("order_number"),
        number=told("tracking_number"),
        carrier=chosen.code if chosen else told("carrier"),
        shipped_at=chunk.column("shipped_at")[place],
        warehouse=told("warehouse"),
        parcel=told("parcel"),
        sku=told("sku"),
        quantity=chunk.column("quantity")[place],
    )


def _result(outcome: NumberOutcome) -> Result:
    order = outcome.order
    return Result(
        outcome=OUTCOMES[outcome.became],
        kind="order",
        reference=order.number if order else "",
        object_id=order.pk if order else None,
        reasons=[outcome.reason] if outcome.became == Became.REFUSED else [],
    )


register(TrackingNumbers())
