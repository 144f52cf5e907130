"""Rakuten Ichiba (RMS Web Service): waybills are written into orders, inquiries (R-Messe) read and answered.

Sources: RMS Web Service, InquiryManagementAPI: inquiries.get (31 days, 100 a page, moments of Japan), inquiry.get,
reply.post (2,000 characters, 300 a line, addresses of a few sites only); RakutenPayOrderAPI: getOrder and
updateOrderShipping (20 waybills a package). A licence key lives for 90 days.

Unverified against a living account: by which day inquiries are found (when they were written is assumed, so that two
weeks are read each time, because customers go on in old ones), and what ``MessageModelList`` says for which fault.
"""

import base64
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

import httpx
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

import core.asking
from channels.adapters.asking import WRONG_KEYS, Access, AskedMall, read_rows, tell_each, word_for
from core.asking import SECONDS, RefusedError
from service.models import InletKind
from service.services.intake.filing import FiledMessage
from shipping.adapters.channels import Told

URL = "https://api.rms.rakuten.co.jp"
ORDERS, INQUIRIES = "/es/2.0/order", "/es/1.0/inquirymng-api"
VERSION = 7  # of getOrder: with SKUs
TOKYO = ZoneInfo("Asia/Tokyo")
WINDOW = timedelta(days=30)
PAGE = 100
CARRIERS = {"yamato": "1001", "sagawa": "1002", "japanpost": "1003"}
NUMBER = re.compile(r"[0-9A-Za-z-]{1,40}")
FROM_SHOP = "店舗からの問い合わせ"
LONGEST, LONGEST_LINE = 2000, 300
ADDRESS = re.compile(r"[a-z]+://[^\s]+", re.IGNORECASE)
SITES = (
    "rakuten.co.jp", "rakuten.ne.jp", "rakuten.com", "rakuten-bank.co.jp", "trafficgate.net", "rakuten-card.co.jp",
    "payment.sej.co.jp", "faq.rakuten.net", "support.rakuten-card.jp",
)  # fmt: skip


def _said(found: Mapping[str, Any]) -> str:
    error = found.get("error")
    if isinstance(error, dict):
        return str(error.get("message") or error.get("code") or "")
    return _fault(found) or str(found.get("message") or "")


def _fault(found: Mapping[str, Any]) -> str:
    """Return the first error of an answer of the order interface."""
    rows = found.get("MessageModelList") or []
    bad = next((row for row in rows if row.get("messageType") == "ERROR"), None)
    return str(bad.get("message") or bad.get("messageCode") or "?") if bad else ""


_request = partial(core.asking.request, code_of=_said)


class Rakuten(AskedMall):
    """One shop."""

    SECRETS = ("service_secret", "license_key")
    ACCOUNT = gettext_lazy("Shop ID (a number)")
    ASKS = frozenset({InletKind.MALL})
    OVERLAP = timedelta(days=14)
    REREAD = timedelta(days=31)

    def __init__(self, access: Access) -> None:
        self._shop = access.account.strip()
        keys = f"{access.secrets['service_secret']}:{access.secrets['license_key']}"
        self._client = httpx.Client(
            base_url=access.url or URL,
            headers={"Authorization": f"ESA {base64.b64encode(keys.encode()).decode()}"},
            timeout=SECONDS,
            follow_redirects=False,
        )

    def check(self) -> None:
        """Ask how many inquiries there were today."""
        now = datetime.now(TOKYO)
        days = {"fromDate": _text(now - timedelta(days=1)), "toDate": _text(now)}
        _request(self._client, "GET", f"{INQUIRIES}/inquiries/count", params=days)

    def tell(self, parcels: Sequence[Told]) -> Mapping[int, str]:
        """Write each parcel's waybill into its packages; all orders are looked up before, a hundred at once."""
        numbers = sorted({one.order_number for one in parcels if NUMBER.fullmatch(one.order_number)})
        orders: dict[str, Mapping[str, Any]] = {}
        for first in range(0, len(numbers), PAGE):
            orders |= self._orders(numbers[first : first + PAGE])
        return tell_each(parcels, partial(self._tell, orders))

    def _orders(self, numbers: Sequence[str]) -> dict[str, Mapping[str, Any]]:
        """Return the orders by number; where the mall refuses them together each half is asked for by itself."""
        try:
            found = _request(
                self._client, "POST", f"{ORDERS}/getOrder/", json={"orderNumberList": list(numbers), "version": VERSION}
            )
        except RefusedError as refusal:
            if refusal.http_status in WRONG_KEYS:
                raise
            half = len(numbers) // 2
            return {**self._orders(numbers[:half]), **self._orders(numbers[half:])} if half else {}
        return {str(one["orderNumber"]): one for one in found.get("OrderModelList") or []}

    def _tell(self, orders: Mapping[str, Mapping[str, Any]], parcel: Told) -> str:
        company = word_for(CARRIERS, parcel.carrier)
        if parcel.order_number not in orders:
            return _("The mall knows no such order.")
        packages = _packages(orders[parcel.order_number], parcel)
        waybill = {
            "deliveryCompany": company,
            "shippingNumber": parcel.tracking_number,
            "shippingDate": parcel.shipped_at.astimezone(TOKYO).date().isoformat(),
        }
        open_ones = [
            {"basketId": one["basketId"], "ShippingModelList": [waybill]}
            for one in packages
            if parcel.tracking_number not in {row.get("shippingNumber") for row in one.get("ShippingModelList") or []}
        ]
        if not open_ones:
            return ""
        body = {"orderNumber": parcel.order_number, "BasketidModelList": open_ones}
        return _fault(_request(self._client, "POST", f"{ORDERS}/updateOrderShipping/", json=body))

    def questions(self, kind: InletKind, *, since: datetime, until: datetime) -> Iterator[FiledMessage]:
        """Return the conversations that began between the moments, window by window and page by page."""
        first = since.astimezone(TOKYO)
        while first <= until:
            last = min(first + WINDOW, until.astimezone(TOKYO))
            rows = [row for row in self._window(first, last) if isinstance(row, dict)]
            rows.sort(key=lambda one: str(one.get("regDate")))
            yield from read_rows(rows, _conversation, "inquiryNumber")
            first = last + timedelta(seconds=1)

    def _window(self, first: datetime, last: datetime) -> Iterator[dict[str, Any]]:
        number, pages = 1, 1
        while number <= pages:
            query = {"fromDate": _text(first), "toDate": _text(last), "limit": PAGE, "page": number}
            try:
                found = _request(self._client, "GET", f"{INQUIRIES}/inquiries", params=query)
            except RefusedError as refusal:
                if refusal.http_status == 404:  # nothing was asked
                    return
                raise
            pages = int(found.get("totalPageCount") or 1)
            yield from found.get("list") or []
            number += 1

    def answer(self, kind: InletKind, *, number: str, text: str) -> None:
        """Answer in the conversation; what the mall is known to refuse is refused before."""
        if fault := _unfit(text):
            raise RefusedError(fault)
        body = {"inquiryNumber": _number(number), "shopId": self._shop, "message": text}
        _request(self._client, "POST", f"{INQUIRIES}/inquiry/reply", json=body)

    def conversation(self, kind: InletKind, number: str) -> Iterable[FiledMessage]:
        """Return all turns of one conversation."""
        return _conversation(_request(self._client, "GET", f"{INQUIRIES}/inquiry/{_number(number)}")["result"])


def _number(number: str) -> str:
    if not NUMBER.fullmatch(number):
        raise RefusedError(_("The mall knows no such inquiry."))
    return number


def _text(moment: datetime) -> str:
    return moment.astimezone(TOKYO).strftime("%Y-%m-%dT%H:%M:%S")


def _unfit(text: str) -> str:
    if len(text) > LONGEST:
        return _("longer than %(count)s characters") % {"count": LONGEST}
    if any(len(line) > LONGEST_LINE for line in text.splitlines()):
        return _("a line is longer than %(count)s characters") % {"count": LONGEST_LINE}
    for address in ADDRESS.findall(text):
        split = urlsplit(address)
        host = (split.hostname or "").lower()
        if split.scheme.lower() != "https" or not any(host == site or host.endswith(f".{site}") for site in SITES):
            return _("Rakuten lets no address pass that leads elsewhere: %(host)s") % {"host": host or "?"}
    return ""


def _packages(order: Mapping[str, Any], parcel: Told) -> list[Mapping[str, Any]]:
    """Return the packages in which the parcel's lines lie; the only one where our lines have no number."""
    packages = [one for one in order.get("PackageModelList") or [] if not one.get("packageDeleteFlag")]
    lines = {line.line_id for line in parcel.lines if line.line_id}
    found = [one for one in packages if lines & {str(item["itemDetailId"]) for item in one.get("ItemModelList") or []}]
    if not found and len(packages) == 1:
        return packages
    if not found:
        raise RefusedError(_("The order has several packages, and none with these lines."))
    return found


def _conversation(row: Mapping[str, Any]) -> Iterator[FiledMessage]:
    number = str(row["inquiryNumber"])
    is_done = bool(row.get("isCompleted"))
    about: dict[str, Any] = {
        "subject": str(row.get("itemName") or row.get("category") or row.get("type") or ""),
        "sender_name": str(row.get("userName") or ""),
        "sender_address": str(row.get("userMaskEmail") or ""),
        "order_number": str(row.get("orderNumber") or ""),
        "product_code": str(row.get("itemNumber") or ""),
        "tags": [str(row["category"])] if row.get("category") else [],
    }
    if row.get("type") != FROM_SHOP and not row.get("isMessageDeleted"):
        at = datetime.fromisoformat(row["regDate"])
        yield FiledMessage(
            thread=number, external_id=number, body=row["message"], at=at, is_settled=is_done, **about
        )  # fmt: skip
    for reply in sorted(row.get("replies") or [], key=lambda one: int(one["id"])):
        if reply.get("isMessageDeleted"):
            continue
        is_ours = reply.get("replyFrom") == "merchant"
        yield FiledMessage(
            thread=number, external_id=f"r{reply['id']}", body=reply["message"], is_ours=is_ours,
            at=datetime.fromisoformat(reply["regDate"]), **({} if is_ours else about),
        )  # fmt: skip
