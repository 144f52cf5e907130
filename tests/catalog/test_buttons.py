"""The buttons of products and variants: what they ask, what they refuse, what they say."""

import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from catalog.models import Price, Product, ProductImage, ProductStatus
from catalog.services.pictures import storing
from tests.admin.pressing import press, said
from tests.factories import make_channel, make_user, make_variant

pytestmark = pytest.mark.django_db

RIGHTS = ["catalog.view_product", "catalog.view_variant", "catalog.view_price"]


@pytest.fixture
def variant():
    return make_variant(sku="S")


@pytest.fixture(autouse=True)
def merchandiser(client):
    changes = ["catalog.change_price", "catalog.add_productimage", "catalog.change_product"]
    user = make_user(permissions=[*RIGHTS, *changes])
    client.force_login(user)
    return user


def picture(width=40, height=30):
    file = io.BytesIO()
    Image.new("RGB", (width, height), "red").save(file, "PNG")
    return SimpleUploadedFile("red.png", file.getvalue(), "image/png")


def test_a_price_is_read_in_the_currency_of_its_channel(client, variant, merchandiser):
    channel = make_channel(name="Shop", currency="USD", country="US")
    answer = press(client, variant, "set_price", sales_channel=channel.pk, amount="12.50", compare_at="15")
    price = Price.objects.get()
    assert (price.variant, price.amount, price.compare_at, price.currency) == (variant, 1250, 1500, "USD")
    assert said(answer) == ["$12.50 on Shop from now on."]


@pytest.mark.parametrize(
    ("given", "field"), [({"amount": "0.5"}, "amount"), ({"amount": "1000", "compare_at": "much"}, "compare_at")]
)
def test_a_price_that_cannot_be_is_refused_beside_its_input(client, variant, given, field):
    channel = make_channel()
    answer = press(client, variant, "set_price", sales_channel=channel.pk, **given)
    assert list(answer.context_data["form"].errors) == [field]
    assert not Price.objects.exists()


def test_a_price_needs_a_channel_that_is_in_use(client, variant):
    closed = make_channel(is_active=False)
    answer = press(client, variant, "set_price", sales_channel=closed.pk, amount="1000")
    assert list(answer.context_data["form"].errors) == ["sales_channel"]
    assert not Price.objects.exists()


def test_a_picture_is_added(client, variant, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    answer = press(client, variant.product, "add_picture", file=picture(), alt_text="A red one")
    image = ProductImage.objects.get()
    assert (image.product, image.alt_text) == (variant.product, "A red one")
    assert said(answer) == ["The picture is added."]


def test_a_picture_that_is_too_large_is_refused_with_its_numbers(client, variant, monkeypatch):
    monkeypatch.setattr(storing, "MAX_MEGABYTES", 0)
    answer = press(client, variant.product, "add_picture", file=picture())
    assert "“red.png” has 1 MB; at most 0 MB can be taken." in answer.content.decode() + str(said(answer))
    assert not ProductImage.objects.exists()


def test_products_go_on_and_off_sale_by_a_button(client):
    variant, channel = make_variant(sku="T"), make_channel(name="Shop")
    product = variant.product
    Product.objects.update(image_path="products/none.png")
    Price.objects.create(variant=variant, sales_channel=channel, currency="KRW", amount=1000)
    assert said(press(client, product, "end")) == [f"{product.name} is no longer sold."]
    product.refresh_from_db()
    assert product.status == ProductStatus.ENDED
    assert said(press(client, product, "activate"))[-1:] == [f"{product.name} is on sale."]
    product.refresh_from_db()
    assert product.status == ProductStatus.ACTIVE


@pytest.mark.parametrize(("button", "data"), [("end", {}), ("add_picture", {"alt_text": "x"})])
def test_without_the_right_nothing_happens(client, variant, button, data):
    client.force_login(make_user(permissions=RIGHTS))
    assert press(client, variant.product, button, **data).status_code == 403
    variant.product.refresh_from_db()
    assert (variant.product.status, ProductImage.objects.count()) == (ProductStatus.ACTIVE, 0)
