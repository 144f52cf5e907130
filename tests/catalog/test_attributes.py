"""What attributes say of products: each value is of its attribute's kind, or refused by name."""

from datetime import date
from decimal import Decimal
from io import BytesIO
from pathlib import Path

import pytest
from django.core.files.base import ContentFile
from django.db import IntegrityError, transaction
from PIL import Image

from catalog.models import Attribute, AttributeChoice, AttributeValue, Product, ProductType, TypeAttribute
from catalog.services import set_attributes
from core.errors import InvalidInput, NotAllowed
from tests.factories import make_user, make_variant

pytestmark = pytest.mark.django_db


@pytest.fixture
def kinds():
    """Make one attribute of each kind."""
    found = {
        kind: Attribute.objects.create(code=kind, name_en=kind.title(), kind=kind)
        for kind in ("text", "rich_text", "number", "flag", "date", "choice", "choices", "file", "swatch")
    }
    for kind in ("choice", "choices", "swatch"):
        for place, name in enumerate(["Linen", "Wool"]):
            AttributeChoice.objects.create(attribute=found[kind], code=name.lower(), name_en=name, position=place)
    return found


@pytest.fixture
def shirt(kinds):
    product_type = ProductType.objects.create(code="shirt", name_en="Shirt")
    for place, attribute in enumerate(kinds.values()):
        TypeAttribute.objects.create(product_type=product_type, attribute=attribute, position=place)
    return Product.objects.create(code="S", name="Shirt", product_type=product_type)


@pytest.fixture(autouse=True)
def media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    return tmp_path


def png():
    file = BytesIO()
    Image.new("RGB", (4, 4)).save(file, "PNG")
    return ContentFile(file.getvalue(), name="size-table.png")


def files(folder: Path):
    return [path for path in folder.rglob("*") if path.is_file()]


def say(product, attribute, value, **over):
    return set_attributes(product_id=product.pk, values={attribute.pk: value}, **over)


def said(product):
    rows = AttributeValue.objects.filter(product=product).order_by("attribute__kind", "pk")
    return [
        row.text or row.number or row.flag or row.day or (row.choice and row.choice.name_en) or str(row.file)
        for row in rows
    ]


@pytest.mark.parametrize(
    ("kind", "value", "kept"),
    [
        ("text", "  Cotton ", "Cotton"),
        ("rich_text", "<p>Soft<script>alert(1)</script></p>", "<p>Soft</p>"),
        ("number", "1,234.5", Decimal("1234.5")),
        ("number", 12, Decimal(12)),
        ("flag", True, True),
        ("date", "2026-03-01", date(2026, 3, 1)),
        ("date", date(2026, 3, 1), date(2026, 3, 1)),
    ],
)
def test_a_value_is_kept_in_the_column_of_its_kind(shirt, kinds, kind, value, kept):
    assert say(shirt, kinds[kind], value) == 1
    assert said(shirt) == [kept]
    assert say(shirt, kinds[kind], value) == 0
    assert say(shirt, kinds[kind], None) == 1
    assert said(shirt) == []


def test_choices_are_kept_in_their_order_one_row_each(shirt, kinds):
    linen, wool = kinds["choices"].choices.all()
    say(shirt, kinds["choices"], [wool.pk, linen.pk])
    assert said(shirt) == ["Linen", "Wool"]
    say(shirt, kinds["choices"], [wool.pk])
    assert said(shirt) == ["Wool"]
    say(shirt, kinds["swatch"], kinds["swatch"].choices.first().pk)
    assert said(shirt) == ["Wool", "Linen"]


def test_no_is_something_else_than_nothing(shirt, kinds):
    say(shirt, kinds["flag"], False)
    assert AttributeValue.objects.get().flag is False
    assert say(shirt, kinds["flag"], False) == 0


@pytest.mark.parametrize(
    ("kind", "value", "sentence"),
    [
        ("text", "x" * 1001, "Text needs a text of at most 1,000 characters."),
        ("text", 5, "Text needs a text"),
        ("rich_text", "x" * 20_001, "needs a text of at most 20,000 characters."),
        ("number", "many", "Number needs a number with at most 4 decimals."),
        ("number", "NaN", "needs a number"),
        ("number", "1.23456", "needs a number"),
        ("number", "1e20", "needs a number"),
        ("number", 0.1, "needs a number"),
        ("number", True, "needs a number"),
        ("flag", "yes", "Flag needs yes or no."),
        ("date", "tomorrow", "Date needs a date."),
        ("date", 5, "Date needs a date."),
        ("choice", 0, "Choice needs one of its choices."),
        ("choices", [0], "Choices needs some of its choices."),
        ("swatch", "red", "Swatch needs one of its colours."),
    ],
)
def test_a_value_of_another_kind_is_refused_by_name(shirt, kinds, kind, value, sentence):
    good = {kinds["choices" if kind == "flag" else "flag"].pk: [] if kind == "flag" else True}
    with pytest.raises(InvalidInput, match=sentence):
        set_attributes(product_id=shirt.pk, values={**good, kinds[kind].pk: value})
    assert said(shirt) == []


def test_one_choice_is_one(shirt, kinds):
    both = [choice.pk for choice in kinds["choice"].choices.all()]
    with pytest.raises(InvalidInput, match="one of its choices"):
        say(shirt, kinds["choice"], both)
    foreign = kinds["choices"].choices.first()
    with pytest.raises(InvalidInput, match="one of its choices"):
        say(shirt, kinds["choice"], foreign.pk)
    assert said(shirt) == []


def test_a_file_is_stored_under_a_name_of_ours_and_goes_when_another_takes_its_place(
    shirt, kinds, media, django_capture_on_commit_callbacks
):
    say(shirt, kinds["file"], png())
    [first] = files(media)
    assert first.parent.is_relative_to(media / "attributes")
    assert "size-table" not in first.name
    with django_capture_on_commit_callbacks(execute=True):
        say(shirt, kinds["file"], png())
    [second] = files(media)
    assert second != first
    assert AttributeValue.objects.get().file.path == str(second)


def test_a_file_that_a_copy_still_shows_stays(shirt, kinds, media, django_capture_on_commit_callbacks):
    say(shirt, kinds["file"], png())
    row = AttributeValue.objects.get()
    other = Product.objects.create(code="T", name="Copy")
    AttributeValue.objects.create(product=other, attribute=kinds["file"], file=row.file.name)
    with django_capture_on_commit_callbacks(execute=True):
        say(shirt, kinds["file"], None)
    assert len(files(media)) == 1


def test_what_is_no_picture_or_pdf_is_not_taken_and_leaves_no_file(shirt, kinds, media, monkeypatch):
    with pytest.raises(InvalidInput, match="File: a PDF, PNG, JPEG or WebP file of at most 20 MB can be taken"):
        say(shirt, kinds["file"], ContentFile(b"<svg onload='x'/>", name="a.png"))
    monkeypatch.setattr("catalog.services.content.attributing.MAX_FILE_BYTES", 10)
    with pytest.raises(InvalidInput, match="can be taken"):
        say(shirt, kinds["file"], png())
    monkeypatch.undo()
    with pytest.raises(InvalidInput):
        set_attributes(product_id=shirt.pk, values={kinds["file"].pk: png(), kinds["number"].pk: "x"})
    assert (said(shirt), files(media)) == ([], [])


def test_variants_say_what_the_type_asks_of_variants(shirt, kinds):
    TypeAttribute.objects.filter(attribute=kinds["number"]).update(is_per_variant=True)
    variant = make_variant(product=shirt)
    set_attributes(product_id=shirt.pk, values={}, variant_values={variant.pk: {kinds["number"].pk: "61.5"}})
    assert AttributeValue.objects.values_list("variant", "number").get() == (variant.pk, Decimal("61.5"))
    for values, variant_values in [
        ({kinds["number"].pk: 1}, {}),
        ({}, {variant.pk: {kinds["text"].pk: "x"}}),
    ]:
        with pytest.raises(InvalidInput, match="does not have this attribute, or has it elsewhere"):
            set_attributes(product_id=shirt.pk, values=values, variant_values=variant_values)
    with pytest.raises(InvalidInput, match="belongs to another product"):
        set_attributes(product_id=shirt.pk, values={}, variant_values={make_variant().pk: {kinds["number"].pk: 1}})
    assert AttributeValue.objects.count() == 1


def test_another_type_hides_what_it_does_not_ask_and_loses_nothing(shirt, kinds):
    say(shirt, kinds["text"], "Cotton")
    bag = ProductType.objects.create(code="bag", name_en="Bag")
    old = shirt.product_type_id
    Product.objects.filter(pk=shirt.pk).update(product_type=bag)
    with pytest.raises(InvalidInput, match="does not have this attribute"):
        say(shirt, kinds["text"], "Linen")
    Product.objects.filter(pk=shirt.pk).update(product_type=old)
    assert said(shirt) == ["Cotton"]


def test_changes_take_an_approval_back_and_need_the_right(shirt, kinds):
    Product.objects.filter(pk=shirt.pk).update(status="approved")
    with pytest.raises(NotAllowed):
        say(shirt, kinds["text"], "x", actor=make_user())
    assert Product.objects.get(pk=shirt.pk).status == "approved"
    say(shirt, kinds["text"], "x")
    assert Product.objects.get(pk=shirt.pk).status == "draft"


def test_many_values_take_as_many_statements_as_two(shirt, kinds, django_assert_max_num_queries):
    TypeAttribute.objects.filter(attribute=kinds["number"]).update(is_per_variant=True)
    variants = [make_variant(product=shirt) for _ in range(40)]
    with django_assert_max_num_queries(25):
        set_attributes(
            product_id=shirt.pk,
            values={kinds["text"].pk: "x", kinds["flag"].pk: True},
            variant_values={variant.pk: {kinds["number"].pk: place} for place, variant in enumerate(variants)},
        )
    assert AttributeValue.objects.count() == 42


def test_an_attribute_in_use_keeps_its_kind(shirt, kinds):
    say(shirt, kinds["text"], "x")
    with pytest.raises(IntegrityError, match="keeps its kind"), transaction.atomic():
        Attribute.objects.filter(pk=kinds["text"].pk).update(kind="date")
    Attribute.objects.filter(pk=kinds["date"].pk).update(kind="text")
    assert Attribute.objects.get(pk=kinds["text"].pk).kind == "text"
