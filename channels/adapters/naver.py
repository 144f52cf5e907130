"""Naver SmartStore (Commerce API): product orders are dispatched, inquiries and product questions read and answered.

Sources: Naver's OpenAPI document 2.0.0-RC (token, ``client_secret_sign``); the fields of a product order and its
courier codes; apicenter.commerce.naver.com: "상품 문의" (``/v1/contents/qnas``), "고객 문의"
(``/v1/pay-user/inquiries``), "발송 처리" (30 product orders a call, 300 to look up). Naver answers only addresses that
its centre lists.

A product order has one waybill: of one that lies in several parcels only the first is taken. An answer to a product
question replaces what stands there, so that none is given over somebody else's. The list of product questions shows
one answer without its moment, in newer descriptions all of them with theirs; inquiries may be asked for 365 days at
once.

Unverified against a living account: how long a window of product questions may be (a week is asked for), the longest
answer, and whether one number that is none of ours fails the whole look-up (then each parcel is looked up by itself).
"""

import base64
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

import bcrypt
import httpx
from django.utils.translation import gettext as _

import core.asking
from channels.adapters.asking import WRONG_KEYS, Access, AskedMall, is_same, read_rows, tell_each, word_for
from channels.adapters.tokens import TokenAuth
from core.asking import SECONDS, RefusedError
from service.models import InletKind
from service.services.intake.filing import FiledMessage
from shipping.adapters.channels import Told

URL = "https://api.commerce.naver.com/external"
SEOUL = ZoneInfo("Asia/Seoul")
WINDOW = timedelta(days=7)
PAGE = 100
LOOKED_UP = 300
CARRIERS = {"cjlogistics": "CJGLS", "hanjin": "HANJIN", "logen": "KGB", "koreapost": "EPOST"}
ORDERS = "/v1/pay-order/seller/product-orders"
QUESTIONS, INQUIRIES, ANSWERS = "/v1/contents/qnas", "/v1/pay-user/inquiries", "/v1/pay-merchant/inquiries"


def _code(found: Mapping[str, Any]) -> str:
    return str(found.get("message") or found.get("code") or found.get("error") or "")


_request = partial(core.asking.request, code_of=_code)


def _signed(client_id: str, secret: str) -> dict[str, str]:
    """Return the form that asks for a token: the secret is a salt of bcrypt, and never leaves."""
    timestamp = str(int(time.time() * 1000))
    try:
        signed = bcrypt.hashpw(f"{client_id}_{timestamp}".encode(), secret.encode())
    except ValueError:
        raise RefusedError(_("The client secret is not complete."), 401) from None
    return {
        "client_id": client_id,
        "timestamp": timestamp,
        "client_secret_sign": base64.b64encode(signed).decode(),
        "grant_type": "client_credentials",
        "type": "SELF",
    }


class Naver(AskedMall):
    """One store."""

    SECRETS = ("client_id", "client_secret")
    ASKS = frozenset({InletKind.MALL, InletKind.PRODUCT_QUESTION})

    def __init__(self, access: Access) -> None:
        url = access.url or URL
        form = partial(_signed, access.secrets["client_id"], access.secrets["client_secret"])
        auth = TokenAuth(f"{url}/v1/oauth2/token", form)
        self._client = httpx.Client(base_url=url, auth=auth, timeout=SECONDS, follow_redirects=False)

    def check(self) -> None:
        """Ask for today's inquiries."""
        today = datetime.now(SEOUL)
        self._page(InletKind.MALL, today, today, 1)

    def tell(self, parcels: Sequence[Told]) -> Mapping[int, str]:
        """Dispatch what is not dispatched yet, parcel by parcel; all are looked up before.

        A look-up that is denied is done again by ``_tell``, so that the number at fault stops its own parcel only.
        """
        numbers = sorted({line.line_id for parcel in parcels for line in parcel.lines if line.line_id})
        known: dict[str, str] = {}
        denied: set[str] = set()
        for first in range(0, len(numbers), LOOKED_UP):
            some = numbers[first : first + LOOKED_UP]
            try:
                known.update(self._waybills(some))
            except RefusedError as refusal:
                if refusal.http_status in WRONG_KEYS:
                    raise
                denied.update(some)
        return tell_each(parcels, partial(self._tell, known, denied))

    def _waybills(self, numbers: Sequence[str]) -> dict[str, str]:
        """Return by product order the waybill that the mall has; empty for none, left out where it knows no order."""
        found = _request(self._client, "POST", f"{ORDERS}/query", json={"productOrderIds": numbers}).get("data") or []
        return {
            str(row["productOrder"]["productOrderId"]): str((row.get("delivery") or {}).get("trackingNumber") or "")
            for row in found
        }

    def _tell(self, known: dict[str, str], denied: set[str], parcel: Told) -> str:
        carrier = word_for(CARRIERS, parcel.carrier)
        numbers = list(dict.fromkeys(line.line_id for line in parcel.lines))
        if unseen := [number for number in numbers if number in denied and number not in known]:
            known.update(self._waybills(unseen))
        if not numbers or not all(number in known for number in numbers):
            return _("The mall knows no such product order.")
        others = {known[number] for number in numbers} - {"", parcel.tracking_number}
        if others:
            told = ", ".join(sorted(others))
            return _("The mall takes one number for a product order, and has %(number)s.") % {"number": told}
        rows = [
            {
                "productOrderId": number,
                "deliveryMethod": "DELIVERY",
                "deliveryCompanyCode": carrier,
                "trackingNumber": parcel.tracking_number,
                "dispatchDate": parcel.shipped_at.astimezone(SEOUL).isoformat(timespec="milliseconds"),
            }
            for number in numbers
            if not known[number]
        ]
        for first in range(0, len(rows), 30):
            some = {"dispatchProductOrders": rows[first : first + 30]}
            data = _request(self._client, "POST", f"{ORDERS}/dispatch", json=some).get("data") or {}
            known.update(dict.fromkeys(map(str, data.get("successProductOrderIds") or []), parcel.tracking_number))
            for fault in data.get("failProductOrderInfos") or []:
                return str(fault.get("message") or fault.get("code") or "?")
        return ""

    def questions(self, kind: InletKind, *, since: datetime, until: datetime) -> Iterator[FiledMessage]:
        """Return what was asked, window by window and page by page."""
        first = since.astimezone(SEOUL)
        while first <= until:
            last = min(first + WINDOW, until.astimezone(SEOUL))
            yield from sorted(self._window(kind, first, last), key=lambda one: one.at or since)
            first = last + timedelta(microseconds=1)

    def _window(self, kind: InletKind, first: datetime, last: datetime) -> Iterator[FiledMessage]:
        number, pages = 1, 1
        read, where, key = (
            (_question, "contents", "questionId")
            if kind == InletKind.PRODUCT_QUESTION
            else (_inquiry, "content", "inquiryNo")
        )
        while number <= pages:
            found = self._page(kind, first, last, number)
            pages = int(found.get("totalPages") or 1)
            yield from read_rows(found.get(where) or [], read, key)
            number += 1

    def _page(self, kind: InletKind, first: datetime, last: datetime, number: int) -> Mapping[str, Any]:
        page = {"page": number, "size": PAGE}
        if kind == InletKind.PRODUCT_QUESTION:
            moments = {
                "fromDate": first.isoformat(timespec="milliseconds"),
                "toDate": last.isoformat(timespec="milliseconds"),
            }
            return _request(self._client, "GET", QUESTIONS, params={**moments, **page})
        days = {"startSearchDate": first.date().isoformat(), "endSearchDate": last.date().isoformat()}
        return _request(self._client, "GET", INQUIRIES, params={**days, **page})

    def answer(self, kind: InletKind, *, number: str, text: str) -> None:
        """Answer; a product question only where nobody has answered it, because the answer would be replaced."""
        if kind == InletKind.MALL:
            _request(self._client, "POST", f"{ANSWERS}/{int(number)}/answer", json={"answerComment": text})
            return
        if any(one.is_ours for one in self.conversation(kind, number)):
            raise RefusedError(_("Somebody has answered it in the mall."))
        _request(self._client, "PUT", f"{QUESTIONS}/{int(number)}", json={"commentContent": text})

    def conversation(self, kind: InletKind, number: str) -> Iterable[FiledMessage]:
        """Return a question of the last thirty days with its answers."""
        now = datetime.now(SEOUL)
        found = self.questions(kind, since=now - timedelta(days=30), until=now)
        return (one for one in found if one.thread == number)

    def is_answered(self, kind: InletKind, *, number: str, text: str, since: datetime) -> bool:
        """Tell whether we said exactly this; of the answer to a product question the mall may tell no moment."""
        if kind == InletKind.MALL:
            return super().is_answered(kind, number=number, text=text, since=since)
        return any(one.is_ours and is_same(one.body, text) for one in self.conversation(kind, number))


def _moment(text: str) -> datetime:
    found = datetime.fromisoformat(text)
    return found if found.tzinfo else found.replace(tzinfo=SEOUL)


def _question(row: Mapping[str, Any]) -> Iterator[FiledMessage]:
    number, at = str(row["questionId"]), _moment(row["createDate"])
    yield FiledMessage(
        thread=number,
        external_id=number,
        subject=str(row.get("productName") or ""),
        body=row["question"],
        sender_name=str(row.get("maskedWriterId") or ""),
        product_code=str(row.get("productId") or ""),
        at=at,
    )
    told = row.get("answers") or ([{"answer": row["answer"]}] if row.get("answer") else [])
    for place, said in enumerate(told):
        moment = _moment(said["createDate"]) if said.get("createDate") else at
        yield FiledMessage(
            thread=number, external_id=f"{number}:{place}", body=said["answer"], at=moment, is_ours=True
        )  # fmt: skip


def _inquiry(row: Mapping[str, Any]) -> Iterator[FiledMessage]:
    number, at = str(row["inquiryNo"]), _moment(row["inquiryRegistrationDateTime"])
    yield FiledMessage(
        thread=number,
        external_id=number,
        subject=str(row.get("title") or ""),
        body=row["inquiryContent"],
        sender_name=str(row.get("customerName") or ""),
        sender_code=str(row.get("customerId") or ""),
        order_number=str(row.get("orderId") or ""),
        product_code=str(row.get("productNo") or ""),
        at=at,
        tags=[str(row["category"])] if row.get("category") else [],
    )
    if row.get("answered") and row.get("answerContent"):
        answered = row.get("answerRegistrationDateTime")
        yield FiledMessage(
            thread=number,
            external_id=f"a{row.get('answerContentId') or number}",
            body=row["answerContent"],
            at=_moment(answered) if answered else at,
            is_ours=True,
        )
