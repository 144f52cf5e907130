"""What speaks against selling a product: texts, categories, notices, certificates."""

from datetime import timedelta

import pytest
from django.utils import timezone

from catalog.checking import run_checks
from catalog.models import Category, CategoryMapping, Certificate, SalesChannel
from catalog.selectors.categorising import channel_categories
from catalog.services import set_price
from catalog.services.content.noticing import set_notices
from catalog.services.content.writing import set_text
from compliance.models import CertificateKind, CertificateNeed, NoticeField, NoticeType
from tests.factories import make_channel, make_variant

pytestmark = pytest.mark.django_db


@pytest.fixture
def korea():
    return make_channel(name="Naver", kind="naver", language="ko")


@pytest.fixture
def product():
    return make_variant().product


def told(product, channel, code):
    return [(found.severity.value, found.sentence) for found in run_checks([product], [channel], codes=[code])]


def test_text_in_the_language_of_the_channel(product, korea):
    set_text(product_id=product.pk, language="ja", values={"title": "シャツ"})
    assert told(product, korea, "text") == [("warning", "No text in 한국어: customers read the name.")]
    set_text(product_id=product.pk, language="ko", values={"title": "셔츠"})
    assert told(product, korea, "text") == [("warning", "No description in 한국어.")]
    set_text(
        product_id=product.pk, language="ko", sales_channel_id=korea.pk, values={"title": "셔츠", "description": "면"}
    )
    assert told(product, korea, "text") == []


def test_a_category_takes_the_code_of_the_one_above(product, korea):
    assert told(product, korea, "category") == [("warning", "No category.")]
    women = Category.objects.create(name="Women")
    product.category = Category.objects.create(name="Shoes", parent=women)
    product.save()
    assert told(product, korea, "category") == [("warning", "The category has no code on Naver.")]

    CategoryMapping.objects.create(category=women, sales_channel=korea, code="50000001")
    assert told(product, korea, "category") == []
    CategoryMapping.objects.create(category=product.category, sales_channel=korea, code="50000002")
    found = channel_categories(
        category_ids=[women.pk, product.category_id],
        sales_channel_ids=SalesChannel.objects.values_list("pk", flat=True),
    )
    assert {key: row.code for key, row in found.items()} == {
        (women.pk, korea.pk): "50000001",
        (product.category_id, korea.pk): "50000002",
    }


def test_notices_and_certificates_of_the_country(product, korea):
    wear = NoticeType.objects.create(code="t-wear", jurisdiction="KR", name_en="Clothing")
    NoticeField.objects.create(notice_type=wear, code="material", label_en="Material")
    NoticeField.objects.create(notice_type=wear, code="basis", label_en="Basis", needed_when="compare_at")
    kc = CertificateKind.objects.create(code="t-kc", jurisdiction="KR", name_en="KC")
    CertificateNeed.objects.create(certificate_kind=kc, notice_type=wear)
    assert told(product, korea, "notice") == [("error", "No notice is chosen for its class of goods.")]
    assert told(product, make_channel(country="US"), "notice") == []

    set_notices(product_id=product.pk, notice_type_ids=[wear.pk])
    assert told(product, korea, "notice") == [("error", "The notice lacks 1 field: Material")]
    assert told(product, korea, "certificate") == [("error", "Certificate missing: KC")]
    set_price(variant_id=product.variants.get().pk, sales_channel_id=korea.pk, amount=900, compare_at=1000)
    assert told(product, korea, "notice") == [("error", "The notice lacks 2 fields: Material, Basis")]

    yesterday = timezone.localdate() - timedelta(days=1)
    Certificate.objects.create(product=product, kind=kc, number="1", expires_on=yesterday)
    assert [severity for severity, _text in told(product, korea, "certificate")] == ["error", "error"]
    Certificate.objects.create(product=product, kind=kc, number="2")
    assert told(product, korea, "certificate") == []
