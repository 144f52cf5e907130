"""Order lines as a target of the import engine: cleaned rows become drafts, drafts become orders."""

from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext_lazy as _

from catalog.models import SalesChannel
from core.errors import InvalidInput
from core.imports.targets import Chunk, MoneyLine, Result, Setting, Target, register
from core.models import ImportBatch
from orders.importing.fields import FIELDS
from orders.importing.rows import OrderRows
from orders.selectors.reconciling import reconcile_orders
from orders.services.intake.placing import place_orders
from orders.services.intake.returns import link_returns, place_returns

if TYPE_CHECKING:
    from staff.models import User

LIKELY_ENCODINGS = {"KR": ("cp949",), "JP": ("cp932",)}
KINDS = {
    "line": _("Order line"),
    "service": _("Service line"),
    "return": _("Return"),
    "payment": _("Payment"),
    "order": _("Order without lines"),
}


class OrderLines(Target):
    """One row per order line; options: sales_channel (id), as_history, create_missing_variants."""

    code = "orders.lines"
    position = 0
    label = _("Orders (one row per line)")
    permission = "orders.add_order"
    fields = FIELDS
    document_field = "external_number"

    def setting(self, options: dict[str, Any]) -> Setting:
        """Return zone, currency and encoding of the sales channel; InvalidInput when none was chosen."""
        channel = _channel(options)
        return Setting(
            time_zone=channel.time_zone,
            currency=channel.currency,
            country=channel.country,
            encodings=LIKELY_ENCODINGS.get(channel.country, ()),
        )

    def rank(self, definition: dict[str, Any], options: dict[str, Any]) -> float:
        """Prefer formats of the chosen channel's mall."""
        return 0.1 if definition.get("channel_kind") == _channel(options).kind else 0.0

    def write(self, chunk: Chunk, *, batch: ImportBatch, actor: "User | None") -> list[Result]:
        """Place the chunk's orders and returns, and tell each row's outcome."""
        setting = self.setting(batch.options)
        rows = OrderRows(chunk, currency=setting.currency, country=setting.country, time_zone=setting.time_zone)
        channel_id = _channel(batch.options).pk
        as_history = bool(batch.options.get("as_history"))
        create = bool(batch.options.get("create_missing_variants"))
        orders = rows.orders()
        placed = place_orders(
            drafts=list(orders.values()),
            sales_channel_id=channel_id,
            as_history=as_history,
            create_missing_variants=create,
            actor=actor,
        )
        rows.note_orders(dict(zip(orders, placed, strict=True)))
        returns = rows.returns()
        came_back = place_returns(
            drafts=list(returns.values()), sales_channel_id=channel_id, create_missing_variants=create
        )
        rows.note_returns(dict(zip(returns, came_back, strict=True)))
        return rows.results()

    def finish(self, *, batch: ImportBatch, actor: "User | None") -> None:
        """Find the orders that the returns belong to, now that all orders are there."""
        as_history = bool(batch.options.get("as_history"))
        link_returns(sales_channel_id=_channel(batch.options).pk, as_history=as_history, actor=actor)

    def reconcile(self, *, batch: ImportBatch) -> list[MoneyLine]:
        """Compare the raw rows with orders and returns."""
        return reconcile_orders(batch=batch)

    def kind_label(self, kind: str) -> Any:
        """Return what people call a row of this kind."""
        return KINDS.get(kind, kind)


def _channel(options: dict[str, Any]) -> SalesChannel:
    try:
        return SalesChannel.objects.get(pk=options.get("sales_channel") or 0)
    except (SalesChannel.DoesNotExist, TypeError, ValueError):
        raise InvalidInput(_("Choose the sales channel that the file comes from.")) from None


register(OrderLines())
