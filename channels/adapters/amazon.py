"""Amazon (Selling Partner API): parcels confirm the shipment of their order.

Sources: Amazon's Swagger models ``ordersV0`` (confirmShipment) and ``orders_2026-01-01`` (getOrder with its packages),
the token of Login with Amazon, and its table of marketplaces and regions. Buyers' questions come by mail, because the
messaging interface only sends: they are an inlet of e-mail.

Unverified against a living account: the words for Japanese carriers, which are those of the upload file; a carrier
without a word is told as "Other" with its name.
"""

import re
from collections.abc import Mapping, Sequence
from datetime import UTC
from functools import partial
from typing import Any

import httpx
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

import core.asking
from channels.adapters.asking import Access, Mall, tell_each
from channels.adapters.tokens import TokenAuth
from core.asking import SECONDS, RefusedError
from shipping.adapters.channels import Told

LOGIN = "https://api.amazon.com"
_REGIONS = {
    "fe": "A1VC38T7YXB528 A19VAU5U5O7RUS A39IBJ37TRP1C6",
    "na": "ATVPDKIKX0DER A2EUQ1WTGCTBG2 A1AM78C64UM0Y8 A2Q3Y263D00KWC",
    "eu": "A1F83G8C2ARO7P A1PA6795UKMFR9 A13V1IB3VIYZZH APJ6JRA9NG5V4 A1RKKUPIHCS9HS A1805IZSGTT6HS A2NODRKZP88ZB9"
    " A1C3SOZRARQ6R3 AMEN7PMS3EDWL A28R8C7NBKEWEA A33AVAJ2PDY3EV A2VIGQ35RCS4UG A17E79C6D8DWNP ARBP9OOSHTCHU"
    " A21TJRUUN4KGV AE08WJ6YKNBMC",
}
REGION = {marketplace: region for region, some in _REGIONS.items() for marketplace in some.split()}
ORDER = re.compile(r"\d{3}-\d{7}-\d{7}")
CARRIERS = {"yamato": "Yamato Transport", "sagawa": "Sagawa Express", "japanpost": "Japan Post"}


def _said(found: Mapping[str, Any]) -> str:
    errors = found.get("errors") or [{}]
    return str(errors[0].get("message") or errors[0].get("code") or "")


_request = partial(core.asking.request, code_of=_said)


class Amazon(Mall):
    """One seller in one marketplace."""

    SECRETS = ("client_id", "client_secret", "refresh_token")
    ACCOUNT = gettext_lazy("Marketplace ID (A1VC38T7YXB528 in Japan)")

    def __init__(self, access: Access) -> None:
        self._marketplace = access.account.strip()
        if self._marketplace not in REGION:
            raise RefusedError(_("Amazon has no such marketplace."))
        form = {"grant_type": "refresh_token", **access.secrets}
        auth = TokenAuth(
            f"{access.url or LOGIN}/auth/o2/token", lambda: form, header="x-amz-access-token", prefix=""
        )  # fmt: skip
        url = access.url or f"https://sellingpartnerapi-{REGION[self._marketplace]}.amazon.com"
        self._client = httpx.Client(base_url=url, auth=auth, timeout=SECONDS, follow_redirects=False)

    def check(self) -> None:
        """Ask for the newest order, without its buyer."""
        query = {"marketplaceIds": self._marketplace, "createdAfter": "2020-01-01T00:00:00Z", "maxResultsPerPage": 1}
        _request(self._client, "GET", "/orders/2026-01-01/orders", params=query)

    def tell(self, parcels: Sequence[Told]) -> Mapping[int, str]:
        """Confirm the shipment of each parcel that the order does not have by its number."""
        return tell_each(parcels, self._tell)

    def _tell(self, parcel: Told) -> str:
        if not ORDER.fullmatch(parcel.order_number):
            raise RefusedError(_("The mall knows no such order."))
        where = f"/orders/2026-01-01/orders/{parcel.order_number}"
        order = _request(self._client, "GET", where, params={"includedData": "PACKAGES"}).get("order") or {}
        if any(_is_told(one, parcel.tracking_number) for one in order.get("packages") or []):
            return ""
        if not all(line.line_id for line in parcel.lines):
            raise RefusedError(_("a line without the mall’s number of it"))
        code = CARRIERS.get(parcel.carrier, "Other")
        package = {
            "packageReferenceId": str(parcel.notice_id),
            "carrierCode": code,
            "carrierName": parcel.carrier_name or parcel.carrier if code == "Other" else code,
            "trackingNumber": parcel.tracking_number,
            "shipDate": parcel.shipped_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
            "orderItems": [{"orderItemId": line.line_id, "quantity": line.quantity} for line in parcel.lines],
        }
        body = {"marketplaceId": self._marketplace, "packageDetail": package}
        _request(self._client, "POST", f"/orders/v0/orders/{parcel.order_number}/shipmentConfirmation", json=body)
        return ""


def _is_told(package: Mapping[str, Any], number: str) -> bool:
    status = (package.get("packageStatus") or {}).get("status")
    return package.get("trackingNumber") == number and status != "CANCELLED"
