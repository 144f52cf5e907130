"""Attributes and wishes on the product's page, product types, copying by a button, and what keeps a product back."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from catalog.checking import run_checks
from catalog.models import (
    Attribute,
    AttributeChoice,
    AttributeValue,
    BundleComponent,
    CustomOption,
    OptionAxis,
    Product,
    ProductType,
    TypeAttribute,
)
from catalog.services import set_attributes
from tests.admin.pressing import opened, said
from tests.factories import make_channel, make_user, make_variant

pytestmark = pytest.mark.django_db

MODELS = ("product", "variant", "producttype", "typeattribute", "attribute", "attributechoice")
RIGHTS = [f"catalog.{action}_{model}" for model in MODELS for action in ("view", "add", "change")]


@pytest.fixture(autouse=True)
def merchandiser(client, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    user = make_user(permissions=RIGHTS)
    client.force_login(user)
    return user


@pytest.fixture
def attributes():
    kinds = ("text", "rich_text", "number", "flag", "date", "choice", "choices", "file", "swatch")
    found = {kind: Attribute.objects.create(code=kind, name_en=kind.title(), kind=kind) for kind in kinds}
    Attribute.objects.filter(kind="number").update(unit="cm")
    for kind in ("choice", "choices", "swatch"):
        for place, (name, colour) in enumerate([("Linen", "#eeeeee"), ("Wool", "#333333")]):
            AttributeChoice.objects.create(
                attribute=found[kind], code=name.lower(), name_en=name, position=place,
                colour=colour if kind == "swatch" else "",
            )  # fmt: skip
    return found


@pytest.fixture
def shirt(attributes):
    product_type = ProductType.objects.create(code="shirt", name_en="Shirt")
    for place, attribute in enumerate(attributes.values()):
        TypeAttribute.objects.create(product_type=product_type, attribute=attribute, position=place)
    product = Product.objects.create(code="S", name="Shirt", product_type=product_type)
    make_variant(product=product, sku="S-1")
    return product


def post(client, product, **values):
    return client.post(reverse("admin:catalog_attributes", args=[product.pk]), values)


def page(client, product):
    answer = client.get(reverse("admin:catalog_product_change", args=[product.pk]))
    assert answer.status_code == 200
    return answer.content.decode()


def test_the_form_has_the_right_input_for_each_kind_and_writes_what_was_changed(client, shirt, attributes):
    ids = {kind: attribute.pk for kind, attribute in attributes.items()}
    linen, wool = attributes["choices"].choices.all()
    black = attributes["swatch"].choices.last()
    answer = post(
        client,
        shirt,
        **{
            f"a{ids['text']}": "Cotton",
            f"a{ids['rich_text']}": "<p>Soft</p><script>x</script>",
            f"a{ids['number']}": "61.50",
            f"a{ids['flag']}": "no",
            f"a{ids['date']}": "2026-03-01",
            f"a{ids['choice']}": attributes["choice"].choices.first().pk,
            f"a{ids['choices']}": [linen.pk, wool.pk],
            f"a{ids['swatch']}": black.pk,
            f"a{ids['file']}": SimpleUploadedFile("care.pdf", b"%PDF-1.7 care"),
        },
    )
    assert said(answer) == ["The attributes are saved."]
    assert AttributeValue.objects.filter(product=shirt).count() == 10
    assert AttributeValue.objects.get(attribute=attributes["rich_text"]).text == "<p>Soft</p>"
    html = page(client, shirt)
    for shown in [
        'value="Cotton"',
        'value="61.5"',
        'value="2026-03-01"',
        'fill="#333333"',
        "The stored file",
        "Number (cm)",
    ]:
        assert shown in html


def test_what_the_page_did_not_change_is_not_written(client, shirt, attributes):
    name = f"a{attributes['text'].pk}"
    set_attributes(product_id=shirt.pk, values={attributes["text"].pk: "Of a colleague"})
    answer = post(client, shirt, **{name: "", f"initial-{name}": ""})
    assert said(answer) == ["Nothing was changed."]
    assert AttributeValue.objects.get().text == "Of a colleague"


def test_a_file_is_taken_away_by_its_box(client, shirt, attributes):
    name = f"a{attributes['file'].pk}"
    post(client, shirt, **{name: SimpleUploadedFile("care.pdf", b"%PDF-1.7 care")})
    post(client, shirt, **{f"{name}-remove": "on"})
    assert not AttributeValue.objects.exists()


def test_a_value_that_cannot_be_is_told_on_the_form(client, shirt, attributes):
    answer = post(client, shirt, **{f"a{attributes['number'].pk}": "many"})
    assert "Enter a number." in answer.content.decode()
    answer = post(client, shirt, **{f"a{attributes['file'].pk}": SimpleUploadedFile("a.png", b"<svg/>")})
    assert "File: a PDF, PNG, JPEG or WebP file" in answer.content.decode()
    assert not AttributeValue.objects.exists()


def test_variants_have_a_row_each(client, shirt, attributes):
    TypeAttribute.objects.filter(attribute=attributes["number"]).update(is_per_variant=True)
    variant = shirt.variants.get()
    post(client, shirt, **{f"v{variant.pk}-{attributes['number'].pk}": "61"})
    assert AttributeValue.objects.get().variant == variant
    assert f'name="v{variant.pk}-{attributes["number"].pk}" value="61"' in page(client, shirt)


def test_without_the_right_the_form_is_only_read(client, shirt, attributes):
    client.force_login(make_user(permissions=["catalog.view_product", "catalog.view_producttype"]))
    assert "Save attributes" not in page(client, shirt)
    assert post(client, shirt, **{f"a{attributes['text'].pk}": "x"}).status_code == 403
    assert not AttributeValue.objects.exists()


def test_a_product_without_type_is_asked_to_choose_one(client):
    assert "Choose a product type above" in page(client, Product.objects.create(code="T", name="Bare"))


def test_wishes_are_added_changed_moved_and_removed(client, shirt):
    add = reverse("admin:catalog_wish_add", args=[shirt.pk])
    assert client.get(add).status_code == 200
    client.post(add, {"name": "Engraving", "kind": "text", "max_length": "20", "is_required": "on"})
    client.post(add, {"name": "Wrapping", "kind": "choice", "choices": "Gold\r\nSilver"})
    first, second = shirt.custom_options.all()
    assert (first.max_length, first.is_required, second.choices) == (20, True, ["Gold", "Silver"])
    client.post(reverse("admin:catalog_wish", args=[second.pk]), {"position": "0"})
    assert [wish.name for wish in shirt.custom_options.all()] == ["Wrapping", "Engraving"]
    answer = client.post(reverse("admin:catalog_wish", args=[first.pk]), {"name": "WRAPPING", "kind": "text"})
    assert "“WRAPPING” stands twice." in answer.content.decode()
    assert "Engraving" in page(client, shirt)
    assert client.get(reverse("admin:catalog_wish", args=[first.pk])).status_code == 200
    answer = client.post(reverse("admin:catalog_wish", args=[first.pk]), {"remove": "1"})
    assert said(answer)[-1] == "“Engraving” is offered no longer."
    assert client.post(reverse("admin:catalog_wish", args=[second.pk]), {"position": "x"}).status_code == 400
    assert client.get(reverse("admin:catalog_wish", args=[first.pk])).status_code == 404
    assert CustomOption.objects.count() == 1


def test_a_button_copies_the_product_and_leads_to_the_draft(client, shirt):
    url = reverse("admin:catalog_product_press", args=[shirt.pk, "copy_product"])
    values = {"code": "S2", "name": "Shirt 2", "parts": ["variants", "attributes"]}
    assert 'value="S-2"' in client.get(url).content.decode()
    answer = client.post(url, {**values, "_key": "a" * 32})
    copy = Product.objects.get(code="S2")
    assert answer["Location"].endswith(f"/{copy.pk}/change/")
    assert said(answer) == ["S2 is a copy of S, as a draft."]
    refused = client.post(url, {**values, "_key": "b" * 32})
    assert "Already in use: S2" in str(said(refused)) + refused.content.decode()
    assert Product.objects.count() == 2


def test_an_attribute_in_use_keeps_its_kind_and_says_so(client, shirt, attributes):
    text = attributes["text"]
    set_attributes(product_id=shirt.pk, values={text.pk: "x"})
    rows = {"choices-TOTAL_FORMS": "0", "choices-INITIAL_FORMS": "0"}
    url = reverse("admin:catalog_attribute_change", args=[text.pk])
    values = {"code": "text", "name_en": "Text", "name_ko": "", "name_ja": "", "kind": "date", "unit": "", **rows}
    answer = client.post(url, {**values, **opened(client, text)})
    assert "Products use this attribute, so it stays “Text”. Add another attribute." in answer.content.decode()
    text.refresh_from_db()
    assert text.kind == "text"
    client.post(url, {**values, "kind": "text", "name_en": "Cloth", **opened(client, text)})
    text.refresh_from_db()
    assert text.name_en == "Cloth"


def test_types_take_attributes_in_and_out(client, shirt):
    kind = shirt.product_type
    row = kind.type_attributes.first()
    prefix = "type_attributes"
    answer = client.post(
        reverse("admin:catalog_producttype_change", args=[kind.pk]),
        {
            "code": "shirt", "name_en": "Shirts", "name_ko": "", "name_ja": "",
            f"{prefix}-TOTAL_FORMS": "1", f"{prefix}-INITIAL_FORMS": "1",
            f"{prefix}-0-id": row.pk, f"{prefix}-0-product_type": kind.pk, f"{prefix}-0-attribute": row.attribute_id,
            f"{prefix}-0-position": "0", f"{prefix}-0-DELETE": "on", **opened(client, kind),
        },
    )  # fmt: skip
    assert answer.status_code == 302, answer.context_data["errors"]
    kind.refresh_from_db()
    assert (kind.name_en, kind.type_attributes.count()) == ("Shirts", 8)


def findings(product, *codes):
    found = run_checks([product], [make_channel()], codes=codes)
    return [(each.check, each.severity.value, each.sentence) for each in found]


def test_required_attributes_keep_a_product_from_its_customers(shirt, attributes):
    TypeAttribute.objects.filter(attribute__in=[attributes["text"], attributes["number"]]).update(is_required=True)
    TypeAttribute.objects.filter(attribute=attributes["number"]).update(is_per_variant=True)
    make_variant(product=shirt, sku="S-2", is_active=False)
    assert findings(shirt, "attribute") == [("attribute", "error", "Missing: Text, Number.")]
    variant = shirt.variants.get(sku="S-1")
    set_attributes(
        product_id=shirt.pk,
        values={attributes["text"].pk: "x"},
        variant_values={variant.pk: {attributes["number"].pk: 1}},
    )
    assert findings(shirt, "attribute") == []


def test_variants_without_options_and_bundles_with_dead_parts_are_found(shirt):
    assert findings(shirt, "options", "bundle") == []
    OptionAxis.objects.create(product=shirt, name="Size")
    part = make_variant(sku="PART", is_active=False)
    BundleComponent.objects.create(bundle=shirt.variants.get(), component=part)
    assert findings(shirt, "options", "bundle") == [
        ("options", "warning", "No options are chosen for S-1."),
        ("bundle", "error", "PART in the bundle S-1 is switched off."),
    ]


def test_many_colours_are_folded_behind_the_chosen_one(client, shirt, attributes):
    swatch = attributes["swatch"]
    for number in range(8):
        name = f"Shade {number}"
        AttributeChoice.objects.create(
            attribute=swatch, code=f"s-{number}", name_en=name, colour=f"#00000{number}", position=number + 2
        )
    page = client.get(reverse("admin:catalog_attributes", args=[shirt.pk])).content.decode()
    assert page.count('<details class="swatch-fold"') == 1
    assert "<summary><span>–</span>" in page
    chosen = swatch.choices.get(code="s-3")
    set_attributes(product_id=shirt.pk, values={swatch.pk: chosen.pk})
    page = client.get(reverse("admin:catalog_attributes", args=[shirt.pk])).content.decode()
    summary = page.partition('class="swatch-fold"')[2].partition("</summary>")[0]
    assert 'fill="#000003"></circle></svg><span>Shade 3</span>' in summary


def test_the_colour_of_a_choice_can_be_picked(client, attributes):
    page = client.get(reverse("admin:catalog_attribute_change", args=[attributes["swatch"].pk])).content.decode()
    assert 'data-colour="Choose a colour"' in page
    assert "backoffice/colours.js" in page
