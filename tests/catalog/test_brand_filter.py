"""Choosing products by brand: few are listed, many are typed."""

import pytest

from catalog.admin.brand import MOST
from catalog.models import Product
from tests.factories import make_user

pytestmark = pytest.mark.django_db
LIST = "/admin/catalog/product/?tab=all"


@pytest.fixture
def reader(client):
    client.force_login(make_user(is_superuser=True))
    return client


def make_brands(count):
    Product.objects.bulk_create(
        [Product(code=f"B-{n:03}", name=f"Thing {n:03}", brand=f"House {n:03}") for n in range(count)]
    )


def listed(client, brand):
    answer = client.get(f"{LIST}&brand={brand}")
    assert answer.status_code == 200
    return {product.code for product in answer.context["cl"].result_list}


def test_few_brands_are_listed(reader):
    make_brands(3)
    page = reader.get(LIST).content.decode()
    assert "brand=House+001" in page or "brand=House%20001" in page
    assert listed(reader, "House 001") == {"B-001"}


def test_among_many_a_brand_is_typed(reader):
    make_brands(MOST + 1)
    page = reader.get(LIST).content.decode()
    assert 'name="brand"' in page
    assert "House+001" not in page
    assert "House%20001" not in page


def test_a_typed_brand_is_meant_exactly_when_it_exists(reader):
    make_brands(MOST + 1)
    Product.objects.create(code="LONG", name="Other", brand="House 001 Kids")
    assert listed(reader, "House 001") == {"B-001"}
    assert listed(reader, "house 00") == {*(f"B-00{n}" for n in range(10)), "LONG"}
    assert listed(reader, "nobody") == set()


def test_hostile_brands_answer_an_empty_list(reader):
    make_brands(MOST + 1)
    assert listed(reader, "%25") == set()
    assert listed(reader, "'; DROP TABLE") == set()
