"""Pages of texts, notices, certificates, categories and collections."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from catalog.models import (
    Category,
    CategoryMapping,
    Certificate,
    Collection,
    NoticeAnswer,
    Product,
    ProductText,
)
from catalog.services.content.writing import set_text
from compliance.models import CertificateKind, NoticeField, NoticeType
from tests.admin.pressing import opened, press, said
from tests.factories import make_channel, make_user, make_variant

pytestmark = pytest.mark.django_db

RIGHTS = [
    "catalog.view_product",
    "catalog.view_producttext",
    "catalog.change_product",
    "catalog.view_saleschannel",
    *(f"catalog.{action}_{model}" for action in ("view", "add", "change") for model in ("category", "collection")),
    *(f"catalog.{action}_categorymapping" for action in ("view", "add", "change")),
]


@pytest.fixture
def merchandiser(client):
    user = make_user(permissions=RIGHTS)
    client.force_login(user)
    return user


@pytest.fixture
def product():
    return make_variant().product


def text_page(product, language="ko", channel=0):
    return reverse("admin:catalog_text", args=[product.pk, language, channel])


def test_a_text_is_written_beside_the_other_languages(client, merchandiser, product):
    set_text(product_id=product.pk, language="en", values={"title": "Cotton shirt", "description": "<p>Soft</p>"})
    page = client.get(text_page(product))
    assert "Cotton shirt" in page.content.decode()

    answer = client.post(
        text_page(product),
        {"do": "save", "title": "면 셔츠", "description": "<p>부드러움<script>x</script></p>", "keywords": "면,셔츠"},
    )
    assert (answer.status_code, answer["Location"]) == (
        302,
        reverse("admin:catalog_product_change", args=[product.pk]) + "#panel-texts",
    )
    text = ProductText.objects.get(language="ko")
    assert (text.title, text.description, text.slug) == ("면 셔츠", "<p>부드러움</p>", "면-셔츠")
    panel = client.get(reverse("admin:catalog_product_change", args=[product.pk])).content.decode()
    assert "면 셔츠" in panel
    assert "Not written yet" not in panel  # nobody reads Japanese here


def test_a_taken_address_is_said_on_the_page_and_nothing_is_written(client, merchandiser, product):
    set_text(product_id=make_variant().product.pk, language="ko", values={"title": "셔츠", "slug": "셔츠"})
    answer = client.post(text_page(product), {"do": "save", "title": "셔츠"})
    assert answer.status_code == 200
    assert "belongs to" in answer.content.decode()
    assert not product.texts.exists()


def test_a_text_for_one_channel_and_its_removal(client, merchandiser, product):
    channel = make_channel(name="Naver")
    new = client.post(reverse("admin:catalog_text_new", args=[product.pk]), {"language": "ko", "channel": channel.pk})
    assert new["Location"] == text_page(product, "ko", channel.pk)
    client.post(new["Location"], {"do": "save", "title": "특가"})
    assert product.texts.get().sales_channel == channel
    client.post(new["Location"], {"do": "remove"})
    assert not product.texts.exists()


@pytest.mark.parametrize("address", ["/admin/catalog/product/0/text/ko/0/", "/admin/catalog/product/0/notices/"])
def test_pages_of_no_product_are_not_found(client, merchandiser, address):
    assert client.get(address).status_code == 404


def test_an_unknown_language_or_channel_is_not_found(client, merchandiser, product):
    assert client.get(text_page(product, "xx")).status_code == 404
    assert client.get(text_page(product, "ko", 999999)).status_code == 404
    bad = client.post(reverse("admin:catalog_text_new", args=[product.pk]), {"language": "ko", "channel": "1; DROP"})
    assert bad.status_code == 404


def test_who_may_only_look_reads_and_cannot_write(client, product):
    client.force_login(make_user(permissions=["catalog.view_product", "catalog.view_producttext"]))
    assert client.get(text_page(product)).status_code == 200
    assert client.post(text_page(product), {"do": "save", "title": "x"}).status_code == 200
    assert not product.texts.exists()
    assert client.get(reverse("admin:catalog_notices", args=[product.pk])).status_code == 403


@pytest.fixture
def wear():
    make_channel(country="KR")
    wear = NoticeType.objects.create(code="t-wear", jurisdiction="KR", name_en="Clothing")
    NoticeField.objects.create(notice_type=wear, code="material", label_en="Material")
    NoticeField.objects.create(notice_type=wear, code="made", label_en="Made", kind="date", position=1)
    return wear


def test_the_class_of_goods_shows_its_fields_and_they_are_saved(client, merchandiser, product, wear):
    address = reverse("admin:catalog_notices", args=[product.pk])
    assert "Material" not in client.get(address).content.decode()
    first = client.post(address, {"do": "save", "class_KR": wear.pk})
    assert first["Location"] == address  # the fields are shown at once
    material, made = wear.fields.order_by("position")
    assert "Material" in client.get(address).content.decode()

    bad = client.post(
        address, {"do": "save", "class_KR": wear.pk, f"field_{material.pk}": "cotton", f"field_{made.pk}": "soon"}
    )
    assert bad.status_code == 200
    assert "wants a date" in bad.content.decode()
    assert not NoticeAnswer.objects.exists()
    done = client.post(
        address,
        {"do": "save", "class_KR": wear.pk, f"field_{material.pk}": "cotton", f"field_{made.pk}": "2026-01-31"},
    )
    assert done["Location"].endswith("#panel-notices")
    assert sorted(product.notice_answers.values_list("text", flat=True)) == ["2026-01-31", "cotton"]

    other = make_variant().product
    client.post(reverse("admin:catalog_notices", args=[other.pk]), {"do": "take", "code": product.code})
    assert other.notice_answers.count() == 2


def test_certificates_by_button(client, merchandiser, product, wear):
    kind = CertificateKind.objects.create(
        code="t-kc", jurisdiction="KR", name_en="KC", number_pattern=r"CB\d{4}", number_example="CB1234"
    )
    unusual = press(client, product, "add_paper", kind=kind.pk, number="12")
    assert said(unusual) == ["KC 12 is added. Check the number: one looks like CB1234."]
    first = Certificate.objects.get()
    press(client, product, "remove_paper", certificate=first.pk, reason="mistyped")
    assert not Certificate.objects.exists()
    paper = SimpleUploadedFile("kc.pdf", b"%PDF-1.7\n%%EOF\n")
    press(client, product, "add_paper", kind=kind.pk, number="CB0001", document=paper)
    made = Certificate.objects.get()
    assert (made.number, made.added_by) == ("CB0001", merchandiser)
    page = client.get(reverse("admin:catalog_product_change", args=[product.pk])).content.decode()
    assert "CB0001" in page
    assert client.get(made.document.url).getvalue().startswith(b"%PDF")
    client.force_login(make_user())
    assert client.get(made.document.url).status_code == 403


def test_a_category_cannot_stand_below_itself(client, merchandiser):
    women = Category.objects.create(name="Women")
    shoes = Category.objects.create(name="Shoes", parent=women)
    page = reverse("admin:catalog_category_change", args=[women.pk])
    management = {"mappings-TOTAL_FORMS": 0, "mappings-INITIAL_FORMS": 0}
    answer = client.post(
        page, {**opened(client, women), "parent": shoes.pk, "name": "Women", "position": 0, **management}
    )
    assert "cannot stand below itself (Women &gt; Shoes)" in answer.content.decode()
    women.refresh_from_db()
    assert women.parent is None


def test_categories_are_mapped_on_their_page(client, merchandiser):
    women = Category.objects.create(name="Women")
    mall = make_channel(kind="naver", name="Naver")
    page = reverse("admin:catalog_category_change", args=[women.pk])
    answer = client.post(
        page,
        {
            **opened(client, women),
            "parent": "",
            "name": "Women",
            "position": 0,
            "mappings-TOTAL_FORMS": 1,
            "mappings-INITIAL_FORMS": 0,
            "mappings-0-sales_channel": mall.pk,
            "mappings-0-code": "50000001",
            "mappings-0-path": "여성의류",
        },
    )
    assert answer.status_code == 302, answer.context["errors"]
    assert CategoryMapping.objects.get().code == "50000001"
    assert "50000001" in client.get(page).content.decode()
    assert client.get(reverse("admin:catalog_categorymapping_changelist")).status_code == 200


def rules(*rows, initial=0):
    data = {"rules-TOTAL_FORMS": len(rows), "rules-INITIAL_FORMS": initial}
    for place, (subject, operator, value) in enumerate(rows):
        data |= {
            f"rules-{place}-subject": subject,
            f"rules-{place}-operator": operator,
            f"rules-{place}-value": value,
        }
    return data


def test_a_collection_is_made_with_its_rules_and_finds_its_products(client, merchandiser):
    make_variant(product=Product.objects.create(code="A", name="Summer dress", tags=["summer"]))
    base = {"code": "summer", "name_en": "Summer", "match": "all", "is_active": "on"}
    add = reverse("admin:catalog_collection_add")

    bad = client.post(add, {**base, **rules(("price", "at_most", "cheap"))})
    assert bad.status_code == 200
    assert not Collection.objects.exists()
    client.post(add, {**base, **rules(("tag", "is", "summer"))})
    collection = Collection.objects.get()
    assert (collection.product_count, list(collection.rules.values_list("subject", "operator", "value"))) == (
        1,
        [("tag", "is", "summer")],
    )
    page = client.get(reverse("admin:catalog_collection_change", args=[collection.pk])).content.decode()
    assert "Summer dress" in page
    make_variant(product=Product.objects.create(code="B", name="Hat", tags=["summer"]))
    assert said(press(client, collection, "refresh")) == ["Summer has 2 products now."]


def test_a_rule_is_taken_out_of_a_collection(client, merchandiser):
    base = {"code": "summer", "name_en": "Summer", "match": "all", "is_active": "on"}
    kept, gone = ("tag", "is", "summer"), ("brand", "is", "Kumo")
    client.post(reverse("admin:catalog_collection_add"), {**base, **rules(kept, gone)})
    collection = Collection.objects.get()
    rows = rules(kept, gone, initial=2) | {"rules-1-DELETE": "on"}
    rows |= {f"rules-{place}-id": rule.pk for place, rule in enumerate(collection.rules.all())}
    rows |= {f"rules-{place}-collection": collection.pk for place in range(2)}

    page = reverse("admin:catalog_collection_change", args=[collection.pk])
    answer = client.post(page, {**base, **opened(client, collection), **rows})

    assert answer.status_code == 302, answer.context["errors"]
    assert list(collection.rules.values_list("subject", "operator", "value")) == [kept]
