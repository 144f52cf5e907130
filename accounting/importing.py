"""Statements of channels as a target of the import engine: one row an amount, or one row an order with its amounts."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounting.models import Settlement, SettlementKind, SettlementState
from accounting.services.settling.matching import match_settlement
from accounting.services.settling.taking import StatementHead, StatementLine, take_settlement
from catalog.models import SalesChannel
from core.errors import DomainError, InvalidInput
from core.imports.reasons import register_reasons
from core.imports.targets import Chunk, Field, Kind, MoneyLine, Result, Setting, Target, register
from core.models import ImportBatch, ImportRow, RowOutcome
from core.money import minor_digits

if TYPE_CHECKING:
    from staff.models import User

LIKELY_ENCODINGS = {"KR": ("cp949",), "JP": ("cp932",)}
# columns of files that tell a row's amounts side by side
WIDE = tuple(kind.value for kind in SettlementKind)
# what a file may write without a sign although it is taken off
TAKEN_OFF = frozenset({SettlementKind.FEE, SettlementKind.REFUND, SettlementKind.COUPON, SettlementKind.POINTS})
_HEAD = ("starts_on", "ends_on", "paid_on", "payout")
_TEXTS = ("order_number", "line_id", "sku", "told")
_WIDE_NAMES: dict[str, tuple[str, ...]] = {
    "sale": ("판매금액", "결제금액", "売上金額", "商品代金", "sale"),
    "fee": ("판매수수료", "수수료", "手数料", "システム利用料", "fee"),
    "refund": ("환불금액", "취소금액", "返金額", "refund"),
    "shipping": ("배송비", "送料", "shipping"),
    "coupon": ("할인금액", "쿠폰", "クーポン", "coupon"),
    "points": ("포인트", "ポイント", "points"),
    "adjustment": ("조정금액", "공제금액", "調整額", "adjustment"),
    "other": ("기타", "その他", "other"),
}


def _wide() -> tuple[Field, ...]:
    return tuple(
        Field(name=kind.value, label=kind.label, kind=Kind.AMOUNT, aliases=_WIDE_NAMES[kind.value])
        for kind in SettlementKind
    )


class ChannelSettlements(Target):
    """One row per amount (kind and amount), or per order or order line; options: sales_channel (id), reference."""

    code = "accounting.settlements"
    label = _("Settlements of channels")
    permission = "accounting.add_settlement"
    document_field = "order_number"  # equal lines of one order are counted together
    fields = (
        Field(name="order_number", label=pgettext_lazy("purchase", "order number"), kind=Kind.CODE, is_required=True,
              max_length=80, aliases=("order-id", "주문번호", "受注番号", "注文番号", "order")),
        Field(name="line_id", label=_("channel's line number"), kind=Kind.CODE, max_length=80,
              aliases=("order-item-code", "상품주문번호", "商品明細番号", "line")),
        Field(name="sku", label=_("SKU"), kind=Kind.CODE, max_length=120, aliases=("sku", "판매자상품코드")),
        Field(name="reference", label=_("number of the statement"), kind=Kind.CODE, max_length=80,
              aliases=("settlement-id", "정산번호", "精算番号", "statement")),
        Field(name="told", label=_("what the amount is for"), max_length=200, is_cut=True,
              aliases=("구분", "정산구분", "区分", "内容", "description")),
        Field(name="kind", label=_("kind"), kind=Kind.CHOICE, choices=SettlementKind, aliases=("kind",)),
        Field(name="amount", label=_("amount"), kind=Kind.AMOUNT, aliases=("amount", "금액", "金額")),
        *_wide(),
        Field(name="unsigned", label=_("what is taken off has no minus sign"), kind=Kind.FLAG),
        Field(name="occurred_on", label=pgettext_lazy("settlement", "on"), kind=Kind.MOMENT,
              aliases=("posted-date", "정산기준일", "計上日", "date")),
        Field(name="starts_on", label=_("from"), kind=Kind.MOMENT, aliases=("settlement-start-date", "period_start")),
        Field(name="ends_on", label=_("until"), kind=Kind.MOMENT, aliases=("settlement-end-date", "period_end")),
        Field(name="paid_on", label=_("paid out on"), kind=Kind.MOMENT,
              aliases=("deposit-date", "정산예정일", "지급일", "振込日", "入金予定日")),
        Field(name="payout", label=_("paid out"), kind=Kind.AMOUNT, aliases=("total-amount", "지급액", "振込金額")),
        Field(name="currency", label=_("currency"), max_length=3, aliases=("currency",)),
    )  # fmt: skip

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
        """Keep the chunk's amounts, statement by statement, and tell each row's outcome."""
        channel = _channel(batch.options)
        rows = _Rows(chunk, channel, batch.options)
        for reference, places in rows.by_statement().items():
            lines = [line for place in places for line in rows.lines[place]]
            try:
                settlement, fresh = take_settlement(
                    sales_channel_id=channel.pk,
                    head=rows.head(reference, places),
                    lines=lines,
                    batch=batch,
                    actor=actor,
                )
            except DomainError as error:
                rows.refuse(places, str(error))
            else:
                rows.note(places, settlement, fresh)
        return rows.results()

    def finish(self, *, batch: ImportBatch, actor: "User | None") -> None:
        """Compare each statement of the file with our books, now that all its lines are there."""
        for settlement in statements_of(batch):
            if settlement.state in (SettlementState.OPEN, SettlementState.DIFFERENCES):
                match_settlement(settlement_id=settlement.pk, actor=actor)

    def reconcile(self, *, batch: ImportBatch) -> list[MoneyLine]:
        """Tell nothing: statements are compared with what was paid out on their own pages."""
        return []

    def kind_label(self, kind: str) -> Any:
        """Return what people call a row of this kind."""
        return {"line": _("Line of a settlement"), "head": _("Head of a settlement")}.get(kind, kind)


def statements_of(batch: ImportBatch) -> Sequence[Settlement]:
    """Return the statements that a file was about."""
    ids = ImportRow.objects.filter(batch=batch, object_id__isnull=False).values("object_id")
    return list(Settlement.objects.filter(pk__in=ids).order_by("pk"))


class _Rows:
    """The rows of a chunk while they become lines."""

    def __init__(self, chunk: Chunk, channel: SalesChannel, options: Mapping[str, Any]) -> None:
        self._chunk, self._channel, self._zone = chunk, channel, ZoneInfo(channel.time_zone)
        self._reference = str(options.get("reference") or "").strip()
        days = {name: options.get(name) for name in _HEAD[:3]}
        self._told = {name: date.fromisoformat(day) for name, day in days.items() if day}
        self.lines: dict[int, list[StatementLine]] = {}
        self._heads: dict[int, dict[str, Any]] = {}
        self._results: dict[int, Result] = {}
        for place, problems in enumerate(chunk.problems):
            if problems:
                self._results[place] = Result(outcome=RowOutcome.REFUSED, reasons=problems)
                continue
            try:
                self.lines[place] = self._lines_of(place)
                self._heads[place] = self._head_of(place)
            except _Refused as refusal:
                self._results[place] = Result(outcome=RowOutcome.REFUSED, reasons=list(refusal.args))

    def _cell(self, name: str, place: int) -> Any:
        return self._chunk.column(name)[place]

    def _day(self, name: str, place: int) -> date | None:
        value = self._cell(name, place)
        return value.astimezone(self._zone).date() if isinstance(value, datetime) else value

    def _minor(self, amount: Decimal) -> int:
        scaled = amount.scaleb(minor_digits(self._channel.currency))
        if scaled != scaled.to_integral_value():
            raise _Refused({"code": "too_precise", "text": str(amount)[:30], "currency": self._channel.currency})
        return int(scaled)

    def _lines_of(self, place: int) -> list[StatementLine]:
        currency = self._cell("currency", place)
        if currency and currency != self._channel.currency:
            raise _Refused({"code": "accounting.other_currency", "text": currency})
        order, line_id, sku, told = (self._cell(name, place) or "" for name in _TEXTS)
        day, unsigned = self._day("occurred_on", place), bool(self._cell("unsigned", place))
        found = []
        for kind, amount in self._amounts(place):
            minor = self._minor(amount)
            if minor:
                value = -minor if unsigned and kind in TAKEN_OFF else minor
                found.append(
                    StatementLine(
                        kind=kind, amount=value, external_number=order, external_line=line_id, sku=sku, told=told,
                        occurred_on=day,
                    )
                )  # fmt: skip
        return found

    def _amounts(self, place: int) -> list[tuple[str, Decimal]]:
        told = [(name, self._cell(name, place)) for name in WIDE]
        amount = self._cell("amount", place)
        kind = self._cell("kind", place)
        if amount is not None:
            told.append((kind if kind in SettlementKind.values else SettlementKind.OTHER.value, amount))
        return [(name, value) for name, value in told if value is not None]

    def _head_of(self, place: int) -> dict[str, Any]:
        reference = self._cell("reference", place) or self._reference
        if not reference:
            raise _Refused({"code": "accounting.no_statement"})
        payout = self._cell("payout", place)
        return {
            "reference": reference,
            **{name: self._day(name, place) for name in _HEAD[:3]},
            "payout": None if payout is None else self._minor(payout),
        }

    def by_statement(self) -> dict[str, list[int]]:
        """Return the usable rows by the number of their statement."""
        found: dict[str, list[int]] = defaultdict(list)
        for place, head in self._heads.items():
            found[head["reference"]].append(place)
        return found

    def head(self, reference: str, places: Sequence[int]) -> StatementHead:
        """Return what the first row says that says it, else what was written beside the file."""
        heads = [self._heads[place] for place in places]
        told: dict[str, Any] = {
            name: next((h[name] for h in heads if h[name] is not None), self._told.get(name)) for name in _HEAD
        }
        return StatementHead(reference=reference, currency=self._channel.currency, **told)

    def refuse(self, places: Sequence[int], why: str) -> None:
        """Refuse all rows of a statement."""
        for place in places:
            self._results[place] = Result(
                outcome=RowOutcome.REFUSED, reasons=[{"code": "accounting.refused", "text": why}]
            )  # fmt: skip

    def note(self, places: Sequence[int], settlement: Settlement, fresh: Sequence[bool]) -> None:
        """Tell what became of the rows of a statement."""
        left = iter(fresh)
        for place in places:
            is_new = [next(left) for _line in self.lines[place]]
            self._results[place] = Result(
                outcome=RowOutcome.CREATED if any(is_new) else RowOutcome.UNCHANGED,
                kind="line" if is_new else "head",
                reference=settlement.reference,
                object_id=settlement.pk,
            )

    def results(self) -> list[Result]:
        """Return the outcomes in the order of the rows."""
        return [self._results[place] for place in range(len(self._chunk.numbers))]


class _Refused(Exception):  # noqa: N818 it is an outcome, not an error of ours
    """Reasons for which a row is no line of a statement."""


def _channel(options: dict[str, Any]) -> SalesChannel:
    try:
        return SalesChannel.objects.get(pk=options.get("sales_channel") or 0)
    except (SalesChannel.DoesNotExist, TypeError, ValueError):
        raise InvalidInput(_("Choose the sales channel that the file comes from.")) from None


register(ChannelSettlements())
register_reasons(
    {
        "accounting.other_currency": _("The amount is in %(text)s, which is not the currency of the channel."),
        "accounting.no_statement": _(
            "The row does not say to which statement it belongs. Write the statement’s number before you import."
        ),
        "accounting.refused": _("It was not taken: %(text)s"),
    }
)
