"""Lists of banks as a target of the import engine: one row a credit."""

from datetime import datetime
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from core.imports.targets import Chunk, Field, Kind, Result, Setting, Target, register
from core.models import ImportBatch, RowOutcome
from core.money import Currency, to_minor
from payments.services.deposits.taking import BankLine, take_deposits

if TYPE_CHECKING:
    from staff.models import User

_NAMES = ("deposited_on", "amount", "payer_name", "message", "reference", "account", "currency")


class BankDeposits(Target):
    """One row per credit; rows without a positive amount are debits and left out."""

    code = "payments.deposits"
    label = _("Bank deposits")
    permission = "payments.add_bankdeposit"
    document_field = "payer_name"  # equal lines of one payer are counted together
    fields = (
        Field(name="deposited_on", label=_("credited on"), kind=Kind.MOMENT, is_required=True,
              aliases=("取引日", "日付", "入金日", "勘定日", "거래일시", "거래일자", "거래일", "입금일", "date")),
        Field(name="amount", label=_("amount"), kind=Kind.AMOUNT, is_required=True,
              aliases=("入金金額", "お預り金額", "預入金額", "입금액", "입금", "맡기신금액", "credit", "deposit")),
        Field(name="payer_name", label=_("payer"), is_required=True, is_personal=True, max_length=120, is_cut=True,
              aliases=("振込依頼人名", "依頼人名", "摘要内容", "보낸분", "의뢰인", "입금자명", "기재내용", "payer")),
        Field(name="message", label=pgettext_lazy("bank", "text"), is_personal=True, max_length=200, is_cut=True,
              aliases=("EDI情報", "摘要", "적요", "메모", "message")),
        Field(name="reference", label=_("bank’s number"), kind=Kind.CODE, max_length=80,
              aliases=("照会番号", "取引番号", "거래번호", "reference")),
        Field(name="account", label=pgettext_lazy("bank", "account"), kind=Kind.CODE, max_length=60,
              aliases=("口座番号", "계좌번호", "account")),
        Field(name="currency", label=_("currency"), kind=Kind.CHOICE, choices=Currency, aliases=("通貨", "통화")),
    )  # fmt: skip

    def setting(self, options: dict[str, Any]) -> Setting:
        """Return the shop's zone and currency, and the encodings of both countries."""
        return Setting(time_zone=settings.TIME_ZONE, currency=settings.SHOP_CURRENCY, encodings=("cp932", "cp949"))

    def write(self, chunk: Chunk, *, batch: ImportBatch, actor: "User | None") -> list[Result]:
        """Keep the chunk's credits and tell each row's outcome."""
        results: dict[int, Result] = {}
        lines: dict[int, BankLine] = {}
        for place, cells in enumerate(zip(*map(chunk.column, _NAMES), strict=True)):
            at, amount, payer, message, reference, account, currency = cells
            if chunk.problems[place]:
                results[place] = Result(outcome=RowOutcome.REFUSED, reasons=chunk.problems[place])
                continue
            code = str(currency or settings.SHOP_CURRENCY)
            minor = to_minor(amount, code)
            if minor <= 0:
                results[place] = Result(outcome=RowOutcome.UNCHANGED, kind="debit")
                continue
            day = at.astimezone(ZoneInfo(settings.TIME_ZONE)).date() if isinstance(at, datetime) else at
            lines[place] = BankLine(
                account=account or "", deposited_on=day, amount=minor, currency=code, payer_name=payer or "",
                message=message or "", reference=reference or "",
            )  # fmt: skip
        for place, (row, is_new) in zip(lines, take_deposits(lines=list(lines.values()), actor=actor), strict=True):
            results[place] = Result(
                outcome=RowOutcome.CREATED if is_new else RowOutcome.UNCHANGED,
                kind="deposit",
                reference=row.reference or row.deposited_on.isoformat(),
                object_id=row.pk,
            )
        return [results[place] for place in range(len(chunk.numbers))]

    def kind_label(self, kind: str) -> Any:
        """Return what people call a row of this kind."""
        return {"deposit": _("Bank deposit"), "debit": _("Debit")}.get(kind, kind)


register(BankDeposits())
