"""The reasons for which a review may be hidden at all, as delivered; none is verified, the shop's lawyer does that."""

from django.db import transaction

from voice.models import HidingGround

TERMS = "channel terms · 채널 이용약관 · チャネル規約"
# code, English, Korean, Japanese, source
GROUNDS = [
    ("personal-data", "Personal data of somebody", "타인의 개인정보 포함", "個人情報が書かれている",
     "KR 정보통신망법 §44의2; JP 情報流通プラットフォーム対処法; EU GDPR Art. 17"),
    ("insult", "Insult or defamation", "욕설·명예훼손", "誹謗中傷",
     "KR 정보통신망법 §44의2; JP 情報流通プラットフォーム対処法; EU DSA Art. 16"),
    ("illegal", "Illegal or obscene content", "불법·음란 정보", "違法・わいせつな内容",
     "KR 정보통신망법 §44의7; EU DSA Art. 16"),
    ("advertising", "Advertising, not about the product", "상품과 무관한 광고", "商品と無関係な広告", TERMS),
    ("no-purchase", "Written by somebody who did not buy",
     "구매하지 않은 사람의 허위 후기", "購入していない人の虚偽レビュー",
     f"EU Directive 2005/29 Annex I 23b, 23c; JP 景品表示法 §5③; {TERMS}"),
    ("rights", "Pictures or words of others without right", "타인의 저작물 무단 사용", "他人の著作物の無断使用",
     "KR 저작권법 §103; JP 情報流通プラットフォーム対処法; EU DSA Art. 16"),
]  # fmt: skip


@transaction.atomic
def seed_hiding_grounds() -> int:
    """Add the delivered reasons that are missing, touch none that is there, and return how many there are of them all.

    No research of ours has read these sources: each stays unverified until somebody ticks that he did.
    """
    rows = [
        HidingGround(code=code, name_en=en, name_ko=ko, name_ja=ja, source=source, position=10 * place)
        for place, (code, en, ko, ja, source) in enumerate(GROUNDS, 1)
    ]
    HidingGround.objects.bulk_create(rows, ignore_conflicts=True)
    return HidingGround.objects.filter(code__in=[row.code for row in rows]).count()
