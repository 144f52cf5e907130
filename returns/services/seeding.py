"""The reasons that every shop needs; what follows from each is the shop's to change."""

from returns.models import ReturnReason

# code, English, Korean, Japanese, at fault, who pays the way back, photos, also without goods
REASONS = [
    ("changed-mind", "Changed their mind", "단순 변심", "お客様都合", "customer", "customer", False, False),
    ("wrong-size", "Does not fit", "사이즈가 맞지 않음", "サイズが合わない", "customer", "customer", False, False),
    ("wrong-choice", "Ordered by mistake", "주문 실수", "注文間違い", "customer", "customer", False, False),
    ("defective", "Defective", "상품 불량", "商品不良", "supplier", "shop", True, True),
    ("not-as-described", "Not as described", "상품 설명과 다름", "説明と異なる", "shop", "shop", True, False),
    ("wrong-item", "Another product came", "다른 상품 배송", "違う商品が届いた", "shop", "shop", True, False),
    ("missing-piece", "A piece is missing", "구성품·수량 누락", "不足・入れ忘れ", "shop", "shop", False, True),
    ("broken-in-transit", "Broken on the way", "배송 중 파손", "配送中の破損", "carrier", "shop", True, True),
    ("lost-in-transit", "Lost on the way", "배송 중 분실", "配送中の紛失", "carrier", "shop", False, True),
    ("late", "Came too late", "배송 지연", "配送遅延", "carrier", "shop", False, False),
]


def seed_reasons() -> int:
    """Add the usual reasons that are missing, touch none that is there, and return how many there are of them all."""
    rows = [
        ReturnReason(
            code=code,
            name_en=en,
            name_ko=ko,
            name_ja=ja,
            fault=fault,
            shipping_payer=payer,
            needs_photos=photos,
            is_for_claims=claims,
            position=10 * place,
        )
        for place, (code, en, ko, ja, fault, payer, photos, claims) in enumerate(REASONS, 1)
    ]
    ReturnReason.objects.bulk_create(rows, ignore_conflicts=True)
    return ReturnReason.objects.count()
