"""A product as a copy of another one."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from catalog.models import (
    Attribute,
    AttributeValue,
    BundleComponent,
    MediaFile,
    Price,
    Product,
    ProductImage,
    ProductText,
    Variant,
    VariantCode,
)
from catalog.services import (
    CopyPart,
    NewProduct,
    NewVariant,
    copy_product,
    create_products,
    put_component,
    save_wish,
)
from core.errors import Conflict, InvalidInput, NotAllowed
from core.models import EventRecord
from tests.factories import make_channel, make_user, make_variant

pytestmark = pytest.mark.django_db


def make_product(code, count=2, **over):
    variants = [
        NewVariant(
            sku=f"{code}-{number}" if number else "ODD",
            name=f"{number}",
            barcode="4901234567894" if number == 1 else "",
            weight_g=100 + number,
            hs_code="610910",
            options={"Size": str(number)},
            **over,
        )
        for number in range(count)
    ]
    texts = {"en": (f"{code} shirt", "<p>Soft</p>")}
    [pk] = create_products(products=[NewProduct(code=code, name="Shirt", brand="Haru", texts=texts, variants=variants)])
    return Product.objects.get(pk=pk)


def test_a_copy_is_a_draft_with_skus_of_its_own():
    channel = make_channel()
    source = make_product("OLD", prices={channel.pk: 9000}, codes=())
    ProductText.objects.update(slug="old-shirt")
    VariantCode.objects.create(variant=Variant.objects.get(sku="OLD-1"), code="X")
    save_wish(product_id=source.pk, name="Engraving", kind="choice", choices=["Gold", "Silver"], is_required=True)
    part = make_variant(sku="PART")
    put_component(bundle_id=Variant.objects.get(sku="OLD-1").pk, component_id=part.pk, quantity=3)
    Product.objects.filter(pk=source.pk).update(tags=["summer"], age_limit=19, status="active")
    actor = make_user(permissions=["catalog.add_product", "catalog.change_price"])

    copy = copy_product(product_id=source.pk, code="NEW", name=" New  shirt ", actor=actor)

    assert (copy.code, copy.name, copy.status, copy.author) == ("NEW", "New shirt", "draft", actor)
    copy.refresh_from_db()
    assert (copy.brand, copy.tags, copy.age_limit) == ("Haru", ["summer"], 19)
    rows = Variant.objects.filter(product=copy).order_by("sku")
    assert list(rows.values_list("sku", "name", "barcode", "weight_g", "hs_code", "options__value__name")) == [
        ("NEW-0", "0", "", 100, "610910", "0"),
        ("NEW-1", "1", "", 101, "610910", "1"),
    ]
    text = ProductText.objects.get(product=copy)
    assert (text.title, text.description, text.slug) == ("OLD shirt", "<p>Soft</p>", "")
    assert list(Price.objects.filter(variant__product=copy).values_list("amount", "ends_at")) == [(9000, None)] * 2
    wish = copy.custom_options.get()
    assert (wish.name, wish.choices, wish.is_required) == ("Engraving", ["Gold", "Silver"], True)
    assert BundleComponent.objects.values_list("component", "quantity").get(bundle__sku="NEW-1") == (part.pk, 3)
    assert not VariantCode.objects.filter(variant__product=copy).exists()
    assert "new-1" in copy.search_text
    names = EventRecord.objects.filter(subject_id=copy.pk).order_by("id").values_list("name", flat=True)
    assert list(names)[-2:] == ["catalog.product_created", "catalog.product_copied"]
    assert Variant.objects.filter(product=source).count() == 2


def test_pictures_are_the_same_files_and_attributes_the_same_words():
    source = make_product("OLD")
    media = MediaFile.objects.create(
        sha256="0" * 64, file="products/a.png", thumbnail_path="t", large_path="l", format="png",
        width=1, height=1, size_bytes=1, white_edge=0,
    )  # fmt: skip
    first, second = Variant.objects.filter(product=source)
    ProductImage.objects.create(product=source, media=media, file="products/a.png", variant=second, alt_text_en="Face")
    cloth = Attribute.objects.create(code="cloth", name_en="Cloth", kind="text")
    AttributeValue.objects.create(product=source, attribute=cloth, text="Linen")
    AttributeValue.objects.create(product=source, attribute=cloth, text="Wool", variant=first)
    Product.objects.filter(pk=source.pk).update(image_path="products/a.png", thumbnail_path="t")

    copy = copy_product(product_id=source.pk, code="NEW", name="New")

    image = copy.images.get()
    assert (image.media, image.file.name, image.alt_text_en) == (media, "products/a.png", "Face")
    assert image.variant.product == copy
    assert (copy.image_path, MediaFile.objects.count()) == ("products/a.png", 1)
    assert sorted(copy.attribute_values.values_list("text", "variant__product")) == [("Linen", None), ("Wool", copy.pk)]


def test_only_the_chosen_parts_are_copied():
    channel = make_channel()
    source = make_product("OLD", prices={channel.pk: 9000})
    copy = copy_product(product_id=source.pk, code="NEW", name="New", parts=[CopyPart.TEXTS])
    assert list(copy.variants.values_list("sku", "name")) == [("NEW", "")]
    assert (copy.axes.count(), Price.objects.filter(variant__product=copy).count(), copy.texts.count()) == (0, 0, 1)
    bare = copy_product(product_id=source.pk, code="BARE", name="Bare", parts=[CopyPart.VARIANTS])
    assert (bare.variants.count(), bare.texts.count(), bare.axes.count()) == (2, 0, 1)


def test_skus_that_are_taken_get_a_number():
    source = make_product("OLD")
    make_variant(sku="NEW-1")
    copy = copy_product(product_id=source.pk, code="NEW", name="New")
    assert sorted(copy.variants.values_list("sku", flat=True)) == ["NEW-0", "NEW-1-2"]


def test_a_price_below_the_lowest_margin_and_one_that_is_over_stay_behind():
    careful, free = make_channel(margin_floor=30), make_channel()
    source = make_product("OLD")
    variant = Variant.objects.get(sku="OLD-1")
    now = timezone.now()
    for channel, cost, ends in [(careful, 900, None), (free, 900, None), (make_channel(), None, now)]:
        Price.objects.create(
            variant=variant, sales_channel=channel, currency="KRW", amount=1000, cost=cost,
            starts_at=now - timedelta(days=2), ends_at=ends,
        )  # fmt: skip
    copy = copy_product(product_id=source.pk, code="NEW", name="New")
    assert Price.objects.values_list("sales_channel", "cost").get(variant__product=copy) == (free.pk, 900)


def test_a_copy_needs_a_free_code_and_rights():
    source = make_product("OLD")
    for code, name, error in [("OLD", "x", Conflict), ("", "x", InvalidInput), ("NEW", " ", InvalidInput)]:
        with pytest.raises(error):
            copy_product(product_id=source.pk, code=code, name=name)
    with pytest.raises(NotAllowed, match="register products"):
        copy_product(product_id=source.pk, code="NEW", name="x", actor=make_user())
    with pytest.raises(NotAllowed, match="set prices"):
        copy_product(product_id=source.pk, code="NEW", name="x", actor=make_user(permissions=["catalog.add_product"]))
    assert Product.objects.count() == 1


def test_a_large_product_takes_as_many_statements_as_a_small_one():
    channel = make_channel()
    small = make_product("SMALL", prices={channel.pk: 1})
    Variant.objects.filter(sku="ODD").update(sku="SMALL-0")
    Variant.objects.update(barcode="")
    large = make_product("LARGE", count=60, prices={channel.pk: 1})
    copy_product(product_id=small.pk, code="C0", name="x")
    counts = []
    for code, source in [("C1", small), ("C2", large)]:
        with CaptureQueriesContext(connection) as captured:
            copy_product(product_id=source.pk, code=code, name="x")
        counts.append(len(captured))
    assert counts[0] == counts[1]
    assert Variant.objects.filter(product__code="C2").count() == 60
