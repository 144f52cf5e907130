"""Shopify on the loopback: its published schema answers, and refuses what the shop would refuse."""

import gzip
import json
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from graphql import GraphQLError, GraphQLSchema, build_client_schema, graphql_sync

from tests.channels.malls.serving import Asked
from tests.contracts import CONTRACTS

KEYS = {"access_token": "shpat_test"}
HOME = "/admin/api/2026-07/graphql.json"


@cache
def schema() -> GraphQLSchema:
    """Return the shop's schema as it was published."""
    with gzip.open(CONTRACTS / "shopify-admin-graphql-introspection_2026-07.json.gz") as file:
        found = json.load(file)
    return build_client_schema(found.get("data", found))


@dataclass
class ShopifyTown:
    """What the shop knows: orders by name with what waits, and what was fulfilled."""

    orders: dict[str, dict[str, Any]] = field(default_factory=dict)
    made: list[dict[str, Any]] = field(default_factory=list)
    throttled: bool = False
    _told: dict[str, tuple[int, Any]] = field(default_factory=dict)

    def add_order(self, name: str, **pieces: int) -> None:
        """Let an order wait, with its pieces by SKU in one fulfilment order."""
        number = len(self.orders) + 1
        lines = [
            {"id": f"gid://shopify/FulfillmentOrderLineItem/{number}{place}", "sku": sku, "remainingQuantity": count}
            for place, (sku, count) in enumerate(pieces.items())
        ]
        waiting = _waiting(number, lines)
        self.orders[name] = {"name": name, "fulfillments": lambda _info, **_page: self.done(name), "waiting": [waiting]}
        self.orders[name]["fulfillmentOrders"] = lambda _info, **_page: {"nodes": self.orders[name]["waiting"]}

    def add_place(self, name: str, place: int, **pieces: int) -> None:
        """Let more of an order wait at another location."""
        lines = [
            {"id": f"gid://shopify/FulfillmentOrderLineItem/{place}{sku}", "sku": sku, "remainingQuantity": count}
            for sku, count in pieces.items()
        ]
        self.orders[name]["waiting"].append(_waiting(100 + place, lines, place))

    def done(self, name: str) -> list[dict[str, Any]]:
        """Return the fulfilments of an order."""
        return [
            {"status": one["status"], "trackingInfo": lambda _info, one=one, **_page: [{"number": one["number"]}]}
            for one in self.made
            if one["order"] == name
        ]

    def answer(self, asked: Asked) -> tuple[int, Any]:
        """Let the schema answer to who has the token."""
        if asked.path != HOME or asked.headers.get("x-shopify-access-token") != "shpat_test":
            return 401, {"errors": "[API] Invalid API key or access token"}
        if self.throttled:
            return 200, {"errors": [{"message": "Throttled", "extensions": {"code": "THROTTLED"}}]}
        root = {
            "shop": {"name": "Test"}, "orders": self._orders, "fulfillmentCreate": self._fulfil,
        }  # fmt: skip
        found = graphql_sync(schema(), asked.body["query"], root, variable_values=asked.body["variables"])
        return 200, json.loads(json.dumps(found.formatted))

    def _orders(self, _info: Any, *, query: str, first: int, **_rest: Any) -> dict[str, Any]:
        wanted = query.removeprefix('name:"').removesuffix('"')
        near = [row for name, row in self.orders.items() if wanted.lstrip("#") in name]  # a search, not a key
        return {"nodes": near[:first]}

    def _fulfil(self, _info: Any, *, fulfillment: dict[str, Any], **_rest: Any) -> dict[str, Any]:
        rows = fulfillment["lineItemsByFulfillmentOrder"]
        if not rows:
            raise GraphQLError("nothing to fulfil")
        order = next(
            name for name, one in self.orders.items()
            if any(row["id"] == rows[0]["fulfillmentOrderId"] for row in one["waiting"])
        )  # fmt: skip
        lines = {line["id"]: line for row in self.orders[order]["waiting"] for line in row["lines"]}
        ids = {row["fulfillmentOrderId"] for row in rows}
        places = {
            one["assignedLocation"]["location"]["id"] for one in self.orders[order]["waiting"] if one["id"] in ids
        }
        if len(places) != 1:
            return {"fulfillment": None, "userErrors": [{"field": None, "message": "Several locations"}]}
        wanted = [one for row in rows for one in row["fulfillmentOrderLineItems"]]
        if any(one["quantity"] > lines[one["id"]]["remainingQuantity"] for one in wanted):
            return {"fulfillment": None, "userErrors": [{"field": None, "message": "Invalid quantity"}]}
        if self.orders[order].get("is_locked"):
            return {"fulfillment": None, "userErrors": [{"field": None, "message": "The order is archived"}]}
        for one in wanted:
            lines[one["id"]]["remainingQuantity"] -= one["quantity"]
        info = fulfillment["trackingInfo"]
        assert fulfillment["notifyCustomer"] is True
        pieces = {lines[one["id"]]["sku"]: one["quantity"] for one in wanted}
        self.made.append({"order": order, "number": info["number"], "company": info["company"], "pieces": pieces,
                          "url": info.get("url", ""), "status": "SUCCESS"})  # fmt: skip
        made = {"id": f"gid://shopify/Fulfillment/{len(self.made)}", "status": "SUCCESS"}
        return {"fulfillment": made, "userErrors": []}


def _waiting(number: int, lines: list[dict[str, Any]], place: int = 1) -> dict[str, Any]:
    location = {"location": {"id": f"gid://shopify/Location/{place}"}}
    return {"id": f"gid://shopify/FulfillmentOrder/{number}", "status": "OPEN", "assignedLocation": location,
            "lineItems": lambda _info, **_page: {"nodes": lines}, "lines": lines}  # fmt: skip
