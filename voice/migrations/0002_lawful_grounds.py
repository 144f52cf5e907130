"""Reasons for which a review may be hidden; nobody of this project has verified them: the shop's lawyer does."""

from django.db import migrations

# code, jurisdiction, English, Korean, Japanese, source
GROUNDS = [
    ("personal-data", "", "Personal data of somebody", "타인의 개인정보 포함", "個人情報が書かれている",
     "KR 정보통신망법 §44의2; JP 情報流通プラットフォーム対処法; EU GDPR Art. 17"),
    ("insult", "", "Insult or defamation", "욕설·명예훼손", "誹謗中傷",
     "KR 정보통신망법 §44의2; JP 情報流通プラットフォーム対処法; EU DSA Art. 16"),
    ("illegal", "", "Illegal or obscene content", "불법·음란 정보", "違法・わいせつな内容",
     "KR 정보통신망법 §44의7; EU DSA Art. 16"),
    ("advertising", "", "Advertising, not about the product", "상품과 무관한 광고", "商品と無関係な広告",
     "channel terms · 채널 이용약관 · チャネル規約"),
    ("no-purchase", "", "Written by somebody who did not buy", "구매하지 않은 사람의 허위 후기", "購入していない人の虚偽レビュー",
     "EU Directive 2005/29 Annex I 23b, 23c; JP 景品表示法 §5③; channel terms · 채널 이용약관 · チャネル規約"),
    ("rights", "", "Pictures or words of others without right", "타인의 저작물 무단 사용", "他人の著作物の無断使用",
     "KR 저작권법 §103; JP 情報流通プラットフォーム対処法; EU DSA Art. 16"),
]  # fmt: skip


def add(apps, _schema_editor):
    ground = apps.get_model("voice", "HidingGround")
    ground.objects.bulk_create(
        [
            ground(
                code=code, jurisdiction=where, name_en=en, name_ko=ko, name_ja=ja, source=source, position=10 * place
            )
            for place, (code, where, en, ko, ja, source) in enumerate(GROUNDS, 1)
        ],
        ignore_conflicts=True,
    )


def remove(apps, _schema_editor):
    """Take away what nobody used."""
    used = apps.get_model("voice", "Hiding").objects.values("ground")
    apps.get_model("voice", "HidingGround").objects.filter(code__in=[row[0] for row in GROUNDS]).exclude(
        pk__in=used
    ).delete()


class Migration(migrations.Migration):
    dependencies = [("voice", "0001_reviews_and_signals")]
    operations = [migrations.RunPython(add, remove)]
