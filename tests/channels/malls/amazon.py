"""Amazon on the loopback: tokens, orders with their packages, shipments confirmed once for each piece."""

import re
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from tests.channels.malls.serving import Asked

KEYS = {"client_id": "amzn1.app", "client_secret": "cs", "refresh_token": "Atzr|r"}
JAPAN = "A1VC38T7YXB528"


@dataclass
class AmazonTown:
    """What the mall knows: pieces to ship by order and item, and the packages of each order."""

    items: dict[str, dict[str, int]] = field(default_factory=dict)
    packages: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    is_down: bool = False

    def answer(self, asked: Asked) -> tuple[int, Any]:
        """Give tokens for keys, and everything else for tokens."""
        if asked.path == "/auth/o2/token":
            if asked.body != {"grant_type": "refresh_token", **KEYS}:
                return 400, {"error": "invalid_grant", "error_description": "The refresh token is not valid."}
            return 200, {"access_token": "Atza|t", "token_type": "bearer", "expires_in": 3600}
        if asked.headers.get("x-amz-access-token") != "Atza|t":
            return 403, {"errors": [{"code": "Unauthorized", "message": "Access to requested resource is denied."}]}
        if self.is_down:
            return 503, {"errors": [{"code": "ServiceUnavailable"}]}
        return self._orders(asked)

    def _orders(self, asked: Asked) -> tuple[int, Any]:
        if asked.path == "/orders/2026-01-01/orders":
            return 200, {"orders": []}
        number = re.search(r"/orders/(\d{3}-\d{7}-\d{7})", asked.path)[1]
        if number not in self.items:
            return 404, {"errors": [{"code": "NotFound", "message": "No such order."}]}
        if asked.method == "GET":
            assert asked.query == {"includedData": "PACKAGES"}
            return 200, {"order": {"orderId": number, "packages": self.packages.get(number, [])}}
        return self._confirm(number, asked.body)

    def _confirm(self, number: str, body: dict[str, Any]) -> tuple[int, Any]:
        package = body["packageDetail"]
        shipped: Counter[str] = Counter()
        for one in self.packages.get(number, []):
            shipped.update({item["orderItemId"]: item["quantity"] for item in one["packageItems"]})
        for item in package["orderItems"]:
            left = self.items[number].get(item["orderItemId"], 0) - shipped[item["orderItemId"]]
            if item["quantity"] > left:
                return 400, {"errors": [{"code": "InvalidInput", "message": "Order already fulfilled."}]}
        made = {"packageReferenceId": package["packageReferenceId"], "trackingNumber": package["trackingNumber"],
                "carrier": package["carrierName"], "packageItems": package["orderItems"]}  # fmt: skip
        self.packages.setdefault(number, []).append(made)
        return 204, ""
