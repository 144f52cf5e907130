"""Stripe: payment intents and refunds (API 2023-08-16), form-encoded, amounts in minor units.

Sources: Stripe's OpenAPI document of that version; "Idempotent requests" (a key answers the same for 24 hours);
"Check the webhook signatures" (Stripe-Signature: t=..., v1=HMAC-SHA256 of "t.body", five minutes of tolerance).
"""

import hashlib
import hmac
import json
import time
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx

from core.asking import SECONDS, RefusedError, UnansweredError
from payments.adapters.asking import Ask, Seen, Snapshot, Told, request

VERSION = "2023-08-16"
TOLERANCE = 300
HELD_FOR = timedelta(days=7)  # of cards, where the charge does not say until when
REASONS = {"changed_mind": "requested_by_customer", "cancelled": "requested_by_customer"}
STATES = {"requires_capture": "authorised", "succeeded": "captured", "canceled": "voided"}


class Stripe:
    """The part of Stripe that takes, lets go and gives back."""

    def __init__(self, *, url: str, key: str, webhook_secret: str) -> None:
        self._secret = webhook_secret
        self._client = httpx.Client(
            base_url=url,
            auth=(key, ""),
            headers={"Stripe-Version": VERSION},
            timeout=SECONDS,
            follow_redirects=False,
        )

    def perform(self, ask: Ask) -> Seen:
        """Do it under its key."""
        headers = {"Idempotency-Key": ask.key}
        try:
            path, form = self._form(ask)
            found = request(self._client, "POST", path, data=form, headers=headers)
        except RefusedError as error:
            if error.code == "idempotency_error":  # the key was used: what became of it is to be looked up
                raise UnansweredError(error.code) from None
            raise
        if ask.kind == "refund":
            if found.get("status") in {"failed", "canceled"}:
                raise RefusedError(str(found.get("failure_reason") or found["status"]))
            return _refund(found)
        for step in _steps(found):
            if step.kind == ask.kind:
                return step
        raise UnansweredError("the answer does not tell it")

    def _form(self, ask: Ask) -> tuple[str, dict[str, Any]]:
        if ask.kind == "capture":
            return f"/v1/payment_intents/{ask.payment}/capture", {"amount_to_capture": ask.amount}
        if ask.kind == "void":
            return f"/v1/payment_intents/{ask.payment}/cancel", {"cancellation_reason": "requested_by_customer"}
        form = {"payment_intent": ask.payment, "amount": ask.amount, "metadata[reference]": ask.reference}
        if ask.reason in REASONS:
            form["reason"] = REASONS[ask.reason]
        return "/v1/refunds", form

    def fetch(self, payment: str) -> Snapshot:
        """Return the intent and its refunds."""
        intent = request(self._client, "GET", f"/v1/payment_intents/{payment}")
        steps = _steps(intent)
        if intent.get("amount_received"):
            refunds = request(self._client, "GET", "/v1/refunds", params={"payment_intent": payment, "limit": 100})
            steps += [
                _refund(row) for row in refunds.get("data", []) if row.get("status") not in {"failed", "canceled"}
            ]
        state = STATES.get(intent["status"], "pending")
        return Snapshot(
            state=state,
            currency=str(intent["currency"]).upper(),
            steps=tuple(steps),
            expires_at=_at(intent["created"]) + HELD_FOR if state == "authorised" else None,
        )

    def read_event(self, body: bytes, headers: Mapping[str, str]) -> Told:
        """Prove the signature and read whose payment it is."""
        self._prove(body, headers.get("Stripe-Signature", ""))
        try:
            event = json.loads(body)
            found = event["data"]["object"]
            payment = found["id"] if found.get("object") == "payment_intent" else found.get("payment_intent")
            return Told(event_id=str(event["id"]), kind=str(event["type"]), payment=str(payment or ""))
        except (ValueError, KeyError, TypeError, AttributeError):
            raise RefusedError("odd body") from None

    def verify_event(self, body: bytes, headers: Mapping[str, str]) -> bool:
        """The signature was proved when it came."""
        return True

    def _prove(self, body: bytes, header: str) -> None:
        parts = [part.partition("=") for part in header.split(",")]
        moment = next((value for name, _eq, value in parts if name.strip() == "t"), "")
        if not self._secret or not moment.isascii() or not moment.isdigit():
            raise RefusedError("no signature")
        wanted = hmac.new(self._secret.encode(), moment.encode() + b"." + body, hashlib.sha256).hexdigest()
        given = [value for name, _eq, value in parts if name.strip() == "v1"]
        if not any(hmac.compare_digest(wanted.encode(), one.encode()) for one in given):
            raise RefusedError("wrong signature")
        if abs(time.time() - int(moment)) > TOLERANCE:
            raise RefusedError("old signature")


def _at(seconds: int) -> datetime:
    return datetime.fromtimestamp(int(seconds), tz=UTC)


def _refund(row: Mapping[str, Any]) -> Seen:
    return Seen(
        kind="refund",
        amount=int(row["amount"]),
        external_id=str(row["id"]),
        at=_at(row["created"]),
        reference=str((row.get("metadata") or {}).get("reference", "")),
    )


def _steps(intent: Mapping[str, Any]) -> list[Seen]:
    """Return what became of an intent: Stripe captures one once, and lets the rest go."""
    at, number, status = _at(intent["created"]), str(intent["id"]), intent["status"]
    charge = intent.get("latest_charge")
    charge = str((charge.get("id") if isinstance(charge, dict) else charge) or number)
    steps = []
    if status in STATES:
        steps.append(Seen(kind="authorise", amount=int(intent["amount"]), external_id=number, at=at))
    if intent.get("amount_received"):
        steps.append(Seen(kind="capture", amount=int(intent["amount_received"]), external_id=charge, at=at))
    if status == "canceled":
        ended = _at(intent.get("canceled_at") or intent["created"])
        steps.append(Seen(kind="void", amount=int(intent["amount"]), external_id=number, at=ended))
    return steps
