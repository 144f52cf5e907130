"""Products enter the catalogue."""

from datetime import timedelta

import pytest
from django.utils import timezone

from catalog.models import (
    Category,
    Listing,
    OptionAxis,
    OptionValue,
    Price,
    Product,
    ProductText,
    Variant,
    VariantCode,
    VariantOption,
)
from catalog.selectors import match_variants
from catalog.services import LaterPrice, NewProduct, NewVariant, create_product, create_products
from core.errors import Conflict, InvalidInput, NotAllowed
from core.models import EventRecord
from tests.factories import make_channel, make_user, make_variant
from tests.orders.stories import assert_sound

pytestmark = pytest.mark.django_db


def test_products_come_with_variants_texts_codes_and_prices():
    seoul, osaka = make_channel(), make_channel(currency="JPY", country="JP")
    shelf = Category.objects.create(name="Shirts")
    red = NewVariant(
        sku="S-R", name="Red", barcode="4901234567894", weight_g=200, prices={seoul.pk: 19000, osaka.pk: 2100}
    )

    [first, second] = create_products(
        products=[
            NewProduct(
                code="S",
                name="Shirt",
                brand="Haru",
                category_id=shelf.pk,
                texts={"ko": ("셔츠", "면"), "ja": ("シャツ", "")},
                variants=[red, NewVariant(sku="S-B", codes=["B1"])],
            ),
            NewProduct(code="C", name="Cap", variants=[NewVariant(sku="C-1")]),
        ],
        is_active=True,
    )

    shirt = Product.objects.get(pk=first)
    assert (shirt.status, shirt.brand, shirt.category, shirt.image_path) == ("active", "Haru", shelf, "")
    assert shirt.search_text == "s shirt haru シャツ 셔츠 s-b s-r"
    assert Variant.objects.get(sku="S-R").search_text == "s-r red 4901234567894 shirt シャツ 셔츠"
    assert list(ProductText.objects.order_by("language").values_list("language", "title")) == [
        ("ja", "シャツ"),
        ("ko", "셔츠"),
    ]
    assert list(Price.objects.order_by("currency").values_list("variant__sku", "currency", "amount", "ends_at")) == [
        ("S-R", "JPY", 2100, None),
        ("S-R", "KRW", 19000, None),
    ]
    assert VariantCode.objects.values_list("code", "sales_channel", "variant__sku").get() == ("B1", None, "S-B")
    assert list(EventRecord.objects.order_by("id").values_list("subject_id", "data")) == [
        (first, {"product_id": first, "variant_count": 2}),
        (second, {"product_id": second, "variant_count": 1}),
    ]
    assert_sound()


def test_one_product_begins_as_a_draft():
    product = create_product(code="S", name="Shirt", variants=[NewVariant(sku="S-1")])
    assert (product.status, list(product.variants.values_list("sku", "is_active"))) == ("draft", [("S-1", True)])


@pytest.mark.parametrize(
    ("product", "named"),
    [
        (NewProduct(code="NEW", name="x", variants=[NewVariant(sku="TAKEN")]), "TAKEN"),
        (NewProduct(code="NEW", name="x", variants=[NewVariant(sku="A"), NewVariant(sku="A")]), "A"),
        (NewProduct(code="NEW", name="x", variants=[NewVariant(sku="A", barcode="49012345")]), "49012345"),
        (NewProduct(code="NEW", name="x", variants=[NewVariant(sku="A", codes=["K"])]), "K"),
    ],
)
def test_what_is_taken_is_named_and_nothing_is_made(product, named):
    variant = make_variant(sku="TAKEN", barcode="49012345")
    VariantCode.objects.create(variant=variant, code="K")

    with pytest.raises(Conflict, match=f"Already in use: {named}"):
        create_products(products=[NewProduct(code="OK", name="ok", variants=[NewVariant(sku="OK")]), product])

    assert Product.objects.count() == 1
    assert not EventRecord.objects.exists()


def test_variants_bring_their_options_sizes_and_customs_words():
    def variant(sku, colour, size, **over):
        return NewVariant(sku=sku, name=f"{colour} / {size}", options={"Colour": colour, "Size": size}, **over)

    create_products(
        products=[
            NewProduct(
                code="S",
                name="Shirt",
                maker="Haru Mills",
                variants=[
                    variant("S-1", "Navy", "S", length_mm=300, width_mm=200, height_mm=40),
                    variant("S-2", "Navy", "M", hs_code="610910", origin_country="KR"),
                    variant("S-3", "Black", "M"),
                ],
            ),
            NewProduct(code="C", name="Cap", variants=[NewVariant(sku="C-1", options={"Colour": "Black"})]),
        ]
    )

    assert list(OptionAxis.objects.order_by("product__code", "position").values_list("product__code", "name")) == [
        ("C", "Colour"),
        ("S", "Colour"),
        ("S", "Size"),
    ]
    values = OptionValue.objects.filter(axis__product__code="S").order_by("axis__position", "position")
    assert list(values.values_list("axis__name", "name", "position")) == [
        ("Colour", "Navy", 0),
        ("Colour", "Black", 1),
        ("Size", "S", 0),
        ("Size", "M", 1),
    ]
    chosen = VariantOption.objects.filter(variant__sku="S-3").order_by("axis__position")
    assert list(chosen.values_list("value__name", flat=True)) == ["Black", "M"]
    first, second = Variant.objects.get(sku="S-1"), Variant.objects.get(sku="S-2")
    assert (first.length_mm, first.width_mm, first.height_mm, first.hs_code) == (300, 200, 40, "")
    assert (second.length_mm, second.hs_code, second.origin_country) == (None, "610910", "KR")
    assert Product.objects.get(code="S").maker == "Haru Mills"


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ([{"Colour": "Navy"}, {"Colour": "Navy"}], "Two variants of “Shirt” have the same options"),
        ([{"A": "1", "B": "1", "C": "1", "D": "1"}], "at most 3 options"),
        ([{"Colour": ""}], "each with a name"),
    ],
)
def test_options_that_tell_no_difference_are_refused(options, sentence):
    variants = [NewVariant(sku=f"S-{place}", options=each) for place, each in enumerate(options)]
    with pytest.raises(InvalidInput, match=sentence):
        create_products(products=[NewProduct(code="S", name="Shirt", variants=variants)])
    assert not Product.objects.exists()


def test_what_is_on_sale_at_once_is_live_where_it_has_a_price_and_knows_its_author():
    priced, other = make_channel(), make_channel()
    clerk = make_user(permissions=["catalog.add_product"])
    product = NewProduct(
        code="S",
        name="Shirt",
        variants=[NewVariant(sku="S-1", prices={priced.pk: 1000}), NewVariant(sku="S-2", prices={priced.pk: 1200})],
    )
    [pk] = create_products(products=[product], is_active=True, actor=clerk)
    assert Listing.objects.values_list("product", "sales_channel", "state").get() == (pk, priced.pk, "live")
    assert Product.objects.get(pk=pk).author == clerk
    draft = NewProduct(code="T", name="Cap", variants=[NewVariant(sku="T-1", prices={other.pk: 1000})])
    create_products(products=[draft])
    assert Listing.objects.count() == 1


def test_incomplete_products_and_strangers_are_refused():
    for bad in (
        NewProduct(code="A", name="x", variants=[]),
        NewProduct(code="", name="x", variants=[NewVariant(sku="A")]),
        NewProduct(code="A", name="x", variants=[NewVariant(sku="")]),
    ):
        with pytest.raises(InvalidInput):
            create_products(products=[bad])
    with pytest.raises(NotAllowed):
        create_product(code="A", name="x", variants=[NewVariant(sku="A")], actor=make_user())
    assert not Product.objects.exists()


def test_a_thousand_products_take_as_many_statements_as_one(django_assert_num_queries):
    def some(prefix, count):
        return [
            NewProduct(code=f"{prefix}{n}", name="x", variants=[NewVariant(sku=f"{prefix}{n}-{v}") for v in range(3)])
            for n in range(count)
        ]

    create_products(products=some("warm", 1))
    for products, statements in ((some("a", 1), 22), (some("b", 600), 23)):  # many facts are numbered, then copied
        with django_assert_num_queries(statements):
            create_products(products=products)
    assert Variant.objects.count() == 3 * 602


def test_codes_are_looked_up_for_a_channel_its_own_first(django_assert_num_queries):
    here, there = make_channel(), make_channel()
    by_sku, by_code, by_barcode = (
        make_variant(sku="X"),
        make_variant(sku="Y"),
        make_variant(sku="Z", barcode="49012345"),
    )
    VariantCode.objects.create(variant=by_code, sales_channel=here, code="X")
    VariantCode.objects.create(variant=by_code, code="W")

    with django_assert_num_queries(1):
        found = match_variants(codes=["X", "W", "49012345", "nobody", ""], sales_channel_id=here.pk)

    assert found == {"X": by_code.pk, "W": by_code.pk, "49012345": by_barcode.pk}
    assert match_variants(codes=["X"], sales_channel_id=there.pk) == {"X": by_sku.pk}


def test_a_shop_that_moves_in_brings_its_price_history_along():
    channel, start = make_channel(), timezone.now() - timedelta(days=30)
    sale, after = start + timedelta(days=10), start + timedelta(days=90)
    later = [
        LaterPrice(sales_channel_id=channel.pk, starts_at=after, amount=1000),
        LaterPrice(sales_channel_id=channel.pk, starts_at=sale, amount=800, compare_at=1000),
    ]
    variant = NewVariant(sku="S", prices={channel.pk: 1000}, later_prices=later)
    create_products(
        products=[NewProduct(code="S", name="Shirt", variants=[variant])], is_active=True, prices_from=start
    )
    prices = Price.objects.order_by("starts_at").values_list("amount", "compare_at", "starts_at", "ends_at")
    assert list(prices) == [(1000, None, start, sale), (800, 1000, sale, after), (1000, None, after, None)]


def test_list_price_cost_and_swatches_come_along():
    channel, other = make_channel(), make_channel()
    later = LaterPrice(sales_channel_id=channel.pk, starts_at=timezone.now() + timedelta(days=9), amount=900)
    variant = NewVariant(
        sku="S",
        options={"Colour": "Black", "Size": "M"},
        prices={channel.pk: 1000, other.pk: 1100},
        list_prices={channel.pk: 1200},
        costs={channel.pk: 400, other.pk: 410},
        later_prices=[later],
    )
    create_products(products=[NewProduct(code="S", name="Shirt", variants=[variant], colours={"Black": "#2b2b2f"})])
    prices = Price.objects.order_by("sales_channel", "starts_at").values_list("amount", "list_price", "cost")
    assert list(prices) == [(1000, 1200, 400), (900, 1200, 400), (1100, None, 410)]
    assert dict(OptionValue.objects.values_list("name", "colour")) == {"Black": "#2b2b2f", "M": ""}
