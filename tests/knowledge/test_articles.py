"""Articles: published versions only, suggested by words, stale when what they quote has changed."""

from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from compliance.models import LegalRule
from compliance.services import sync_rules
from core.errors import InvalidInput, InvalidTransition, NotAllowed
from core.verify import verify
from knowledge.models import Article, Edition, Verdict
from knowledge.selectors.reading import suggest_articles
from knowledge.services import (
    draft_article,
    flag_stale_articles,
    give_verdict,
    publish_edition,
    quote_policy,
    review_article,
    withdraw_edition,
)
from returns.models import ReturnRule
from tests.factories import make_user

pytestmark = pytest.mark.django_db


def publish(code="returns", language="en", title="How to return", body="Press the button.", audience="public"):
    article, _new = Article.objects.get_or_create(code=code, defaults={"audience": audience})
    draft = draft_article(article_id=article.pk, language=language, title=title, body=body, actor=None)
    return publish_edition(edition_id=draft.pk, actor=None)


def test_a_new_version_replaces_the_one_before_and_nothing_is_lost():
    first = publish()
    second = publish(body="Write to us.")
    first.refresh_from_db()
    assert (first.state, first.body, second.state, second.number) == ("replaced", "Press the button.", "published", 2)
    with pytest.raises(InvalidTransition):
        publish_edition(edition_id=first.pk, actor=None)
    with pytest.raises(NotAllowed):
        withdraw_edition(edition_id=second.pk, actor=make_user(permissions=["knowledge.change_article"]))
    with pytest.raises(InvalidInput):
        draft_article(article_id=second.article_id, language="en", title=" ", body="x", actor=None)
    assert Edition.objects.count() == 2


def test_customers_find_published_public_articles_only(client):
    publish()
    publish("inside", title="What we tell nobody", audience="internal")
    draft = Article.objects.create(code="draft", audience="public")
    draft_article(article_id=draft.pk, language="en", title="Not yet", body="x", actor=None)
    page = client.get("/help/?lang=en").content.decode()
    assert "How to return" in page
    assert "tell nobody" not in page
    assert "Not yet" not in page
    assert "How to return" not in client.get("/help/?lang=en&q=parcel").content.decode()
    assert "How to return" in client.get("/help/?lang=en&q=button").content.decode()
    assert "Press the button." in client.get("/help/returns/?lang=ko").content.decode()
    assert [client.get(f"/help/{code}/").status_code for code in ("inside", "draft", "none")] == [404, 404, 404]


def test_a_reader_says_once_whether_it_helped(client):
    edition = publish()
    for _time in range(2):
        assert client.post("/help/returns/", {"helpful": "yes"}).status_code == 302
    edition.refresh_from_db()
    assert (edition.helpful_count, Verdict.objects.count()) == (1, 1)
    assert client.post("/help/returns/", {"helpful": "maybe"}).status_code == 400
    assert give_verdict(edition_id=edition.pk, reader="another", is_helpful=False)
    [sound] = verify(names=["knowledge.verdicts_counted"])
    assert sound.holds
    with connection.cursor() as cursor:
        cursor.execute("UPDATE knowledge_edition SET helpful_count = 7")
    [broken] = verify(names=["knowledge.verdicts_counted"])
    assert not broken.holds


def test_what_fits_the_words_is_suggested():
    publish(title="배송 조회 방법", language="ko", body="운송장 번호로 조회합니다.")
    publish("size", title="사이즈 교환", language="ko", body="7일 안에 교환할 수 있습니다.", audience="internal")
    found = suggest_articles(words="안녕하세요, 배송 조회 어떻게 하나요?", language="ko")
    assert next((row.edition.title, row.is_public) for row in found) == ("배송 조회 방법", True)
    assert suggest_articles(words="배송 조회", language="ja") == []
    assert suggest_articles(words="", language="ko") == []
    assert suggest_articles(words="오늘 날씨가 좋네요", language="ko") == []


@pytest.mark.parametrize(
    ("language", "words", "code"),
    [
        ("ko", "받은 상품 색상이 상세페이지 사진보다 어둡습니다. 교환 가능한가요?", "exchange"),
        ("ko", "현금영수증을 사업자 지출증빙으로 바꿔 주세요", "receipt"),
        ("ja", "お世話になっております。先日の注文の領収書をPDFで送っていただけますでしょうか。", "receipt"),
        ("ja", "返品したいのですが、どうすればいいですか", "exchange"),
        ("en", "my parcels have not arrived yet", "parcel"),
    ],
)
def test_words_of_titles_are_found_inside_other_words(language, words, code):
    titles = {
        "exchange": {"ko": "교환·반품 신청 방법", "ja": "返品・交換のお手続き", "en": "How to return or exchange"},
        "receipt": {"ko": "영수증·현금영수증 발급", "ja": "領収書の発行について", "en": "Receipts"},
        "parcel": {"ko": "배송 조회 방법", "ja": "配送状況の確認方法", "en": "Where is my parcel?"},
    }
    for name, each in titles.items():
        publish(name, title=each[language], language=language, body="…")
    assert [row.edition.article.code for row in suggest_articles(words=words, language=language)] == [code]


def test_a_quoted_rule_that_changes_makes_the_article_stale_once():
    sync_rules()
    law = LegalRule.objects.filter(duty="withdrawal").order_by("pk").first()
    edition, other = publish(), publish("other")
    rule = ReturnRule.objects.create(name="Everything")
    quote_policy(article_id=edition.article_id, legal_code=law.code, jurisdiction=law.jurisdiction, actor=None)
    quote_policy(article_id=other.article_id, return_rule_id=rule.pk, actor=None)
    with pytest.raises(InvalidInput):
        quote_policy(article_id=edition.article_id, legal_code="none", jurisdiction="KR", actor=None)
    assert flag_stale_articles() == 0
    LegalRule.objects.filter(pk=law.pk).update(count=law.count + 1)
    ReturnRule.objects.filter(pk=rule.pk).update(extra_days=7)
    assert (flag_stale_articles(), flag_stale_articles()) == (2, 0)
    article = Article.objects.get(code="returns")
    assert article.stale_reason == f"changed: {law.code} {law.jurisdiction}"
    tomorrow = timezone.localdate() + timedelta(days=1)
    review_article(article_id=article.pk, review_on=tomorrow, actor=None)
    assert flag_stale_articles() == 0
    with pytest.raises(InvalidInput):
        review_article(article_id=article.pk, review_on=timezone.localdate(), actor=None)
    Article.objects.filter(pk=article.pk).update(review_on=timezone.localdate())
    assert flag_stale_articles() == 1
