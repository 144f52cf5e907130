"""A button that leads to a page leads there; it opens no dialog."""

import re

import pytest

from tests.factories import make_variant
from tests.staff.making import make_colleague

pytestmark = pytest.mark.django_db


def test_a_link_among_the_buttons_is_a_plain_link(client):
    product = make_variant().product
    client.force_login(make_colleague("ec_manager"))
    page = client.get(f"/admin/catalog/product/{product.pk}/change/").content.decode()
    buttons = re.findall(r'<a class="btn [^"]*" href="([^"]+)"([^>]*)>', page)
    links = {address: "hx-get" in rest for address, rest in buttons}
    assert links[f"/admin/staff/task/request/?about=catalog.product%3A{product.pk}"] is False
    assert links[f"/admin/catalog/product/{product.pk}/do/end/"] is True
