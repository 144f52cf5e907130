"""Coupang: parcels are told, questions about products and those of the contact centre are read and answered.

Sources: developers.coupangcorp.com, "Uploading Waybills", "Customer Inquiry Query by Product", "Answer to Customer
Product Inquiry", "Query of Coupang Contact Center Inquiries", "Answer to Inquiries via Coupang Contact Center",
"분리배송을 하고 싶습니다" (how a box is divided), and the field list of order sheets (v5). What is read is of v5,
what is written of v4. Requests are signed with HMAC-SHA256 over date, method, path and query. Moments are those of
Seoul without a zone. The contact centre takes 2 to 1,000 characters, and names options in a list.

Unverified against a living account: the courier codes of Logen and Korea Post, and the longest answer to a question
about a product (1,000 characters are taken for it too).
"""

import hashlib
import hmac
from collections import defaultdict
from collections.abc import Generator, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

import httpx
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

import core.asking
from channels.adapters.asking import Access, AskedMall, read_rows, tell_each, word_for
from core.asking import SECONDS, RefusedError
from service.models import InletKind
from service.services.intake.filing import FiledMessage
from shipping.adapters.channels import Told

URL = "https://api-gateway.coupang.com"
READ, WRITE = (f"/v2/providers/openapi/apis/api/{version}/vendors" for version in ("v5", "v4"))
SEOUL = ZoneInfo("Asia/Seoul")
WINDOW = timedelta(days=6)  # first and last day are counted: seven
PAGE = 30
LONGEST = 1000
CARRIERS = {"cjlogistics": "CJGLS", "hanjin": "HANJIN", "logen": "KGB", "koreapost": "EPOST"}
OPEN = {"ACCEPT", "INSTRUCT"}
PLACES = {
    InletKind.PRODUCT_QUESTION: ("onlineInquiries", {"answeredType": "ALL"}),
    InletKind.MALL: ("callCenterInquiries", {"partnerCounselingStatus": "NONE"}),
}
_request = partial(core.asking.request, code_of=lambda found: str(found.get("message") or found.get("code") or ""))


class _Signature(httpx.Auth):
    """Signs each request anew: the moment is a part of it."""

    def __init__(self, key: str, secret: str) -> None:
        self._key, self._secret = key, secret.encode()

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        at = datetime.now(UTC).strftime("%y%m%dT%H%M%SZ")
        signed = f"{at}{request.method}{request.url.path}{request.url.query.decode()}"
        signature = hmac.new(self._secret, signed.encode(), hashlib.sha256).hexdigest()
        request.headers["Authorization"] = (
            f"CEA algorithm=HmacSHA256, access-key={self._key}, signed-date={at}, signature={signature}"
        )
        yield request


class Coupang(AskedMall):
    """One seller's account."""

    SECRETS = ("access_key", "secret_key")
    ACCOUNT = gettext_lazy("Vendor ID")
    USER = gettext_lazy("WING user who answers")
    ASKS = frozenset(PLACES)
    OVERLAP = timedelta(days=3)  # the contact centre asks the seller later than the customer asked it

    def __init__(self, access: Access) -> None:
        self._vendor, self._user = access.account, access.user
        self._read, self._write = f"{READ}/{access.account}", f"{WRITE}/{access.account}"
        self._client = httpx.Client(
            base_url=access.url or URL,
            auth=_Signature(access.secrets["access_key"], access.secrets["secret_key"]),
            timeout=SECONDS,
            follow_redirects=False,
        )

    def check(self) -> None:
        """Ask for today's questions about products."""
        today = datetime.now(SEOUL)
        self._page(InletKind.PRODUCT_QUESTION, today, today, 1)

    def tell(self, parcels: Sequence[Told]) -> Mapping[int, str]:
        """Upload the waybills, one order at a time: how an order is divided has to be looked up first."""
        return tell_each(parcels, self._tell)

    def _tell(self, parcel: Told) -> str:
        carrier = word_for(CARRIERS, parcel.carrier)
        sheets = _request(self._client, "GET", f"{self._read}/{int(parcel.order_number)}/ordersheets").get("data") or []
        wanted = _options(parcel)
        if _knows(sheets, parcel.tracking_number, set(wanted)):
            return ""
        rows: list[dict[str, Any]] = []
        for sheet, options in _boxes(sheets, wanted).items():
            rows += _rows(sheets[sheet], options, parcel, carrier)
        body = {"vendorId": self._vendor, "orderSheetInvoiceApplyDtos": rows}
        found = _request(self._client, "POST", f"{self._write}/orders/invoices", json=body)
        boxes = (found.get("data") or {}).get("responseList") or []
        refusals = [
            str(box.get("resultMessage") or box.get("resultCode") or "?") for box in boxes if not box["succeed"]
        ]
        return refusals[0] if refusals else ""

    def questions(self, kind: InletKind, *, since: datetime, until: datetime) -> Iterator[FiledMessage]:
        """Return the questions of these days, window by window and page by page."""
        first, last = since.astimezone(SEOUL), until.astimezone(SEOUL)
        while first.date() <= last.date():
            end = min(first + WINDOW, last)
            yield from sorted(self._window(kind, first, end), key=lambda one: one.at or since)
            first = end + timedelta(days=1)

    def _window(self, kind: InletKind, first: datetime, last: datetime) -> Iterator[FiledMessage]:
        number, pages = 1, 1
        read = _product_question if kind == InletKind.PRODUCT_QUESTION else _centre_question
        while number <= pages:
            data = self._page(kind, first, last, number)
            pages = int((data.get("pagination") or {}).get("totalPages") or 1)
            yield from read_rows(data.get("content") or [], read, "inquiryId")
            number += 1

    def _page(self, kind: InletKind, first: datetime, last: datetime, number: int) -> Mapping[str, Any]:
        place, choice = PLACES[kind]
        query = {
            "vendorId": self._vendor,
            **choice,
            "inquiryStartAt": first.date().isoformat(),
            "inquiryEndAt": last.date().isoformat(),
            "pageSize": PAGE,
            "pageNum": number,
        }
        data = _request(self._client, "GET", f"{self._read}/{place}?{urlencode(query)}").get("data")
        return data if isinstance(data, dict) else {}

    def answer(self, kind: InletKind, *, number: str, text: str) -> None:
        """Answer a question; the contact centre's wants the id of what it asked of the seller."""
        if len(text) > LONGEST:
            raise RefusedError(_("longer than %(count)s characters") % {"count": LONGEST})
        body = {"vendorId": self._vendor, "content": text, "replyBy": self._user}
        if kind == InletKind.MALL:
            asked = [row for row in self._centre(number).get("replies") or [] if row.get("needAnswer")]
            if not asked:
                raise RefusedError(_("It is not asked for an answer of the seller"))
            body |= {"inquiryId": number, "parentAnswerId": asked[-1]["answerId"]}
        _request(self._client, "POST", f"{self._write}/{PLACES[kind][0]}/{int(number)}/replies", json=body)

    def conversation(self, kind: InletKind, number: str) -> Iterable[FiledMessage]:
        """Return one question of the contact centre, or one about a product of the last thirty days."""
        if kind == InletKind.MALL:
            return _centre_question(self._centre(number))
        today = datetime.now(SEOUL)
        found = self.questions(kind, since=today - timedelta(days=30), until=today)
        return (one for one in found if one.thread == number)

    def _centre(self, number: str) -> Mapping[str, Any]:
        found = _request(self._client, "GET", f"{READ}/callCenterInquiries/{int(number)}")  # without the vendor
        return dict(found.get("data") or {})


def _options(parcel: Told) -> dict[str, tuple[str, int]]:
    """Return by option the box of our file and the pieces: our lines are "box-option"."""
    found: dict[str, tuple[str, int]] = {}
    for line in parcel.lines:
        box, _dash, option = line.line_id.partition("-")
        if not option:
            raise RefusedError(_("a line without its box and option"))
        found[option] = (box, found.get(option, ("", 0))[1] + line.quantity)
    return found


def _items(sheet: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    return {str(item["vendorItemId"]): item for item in sheet.get("orderItems") or [] if not item.get("canceled")}


def _pieces(item: Mapping[str, Any]) -> int:
    return int(item["shippingCount"]) - int(item.get("cancelCount") or 0) - int(item.get("holdCountForCancel") or 0)


def _knows(sheets: Sequence[Mapping[str, Any]], number: str, options: set[str]) -> bool:
    """Tell whether all these options lie in boxes with this waybill."""
    told = [sheet for sheet in sheets if str(sheet.get("invoiceNumber") or "") == number]
    return bool(options) and options <= {option for sheet in told for option in _items(sheet)}


def _boxes(sheets: Sequence[Mapping[str, Any]], wanted: Mapping[str, tuple[str, int]]) -> dict[int, set[str]]:
    """Return which options lie in which open box; the box of our file may be another one since it was divided."""
    found: dict[int, set[str]] = defaultdict(set)
    for option, (box, quantity) in wanted.items():
        fitting = [
            place
            for place, sheet in enumerate(sheets)
            if option in _items(sheet) and sheet.get("status") in OPEN and not sheet.get("invoiceNumber")
        ]
        if not fitting:
            raise RefusedError(_("option %(option)s is not waiting to be shipped") % {"option": option})
        place = next((one for one in fitting if str(sheets[one]["shipmentBoxId"]) == box), fitting[0])
        if quantity != _pieces(_items(sheets[place])[option]):
            raise RefusedError(_("the pieces of option %(option)s are in one parcel there") % {"option": option})
        found[place].add(option)
    return found


def _rows(sheet: Mapping[str, Any], options: set[str], parcel: Told, carrier: str) -> list[dict[str, Any]]:
    """Return the waybill of each option; what stays behind is named with the day it is planned for."""
    items = _items(sheet)
    is_before = bool(sheet.get("splitShipping"))
    is_split = is_before or set(items) != options
    rows = []
    for option, item in items.items():
        is_here = option in options
        if not is_here and is_before:
            continue  # it was named when the box was divided
        day = "" if is_here else str(item.get("plannedShippingDate") or item.get("estimatedShippingDate") or "")[:10]
        if not is_here and not day:
            raise RefusedError(_("no day is planned for the rest of the box"))
        rows.append(
            {
                "shipmentBoxId": sheet["shipmentBoxId"],
                "orderId": int(parcel.order_number),
                "vendorItemId": item["vendorItemId"],
                "deliveryCompanyCode": carrier,
                "invoiceNumber": parcel.tracking_number if is_here else "",
                "splitShipping": is_split,
                "preSplitShipped": is_before,
                "estimatedShippingDate": day,
            }
        )
    return rows


def _moment(text: str) -> datetime:
    found = datetime.fromisoformat(text.strip())
    return found if found.tzinfo else found.replace(tzinfo=SEOUL)


def _option(row: Mapping[str, Any]) -> str:
    """Return the option that a question is about, the first one of a list."""
    found = row.get("vendorItemId") or ""
    return str(found[0] if isinstance(found, list) else found)


def _product_question(row: Mapping[str, Any]) -> Iterator[FiledMessage]:
    number = str(row["inquiryId"])
    orders = row.get("orderIds") or []
    yield FiledMessage(
        thread=number,
        external_id=number,
        body=row["content"],
        at=_moment(row["inquiryAt"]),
        order_number=str(orders[0]) if orders else "",
        product_code=_option(row),
    )
    for said in row.get("commentDtoList") or []:
        yield FiledMessage(
            thread=number,
            external_id=f"c{said['inquiryCommentId']}",
            body=said["content"],
            at=_moment(said["inquiryCommentAt"]),
            is_ours=True,
        )


def _centre_question(row: Mapping[str, Any]) -> Iterator[FiledMessage]:
    """Return what the customer told the centre, and what the centre and we said since, in their order."""
    number = str(row["inquiryId"])
    at = _moment(row["inquiryAt"])
    yield FiledMessage(
        thread=number,
        external_id=number,
        subject=str(row.get("itemName") or ""),
        body=row["content"],
        at=at,
        order_number=str(row.get("orderId") or ""),
        product_code=_option(row),
        tags=[str(row["receiptCategory"])] if row.get("receiptCategory") else [],
    )
    for said in sorted(row.get("replies") or [], key=lambda one: int(one["answerId"])):
        is_ours = said.get("answerType") == "vendor"
        yield FiledMessage(
            thread=number,
            external_id=f"a{said['answerId']}",
            body=said["content"],
            at=_moment(said["replyAt"]) if said.get("replyAt") else at,
            is_ours=is_ours,
            sender_name="" if is_ours else _("Contact centre of Coupang"),
        )
