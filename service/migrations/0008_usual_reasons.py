"""The reasons that every shop needs, and what was settled before anybody was asked for one."""

from django.db import migrations

# code, code of the one above, English, Korean, Japanese, return reason
REASONS = [
    ("delivery", "", "Delivery", "배송", "配送", ""),
    ("delivery-where", "delivery", "Where is my parcel", "배송 조회", "配送状況の確認", ""),
    ("delivery-late", "delivery", "Came too late", "배송 지연", "配送遅延", "late"),
    ("delivery-lost", "delivery", "Lost on the way", "배송 중 분실", "配送中の紛失", "lost-in-transit"),
    ("delivery-broken", "delivery", "Broken on the way", "배송 중 파손", "配送中の破損", "broken-in-transit"),
    ("delivery-wish", "delivery", "Wish for the delivery", "배송 요청", "配送の希望", ""),
    ("product", "", "Product", "상품", "商品", ""),
    ("product-defective", "product", "Defective", "상품 불량", "商品不良", "defective"),
    ("product-quality", "product", "Quality disappoints", "품질 불만", "品質への不満", ""),
    ("product-harm", "product", "Harmed somebody", "위해·부작용", "健康被害・事故", ""),
    ("product-described", "product", "Not as described", "상품 설명과 다름", "説明と異なる", "not-as-described"),
    ("product-size", "product", "Does not fit", "사이즈가 맞지 않음", "サイズが合わない", "wrong-size"),
    ("product-wrong", "product", "Another product came", "다른 상품 배송", "違う商品が届いた", "wrong-item"),
    ("product-missing", "product", "A piece is missing", "구성품·수량 누락", "不足・入れ忘れ", "missing-piece"),
    ("order", "", "Order", "주문", "注文", ""),
    ("order-cancel", "order", "Cancel", "주문 취소", "注文キャンセル", ""),
    ("order-change", "order", "Change what was ordered", "주문 변경", "注文内容の変更", ""),
    ("order-address", "order", "Change the address", "주소 변경", "お届け先の変更", ""),
    ("order-mistake", "order", "Ordered by mistake", "주문 실수", "注文間違い", "wrong-choice"),
    ("return", "", "Return and exchange", "반품·교환", "返品・交換", ""),
    ("return-mind", "return", "Changed their mind", "단순 변심", "お客様都合", "changed-mind"),
    ("return-how", "return", "How to return", "반품 방법", "返品方法", ""),
    ("return-state", "return", "How far the return is", "반품 진행 상황", "返品の進み具合", ""),
    ("money", "", "Payment and refund", "결제·환불", "支払い・返金", ""),
    ("money-failed", "money", "Payment fails", "결제 오류", "決済エラー", ""),
    ("money-refund", "money", "Where is my refund", "환불 지연", "返金の遅れ", ""),
    ("money-amount", "money", "Wrong amount", "금액 오류", "金額の誤り", ""),
    ("money-receipt", "money", "Receipt or invoice", "영수증·증빙", "領収書・請求書", ""),
    ("question", "", "Question", "문의", "質問", ""),
    ("question-product", "question", "About a product", "상품 문의", "商品について", ""),
    ("question-stock", "question", "When it is there again", "재입고 문의", "再入荷について", ""),
    ("question-event", "question", "Coupon or event", "쿠폰·행사", "クーポン・キャンペーン", ""),
    ("question-account", "question", "Account and personal data", "회원·개인정보", "会員・個人情報", ""),
    ("opinion", "", "Opinion", "의견", "ご意見", ""),
    ("opinion-praise", "opinion", "Praise", "칭찬", "お褒めの言葉", ""),
    ("opinion-wish", "opinion", "Suggestion", "제안", "ご提案", ""),
    ("opinion-service", "opinion", "Complaint about us", "상담·서비스 불만", "対応への不満", ""),
    ("nothing", "", "Nothing to do", "해당 없음", "対応不要", ""),
    ("nothing-spam", "nothing", "Advertising or spam", "광고·스팸", "広告・迷惑メール", ""),
    ("nothing-twice", "nothing", "Asked twice", "중복 문의", "重複した問い合わせ", ""),
    ("not-recorded", "nothing", "Not recorded", "기록 없음", "記録なし", ""),
]


def add(apps, _schema_editor):
    node = apps.get_model("service", "ReasonNode")
    returns = dict(apps.get_model("returns", "ReturnReason").objects.values_list("code", "pk"))
    known = {}
    for place, (code, above, en, ko, ja, back) in enumerate(REASONS, 1):
        known[code] = node.objects.create(
            code=code,
            parent_id=known.get(above),
            name_en=en,
            name_ko=ko,
            name_ja=ja,
            return_reason_id=returns.get(back),
            is_active=code != "not-recorded",
            position=10 * place,
        ).pk
    tickets = apps.get_model("service", "Ticket").objects.filter(status__in=["resolved", "closed"], reason=None)
    tickets.update(reason_id=known["not-recorded"])


def remove(apps, _schema_editor):
    """Take the reasons away; nobody needs one then."""
    apps.get_model("service", "Ticket").objects.exclude(reason=None).update(reason=None)
    apps.get_model("service", "ReasonNode").objects.update(parent=None, merged_into=None)
    apps.get_model("service", "ReasonNode").objects.all().delete()


class Migration(migrations.Migration):
    dependencies = [("service", "0007_macros_and_order_work"), ("returns", "0002_usual_reasons")]
    operations = [migrations.RunPython(add, remove)]
