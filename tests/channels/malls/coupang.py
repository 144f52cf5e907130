"""Coupang on the loopback: signed requests, order sheets that can be divided once, questions with windows and pages."""

import hashlib
import hmac
import re
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from tests.channels.malls.serving import Asked

KEYS = {"access_key": "AK", "secret_key": "SK"}
VENDOR = "A00012345"
READ, WRITE = (f"/v2/providers/openapi/apis/api/{version}/vendors" for version in ("v5", "v4"))


@dataclass
class CoupangTown:
    """What the mall knows: order sheets by order, questions, and what the contact centre heard."""

    sheets: dict[int, list[dict[str, Any]]] = field(default_factory=dict)
    product_questions: list[dict[str, Any]] = field(default_factory=list)
    centre: list[dict[str, Any]] = field(default_factory=list)
    status: int = 0  # of every answer, where it is set

    def add_order(self, number: int, box: int, *options: int, pieces: int = 1, planned: str = "2026-12-01") -> None:
        """Let an order wait with one box."""
        items = [
            {"vendorItemId": option, "shippingCount": pieces, "cancelCount": 0, "holdCountForCancel": 0,
             "estimatedShippingDate": planned, "canceled": False}
            for option in options
        ]  # fmt: skip
        sheet = {"shipmentBoxId": box, "orderId": number, "status": "INSTRUCT", "invoiceNumber": "",
                 "splitShipping": False, "orderItems": items}  # fmt: skip
        self.sheets.setdefault(number, []).append(sheet)

    def waybills(self, number: int) -> dict[str, set[int]]:
        """Return which options lie under which waybill."""
        return {
            sheet["invoiceNumber"]: {item["vendorItemId"] for item in sheet["orderItems"]}
            for sheet in self.sheets[number]
            if sheet["invoiceNumber"]
        }

    def answer(self, asked: Asked) -> tuple[int, Any]:
        """Refuse what is not signed; else find the place."""
        if not _is_signed(asked):
            return 401, {"code": "ERROR", "message": "Invalid signature."}
        if self.status:
            return self.status, {"code": "ERROR", "message": "Busy"}
        if found := re.fullmatch(rf"{READ}/{VENDOR}/(\d+)/ordersheets", asked.path):
            number = int(found[1])
            if number not in self.sheets:
                return 400, {"code": 400, "message": "There is no such order."}
            return 200, {"code": 200, "message": "OK", "data": self.sheets[number]}
        if asked.path == f"{WRITE}/{VENDOR}/orders/invoices":
            return 200, {"code": 200, "message": "OK", "data": self._take(asked.body)}
        return self._talk(asked)

    def _take(self, body: dict[str, Any]) -> dict[str, Any]:
        assert body["vendorId"] == VENDOR
        answers = []
        boxes = {row["shipmentBoxId"] for row in body["orderSheetInvoiceApplyDtos"]}
        for box in sorted(boxes):
            rows = [row for row in body["orderSheetInvoiceApplyDtos"] if row["shipmentBoxId"] == box]
            sheets = self.sheets[rows[0]["orderId"]]
            sheet = next((one for one in sheets if one["shipmentBoxId"] == box and not one["invoiceNumber"]), None)
            fault = "Already uploaded." if sheet is None else _fault(sheet, rows)
            if not fault:
                _divide(sheets, sheet, rows)
            answers.append({"shipmentBoxId": box, "succeed": not fault, "resultCode": "NG" if fault else "OK",
                            "retryRequired": False, "resultMessage": fault})  # fmt: skip
        return {"responseCode": 0, "responseMessage": "", "responseList": answers}

    def _talk(self, asked: Asked) -> tuple[int, Any]:
        if asked.path == f"{READ}/{VENDOR}/onlineInquiries":
            assert asked.query["answeredType"] == "ALL"
            return 200, _listed(self.product_questions, asked.query, most=50)
        if asked.path == f"{READ}/{VENDOR}/callCenterInquiries":
            assert asked.query["partnerCounselingStatus"] == "NONE"
            return 200, _listed(self.centre, asked.query, most=30)
        if found := re.fullmatch(rf"{READ}/callCenterInquiries/(\d+)", asked.path):
            return 200, {"code": 200, "data": self._centre(int(found[1]))}
        if found := re.fullmatch(rf"{WRITE}/{VENDOR}/onlineInquiries/(\d+)/replies", asked.path):
            return self._comment(int(found[1]), asked.body)
        if found := re.fullmatch(rf"{WRITE}/{VENDOR}/callCenterInquiries/(\d+)/replies", asked.path):
            return self._reply(int(found[1]), asked.body)
        return 404, {"code": 404, "message": "No such place."}

    def _centre(self, number: int) -> dict[str, Any]:
        return next(one for one in self.centre if one["inquiryId"] == number)

    def _comment(self, number: int, body: dict[str, str]) -> tuple[int, Any]:
        assert body["vendorId"] == VENDOR
        if body["replyBy"] != "wing":
            return 400, {"code": 400, "message": "The value of replyBy is incorrect."}
        question = next(one for one in self.product_questions if one["inquiryId"] == number)
        said = question["commentDtoList"]
        said.append({"inquiryId": number, "inquiryCommentId": 500 + len(said), "content": body["content"],
                     "inquiryCommentAt": "2026-11-20 12:00:00"})  # fmt: skip
        return 200, {"code": "200", "message": "OK"}

    def _reply(self, number: int, body: dict[str, Any]) -> tuple[int, Any]:
        inquiry = self._centre(number)
        open_one = next((one for one in inquiry["replies"] if one["needAnswer"]), None)
        if open_one is None or body["parentAnswerId"] != open_one["answerId"]:
            return 400, {"code": 400, "message": "Already answered."}
        open_one["needAnswer"] = False
        reply = {"answerId": open_one["answerId"] + 1, "answerType": "vendor", "needAnswer": False,
                 "content": body["content"], "replyAt": "2026-11-20 12:00:00"}  # fmt: skip
        inquiry["replies"].append(reply)
        return 200, {"code": "200", "message": "OK"}


def _is_signed(asked: Asked) -> bool:
    parts = dict(part.split("=", 1) for part in asked.headers.get("authorization", "").removeprefix("CEA ").split(", "))
    words = parts.get("signed-date", "") + asked.method + asked.path + asked.query_text
    wanted = hmac.new(KEYS["secret_key"].encode(), words.encode(), hashlib.sha256).hexdigest()
    return parts.get("access-key") == KEYS["access_key"] and hmac.compare_digest(wanted, parts.get("signature", ""))


def _fault(sheet: dict[str, Any], rows: list[dict[str, Any]]) -> str:
    there = {item["vendorItemId"] for item in sheet["orderItems"] if not item["canceled"]}
    named = {row["vendorItemId"] for row in rows}
    is_split = {row["splitShipping"] for row in rows}
    if any(row["deliveryCompanyCode"] not in {"CJGLS", "HANJIN", "KGB", "EPOST"} for row in rows):
        return "Unknown courier."
    if any(bool(row["invoiceNumber"]) == bool(row["estimatedShippingDate"]) for row in rows):
        return "Either a waybill or a day."
    if {row["preSplitShipped"] for row in rows} != {sheet["splitShipping"]} or len(is_split) != 1:
        return "Wrong split."
    if not sheet["splitShipping"] and named != there:
        return "Name every option of the box."
    shipped = {row["vendorItemId"] for row in rows if row["invoiceNumber"]}
    if is_split == {False} and shipped != there:
        return "Not everything is shipped."
    return "" if shipped <= there else "No such option."


def _divide(sheets: list[dict[str, Any]], sheet: dict[str, Any], rows: list[dict[str, Any]]) -> None:
    """Give what was shipped another box, as the mall does; the rest keeps the old one."""
    number = next(row["invoiceNumber"] for row in rows if row["invoiceNumber"])
    shipped = {row["vendorItemId"] for row in rows if row["invoiceNumber"]}
    items = [item for item in sheet["orderItems"] if item["vendorItemId"] in shipped]
    rest = [item for item in sheet["orderItems"] if item["vendorItemId"] not in shipped]
    gone = {**sheet, "orderItems": items, "invoiceNumber": number, "status": "DEPARTURE"}
    if not rest:
        sheets[sheets.index(sheet)] = gone
        return
    sheet["orderItems"], sheet["splitShipping"] = rest, True
    sheets.append({**gone, "shipmentBoxId": sheet["shipmentBoxId"] + 1000, "splitShipping": True})


def _listed(rows: list[dict[str, Any]], query: dict[str, str], *, most: int) -> dict[str, Any]:
    first, last = date.fromisoformat(query["inquiryStartAt"]), date.fromisoformat(query["inquiryEndAt"])
    size, number = int(query["pageSize"]), int(query["pageNum"])
    assert (last - first).days <= 6
    assert size <= most
    assert query["vendorId"] == VENDOR
    within = [row for row in rows if first <= date.fromisoformat(str(row.get("inquiryAt", "2026-11-20"))[:10]) <= last]
    page = within[(number - 1) * size : number * size]
    pages = {"currentPage": number, "countPerPage": size, "totalElements": len(within),
             "totalPages": -(-len(within) // size)}  # fmt: skip
    return {"code": 200, "message": "OK", "data": {"content": page, "pagination": pages}}
