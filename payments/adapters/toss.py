"""Toss Payments: payments and cancellations, JSON, amounts as numbers of the currency.

Sources: an OpenAPI document of Toss Payments' v1 by a third party; Toss Payments' guides ("Idempotency-Key" header;
DEPOSIT_CALLBACK carries the secret of the payment, PAYMENT_STATUS_CHANGED is unsigned: only the payment's number is
taken from either, and Toss is asked what is true).
"""

import hashlib
import hmac
import json
from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

import httpx

from core.asking import SECONDS, RefusedError, UnansweredError
from core.money import minor_digits, to_decimal, to_minor
from payments.adapters.asking import Ask, Seen, Snapshot, Told, request

STATES = {
    "DONE": "captured", "CANCELED": "captured", "PARTIAL_CANCELED": "captured",
    "ABORTED": "failed", "EXPIRED": "expired",
}  # fmt: skip


class Toss:
    """The part of Toss Payments that gives back; it takes at once, so there is nothing to capture or void."""

    def __init__(self, *, url: str, key: str) -> None:
        self._client = httpx.Client(base_url=url, auth=(key, ""), timeout=SECONDS, follow_redirects=False)

    def perform(self, ask: Ask) -> Seen:
        """Cancel the payment, wholly or in part, under its key."""
        if ask.kind != "refund":
            raise RefusedError("not supported")
        amount = to_decimal(ask.amount, ask.currency)
        reason = json.dumps(f"{ask.reference} {ask.reason}".strip())
        # written out, because an amount must not become a float on its way
        body = f'{{"cancelReason": {reason}, "cancelAmount": {amount:.{minor_digits(ask.currency)}f}}}'
        headers = {"Idempotency-Key": ask.key, "Content-Type": "application/json"}
        try:
            found = request(self._client, "POST", f"/v1/payments/{ask.payment}/cancel", content=body, headers=headers)
        except RefusedError as error:
            if error.code.startswith("ALREADY_"):  # perhaps by us, before an answer was lost
                raise UnansweredError(error.code) from None
            raise
        for step in reversed(_cancels(found)):
            if step.reference == ask.reference:
                return step
        raise UnansweredError("not among the cancellations")

    def fetch(self, payment: str) -> Snapshot:
        """Return the payment with its cancellations."""
        found = request(self._client, "GET", f"/v1/payments/{payment}")
        state = STATES.get(found["status"], "pending")
        steps: list[Seen] = []
        if state == "captured":
            taken: dict[str, Any] = {
                "amount": _minor(found["totalAmount"], found["currency"]),
                "external_id": str(found["paymentKey"]),
                "at": datetime.fromisoformat(found.get("approvedAt") or found["requestedAt"]),
            }
            steps = [Seen(kind="authorise", **taken), Seen(kind="capture", **taken), *_cancels(found)]
        return Snapshot(
            state=state, currency=found["currency"], steps=tuple(steps), secret=str(found.get("secret") or "")
        )

    def read_event(self, body: bytes, headers: Mapping[str, str]) -> Told:
        """Read whose payment it is; an event without an id is known by its content."""
        try:
            event = json.loads(body)
            data = event.get("data") or event
            return Told(
                event_id=hashlib.sha256(body).hexdigest(),
                kind=str(event.get("eventType") or "DEPOSIT_CALLBACK"),
                payment=str(data.get("paymentKey") or ""),
                secret=str(data.get("secret") or ""),
                is_signed=False,
            )
        except (ValueError, AttributeError):
            raise RefusedError("odd body") from None

    def verify_event(self, body: bytes, headers: Mapping[str, str]) -> bool:
        """Compare the secret with that of the payment where one came; without one it is only a hint to ask."""
        told = self.read_event(body, headers)
        if not told.secret:
            return True
        return hmac.compare_digest(told.secret.encode(), self.fetch(told.payment).secret.encode())


def _minor(amount: Any, currency: str) -> int:
    return to_minor(Decimal(str(amount)), currency)


def _cancels(found: Mapping[str, Any]) -> list[Seen]:
    steps = []
    for row in found.get("cancels") or []:
        reference = str(row["cancelReason"]).partition(" ")[0]
        number = row.get("transactionKey") or f"{row['canceledAt']}:{reference}"
        steps.append(
            Seen(
                kind="refund",
                amount=_minor(row["cancelAmount"], found["currency"]),
                external_id=str(number)[:200],
                at=datetime.fromisoformat(row["canceledAt"]),
                reference=reference,
            )
        )
    return steps
