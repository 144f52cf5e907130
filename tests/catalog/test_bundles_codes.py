"""Codes of variants and wishes of customers."""

import pytest

from catalog.models import CustomOption, Product, VariantCode
from catalog.services import add_code, move_wish, remember_code, remove_code, remove_wish, save_wish
from core.errors import Conflict, InvalidInput, NotAllowed
from tests.factories import make_channel, make_user, make_variant

pytestmark = pytest.mark.django_db


def test_a_code_has_a_kind_and_a_place():
    variant, channel = make_variant(), make_channel()
    add_code(variant_id=variant.pk, code=" K-1 ", kind="maker")
    add_code(variant_id=variant.pk, code="K-1", kind="channel", sales_channel_id=channel.pk)
    again = add_code(variant_id=variant.pk, code="K-1", kind="supplier")
    remember_code(variant_id=variant.pk, code="R", sales_channel_id=channel.pk)
    assert sorted(VariantCode.objects.values_list("code", "kind", "sales_channel__code")) == [
        ("K-1", "channel", channel.code),
        ("K-1", "supplier", None),
        ("R", "channel", channel.code),
    ]
    remove_code(code_id=again.pk)
    assert VariantCode.objects.count() == 2
    with pytest.raises(Conflict, match="gone already"):
        remove_code(code_id=again.pk)


def test_a_code_means_one_thing_and_the_other_is_named():
    variant, channel = make_variant(sku="A"), make_channel()
    other = make_variant(sku="B", barcode="4901234567894")
    add_code(variant_id=other.pk, code="K", kind="synonym")
    add_code(variant_id=other.pk, code="C", kind="channel", sales_channel_id=channel.pk)
    for code, kind, place in [
        ("K", "maker", None),
        ("B", "maker", None),
        ("4901234567894", "supplier", None),
        ("C", "channel", channel.pk),
    ]:
        with pytest.raises(Conflict, match=f"“{code}” means B already"):
            add_code(variant_id=variant.pk, code=code, kind=kind, sales_channel_id=place)
    add_code(variant_id=variant.pk, code="B", kind="channel", sales_channel_id=channel.pk)
    assert variant.codes.count() == 1


@pytest.mark.parametrize(
    ("code", "kind", "has_channel", "sentence"),
    [
        (" ", "maker", False, "at most 120 characters"),
        ("x" * 121, "maker", False, "at most 120 characters"),
        ("K", "channel", False, "needs its channel"),
        ("K", "maker", True, "needs its channel"),
    ],
)
def test_codes_that_say_nothing_are_refused(code, kind, has_channel, sentence):
    variant, channel = make_variant(), make_channel()
    with pytest.raises(InvalidInput, match=sentence):
        add_code(variant_id=variant.pk, code=code, kind=kind, sales_channel_id=channel.pk if has_channel else None)
    assert not VariantCode.objects.exists()


def test_codes_and_wishes_need_their_rights():
    stranger, variant = make_user(), make_variant()
    row = add_code(variant_id=variant.pk, code="K", kind="maker")
    wish = save_wish(product_id=variant.product_id, name="Note", kind="text")
    for write in (
        lambda: add_code(variant_id=variant.pk, code="L", kind="maker", actor=stranger),
        lambda: remove_code(code_id=row.pk, actor=stranger),
        lambda: save_wish(product_id=variant.product_id, name="Gift", kind="text", actor=stranger),
        lambda: move_wish(wish_id=wish.pk, position=0, actor=stranger),
        lambda: remove_wish(wish_id=wish.pk, actor=stranger),
    ):
        with pytest.raises(NotAllowed):
            write()
    assert (VariantCode.objects.count(), CustomOption.objects.count()) == (1, 1)


def test_wishes_are_kept_in_order_with_what_their_kind_needs():
    product = Product.objects.create(code="S", name="Shirt", status="approved")
    note = save_wish(product_id=product.pk, name=" Gift  note ", kind="text", max_length=200, choices=["x", "y"])
    wrap = save_wish(product_id=product.pk, name="Wrapping", kind="flag", max_length=5)
    font = save_wish(product_id=product.pk, name="Font", kind="choice", choices=["Roman", " ", "Script", "Roman"])
    move_wish(wish_id=font.pk, position=0)
    assert list(product.custom_options.values_list("name", "position", "choices", "max_length")) == [
        ("Font", 0, ["Roman", "Script"], None),
        ("Gift note", 1, [], 200),
        ("Wrapping", 2, [], None),
    ]
    save_wish(product_id=product.pk, wish_id=note.pk, name="Gift note", kind="text", is_required=True)
    remove_wish(wish_id=wrap.pk)
    assert list(product.custom_options.values_list("name", "is_required")) == [("Font", False), ("Gift note", True)]
    product.refresh_from_db()
    assert product.status == "draft"
    for write in (
        lambda: remove_wish(wish_id=wrap.pk),
        lambda: move_wish(wish_id=wrap.pk, position=0),
        lambda: save_wish(product_id=product.pk, wish_id=wrap.pk, name="x", kind="text"),
    ):
        with pytest.raises(Conflict, match="This wish is gone"):
            write()


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"name": " ", "kind": "text"}, "Write a name"),
        ({"name": "NOTE", "kind": "text"}, "“NOTE” stands twice"),
        ({"name": "x", "kind": "choice", "choices": ["one"]}, "Give 2 to 50 different choices"),
        ({"name": "x", "kind": "text", "max_length": 0}, "1 to 1000 characters"),
    ],
)
def test_wishes_that_nobody_could_fulfil_are_refused(values, sentence):
    product = Product.objects.create(code="S", name="Shirt")
    save_wish(product_id=product.pk, name="Note", kind="text")
    with pytest.raises(InvalidInput, match=sentence):
        save_wish(product_id=product.pk, **values)
    assert product.custom_options.count() == 1
