"""Conversations as a target of the import engine: inquiries of malls, and tickets of another help desk."""

from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from core.errors import DomainError, InvalidInput
from core.imports.reasons import register_reasons
from core.imports.targets import Chunk, Field, Kind, Result, Setting, Target, register
from core.models import ImportBatch, RowOutcome
from service.models import Inlet
from service.services.intake.filing import Filed, FiledMessage, take_filed

if TYPE_CHECKING:
    from staff.models import User

_OURS = {"agent", "outbound", "us", "staff", "support", "seller", "판매자", "상담원", "店舗", "担当者", "out"}
_TEXTS = (
    "body", "thread", "external_id", "subject", "sender_name", "sender_address", "sender_phone", "sender_code",
    "answer", "order_number", "product_code",
)  # fmt: skip


class Conversations(Target):
    """One row a message, or a question with its answer; option: inlet (id)."""

    code = "service.messages"
    label = _("Inquiries and tickets")
    permission = "service.add_ticket"
    document_field = "thread"
    fields = (
        Field(name="thread", label=_("number of the inquiry"), kind=Kind.CODE, max_length=120,
              help=_("Rows with the same number are one ticket."),
              aliases=("문의번호", "문의ID", "問い合わせ番号", "お問い合わせ番号", "スレッドID", "ticket",
                       "ticket_id", "convo_id", "conversation")),
        Field(name="external_id", label=_("number of the message"), kind=Kind.CODE, max_length=150,
              aliases=("메시지번호", "メッセージ番号", "message_id")),
        Field(name="body", label=pgettext_lazy("message", "text"), is_required=True, max_length=50_000, is_cut=True,
              is_personal=True,
              aliases=("문의내용", "질문내용", "내용", "問い合わせ内容", "お問い合わせ内容", "質問内容", "本文",
                       "text", "message", "instruction", "question")),
        Field(name="side", label=_("who wrote"), max_length=40,
              help=_("“agent” for what we wrote; everything else is the customer’s."),
              aliases=("작성자구분", "送信者区分", "direction", "role", "author")),
        Field(name="subject", label=pgettext_lazy("message", "subject"), max_length=300, is_cut=True,
              aliases=("제목", "문의제목", "件名", "タイトル", "title", "subject")),
        Field(name="sender_name", label=_("sender"), is_personal=True, max_length=200, is_cut=True,
              aliases=("구매자명", "고객명", "문의자", "작성자", "氏名", "注文者氏名", "お名前", "customer", "name")),
        Field(name="sender_address", label=_("sender’s address"), kind=Kind.EMAIL, is_personal=True, max_length=254,
              aliases=("이메일", "メールアドレス", "email", "e-mail")),
        Field(name="sender_phone", label=_("phone"), kind=Kind.PHONE, is_personal=True, max_length=40,
              aliases=("연락처", "휴대폰번호", "電話番号", "phone")),
        Field(name="sender_code", label=_("customer id of the mall"), kind=Kind.CODE, is_personal=True, max_length=120,
              aliases=("구매자ID", "고객ID", "会員ID", "username")),
        Field(name="at", label=_("written"), kind=Kind.MOMENT,
              aliases=("문의일시", "질문일시", "작성일", "등록일", "問い合わせ日時", "受信日時",
                       "投稿日時", "date", "created_at")),
        Field(name="answer", label=_("our answer"), max_length=50_000, is_cut=True,
              aliases=("답변내용", "답변", "回答内容", "返信内容", "response", "answer")),
        Field(name="answered_at", label=_("answered on"), kind=Kind.MOMENT,
              aliases=("답변일시", "답변일", "回答日時", "返信日時", "answered_at")),
        Field(name="order_number", label=_("order number"), kind=Kind.CODE, max_length=80,
              aliases=("주문번호", "受注番号", "注文番号", "order", "order_id")),
        Field(name="product_code", label=_("product code or SKU"), kind=Kind.CODE, max_length=120,
              aliases=("상품번호", "상품코드", "옵션ID", "商品番号", "商品管理番号", "sku")),
        Field(name="category", label=_("tag"), max_length=40, is_cut=True,
              aliases=("문의유형", "유형", "問い合わせ種別", "種別", "category", "flow")),
        Field(name="second_category", label=_("second tag"), max_length=40, is_cut=True,
              aliases=("intent", "subflow", "상세유형")),
        Field(name="is_settled", label=_("settled"), kind=Kind.FLAG,
              aliases=("완료여부", "対応済", "resolved", "closed")),
    )  # fmt: skip

    def setting(self, options: dict[str, Any]) -> Setting:
        """Return zone and likely encodings of the inlet; InvalidInput when none was chosen."""
        channel = inlet_of(options).sales_channel
        encodings = {"KR": ("cp949",), "JP": ("cp932",)}.get(channel.country if channel else "", ("cp949", "cp932"))
        return Setting(
            time_zone=channel.time_zone if channel else "Asia/Seoul",
            country=channel.country if channel else "",
            encodings=encodings,
        )

    def write(self, chunk: Chunk, *, batch: ImportBatch, actor: "User | None") -> list[Result]:
        """Take the chunk's messages in, thread by thread, and tell each row's outcome."""
        inlet_id = inlet_of(batch.options).pk
        return [self._row(chunk, place, inlet_id, actor) for place in range(len(chunk.numbers))]

    def _row(self, chunk: Chunk, place: int, inlet_id: int, actor: "User | None") -> Result:
        if chunk.problems[place]:
            return Result(outcome=RowOutcome.REFUSED, reasons=chunk.problems[place])
        try:
            with transaction.atomic():
                [filed] = take_filed(inlet_id=inlet_id, messages=[_message(chunk, place)], actor=actor)
        except DomainError:
            return Result(outcome=RowOutcome.REFUSED, reasons=[{"code": "service.no_question"}])
        return _result(filed)

    def kind_label(self, kind: str) -> Any:
        """Return what people call a row of this kind."""
        return {"message": pgettext_lazy("customer service", "Message")}.get(kind, kind)


def inlet_of(options: dict[str, Any]) -> Inlet:
    """Return the chosen inlet; InvalidInput when none was chosen."""
    try:
        return Inlet.objects.select_related("sales_channel").get(pk=options.get("inlet") or 0, is_active=True)
    except (Inlet.DoesNotExist, TypeError, ValueError):
        raise InvalidInput(_("Choose the inlet by which these messages came.")) from None


def _message(chunk: Chunk, place: int) -> FiledMessage:
    value = {name: chunk.column(name)[place] for name in (*_TEXTS, "side", "at", "answered_at", "is_settled")}
    tags = [str(tag) for name in ("category", "second_category") if (tag := chunk.column(name)[place])]
    return FiledMessage(
        **{name: str(value[name] or "") for name in _TEXTS},
        is_ours=str(value["side"] or "").strip().lower() in _OURS,
        at=value["at"],
        answered_at=value["answered_at"],
        tags=tags,
        is_settled=bool(value["is_settled"]),
    )


def _result(filed: Filed) -> Result:
    return Result(
        outcome=RowOutcome.CREATED if filed.is_new else RowOutcome.UNCHANGED,
        kind="message",
        reference=filed.ticket.number,
        object_id=filed.ticket.pk,
    )


register_reasons({"service.no_question": _("This is our answer, but the file has no question that it belongs to.")})
register(Conversations())
