"""Naver on the loopback: tokens for signed requests, product orders with one waybill each, questions by page."""

import base64
import re
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import parse_qsl

import bcrypt

from tests.channels.malls.serving import Asked

SALT = "$2a$04$" + "abcdefghijklmnopqrstuu"
KEYS = {"client_id": "aBcD", "client_secret": SALT}
ORDERS = "/v1/pay-order/seller/product-orders"


@dataclass
class NaverTown:
    """What the mall knows: waybills by product order (empty: none yet), questions, inquiries."""

    orders: dict[str, str] = field(default_factory=dict)
    refused: dict[str, str] = field(default_factory=dict)
    questions: list[dict[str, Any]] = field(default_factory=list)
    inquiries: list[dict[str, Any]] = field(default_factory=list)
    token_status: int = 0

    def answer(self, asked: Asked) -> tuple[int, Any]:
        """Give tokens to who signs, and everything else to who has one."""
        if asked.path == "/v1/oauth2/token":
            return self._token(asked)
        if asked.headers.get("authorization") != "Bearer T":
            return 401, {"code": "GW.AUTHN", "message": "요청을 보낼 권한이 없습니다."}
        if asked.path == f"{ORDERS}/query":
            assert len(asked.body["productOrderIds"]) <= 300
            if any(not one.isdigit() for one in asked.body["productOrderIds"]):
                return 400, {"code": "4000", "message": "잘못된 요청 파라미터"}
            return 200, {"data": [self._order(one) for one in asked.body["productOrderIds"] if one in self.orders]}
        if asked.path == f"{ORDERS}/dispatch":
            return 200, {"data": self._dispatch(asked.body["dispatchProductOrders"])}
        return self._talk(asked)

    def _token(self, asked: Asked) -> tuple[int, Any]:
        form = dict(parse_qsl(asked.raw.decode()))
        words = f"{form['client_id']}_{form['timestamp']}".encode()
        is_right = bcrypt.checkpw(words, base64.b64decode(form["client_secret_sign"]))
        is_ours = base64.b64decode(form["client_secret_sign"]).decode().startswith(SALT)
        assert (form["grant_type"], form["type"]) == ("client_credentials", "SELF")
        if self.token_status:
            return self.token_status, {"code": "BUSY"}
        if not (is_right and is_ours and form["client_id"] == "aBcD"):
            return 400, {"code": "BAD_REQUEST", "message": "client_secret_sign 항목이 유효하지 않습니다."}
        return 200, {"access_token": "T", "expires_in": 10_800, "token_type": "Bearer"}

    def _order(self, number: str) -> dict[str, Any]:
        told = self.orders[number]
        row: dict[str, Any] = {"productOrder": {"productOrderId": number, "quantity": 1}}
        return {**row, "delivery": {"trackingNumber": told, "deliveryMethod": "DELIVERY"}} if told else row

    def _dispatch(self, rows: list[dict[str, str]]) -> dict[str, Any]:
        assert len(rows) <= 30
        good, bad = [], []
        for row in rows:
            number = row["productOrderId"]
            assert row["deliveryCompanyCode"] in {"CJGLS", "HANJIN", "KGB", "EPOST"}
            assert datetime.fromisoformat(row["dispatchDate"]).tzinfo is not None
            if number in self.refused or self.orders[number]:
                bad.append({"productOrderId": number, "code": "9999", "message": self.refused.get(number, "이미 발송")})
                continue
            self.orders[number] = row["trackingNumber"]
            good.append(number)
        return {"successProductOrderIds": good, "failProductOrderInfos": bad}

    def _talk(self, asked: Asked) -> tuple[int, Any]:
        size, page = int(asked.query.get("size", 10)), int(asked.query.get("page", 1))
        if asked.path == "/v1/contents/qnas":
            first, last = (datetime.fromisoformat(asked.query[name]) for name in ("fromDate", "toDate"))
            found = [row for row in self.questions if first <= datetime.fromisoformat(row["createDate"]) <= last]
            return 200, {"contents": found[(page - 1) * size : page * size], "totalPages": -(-len(found) // size)}
        if asked.path == "/v1/pay-user/inquiries":
            assert 10 <= size <= 200
            days = [asked.query[name] for name in ("startSearchDate", "endSearchDate")]
            found = [row for row in self.inquiries if days[0] <= row["inquiryRegistrationDateTime"][:10] <= days[1]]
            return 200, {"content": found[(page - 1) * size : page * size], "totalPages": -(-len(found) // size)}
        if found := re.fullmatch(r"/v1/contents/qnas/(\d+)", asked.path):
            row = next(one for one in self.questions if one["questionId"] == int(found[1]))
            row |= {"answered": True, "answer": asked.body["commentContent"]}  # it tells no moment of it
            return 204, {}
        if found := re.fullmatch(r"/v1/pay-merchant/inquiries/(\d+)/answer", asked.path):
            row = next(one for one in self.inquiries if one["inquiryNo"] == int(found[1]))
            if row["answered"]:
                return 400, {"code": "ALREADY", "message": "이미 답변된 문의입니다."}
            row |= {"answered": True, "answerContent": asked.body["answerComment"], "answerContentId": 31}
            return 200, {"answerContentId": 31}
        return 404, {"code": "NOT_FOUND"}
