"""How tests open and save the grid."""

import json
import uuid
from typing import Any

from django.test import Client
from django.urls import reverse

from staff.models import User
from tests.factories import make_user

ALL = (
    "catalog.view_product",
    "catalog.view_variant",
    "catalog.view_producttext",
    "catalog.view_price",
    "catalog.view_category",
    "catalog.change_product",
    "catalog.change_price",
    "inventory.view_stockitem",
    "inventory.change_stockitem",
)

Cell = tuple[int, str, str, str]


def client_of(*permissions: str) -> tuple[Client, User]:
    """Return somebody with these rights, all rights of the grid without any, at a browser."""
    user = make_user(permissions=permissions or ALL)
    client = Client()
    client.force_login(user)
    return client, user


def opened(client: Client, query: str = "") -> dict[str, Any]:
    """Return what the page gives to its script."""
    response = client.get(f"{reverse('admin:catalog_grid')}?{query}")
    assert response.status_code == 200, response.status_code
    text = response.content.decode().split('<script id="grid-data" type="application/json">')[1]
    return dict(json.loads(text.split("</script>")[0]))


def post(client: Client, body: Any, *, name: str = "save") -> Any:
    """Post JSON to the page's save or arrange address."""
    return client.post(reverse(f"admin:catalog_grid_{name}"), json.dumps(body), content_type="application/json")


def save(client: Client, *cells: Cell, key: str = "") -> list[dict[str, str]]:
    """Save cells (row, column, base, text) and return what became of each."""
    response = post(client, {"key": key or str(uuid.uuid4()), "cells": [list(cell) for cell in cells]})
    assert response.status_code == 200, response.content
    return list(response.json()["cells"])


def choose(client: Client, *columns: str) -> None:
    """Choose the columns to work with."""
    assert post(client, {"columns": list(columns)}, name="arrange").status_code == 200
