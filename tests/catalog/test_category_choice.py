"""Categories of one name are told apart wherever one chooses a category."""

import pytest
from django.urls import reverse

from catalog.models import Category, Product
from tests.factories import make_user, make_variant

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def registrar(client):
    permissions = ["catalog.view_product", "catalog.change_product", "catalog.view_category"]
    client.force_login(make_user(permissions=permissions))


@pytest.fixture
def trousers():
    return [
        Category.objects.create(name="Trousers", parent=Category.objects.create(name=name, position=place))
        for place, name in enumerate(["Women", "Men"])
    ]


def test_while_typing(client, trousers):
    query = {"app_label": "catalog", "model_name": "product", "field_name": "category", "term": "Trousers"}
    found = client.get(reverse("admin:autocomplete"), query).json()["results"]
    assert [row["text"] for row in found] == ["Women > Trousers", "Men > Trousers"]


def test_what_is_chosen(client, trousers):
    product = make_variant().product
    Product.objects.filter(pk=product.pk).update(category=trousers[1])
    page = client.get(reverse("admin:catalog_product_change", args=[product.pk])).content.decode()
    assert "Men &gt; Trousers</option>" in page


def test_the_list_keeps_each_shelfs_own_together(client, trousers):
    Category.objects.create(name="Shirts", parent=trousers[0].parent, position=1)
    listed = client.get(reverse("admin:catalog_category_changelist")).context["cl"].result_list
    assert [str(row) for row in listed] == ["Trousers", "Shirts", "Trousers", "Women", "Men"]
