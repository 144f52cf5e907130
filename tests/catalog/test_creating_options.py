"""Options of a product and the variants that are drafted from them."""

from dataclasses import replace

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from catalog.models import OptionValue, Price, Product, Variant, VariantOption
from catalog.selectors.abbreviating import abbreviations, swatch_of
from catalog.selectors.options import AxisDraft, ValueDraft, VariantDraft, draft_variants, options_state
from catalog.services import NewProduct, NewVariant, OptionsChange, create_products, save_options
from core.errors import Conflict, InvalidInput, NotAllowed
from core.models import EventRecord
from tests.factories import make_channel, make_user, make_variant

pytestmark = pytest.mark.django_db

COLOURS = AxisDraft(name="Colour", values=[ValueDraft(name="Black", colour="#000000"), ValueDraft(name="Navy")])
SIZES = AxisDraft(name="Size", values=[ValueDraft(name="M"), ValueDraft(name="L")])


@pytest.fixture
def shirt():
    return Product.objects.create(code="SHIRT", name="Shirt")


def made(*places, prefix="S", **over):
    return [VariantDraft(values=place, sku=f"{prefix}-{'-'.join(map(str, place))}", **over) for place in places]


def save(product, axes, variants=(), *, placed=None, opened=None, actor=None):
    opened = opened or options_state(product_id=product.pk).fingerprint
    change = OptionsChange(opened=opened, axes=axes, variants=variants, placed=placed)
    return save_options(product_id=product.pk, change=change, actor=actor)


def drafts(product):
    return options_state(product_id=product.pk).drafts()


def names(product):
    return dict(Variant.objects.filter(product=product).order_by("sku").values_list("sku", "name"))


def state_of(product):
    return options_state(product_id=product.pk).fingerprint, EventRecord.objects.count(), Price.objects.count()


@pytest.mark.parametrize(
    ("words", "codes"),
    [
        (["Black", "White", "블랙"], ["BLK", "WHT", "3"]),
        (["M", "XXL", "230"], ["M", "XXL", "230"]),
        (["Dark Olive", "Dark Orange", "Dark Oak"], ["DO", "DAR", "DARK"]),
        (["리넨", "면", "Café"], ["1", "2", "CAFE"]),
        (["小", "대", "Large"], ["S", "L", "3"]),
        (["100%", "a", "A"], ["100", "A", "3"]),
        (["XL 남성", "XL 여성"], ["1", "2"]),
    ],
)
def test_values_get_short_codes_that_differ(words, codes):
    assert abbreviations(words) == codes


def test_a_colour_is_known_by_its_name():
    assert (swatch_of("검정"), swatch_of(" Navy "), swatch_of("Linen")) == ("#000000", "#1a237e", "")


def test_every_combination_is_drafted_and_taken_skus_are_passed_by(shirt, django_assert_num_queries):
    make_variant(sku="SHIRT-NVY-L")
    state = options_state(product_id=shirt.pk)
    with django_assert_num_queries(1):
        drafted = draft_variants(product=shirt, state=state, axes=[COLOURS, SIZES])
    assert [(row.name, row.sku, row.variant) for row in drafted.rows] == [
        ("Black / M", "SHIRT-BLK-M", None),
        ("Black / L", "SHIRT-BLK-L", None),
        ("Navy / M", "SHIRT-NVY-M", None),
        ("Navy / L", "SHIRT-NVY-L-2", None),
    ]
    by_pattern = draft_variants(product=shirt, state=state, axes=[COLOURS], pattern="{1}_{code}_{2}")
    assert [row.sku for row in by_pattern.rows] == ["BLK_SHIRT", "NVY_SHIRT"]
    same = draft_variants(product=shirt, state=state, axes=[COLOURS, SIZES], pattern="X")
    assert [row.sku for row in same.rows] == ["X", "X-2", "X-3", "X-4"]


def test_a_save_makes_axes_values_variants_and_prices(shirt):
    seoul, osaka = make_channel(), make_channel(currency="JPY", country="JP")
    variants = [
        VariantDraft(values=(0, 0), sku="A", barcode="4901234567894", weight_g=200, prices={seoul.pk: 9, osaka.pk: 8}),
        VariantDraft(values=(1, 1), sku="B", name="Midnight, large"),
    ]
    ids = save(shirt, [COLOURS, SIZES], variants)

    assert names(shirt) == {"A": "Black / M", "B": "Midnight, large"}
    first = Variant.objects.get(pk=ids[0])
    assert (first.barcode, first.weight_g, first.is_active) == ("4901234567894", 200, True)
    assert first.search_text == "a black / m 4901234567894 shirt"
    assert list(Price.objects.order_by("currency").values_list("variant__sku", "currency", "amount")) == [
        ("A", "JPY", 8),
        ("A", "KRW", 9),
    ]
    assert list(
        VariantOption.objects.order_by("variant__sku", "axis__position").values_list("axis__name", "value__name")
    ) == [("Colour", "Black"), ("Size", "M"), ("Colour", "Navy"), ("Size", "L")]
    assert OptionValue.objects.get(name="Black").colour == "#000000"
    added = EventRecord.objects.get(name="catalog.variants_added")
    assert (added.subject_id, added.data) == (shirt.pk, {"product_id": shirt.pk, "count": 2})


def test_a_value_that_comes_later_drafts_only_what_is_new(shirt):
    save(shirt, [COLOURS, SIZES], made((0, 0), (0, 1), (1, 0), (1, 1)))
    colours, sizes = drafts(shirt)
    wider = AxisDraft(id=sizes.id, name="Size", values=[*sizes.values, ValueDraft(name="XL")])
    drafted = draft_variants(product=shirt, state=options_state(product_id=shirt.pk), axes=[colours, wider])
    assert [row.name for row in drafted.rows if row.variant is None] == ["Black / XL", "Navy / XL"]
    assert [row.variant.sku for row in drafted.rows if row.variant] == ["S-0-0", "S-0-1", "S-1-0", "S-1-1"]
    assert len(save(shirt, [colours, wider], made((0, 2)))) == 1
    assert Variant.objects.filter(product=shirt).count() == 5


def test_a_renamed_value_renames_its_variants_unless_they_have_a_name_of_their_own(shirt):
    save(shirt, [COLOURS, SIZES], [*made((0, 0), (1, 0)), VariantDraft(values=(0, 1), sku="OWN", name="Night")])
    colours, sizes = drafts(shirt)
    swapped = [
        ValueDraft(id=colours.values[0].id, name="Navy"),
        ValueDraft(id=colours.values[1].id, name="Black"),
    ]
    save(shirt, [AxisDraft(id=colours.id, name="Color", values=swapped), sizes])
    assert names(shirt) == {"OWN": "Night", "S-0-0": "Navy / M", "S-1-0": "Black / M"}
    assert Variant.objects.get(sku="S-0-0").search_text == "s-0-0 navy / m shirt"
    assert [axis.name for axis in drafts(shirt)] == ["Color", "Size"]


def test_a_value_in_use_stays_and_its_variants_are_named(shirt):
    save(shirt, [COLOURS, SIZES], made((0, 0), (0, 1), (1, 0)))
    colours, sizes = drafts(shirt)
    before = state_of(shirt)
    narrower = AxisDraft(id=colours.id, name="Colour", values=colours.values[1:])
    with pytest.raises(InvalidInput, match="“Black” cannot be removed: S-0-0, S-0-1 have it"):
        save(shirt, [narrower, sizes])
    assert state_of(shirt) == before


def test_an_axis_goes_only_while_all_variants_stay_different(shirt):
    save(shirt, [COLOURS, SIZES], made((0, 0), (1, 0)))
    colours, sizes = drafts(shirt)
    before = state_of(shirt)
    with pytest.raises(InvalidInput, match="S-0-0, S-1-0 would have the same options"):
        save(shirt, [sizes])
    assert state_of(shirt) == before
    save(shirt, [colours])
    assert names(shirt) == {"S-0-0": "Black", "S-1-0": "Navy"}


def test_variants_without_options_are_found_by_name_or_placed_by_hand(shirt):
    by_name = make_variant(product=shirt, sku="OLD", name="black/M")
    odd = make_variant(product=shirt, sku="ODD", name="Default")
    state = options_state(product_id=shirt.pk)
    drafted = draft_variants(product=shirt, state=state, axes=[COLOURS, SIZES])
    assert drafted.loose == {odd.pk: "", by_name.pk: '["+Black", "+M"]'}
    assert [row.variant for row in drafted.rows] == [by_name, None, None, None]
    placed = draft_variants(
        product=shirt, state=state, axes=[COLOURS, SIZES], placed={odd.pk: '["+Navy", "+L"]', by_name.pk: ""}
    )
    assert [row.variant for row in placed.rows] == [None, None, None, odd]

    save(shirt, [COLOURS, SIZES], placed={odd.pk: (1, 1), by_name.pk: (0, 0)})
    assert names(shirt) == {"ODD": "Navy / L", "OLD": "Black / M"}


def test_a_further_axis_gives_variants_its_first_value(shirt):
    save(shirt, [COLOURS], made((0,), (1,)))
    cloth = AxisDraft(name="Cloth", values=[ValueDraft(name="Linen"), ValueDraft(name="Wool")])
    axes = [*drafts(shirt), cloth]
    drafted = draft_variants(product=shirt, state=options_state(product_id=shirt.pk), axes=axes)
    assert [(row.name, row.variant and row.variant.sku) for row in drafted.rows] == [
        ("Black / Linen", "S-0"),
        ("Black / Wool", None),
        ("Navy / Linen", "S-1"),
        ("Navy / Wool", None),
    ]
    first, second = options_state(product_id=shirt.pk).variants
    save(shirt, axes, placed={first.pk: (0, 0), second.pk: (1, 0)})
    assert names(shirt) == {"S-0": "Black / Linen", "S-1": "Navy / Linen"}


def test_the_second_of_two_who_save_is_told_and_nothing_of_his_is_written(shirt):
    opened = options_state(product_id=shirt.pk).fingerprint
    save(shirt, [COLOURS], made((0,)), opened=opened)
    before = state_of(shirt)
    with pytest.raises(Conflict, match="Somebody else changed the options or variants of this product meanwhile"):
        save(shirt, [SIZES], made((0,), prefix="T"), opened=opened)
    assert state_of(shirt) == before


@pytest.mark.parametrize(
    ("axes", "variants", "sentence"),
    [
        ([COLOURS, SIZES, replace(SIZES, name="A"), replace(SIZES, name="B")], [], "at most 3 options"),
        ([AxisDraft(name=" ", values=SIZES.values)], [], "Every option needs a name"),
        ([AxisDraft(name="Size", values=[])], [], "“Size” has no values yet"),
        ([AxisDraft(name="Size", values=[ValueDraft(name="M"), ValueDraft(name=" m ")])], [], "“m” stands twice"),
        ([AxisDraft(name="Size", values=[ValueDraft(name="x" * 81)])], [], "is too long: at most 80"),
        ([AxisDraft(name="Size", values=[ValueDraft(name=str(n)) for n in range(101)])], [], "more than 100 values"),
        ([AxisDraft(name="C", values=[ValueDraft(name="x", colour="red")])], [], "like #1a2b3c"),
        ([AxisDraft(name="C", values=[ValueDraft(name="x", id=99999999)])], [], "does not exist any more"),
        ([COLOURS], made((0,), (0,)), "S-0, S-0 would have the same options"),
        ([COLOURS], made((2,)), "does not exist any more"),
        ([COLOURS], made((0, 0)), "does not exist any more"),
        ([COLOURS], [VariantDraft(values=(0,), sku="")], "needs an SKU"),
        ([COLOURS], made((0,), barcode="4901234567890"), "S-0: The last digit of barcode"),
        ([COLOURS], made((0,), weight_g=-1), "a weight is a number of grams"),
        ([COLOURS], made((0,), prices={1: -1}), "A price cannot be negative"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused_in_a_sentence(shirt, axes, variants, sentence):
    before = state_of(shirt)
    with pytest.raises(InvalidInput, match=sentence):
        save(shirt, axes, variants)
    assert state_of(shirt) == before


def test_more_than_300_at_once_are_neither_drafted_nor_made(shirt):
    axes = [AxisDraft(name=name, values=[ValueDraft(name=str(n)) for n in range(20)]) for name in "AB"]
    drafted = draft_variants(product=shirt, state=options_state(product_id=shirt.pk), axes=axes)
    assert (drafted.count, drafted.rows) == (400, [])
    with pytest.raises(InvalidInput, match="At most 300 variants at once, these are 301"):
        save(shirt, axes, made(*[(n // 20, n % 20) for n in range(301)]))
    assert not Variant.objects.exists()


@pytest.mark.parametrize(("sku", "barcode"), [("TAKEN", ""), ("FREE", "4901234567894")])
def test_skus_and_barcodes_in_use_are_named(shirt, sku, barcode):
    make_variant(sku="TAKEN", barcode="4901234567894")
    with pytest.raises(Conflict, match=f"Already in use: {barcode or sku}"):
        save(shirt, [COLOURS], [VariantDraft(values=(0,), sku=sku, barcode=barcode)])
    assert not Variant.objects.filter(product=shirt).exists()


def test_rights_are_asked_for_each_part(shirt):
    channel = make_channel()
    reader = make_user()
    writer = make_user(permissions=["catalog.change_product"])
    adder = make_user(permissions=["catalog.change_product", "catalog.add_variant"])
    for user, variants, sentence in [
        (reader, [], "You may not change products"),
        (writer, made((0,)), "You may not add variants"),
        (adder, made((0,), prices={channel.pk: 1}), "You may not set prices"),
    ]:
        with pytest.raises(NotAllowed, match=sentence):
            save(shirt, [COLOURS], variants, actor=user)
    assert not Variant.objects.exists()


def test_150_variants_take_as_many_statements_as_two():
    channel = make_channel()
    products = [Product.objects.create(code=f"P{n}", name="x") for n in range(3)]
    axes = [AxisDraft(name=name, values=[ValueDraft(name=f"{n}") for n in range(13)]) for name in "AB"]
    save(products[0], axes, made((0, 0), prefix="w"))
    statements = []
    for product, count in [(products[1], 2), (products[2], 150)]:
        places = [(n // 13, n % 13) for n in range(count)]
        variants = made(*places, prefix=product.code, prices={channel.pk: 1000})
        opened = options_state(product_id=product.pk).fingerprint
        with CaptureQueriesContext(connection) as captured:
            save(product, axes, variants, opened=opened)
        statements.append(len(captured))
    assert statements[0] == statements[1] < 45
    assert Variant.objects.filter(product=products[2]).count() == 150


def test_an_approved_product_is_a_draft_again_and_options_of_a_file_go_on_in_the_generator():
    [pk] = create_products(
        products=[NewProduct(code="S", name="x", variants=[NewVariant(sku="S-1", options={"Colour": "Black"})])]
    )
    product = Product.objects.get(pk=pk)
    Product.objects.filter(pk=pk).update(status="approved")
    [colours] = drafts(product)
    save(
        product,
        [AxisDraft(id=colours.id, name="Colour", values=[*colours.values, ValueDraft(name="Red")])],
        made((1,), prefix="T"),
    )
    product.refresh_from_db()
    assert product.status == "draft"
    assert product.variants.count() == 2
