"""Payment providers on the loopback, made from their contracts: they keep money, know keys, and lose answers."""

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Lock, Thread
from typing import Any
from urllib.parse import parse_qs, urlsplit

MOMENT = 1_790_000_000
ISO = "2026-09-21T12:00:00+09:00"


@dataclass
class Bank:
    """What the provider holds: payments by their number, answers by key, and which requests to lose."""

    url: str = ""
    payments: dict[str, dict[str, Any]] = field(default_factory=dict)
    keys: dict[str, Any] = field(default_factory=dict)
    requests: list[tuple[str, str, dict[str, str], Any]] = field(default_factory=list)
    lose_before: set[int] = field(default_factory=set)  # by number of the POST: it never arrives
    lose_after: set[int] = field(default_factory=set)  # it is done, and the answer is lost
    posts: int = 0
    forgets: bool = False  # the keys have run out
    verifies: bool = True
    lock: Lock = field(default_factory=Lock)

    def add(self, number: str, amount: int, currency: str, *, captured: int = 0) -> None:
        """Reserve an amount, and take a part of it."""
        self.payments[number] = {"amount": amount, "currency": currency, "captured": captured, "refunds": [], "void": 0}

    def refunded(self, number: str) -> int:
        """Return what went back."""
        return sum(row["amount"] for row in self.payments[number]["refunds"])


class Handler(BaseHTTPRequestHandler):
    """Routes of the three providers."""

    server: "Server"

    def do_GET(self) -> None:
        bank, path = self.server.bank, urlsplit(self.path).path
        bank.requests.append(("GET", path, dict(self.headers), None))
        if path == "/v1/refunds":
            number = parse_qs(urlsplit(self.path).query)["payment_intent"][0]
            return self.answer(
                {"object": "list", "data": [_stripe_refund(row) for row in bank.payments[number]["refunds"]]}
            )
        number = path.rsplit("/", 1)[1]
        if number not in bank.payments:
            return self.answer({"error": {"code": "resource_missing"}}, 404)
        return self.answer(_told(path, number, bank.payments[number]))

    def do_POST(self) -> None:
        bank = self.server.bank
        raw = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        is_json = "json" in self.headers.get("Content-Type", "")
        body = json.loads(raw) if is_json and raw else {k: v[0] for k, v in parse_qs(raw.decode()).items()}
        path = urlsplit(self.path).path
        bank.requests.append(("POST", path, dict(self.headers), body))
        if path == "/v1/oauth2/token":
            return self.answer({"access_token": "T", "expires_in": 3600})
        if path.endswith("verify-webhook-signature"):
            return self.answer({"verification_status": "SUCCESS" if bank.verifies else "FAILURE"})
        with bank.lock:
            bank.posts += 1
            post = bank.posts
            if post in bank.lose_before:
                return self.hang_up()
            key = self.headers.get("Idempotency-Key") or self.headers.get("PayPal-Request-Id") or ""
            if key not in bank.keys or bank.forgets:
                bank.keys[key] = _do(bank, path, body)
            status, found = bank.keys[key]
        if post in bank.lose_after:
            return self.hang_up()
        return self.answer(found, status)

    def hang_up(self) -> None:
        self.close_connection = True
        with suppress(OSError):
            self.connection.shutdown(2)

    def answer(self, found: Any, status: int = 200) -> None:
        raw = json.dumps(found).encode()
        with suppress(OSError):
            self.send_response(status)
            self.send_header("Content-Length", str(len(raw)))
            self.end_headers()
            self.wfile.write(raw)

    def log_message(self, *_args: object) -> None:
        pass


def _do(bank: Bank, path: str, body: dict[str, Any]) -> tuple[int, Any]:
    number = body.get("payment_intent") or re.sub(r"^(C|A)-", "", path.split("/")[-2])
    row = bank.payments[number]
    if path.endswith("/capture"):
        amount = int(body["amount_to_capture"] if "amount_to_capture" in body else _minor(body["amount"]))
        if row["captured"] + amount > row["amount"]:
            return 400, {"error": {"code": "amount_too_large"}}
        row["captured"] += amount
        row["invoice"] = body.get("invoice_id", "")
        return 201, _told(path, number, row)
    if path.endswith("/void") or ("payment_intents" in path and path.endswith("/cancel")):
        row["void"] = 1
        return 200, _told(path, number, row)
    money = body.get("amount") or body.get("cancelAmount")
    amount = _minor(money) if isinstance(money, dict) else int(money)
    if sum(one["amount"] for one in row["refunds"]) + amount > row["captured"]:
        return 400, {"error": {"code": "charge_already_refunded"}}
    reference = body.get("metadata[reference]") or body.get("custom_id") or body.get("cancelReason", "").split(" ")[0]
    made = {"id": f"re_{len(row['refunds']) + 1}_{number}", "amount": amount, "reference": reference}
    made["currency"] = row["currency"]
    row["refunds"].append(made)
    if "cancelReason" in body:
        return 200, _told(path, number, row)
    return 201, _stripe_refund(made) if path == "/v1/refunds" else _paypal_step(made, "COMPLETED")


def _minor(money: dict[str, str]) -> int:
    return int(money["value"].replace(".", ""))


def _value(amount: int, currency: str) -> str:
    return str(amount) if currency in {"JPY", "KRW"} else f"{amount // 100}.{amount % 100:02d}"


def _stripe_refund(row: dict[str, Any]) -> dict[str, Any]:
    return {"id": row["id"], "object": "refund", "amount": row["amount"], "created": MOMENT, "status": "succeeded",
            "metadata": {"reference": row["reference"]}}  # fmt: skip


def _paypal_step(row: dict[str, Any], status: str) -> dict[str, Any]:
    money = {"value": _value(row["amount"], row["currency"]), "currency_code": row["currency"]}
    step = {"id": row["id"], "status": status, "amount": money, "create_time": ISO, "update_time": ISO}
    return {
        **step,
        **{name: row[key] for name, key in (("custom_id", "reference"), ("invoice_id", "invoice")) if row.get(key)},
    }


def _told(path: str, number: str, row: dict[str, Any]) -> dict[str, Any]:
    if "payment_intents" in path:
        status = "canceled" if row["void"] else "succeeded" if row["captured"] else "requires_capture"
        money = {"amount": row["amount"], "amount_received": row["captured"], "currency": row["currency"].lower()}
        told = {"id": number, "object": "payment_intent", "status": status, "created": MOMENT}
        return {**told, **money, "latest_charge": f"ch_{number}"}
    if path.startswith("/v1/payments"):
        cancels = [{"cancelAmount": one["amount"], "cancelReason": f"{one['reference']} x", "canceledAt": ISO,
                    "taxFreeAmount": 0, "taxAmount": 0, "refundableAmount": 0} for one in row["refunds"]]  # fmt: skip
        return {"paymentKey": number, "status": "DONE", "totalAmount": row["captured"], "currency": row["currency"],
                "approvedAt": ISO, "requestedAt": ISO, "cancels": cancels or None, "secret": "ps_1"}  # fmt: skip
    hold = {"id": f"A-{number}", "amount": row["amount"], "currency": row["currency"]}
    taken = {**hold, "id": f"C-{number}", "amount": row["captured"], "invoice": row.get("invoice", "")}
    status = "VOIDED" if row["void"] else "CAPTURED" if row["captured"] >= row["amount"] else "CREATED"
    if path.endswith("/capture"):
        return _paypal_step(taken, "COMPLETED")
    if path.endswith("/void"):
        return _paypal_step(hold, "VOIDED")
    payments = {
        "authorizations": [_paypal_step(hold, status)],
        "captures": [_paypal_step(taken, "COMPLETED")] if row["captured"] else [],
        "refunds": [_paypal_step(one, "COMPLETED") for one in row["refunds"]],
    }
    return {"id": number, "purchase_units": [{"amount": {"currency_code": row["currency"]}, "payments": payments}]}


class Server(ThreadingHTTPServer):
    """One on the loopback with a bank."""

    daemon_threads = True

    def __init__(self, bank: Bank) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.bank = bank


@contextmanager
def running_bank() -> Iterator[Bank]:
    """Run one on a free port."""
    bank = Bank()
    server = Server(bank)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    bank.url = f"http://127.0.0.1:{server.server_port}"
    try:
        yield bank
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def connected(url: str) -> dict[str, dict[str, str]]:
    """Return the settings that lead to it."""
    return {
        "stripe": {"url": url, "key": "sk_test", "webhook_secret": "whsec_test"},
        "paypal": {"url": url, "client_id": "id", "client_secret": "secret", "webhook_id": "WH1"},
        "toss": {"url": url, "key": "test_sk"},
    }
