"""Products are found by any word in three languages, by what they were called before, and in spite of mistakes."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from catalog.models import CodeKind, FormerName, Product, ProductNames, ProductText, Variant
from catalog.selectors import with_former_names
from catalog.services import NewProduct, NewVariant, add_code, create_products, refresh_search_text, register_skus
from catalog.services.products.searching import FORMER_NAMES, FORMER_SKUS
from catalog.tasks import forget_unused_words
from core.models import SearchWord
from core.search import matching
from tests.factories import make_user

pytestmark = pytest.mark.django_db

PRODUCTS = "/admin/catalog/product/"
VARIANTS = "/admin/catalog/variant/"


def make_goods():
    """Make a dress and a hoodie with titles in three languages."""
    create_products(
        products=[
            NewProduct(
                code="D-1",
                name="Linen Dress",
                brand="Haru",
                texts={"ko": ("린넨 원피스", ""), "ja": ("花柄ロングワンピース", "")},
                variants=[NewVariant(sku="D-1-R", name="Red"), NewVariant(sku="D-1-B", name="블랙")],
            ),
            NewProduct(
                code="H-1",
                name="Zip Hoodie",
                texts={"ko": ("후드 집업", ""), "ja": ("もこもこパーカー", "")},
                variants=[NewVariant(sku="H-1-M", name="50%")],
            ),
        ],
        is_active=True,
    )


def rename(old, **changes):
    product = Product.objects.get(code=old)
    Product.objects.filter(pk=product.pk).update(**changes)
    refresh_search_text(product_ids=[product.pk])


def found(query, model=Product, field="code"):
    return sorted(model.objects.filter(matching(query)).values_list(field, flat=True))


# --- exact words


@pytest.mark.parametrize(
    ("query", "codes"),
    [
        ("linen", ["D-1"]),
        ("린넨", ["D-1"]),
        ("원피스 haru", ["D-1"]),
        ("ワンピース", ["D-1"]),
        ("わんぴーす", ["D-1"]),
        ("わんピース", ["D-1"]),
        ("ﾜﾝﾋﾟｰｽ", ["D-1"]),
        ("ワン", ["D-1"]),
        ("わん", ["D-1"]),
        ("わﾝ", ["D-1"]),
        ("花柄わんぴーす", []),  # a word is sought in one piece
        ("花柄ろんぐ", ["D-1"]),
        ("もこもこぱーかー", ["H-1"]),
        ("モコもこぱーカ", ["H-1"]),
        ("モコモコぱーかー", ["H-1"]),
        ("もこもこ", ["H-1"]),
        ("か", ["H-1"]),
        ("ん", ["D-1"]),
        ("Ｈｏｏｄｉｅ", ["H-1"]),
        ("dress hoodie", []),
        ("か.", []),
        ("わ(ん", []),
        ("わ[ん]", []),
        ("わ\\ん", []),
        ("わ%", []),
        ("_ん", []),
        ("わ" * 41, []),
        ("わ" * 10_000, []),
    ],
)
def test_words_of_each_language_are_found(query, codes):
    make_goods()
    assert found(query) == codes


def test_full_width_digits_and_marks_are_no_patterns():
    make_goods()
    assert found("５０%", Variant, "sku") == ["H-1-M"]
    assert found("5_%", Variant, "sku") == []
    assert found("5%", Variant, "sku") == []


def test_kana_are_served_by_an_index():
    make_goods()
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        for word in ("わんぴーす", "わん"):
            statement, params = Product.objects.filter(matching(word)).values("pk").query.sql_with_params()
            cursor.execute(f"EXPLAIN {statement}", params)
            assert "catalog_product_" in "".join(row[0] for row in cursor.fetchall())


# --- former names


def test_a_renamed_product_is_found_by_both_names():
    make_goods()
    assert not FormerName.objects.exists()

    rename("D-1", name="Summer Gown")

    [former] = FormerName.objects.all()
    assert (former.product.code, former.variant, former.text) == ("D-1", None, "Linen Dress")
    assert former.until is not None
    assert found("gown") == found("dress") == ["D-1"]
    assert found("dress", Variant, "sku") == ["D-1-B", "D-1-R"]
    assert Product.objects.get(code="D-1").search_text.endswith("d-1-b d-1-r  linen dress")


def test_codes_titles_and_skus_are_remembered():
    make_goods()
    ProductText.objects.filter(language="ko", product__code="D-1").update(title="여름 원피스")
    Variant.objects.filter(sku="D-1-R").update(sku="D-9-R")
    rename("D-1", code="D-9")

    texts = dict(FormerName.objects.values_list("text", "variant__sku"))
    assert texts == {"D-1": None, "린넨 원피스": None, "D-1-R": "D-9-R"}
    assert found("d-1-r") == ["D-9"]
    assert found("d-1-r", Variant, "sku") == ["D-9-R"]
    assert found("린넨", Variant, "sku") == ["D-1-B", "D-9-R"]


def test_case_and_width_are_no_new_name():
    make_goods()
    rename("D-1", name="ＬＩＮＥＮ  dress")
    assert not FormerName.objects.exists()


def test_a_name_that_returns_is_no_former_one():
    make_goods()
    before = Product.objects.get(code="D-1").search_text
    rename("D-1", name="Gown")
    rename("D-1", name="Linen Dress")

    text = Product.objects.get(code="D-1").search_text
    assert text == f"{before}  gown"
    assert with_former_names(Product.objects.all()).get(code="D-1").former_texts == ["Gown", "Linen Dress"]


def test_an_sku_that_now_means_something_else_is_no_former_one():
    make_goods()
    other = Product.objects.get(code="H-1")
    Variant.objects.filter(sku="D-1-R").update(product=other)
    refresh_search_text(product_ids=list(Product.objects.values_list("pk", flat=True)))
    assert not FormerName.objects.exists()
    assert found("d-1-r") == ["H-1"]


def test_only_the_last_names_are_kept():
    make_goods()
    for number in range(FORMER_NAMES + 3):
        rename("D-1", name=f"Name{number:02}")
    Variant.objects.filter(sku="D-1-R").update(sku="R-0")
    rename("D-1", brand="Haru")
    for number in range(FORMER_SKUS + 2):
        Variant.objects.filter(sku=f"R-{number}").update(sku=f"R-{number + 1}")
        rename("D-1", brand="Haru")

    names = FormerName.objects.filter(variant=None).order_by("text").values_list("text", flat=True)
    assert list(names) == [f"Name{number:02}" for number in range(2, FORMER_NAMES + 2)]
    assert FormerName.objects.exclude(variant=None).count() == FORMER_SKUS
    assert found("name01") == []
    assert found("name02") == ["D-1"]


def test_many_renamed_products_take_as_many_statements_as_one(django_assert_num_queries):
    numbers = range(300)
    create_products(
        products=[NewProduct(code=f"P{n}", name=f"Old {n}", variants=[NewVariant(sku=f"P{n}-1")]) for n in numbers]
    )
    pks = list(Product.objects.order_by("pk").values_list("pk", flat=True))
    for some in (pks[:1], pks[1:]):
        Product.objects.filter(pk__in=some).update(name="Brandnew")
        with CaptureQueriesContext(connection) as queries:
            refresh_search_text(product_ids=some)
        assert len(queries) == 14
    assert FormerName.objects.count() == 300
    with django_assert_num_queries(9):
        refresh_search_text(product_ids=pks)


def test_products_from_order_files_have_names_to_compare_with():
    register_skus(names={"X-1": "Old mug"})
    product = Product.objects.get(code="X-1")
    assert ProductNames.objects.get(product=product).names == ["X-1", "Old mug"]

    rename("X-1", name="New mug")
    assert found("old") == ["X-1"]
    assert found("old", Variant, "sku") == ["X-1"]


# --- lists


def page(client, address, **query):
    with CaptureQueriesContext(connection) as queries:
        response = client.get(address, query)
    assert response.status_code == 200
    assert len(queries) <= 12, [one["sql"] for one in queries]
    return response.content.decode()


@pytest.fixture
def manager(client):
    make_goods()
    client.force_login(make_user(is_superuser=True))
    return client


def test_the_list_says_formerly_where_only_a_former_name_has_the_word(manager):
    rename("D-1", name="Summer Gown <b>")

    shown = page(manager, PRODUCTS, q="linen dress")
    assert "Summer Gown" in shown
    assert '<small class="why">formerly “Linen Dress”</small>' in shown
    assert "formerly" not in page(manager, PRODUCTS, q="gown")
    assert "formerly" not in page(manager, PRODUCTS)
    assert page(manager, VARIANTS, q="dress").count("formerly “Linen Dress”") == 2


def test_the_list_says_what_an_sku_was(manager):
    Variant.objects.filter(sku="D-1-R").update(sku="D-9-R")
    rename("D-1", brand="Haru")
    shown = page(manager, VARIANTS, q="d-1-r")
    assert "D-9-R" in shown
    assert "D-1-B" not in shown
    assert "formerly “D-1-R”" in shown


@pytest.mark.parametrize(("query", "name"), [("hoddie", "Zip Hoodie"), ("원피쓰", "Linen Dress"), ("ぱか", None)])
def test_the_list_shows_similar_rows_and_says_so(manager, query, name):
    for address in (PRODUCTS, VARIANTS):
        shown = page(manager, address, q=query)
        assert ("Nothing contains" in shown) is (name is not None)
        if name:
            assert f"Nothing contains “{query}”. Similar:" in shown
            assert name in shown
            assert "exactly=1" in shown
    exactly = page(manager, PRODUCTS, q=query, exactly="1")
    assert "Nothing matches" in exactly or name is None
    assert "Nothing contains" not in exactly


def test_what_is_found_exactly_is_shown_alone(manager):
    rename("D-1", name="Hoddie, a name")
    shown = page(manager, PRODUCTS, q="hoddie")
    assert "Zip Hoodie" not in shown
    assert "Nothing contains" not in shown


def test_a_former_name_is_found_in_spite_of_a_mistake(manager):
    rename("H-1", name="Jacket")
    shown = page(manager, PRODUCTS, q="hoddie")
    assert "Nothing contains" in shown
    assert "formerly “Zip Hoodie”" in shown


def test_similar_rows_stay_within_tab_and_filter(manager):
    assert "Zip Hoodie" in page(manager, PRODUCTS, q="hoddie", tab="active")
    assert "Nothing contains" not in page(manager, PRODUCTS, q="hoddie", tab="ended")


@pytest.mark.parametrize("query", ["x" * 10_000, "100%_\\", "か" * 5000, "hoddie " * 900, "'\"<>", "(", "[か", "*か"])
def test_hostile_words_answer_an_empty_list(manager, query):
    if len(query) < 4000:
        assert "Nothing matches" in page(manager, PRODUCTS, q=query)
    assert not Product.objects.filter(matching(query)).exists()


def test_the_search_box_knows_former_and_similar_names(manager):
    rename("D-1", name="Summer Gown")
    former = manager.get("/admin/search/", {"s": "linen dress"}).content.decode()
    assert "Summer Gown" in former
    assert "formerly “Linen Dress” · D-1" in former

    similar = manager.get("/admin/search/", {"s": "hoddie"}).content.decode()
    assert "Zip Hoodie" in similar
    assert "similar · H-1" in similar
    assert "Nothing found" in manager.get("/admin/search/", {"s": "keyboard"}).content.decode()


def test_choosing_a_product_forgives_mistakes(manager):
    asked = {"app_label": "catalog", "model_name": "variant", "field_name": "product"}
    answer = manager.get("/admin/autocomplete/", {**asked, "term": "hoddie"}).json()
    assert [row["text"] for row in answer["results"]] == ["Zip Hoodie"]
    assert manager.get("/admin/autocomplete/", {**asked, "term": "keyboard"}).json()["results"] == []


# --- codes, and words that nobody uses any more


def test_barcodes_and_other_codes_are_found_where_they_stand_whole(client):
    make_goods()
    dress, hoodie = Variant.objects.get(sku="D-1-R"), Variant.objects.get(sku="H-1-M")
    Variant.objects.filter(pk=dress.pk).update(barcode="4901234567894")
    add_code(variant_id=hoodie.pk, code="HD-7788", kind=CodeKind.MAKER)
    client.force_login(make_user(is_superuser=True))
    for address, query, name in [
        (PRODUCTS, "4901234567894", "Linen Dress"),
        (PRODUCTS, "HD-7788", "Zip Hoodie"),
        (VARIANTS, "HD-7788", "H-1-M"),
    ]:
        page = (
            client.get(address, {"q": query, "tab": "all"})
            if address == PRODUCTS
            else client.get(address, {"q": query})
        )
        assert [str(row) for row in page.context_data["cl"].result_list] == [name]


def test_words_that_no_text_has_any_more_are_forgotten():
    make_goods()
    rename("H-1", name="Fleece Jacket")
    SearchWord.objects.create(subject="catalog", word="linen", alike="linen", letters="eilnn")  # as two imports at once
    SearchWord.objects.create(subject="catalog", word="oldword", alike="oldword", letters="ddloorw")
    SearchWord.objects.create(subject="orders", word="oldword", alike="oldword", letters="ddloorw")
    assert forget_unused_words() == 2
    assert set(SearchWord.objects.filter(word="oldword").values_list("subject", flat=True)) == {"orders"}
    kept = list(
        SearchWord.objects.filter(subject="catalog", word__in=["linen", "hoodie", "fleece"]).values_list("word")
    )
    assert sorted(word for (word,) in kept) == ["fleece", "hoodie", "linen"]  # a former name is still found
    assert forget_unused_words() == 0
