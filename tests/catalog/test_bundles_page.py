"""Bundles and codes on the variant's page, its sizes, and how many of a bundle can be packed."""

import pytest
from django.urls import reverse

from catalog.admin.variant import size_text, weight_text
from catalog.checking import run_checks
from catalog.models import BundleComponent, Product, Variant, VariantCode
from catalog.services import put_component
from inventory.selectors import bundle_stock
from tests.admin.pressing import opened, said
from tests.factories import make_channel, make_stock, make_user, make_variant, make_warehouse

pytestmark = pytest.mark.django_db

MODELS = ("product", "variant", "variantcode")
RIGHTS = [
    *(f"catalog.{action}_{model}" for model in MODELS for action in ("view", "add", "change")),
    "catalog.view_saleschannel",
    "inventory.view_stockitem",
]


@pytest.fixture(autouse=True)
def merchandiser(client):
    client.force_login(make_user(permissions=RIGHTS))


@pytest.fixture
def box():
    return make_variant(sku="BOX")


def put(client, variant, **values):
    return client.post(reverse("admin:catalog_component", args=[variant.pk]), values)


def code(client, variant, **values):
    return client.post(reverse("admin:catalog_code", args=[variant.pk]), values)


def page(client, variant):
    answer = client.get(reverse("admin:catalog_variant_change", args=[variant.pk]))
    assert answer.status_code == 200
    return answer.content.decode()


def test_components_are_put_in_and_taken_out(client, box):
    cup = make_variant(sku="CUP", is_active=False)
    answer = put(client, box, component=cup.pk, quantity="2")
    assert answer["Location"].endswith(f"/variant/{box.pk}/change/#panel-bundle")
    assert said(answer) == ["One piece contains 2 × CUP now."]
    html = page(client, box)
    assert "CUP" in html
    assert "Switched off" in html
    assert "BOX" in page(client, cup)
    assert (
        "panel-bundles" in client.get(reverse("admin:catalog_product_change", args=[box.product_id])).content.decode()
    )
    circle = "“BOX” contains this bundle itself: CUP → BOX → CUP. A bundle cannot go in a circle."
    assert said(put(client, cup, component=box.pk, quantity="1"))[-1] == circle
    assert said(put(client, box, component=cup.pk, quantity="0"))[-1].startswith("quantity: ")
    assert said(put(client, box, remove=str(cup.pk)))[-1] == "The component is taken out."
    assert put(client, box, remove="x").status_code == 400
    assert not BundleComponent.objects.exists()


def test_codes_are_added_and_removed_with_a_sentence(client, box):
    channel, other = make_channel(name="Shop"), make_variant(sku="CUP")
    answer = code(client, box, kind="channel", sales_channel=channel.pk, code="A-1")
    assert said(answer) == ["“A-1” means this variant from now on."]
    taken = said(code(client, other, kind="channel", sales_channel=channel.pk, code="A-1"))
    assert taken[-1] == "“A-1” means BOX already. Remove it there first."
    assert said(code(client, box, kind="maker", code=""))[-1].startswith("code: ")
    assert "A-1" in page(client, box)
    row = VariantCode.objects.get()
    assert code(client, other, remove=str(row.pk)).status_code == 404
    assert said(code(client, box, remove=str(row.pk)))[-1] == "The code is removed."
    assert not VariantCode.objects.exists()


def test_only_who_may_change_bundles_and_codes_does(client, box):
    client.force_login(make_user(permissions=["catalog.view_variant", "catalog.view_product"]))
    assert put(client, box, component=make_variant().pk, quantity="1").status_code == 403
    assert code(client, box, kind="maker", code="X").status_code == 403
    assert "Put in" not in page(client, box)
    assert put(client, Variant(pk=0), component="1").status_code == 403


def test_sizes_and_weights_are_shown_as_people_say_them():
    variant = Variant(length_mm=300, width_mm=205, height_mm=None, weight_g=1250)
    assert (size_text(variant), weight_text(variant)) == ("30 × 20.5 × – cm", "1.25 kg")
    assert (size_text(Variant()), weight_text(Variant()), weight_text(Variant(weight_g=80))) == ("", "", "80 g")


def test_the_form_checks_barcode_and_customs_code(client, box):
    values = {"product": box.product_id, "sku": "BOX", "name": "", "is_active": "on", "weight_g": "", "length_mm": "",
              "width_mm": "", "height_mm": "", "origin_country": "KR"}  # fmt: skip
    url = reverse("admin:catalog_variant_change", args=[box.pk])
    wrong = client.post(url, {**values, "barcode": "4901234567890", "hs_code": "61", **opened(client, box)})
    assert set(wrong.context_data["adminform"].form.errors) == {"barcode", "hs_code"}
    Product.objects.filter(pk=box.product_id).update(status="approved")
    client.post(url, {**values, "barcode": "4901234567894", "hs_code": "610910", **opened(client, box)})
    box.refresh_from_db()
    assert (box.barcode, box.hs_code, box.origin_country) == ("4901234567894", "610910", "KR")
    assert Product.objects.get(pk=box.product_id).status == "draft"


def test_a_warehouse_packs_as_many_as_its_scarcest_part_allows(client, box):
    near, far = make_warehouse(name="Near", rank=1), make_warehouse(name="Far", rank=2)
    tea_set, cup, tea = (make_variant(sku=sku) for sku in ("SET", "CUP", "TEA"))
    put_component(bundle_id=box.pk, component_id=tea_set.pk, quantity=2)
    put_component(bundle_id=tea_set.pk, component_id=cup.pk, quantity=3)
    put_component(bundle_id=tea_set.pk, component_id=tea.pk, quantity=1)
    make_stock(cup, on_hand=20, warehouse=near)
    make_stock(tea, on_hand=9, warehouse=near)
    make_stock(tea, on_hand=50, warehouse=far)
    assert [(row.warehouse, row.count, row.scarcest) for row in bundle_stock(variant_id=box.pk)] == [
        (near, 3, "CUP"),
        (far, 0, "CUP"),
    ]
    assert bundle_stock(variant_id=cup.pk) == []
    assert "Scarcest: CUP" in page(client, box)
    assert run_checks([box.product], [make_channel()], codes=["stock"]) == []
    make_stock(make_variant(sku="LID"), on_hand=1, warehouse=near)
    put_component(bundle_id=tea_set.pk, component_id=Variant.objects.get(sku="LID").pk, quantity=1)
    assert [found.sentence for found in run_checks([box.product], [make_channel()], codes=["stock"])] == [
        "Sold out: no piece is available."
    ]
