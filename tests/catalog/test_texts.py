"""What is written about products, and the tags they have."""

import pytest

from catalog.models import Product, ProductText
from catalog.services.content.writing import TextChange, remove_text, set_text, set_texts
from catalog.services.products.tagging import set_tags
from core.errors import Conflict, InvalidInput, NotAllowed
from tests.factories import make_channel, make_user, make_variant

pytestmark = pytest.mark.django_db


@pytest.fixture
def product():
    return make_variant(product=Product.objects.create(code="SHIRT", name="Shirt", status="approved")).product


def test_a_text_is_sanitised_found_and_takes_an_approval_back(product):
    text = set_text(
        product_id=product.pk,
        language="ko",
        values={
            "title": "  면   셔츠 ",
            "description": "<p>부드러운 <script>x()</script>면</p>",
            "slug": "면 셔츠 2026!",
        },
    )

    product.refresh_from_db()
    assert (text.title, text.description, text.slug) == ("면 셔츠", "<p>부드러운 면</p>", "면-셔츠-2026")
    assert "면 셔츠" in product.search_text
    assert product.status == "draft"


def test_only_the_given_columns_change(product):
    set_text(product_id=product.pk, language="en", values={"title": "Shirt", "keywords": "cotton"})
    before = ProductText.objects.values().get()

    assert set_texts(changes=[TextChange(product_id=product.pk, language="en", values={"seo_title": "A shirt"})]) == 1
    assert set_texts(changes=[TextChange(product_id=product.pk, language="en", values={"seo_title": "A shirt"})]) == 0
    assert ProductText.objects.values().get() == {**before, "seo_title": "A shirt"}


def test_a_channel_may_have_its_own_text(product):
    channel = make_channel()
    set_text(product_id=product.pk, language="ko", values={"title": "셔츠"})
    set_text(product_id=product.pk, language="ko", sales_channel_id=channel.pk, values={"title": "[특가] 셔츠"})

    with pytest.raises(Conflict):
        remove_text(product_id=product.pk, language="ko")
    assert product.texts.count() == 2
    remove_text(product_id=product.pk, language="ko", sales_channel_id=channel.pk)
    remove_text(product_id=product.pk, language="ko")
    assert product.texts.count() == 0


@pytest.mark.parametrize(
    "values",
    [{"title": ""}, {"title": "x" * 256}, {"title": "ok", "seo_description": "x" * 321}, {"title": "a", "colour": "b"}],
)
def test_what_cannot_be_a_text_is_refused_and_nothing_is_written(product, values):
    other = make_variant().product
    with pytest.raises(InvalidInput):
        set_texts(
            changes=[
                TextChange(product_id=other.pk, language="en", values={"title": "Fine"}),
                TextChange(product_id=product.pk, language="en", values=values),
            ]
        )
    assert ProductText.objects.count() == 0


def test_an_address_belongs_to_one_product(product):
    other = make_variant().product
    set_text(product_id=product.pk, language="en", values={"title": "Shirt", "slug": "shirt"})

    with pytest.raises(Conflict, match="SHIRT"):
        set_text(product_id=other.pk, language="en", values={"title": "Other", "slug": "Shirt"})
    assert other.texts.count() == 0
    set_text(product_id=other.pk, language="ja", values={"title": "別", "slug": "shirt"})
    assert other.texts.count() == 1


def test_many_texts_take_the_same_statements_as_one(product, django_assert_max_num_queries):
    products = [make_variant().product for _ in range(30)]
    changes = [TextChange(product_id=one.pk, language="ja", values={"title": "シャツ"}) for one in products]
    with django_assert_max_num_queries(25):
        assert set_texts(changes=changes) == 30


def test_texts_and_tags_need_the_right(product):
    nobody = make_user(permissions=["catalog.view_product"])
    for attempt in (
        lambda: set_text(product_id=product.pk, language="en", values={"title": "x"}, actor=nobody),
        lambda: remove_text(product_id=product.pk, language="en", actor=nobody),
        lambda: set_tags(tags={product.pk: ["x"]}, actor=nobody),
    ):
        with pytest.raises(NotAllowed):
            attempt()
    product.refresh_from_db()
    assert (product.tags, product.texts.count()) == ([], 0)


def test_tags_are_tidy_and_each_once(product):
    assert set_tags(tags={product.pk: [" New  arrival", "new arrival", "", "여름", "ＳＡＬＥ", "sale"]}) == 1
    product.refresh_from_db()
    assert product.tags == ["New arrival", "여름", "ＳＡＬＥ"]
    assert set_tags(tags={product.pk: ["New arrival", "여름", "ＳＡＬＥ"]}) == 0


@pytest.mark.parametrize("words", [["x" * 61], ["a,b"], [str(number) for number in range(51)]])
def test_impossible_tags_are_refused(product, words):
    with pytest.raises(InvalidInput):
        set_tags(tags={product.pk: words})
    product.refresh_from_db()
    assert product.tags == []
