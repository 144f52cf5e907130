"""Shopify (Admin GraphQL 2026-07): parcels become fulfilments with their tracking numbers.

Sources: Shopify's introspection of that version, against which every document here is held in tests; its list of
carriers that it knows by name. Shopify has no inquiries of customers: they write by mail.

Unverified against a living account: what the look-up of an order costs. Orders older than 60 days are seen only with
the scope ``read_all_orders``.
"""

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

import httpx
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

import core.asking
from channels.adapters.asking import Access, Mall, tell_each
from core.asking import SECONDS, RefusedError, UnansweredError
from shipping.adapters.channels import Told

VERSION = "2026-07"
SHOP = re.compile(r"[a-z0-9][a-z0-9-]*\.myshopify\.com")
OPEN = {"OPEN", "IN_PROGRESS"}
DONE = {"SUCCESS", "OPEN", "PENDING"}
LATER = {"THROTTLED", "INTERNAL_SERVER_ERROR", "TIMEOUT"}
COMPANIES = {
    "yamato": "Yamato (JA)",
    "sagawa": "Sagawa (JA)",
    "japanpost": "Japan Post (JA)",
    "koreapost": "Korea Post",
}
CHECK = "query Check { shop { name } }"
ORDER = """
query Parcels($query: String!) {
  orders(first: 3, query: $query) {
    nodes {
      name
      fulfillments(first: 20) { status trackingInfo(first: 5) { number } }
      fulfillmentOrders(first: 10) {
        nodes {
          id
          status
          assignedLocation { location { id } }
          lineItems(first: 50) { nodes { id sku remainingQuantity } }
        }
      }
    }
  }
}
"""
FULFIL = """
mutation Ship($fulfillment: FulfillmentInput!) {
  fulfillmentCreate(fulfillment: $fulfillment) {
    fulfillment { id status }
    userErrors { field message }
  }
}
"""


def _said(found: Mapping[str, Any]) -> str:
    return str(found.get("errors") or found.get("error") or "")


_request = partial(core.asking.request, code_of=_said)


class Shopify(Mall):
    """One shop."""

    SECRETS = ("access_token",)
    ACCOUNT = gettext_lazy("Shop domain (….myshopify.com)")

    def __init__(self, access: Access) -> None:
        shop = access.account.strip().lower()
        if not SHOP.fullmatch(shop):  # nobody leads the token elsewhere
            raise RefusedError(_("The shop domain ends in .myshopify.com."))
        self._client = httpx.Client(
            base_url=f"{access.url or f'https://{shop}'}/admin/api/{VERSION}",
            headers={"X-Shopify-Access-Token": access.secrets["access_token"]},
            timeout=SECONDS,
            follow_redirects=False,
        )

    def check(self) -> None:
        """Ask for the shop's name."""
        self._ask(CHECK, {})

    def tell(self, parcels: Sequence[Told]) -> Mapping[int, str]:
        """Make a fulfilment of each parcel whose number the shop does not know; the shop tells its customer."""
        return tell_each(parcels, self._tell)

    def _tell(self, parcel: Told) -> str:
        order = self._order(parcel.order_number)
        if _knows(order, parcel.tracking_number):
            return ""
        fulfilment = {
            "lineItemsByFulfillmentOrder": _lines(order, parcel),
            "notifyCustomer": True,
            "trackingInfo": {
                "number": parcel.tracking_number,
                "company": COMPANIES.get(parcel.carrier, parcel.carrier_name or parcel.carrier),
                **({"url": parcel.tracking_url} if parcel.tracking_url else {}),
            },
        }
        errors = self._ask(FULFIL, {"fulfillment": fulfilment})["fulfillmentCreate"]["userErrors"]
        return str(errors[0]["message"]) if errors else ""

    def _order(self, name: str) -> Mapping[str, Any]:
        """Return the order of exactly this name; the shop's search finds others beside it."""
        plain = name.replace("\\", "").replace('"', "")
        found = self._ask(ORDER, {"query": f'name:"{plain}"'})["orders"]["nodes"]
        order = next((one for one in found if one["name"] == name), None)
        if order is None:
            raise RefusedError(_("The shop knows no such order."))
        return dict(order)

    def _ask(self, document: str, variables: Mapping[str, Any]) -> Mapping[str, Any]:
        body = {"query": document, "variables": variables}
        found = _request(self._client, "POST", "/graphql.json", json=body)
        if errors := found.get("errors"):
            codes = {str((one.get("extensions") or {}).get("code") or "") for one in errors}
            if codes & LATER:
                raise UnansweredError(", ".join(sorted(codes & LATER)))
            status = 403 if "ACCESS_DENIED" in codes else 0
            raise RefusedError(str(errors[0].get("message") or "?"), status)
        return dict(found["data"])


def _knows(order: Mapping[str, Any], number: str) -> bool:
    told = [row for row in order["fulfillments"] if row["status"] in DONE]
    return any(info["number"] == number for row in told for info in row["trackingInfo"])


def _lines(order: Mapping[str, Any], parcel: Told) -> list[dict[str, Any]]:
    """Return the pieces of the parcel out of what waits at one location: a fulfilment is of one.

    RefusedError where something does not wait, or waits at several locations.
    """
    places: dict[str, list[Mapping[str, Any]]] = defaultdict(list)
    for row in order["fulfillmentOrders"]["nodes"]:
        if row["status"] in OPEN:
            places[str(((row["assignedLocation"] or {}).get("location") or {}).get("id"))].append(row)
    missing = ""
    for rows in places.values():
        taken, lacking = _taken(rows, parcel)
        if not lacking:
            return taken
        missing = lacking
    everything, lacking = _taken([row for rows in places.values() for row in rows], parcel)
    if everything and not lacking:
        raise RefusedError(_("The shop sends this parcel from several places: fulfil it there."))
    sku = lacking or missing or parcel.lines[0].sku
    raise RefusedError(_("%(sku)s does not wait to be shipped in the shop.") % {"sku": sku})


def _taken(rows: Sequence[Mapping[str, Any]], parcel: Told) -> tuple[list[dict[str, Any]], str]:
    """Return the pieces out of these fulfilment orders, and the SKU of which there are too few."""
    taken: dict[str, list[dict[str, Any]]] = defaultdict(list)
    used: dict[str, int] = defaultdict(int)
    waiting = [(row["id"], line) for row in rows for line in row["lineItems"]["nodes"]]
    for wanted in parcel.lines:
        left = wanted.quantity
        for where, line in waiting:
            free = line["remainingQuantity"] - used[line["id"]]
            if line["sku"] == wanted.sku and left and free > 0:
                count = min(left, free)
                taken[where].append({"id": line["id"], "quantity": count})
                used[line["id"]] += count
                left -= count
        if left:
            return [], wanted.sku
    return [{"fulfillmentOrderId": where, "fulfillmentOrderLineItems": some} for where, some in taken.items()], ""
