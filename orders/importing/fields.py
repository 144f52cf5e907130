"""What a row of an order file can tell; the names are the columns of the generic format."""

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from core.imports.reasons import register_reasons
from core.imports.targets import Field, Kind
from orders.models import LineKind
from orders.services.intake.drafts import SourceState


def _document(name: str, label: object, kind: Kind = Kind.TEXT, **more: object) -> Field:
    return Field(name=name, label=label, kind=kind, is_document=True, **more)  # type: ignore[arg-type]


def _person(name: str, label: object, kind: Kind = Kind.TEXT, **more: object) -> Field:
    return _document(name, label, kind, is_personal=True, **more)


FIELDS = (
    Field(
        name="external_number",
        label=_("order number"),
        kind=Kind.CODE,
        is_required=True,
        max_length=80,
        aliases=("order_number", "order id", "order-id", "주문번호", "注文番号", "受注番号", "invoice no"),
    ),
    Field(
        name="row_kind",
        label=_("kind of row"),
        help=_("“return” for goods that came back; empty for what was ordered."),
        aliases=("행 구분", "行区分"),
    ),
    Field(
        name="line_id",
        label=_("line number"),
        kind=Kind.CODE,
        max_length=70,
        aliases=("order-item-id", "line id", "상품주문번호", "주문상세번호", "商品明細id", "明細番号"),
    ),
    _document(
        "placed_at",
        _("ordered"),
        Kind.MOMENT,
        is_required=True,
        aliases=("order date", "purchase-date", "주문일시", "주문일", "注文日時", "注文日", "受注日", "invoice date"),
    ),
    _document("currency", _("currency"), Kind.CODE, max_length=3, aliases=("통화", "通貨")),
    Field(
        name="line_kind",
        label=_("kind of line"),
        kind=Kind.CHOICE,
        choices=LineKind,
        aliases=("라인 구분", "明細区分"),
    ),
    Field(
        name="sku",
        label=_("SKU"),
        kind=Kind.CODE,
        max_length=120,
        aliases=("stock code", "item code", "판매자 상품코드", "상품코드", "업체상품코드", "商品コード", "商品番号"),
    ),
    Field(
        name="name",
        label=pgettext_lazy("goods", "name"),
        is_cut=True,
        aliases=("product name", "description", "item name", "상품명", "商品名"),
    ),
    Field(
        name="options", label=_("options"), is_cut=True, aliases=("옵션", "옵션정보", "項目・選択肢", "商品オプション")
    ),
    Field(
        name="quantity",
        label=_("quantity"),
        kind=Kind.WHOLE,
        aliases=("qty", "quantity-purchased", "수량", "구매수", "個数", "数量", "受注数量"),
    ),
    Field(
        name="unit_price",
        label=_("unit price"),
        kind=Kind.AMOUNT,
        aliases=("price", "판매가", "상품가격", "단가", "単価", "商品価格"),
    ),
    Field(
        name="line_amount",
        label=_("amount of the line"),
        kind=Kind.AMOUNT,
        help=_("Instead of the unit price."),
        aliases=("item-price", "line total", "결제액", "金額"),
    ),
    Field(
        name="line_discount",
        label=_("discount of the line"),
        kind=Kind.AMOUNT,
        aliases=("item-promotion-discount", "할인액", "値引"),
    ),
    Field(
        name="line_shipping",
        label=_("shipping of the line"),
        kind=Kind.AMOUNT,
        aliases=("shipping-price", "freight value"),
    ),
    Field(
        name="line_state",
        label=_("state of the line at the channel"),
        kind=Kind.CHOICE,
        choices=SourceState,
        aliases=("상품주문상태",),
    ),
    _document(
        "order_state",
        _("state of the order at the channel"),
        Kind.CHOICE,
        choices=SourceState,
        aliases=("status", "주문상태", "ステータス", "order status"),
    ),
    _document("is_paid", _("paid"), Kind.FLAG, aliases=("결제여부", "入金済み")),
    _document("is_prepaid", _("must be paid before shipping"), Kind.FLAG, aliases=("선결제", "前払い")),
    _document("payment_method", _("payment method"), max_length=80, aliases=("결제수단", "支払方法", "支払方法名")),
    _document("paid_at", pgettext_lazy("moment", "paid"), Kind.MOMENT, aliases=("결제일", "payments-date")),
    _document("paid_amount", _("paid so far"), Kind.AMOUNT, aliases=("결제금액", "入金額")),
    _document("outstanding_amount", _("still to be paid"), Kind.AMOUNT),
    _document("refunded_amount", _("refunded so far"), Kind.AMOUNT, aliases=("환불금액", "返金額")),
    Field(
        name="payment_amount",
        label=_("amount of one payment"),
        kind=Kind.AMOUNT,
        help=_("For orders paid in several ways: one payment on each row."),
        aliases=("payment value",),
    ),
    Field(name="payment_kind", label=_("way of one payment"), max_length=80, aliases=("payment type",)),
    Field(
        name="payment_id",
        label=_("number of one payment"),
        kind=Kind.CODE,
        max_length=120,
        aliases=("payment sequential",),
    ),
    _document("shipping_amount", _("shipping"), Kind.AMOUNT, aliases=("배송비", "送料", "送料合計", "発送料")),
    _document("fee_amount", _("fees"), Kind.AMOUNT, aliases=("수수료", "手数料", "代引料", "代引料合計")),
    _document("gift_amount", _("gift wrapping"), Kind.AMOUNT, aliases=("포장비", "ラッピング料金")),
    _document("tax_amount", _("tax on top"), Kind.AMOUNT, aliases=("부가세", "税金")),
    _document("discount_amount", _("discount of the order"), Kind.AMOUNT, aliases=("할인", "割引")),
    _document("coupon_amount", _("coupon"), Kind.AMOUNT, aliases=("쿠폰", "クーポン", "クーポン利用総額")),
    _document("points_amount", _("points used"), Kind.AMOUNT, aliases=("포인트", "ポイント", "ポイント利用額")),
    _document("stated_total", _("total as stated"), Kind.AMOUNT, aliases=("총 주문금액", "合計金額", "請求金額")),
    _document("ship_by", _("ship by"), Kind.MOMENT, is_deadline=True, aliases=("발송기한", "出荷期限")),
    _document(
        "shipped_at", pgettext_lazy("moment", "shipped"), Kind.MOMENT, aliases=("발송일", "出荷日", "fulfilled at")
    ),
    Field(name="carrier", label=_("carrier"), max_length=60, aliases=("택배사", "配送業者")),
    Field(
        name="tracking_number",
        label=_("tracking number"),
        kind=Kind.CODE,
        max_length=60,
        aliases=("송장번호", "운송장번호", "送り状番号", "伝票番号"),
    ),
    _document("cancelled_at", pgettext_lazy("moment", "cancelled"), Kind.MOMENT, aliases=("취소일", "キャンセル日")),
    _document(
        "customer_code",
        _("channel's customer number"),
        Kind.CODE,
        is_personal=True,
        aliases=("customer id", "구매자id", "顧客コード"),
    ),
    _person(
        "buyer_name", _("buyer"), max_length=120, aliases=("buyer-name", "구매자명", "구매자", "注文者名", "受注名")
    ),
    _person("buyer_kana", _("buyer's reading (kana)"), max_length=120, aliases=("受注名カナ", "注文者名カナ")),
    _person(
        "buyer_email",
        _("e-mail"),
        Kind.EMAIL,
        max_length=254,
        aliases=("email", "buyer-email", "이메일", "メールアドレス"),
    ),
    _person(
        "buyer_phone",
        _("buyer's phone"),
        Kind.PHONE,
        max_length=40,
        aliases=("buyer-phone-number", "구매자연락처", "受注電話番号"),
    ),
    _person(
        "recipient_name",
        _("recipient"),
        max_length=120,
        aliases=("recipient-name", "수취인명", "수취인이름", "送付先名", "発送先名"),
    ),
    _person("recipient_kana", _("recipient's reading (kana)"), max_length=120, aliases=("発送先カナ", "送付先名カナ")),
    _person(
        "recipient_phone",
        _("recipient's phone"),
        Kind.PHONE,
        max_length=40,
        aliases=("ship-phone-number", "수취인연락처1", "수취인전화번호", "発送電話番号"),
    ),
    _person(
        "postcode",
        _("postcode"),
        Kind.CODE,
        max_length=16,
        aliases=("zip", "ship-postal-code", "우편번호", "郵便番号", "発送郵便番号"),
    ),
    _person("region", _("state or prefecture"), max_length=80, aliases=("ship-state", "시도", "都道府県")),
    _person("city", _("city"), max_length=120, aliases=("ship-city", "시군구", "市区町村")),
    _person(
        "address_1",
        _("address"),
        max_length=255,
        aliases=("ship-address-1", "주소", "기본배송지", "수취인 주소", "住所", "発送先住所１"),
    ),
    _person(
        "address_2",
        _("building, room"),
        max_length=255,
        aliases=("ship-address-2", "상세배송지", "発送先住所２", "建物名"),
    ),
    _document("country", _("country"), Kind.COUNTRY, aliases=("ship-country", "국가", "国")),
    _person(
        "customs_code",
        _("personal customs code"),
        Kind.CODE,
        max_length=20,
        aliases=("개인통관고유부호", "개인통관번호(PCCC)", "pccc"),
    ),
    _document(
        "delivery_on",
        _("wished delivery date"),
        Kind.MOMENT,
        aliases=("배송희망일", "お届け日指定", "配達希望日"),
    ),
    _document(
        "delivery_slot", _("wished time of day"), max_length=40, is_cut=True, aliases=("お届け時間帯", "希望時間帯")
    ),
    _document("gift_wrapping", _("gift wrapping"), max_length=80, is_cut=True, aliases=("선물포장", "ラッピング")),
    _document(
        "noshi",
        pgettext_lazy("gift", "noshi"),
        max_length=40,
        is_cut=True,
        help=_("What the paper strip is for, such as 御祝 or thanks."),
        aliases=("のし", "熨斗"),
    ),
    _person("noshi_name", _("name on the noshi"), max_length=80, is_cut=True, aliases=("のし名入れ", "名入れ")),
    _person(
        "gift_message",
        _("gift message"),
        max_length=500,
        is_cut=True,
        aliases=("선물 메시지", "メッセージカード", "gift-message-text"),
    ),
    _person(
        "customer_note",
        _("customer's note"),
        max_length=4000,
        is_cut=True,
        aliases=("배송메세지", "備考", "delivery-instructions"),
    ),
)

register_reasons(
    {
        "orders.no_quantity": _("The quantity is missing or zero."),
        "orders.negative": _("The quantity is negative, but the row is not marked as a return."),
        "orders.too_many": _("A quantity of more than a million is taken for a mistake."),
        "orders.no_price": _("Neither a unit price nor an amount is given."),
        "orders.price_negative": _("The price is negative."),
        "orders.no_name": _("Neither SKU nor name tells what was ordered."),
        "orders.row_kind": _("“%(text)s” is not a kind of row. Write “return” or leave it empty."),
        "orders.currency": _("“%(text)s” is not a currency that is used here."),
        "orders.two_currencies": _("The rows of this order are in different currencies."),
        "orders.conflict": _("Row %(row)s has the same line number, but another content."),
        "orders.confirmed": _(
            "The order is already confirmed here, so this line was not changed. It is marked to be checked."
        ),
        "orders.stock_correction": _(
            "A correction of stock, not a sale: no buyer or no price. Book it as a stock adjustment."
        ),
        "orders.cancelled_item": _("The channel lists it with quantity 0: it was cancelled there."),
        "orders.bookkeeping": _("An entry of the accounts, not a sale. Book it in the accounts."),
    }
)
