"""Rakuten on the loopback: orders with packages and waybills, conversations with their rules."""

import base64
import re
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from tests.channels.malls.serving import Asked

KEYS = {"service_secret": "SP1_x", "license_key": "SL1_y"}
SHOP = "999999"
ORDERS, INQUIRIES = "/es/2.0/order", "/es/1.0/inquirymng-api"


@dataclass
class RakutenTown:
    """What the mall knows: orders by number, conversations."""

    orders: dict[str, dict[str, Any]] = field(default_factory=dict)
    inquiries: list[dict[str, Any]] = field(default_factory=list)
    locked: set[str] = field(default_factory=set)
    odd: set[str] = field(default_factory=set)  # numbers for which a whole request is refused

    def add_order(self, number: str, *packages: tuple[int, list[int]]) -> None:
        """Let an order wait, with its packages and the ids of their lines."""
        self.orders[number] = {
            "orderNumber": number,
            "orderProgress": 300,
            "PackageModelList": [
                {"basketId": basket, "packageDeleteFlag": 0, "ShippingModelList": [],
                 "ItemModelList": [{"itemDetailId": item, "units": 1} for item in items]}
                for basket, items in packages
            ],
        }  # fmt: skip

    def waybills(self, number: str) -> dict[int, list[str]]:
        """Return the waybills of each package."""
        return {
            one["basketId"]: [row["shippingNumber"] for row in one["ShippingModelList"]]
            for one in self.orders[number]["PackageModelList"]
        }

    def answer(self, asked: Asked) -> tuple[int, Any]:
        """Refuse who has no keys; else find the place."""
        keys = f"{KEYS['service_secret']}:{KEYS['license_key']}"
        if asked.headers.get("authorization") != "ESA " + base64.b64encode(keys.encode()).decode():
            return 401, {"Results": {"errorCode": "ES04-01", "message": "Un-Authorised"}, "message": "Un-Authorised"}
        if asked.path == f"{ORDERS}/getOrder/":
            assert len(asked.body["orderNumberList"]) <= 100
            if self.odd & set(asked.body["orderNumberList"]):
                message = {"messageType": "ERROR", "messageCode": "ORDER_EXT_API_GET_ORDER_ERROR_009", "message": "?"}
                return 400, {"MessageModelList": [message]}
            found = [self.orders[one] for one in asked.body["orderNumberList"] if one in self.orders]
            return 200, {"OrderModelList": found, "MessageModelList": [{"messageType": "INFO"}], "version": 7}
        if asked.path == f"{ORDERS}/updateOrderShipping/":
            return 200, {"MessageModelList": [self._ship(asked.body)]}
        return self._talk(asked)

    def _ship(self, body: dict[str, Any]) -> dict[str, str]:
        number = body["orderNumber"]
        if number in self.locked:
            return {"messageType": "ERROR", "messageCode": "ORDER_EXT_API_UPDATE_ORDERSHIPPING_ERROR_015",
                    "message": "ステータスが不正です。"}  # fmt: skip
        packages = {one["basketId"]: one for one in self.orders[number]["PackageModelList"]}
        for row in body["BasketidModelList"]:
            waybills = packages[row["basketId"]]["ShippingModelList"]
            for one in row["ShippingModelList"]:
                assert one["deliveryCompany"] in {"1001", "1002", "1003"}
                waybills.append({**one, "shippingDetailId": 600 + len(waybills)})
            assert len(waybills) <= 20
        return {"messageType": "INFO", "messageCode": "ORDER_EXT_API_UPDATE_ORDERSHIPPING_INFO_101", "message": "OK"}

    def _talk(self, asked: Asked) -> tuple[int, Any]:
        if asked.path == f"{INQUIRIES}/inquiries/count":
            return 200, {"result": {"count": 0}}
        if asked.path == f"{INQUIRIES}/inquiries":
            return self._list(asked.query)
        if asked.path == f"{INQUIRIES}/inquiry/reply":
            return self._reply(asked.body)
        found = re.fullmatch(rf"{INQUIRIES}/inquiry/([0-9A-Za-z-]+)", asked.path)
        return 200, {"result": self._one(found[1])}

    def _one(self, number: str) -> dict[str, Any]:
        return next(one for one in self.inquiries if one["inquiryNumber"] == number)

    def _list(self, query: dict[str, str]) -> tuple[int, Any]:
        first, last = (datetime.fromisoformat(query[name] + "+09:00") for name in ("fromDate", "toDate"))
        size, page = int(query["limit"]), int(query["page"])
        assert last - first <= timedelta(days=31)
        assert size <= 100
        found = [row for row in self.inquiries if not row or first <= datetime.fromisoformat(row["regDate"]) <= last]
        if not found:
            return 404, {"error": {"code": "NOT_FOUND", "message": "Not Found"}}
        some = found[(page - 1) * size : page * size]
        return 200, {"totalCount": len(found), "totalPageCount": -(-len(found) // size), "page": page, "list": some}

    def _reply(self, body: dict[str, Any]) -> tuple[int, Any]:
        assert body["shopId"] == SHOP
        assert 1 <= len(body["message"]) <= 2000
        inquiry = self._one(body["inquiryNumber"])
        if inquiry.get("isCompleted"):
            return 400, {"error": {"code": "BAD_REQUEST", "message": "The inquiry is completed."}}
        reply = {"id": len(inquiry["replies"]), "message": body["message"], "replyFrom": "merchant",
                 "regDate": "2026-11-20T12:00:00+09:00", "isMessageDeleted": False}  # fmt: skip
        inquiry["replies"].append(reply)
        return 200, {"result": reply}
