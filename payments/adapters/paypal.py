"""PayPal: orders v2 and payments v2, JSON, amounts as decimal strings; a payment is known by its PayPal order.

Sources: PayPal's OpenAPI documents of orders v2, payments v2 and webhooks v1 (PayPal-Request-Id makes a request the
same request; verify-webhook-signature judges what came).
"""

import json
import time
from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

import httpx

from core.asking import SECONDS, RefusedError, UnansweredError
from core.money import minor_digits, to_decimal, to_minor
from payments.adapters.asking import Ask, Seen, Snapshot, Told, request

SIGNED = {
    "auth_algo": "Paypal-Auth-Algo",
    "cert_url": "Paypal-Cert-Url",
    "transmission_id": "Paypal-Transmission-Id",
    "transmission_sig": "Paypal-Transmission-Sig",
    "transmission_time": "Paypal-Transmission-Time",
}
DONE = {"COMPLETED", "PENDING", "PARTIALLY_REFUNDED", "REFUNDED"}


class PayPal:
    """The part of PayPal that takes, lets go and gives back."""

    def __init__(self, *, url: str, client_id: str, client_secret: str, webhook_id: str) -> None:
        self._identity = (client_id, client_secret)
        self._webhook_id = webhook_id
        self._client = httpx.Client(base_url=url, timeout=SECONDS, follow_redirects=False)
        self._token, self._until = "", 0.0

    def perform(self, ask: Ask) -> Seen:
        """Do it under its key."""
        headers = {**self._bearer(), "PayPal-Request-Id": ask.key, "Prefer": "return=representation"}
        path, body = self._body(ask)
        found = request(self._client, "POST", path, json=body, headers=headers)
        if ask.kind == "void":
            at = (
                datetime.fromisoformat(found["update_time"])
                if found.get("update_time")
                else datetime.now().astimezone()
            )
            return Seen(kind="void", amount=ask.amount, external_id=ask.target, at=at, reference=ask.reference)
        if found.get("status") not in DONE:
            raise RefusedError(str(found.get("status") or "no status"))
        return _step(ask.kind, found)

    def _body(self, ask: Ask) -> tuple[str, dict[str, Any] | None]:
        money = {
            "currency_code": ask.currency,
            "value": f"{to_decimal(ask.amount, ask.currency):.{minor_digits(ask.currency)}f}",
        }
        if ask.kind == "capture":
            body = {"amount": money, "invoice_id": ask.reference, "final_capture": False}
            return f"/v2/payments/authorizations/{ask.target}/capture", body
        if ask.kind == "void":
            return f"/v2/payments/authorizations/{ask.target}/void", None
        return f"/v2/payments/captures/{ask.target}/refund", {"amount": money, "custom_id": ask.reference}

    def fetch(self, payment: str) -> Snapshot:
        """Return the order with its authorisations, captures and refunds."""
        order = request(self._client, "GET", f"/v2/checkout/orders/{payment}", headers=self._bearer())
        unit = (order.get("purchase_units") or [{}])[0]
        found = unit.get("payments") or {}
        holds = found.get("authorizations") or []
        captures = [row for row in found.get("captures") or [] if row.get("status") in DONE]
        steps = [_step("authorise", row) for row in holds if row.get("status") != "DENIED"]
        if not holds:  # taken at once: the capture was its own authorisation
            steps += [_step("authorise", row) for row in captures]
        steps += [_step("capture", row) for row in captures]
        steps += [_step("refund", row) for row in found.get("refunds") or [] if row.get("status") in DONE]
        voids = [row for row in holds if row.get("status") == "VOIDED"]
        steps += [_step("void", row) for row in voids]
        open_holds = [row for row in holds if row.get("status") in {"CREATED", "PARTIALLY_CAPTURED", "PENDING"}]
        ends = [row["expiration_time"] for row in open_holds if row.get("expiration_time")]
        return Snapshot(
            state=_state(open_holds, captures, voids),
            currency=str((unit.get("amount") or {}).get("currency_code", "")),
            steps=tuple(steps),
            expires_at=datetime.fromisoformat(min(ends)) if ends else None,
        )

    def read_event(self, body: bytes, headers: Mapping[str, str]) -> Told:
        """Read whose payment it is; whether it is PayPal's own, PayPal is asked before anything follows."""
        if any(not headers.get(name) for name in SIGNED.values()):
            raise RefusedError("no signature")
        try:
            event = json.loads(body)
            found = event["resource"]
            related = (found.get("supplementary_data") or {}).get("related_ids") or {}
            is_order = str(event["event_type"]).startswith("CHECKOUT.ORDER")
            payment = found.get("id") if is_order else related.get("order_id")
            return Told(
                event_id=str(event["id"]), kind=str(event["event_type"]), payment=str(payment or ""), is_signed=False
            )
        except (ValueError, KeyError, TypeError, AttributeError):
            raise RefusedError("odd body") from None

    def verify_event(self, body: bytes, headers: Mapping[str, str]) -> bool:
        """Ask PayPal whether it sent this."""
        question = {name: headers.get(header, "") for name, header in SIGNED.items()}
        question |= {"webhook_id": self._webhook_id, "webhook_event": json.loads(body)}
        path = "/v1/notifications/verify-webhook-signature"
        found = request(self._client, "POST", path, json=question, headers=self._bearer())
        return found.get("verification_status") == "SUCCESS"

    def _bearer(self) -> dict[str, str]:
        if time.monotonic() >= self._until:
            form = {"grant_type": "client_credentials"}
            try:
                found = request(self._client, "POST", "/v1/oauth2/token", data=form, auth=self._identity)
            except RefusedError as error:  # nothing was asked yet, and nothing is decided about it
                raise UnansweredError(error.code) from None
            self._token = str(found["access_token"])
            self._until = time.monotonic() + int(found.get("expires_in", 300)) - 60
        return {"Authorization": f"Bearer {self._token}"}


def _state(open_holds: list[Any], captures: list[Any], voids: list[Any]) -> str:
    if open_holds:
        return "authorised"
    if captures:
        return "captured"
    return "voided" if voids else "pending"


def _step(kind: str, row: Mapping[str, Any]) -> Seen:
    money = row["amount"]
    reference = row.get("custom_id") if kind == "refund" else row.get("invoice_id")
    moment = row.get("update_time") if kind == "void" else None
    return Seen(
        kind=kind,
        amount=to_minor(Decimal(money["value"]), money["currency_code"]),
        external_id=str(row["id"]),
        at=datetime.fromisoformat(moment or row.get("create_time") or datetime.now().astimezone().isoformat()),
        reference=str(reference or ""),
    )
