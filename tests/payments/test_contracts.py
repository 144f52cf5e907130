"""What is sent to providers is what their published contracts take."""

import json
import re
from zipfile import ZipFile

import pytest

from payments.adapters.asking import Ask
from payments.adapters.paypal import PayPal
from payments.adapters.stripe import Stripe
from payments.adapters.toss import Toss
from tests.contracts import CONTRACTS, fits
from tests.payments.providers import connected, running_bank

pytestmark = pytest.mark.skipif(CONTRACTS is None, reason="the providers' contracts are not on this machine")


def read(archive, name):
    with ZipFile(CONTRACTS / archive) as found:
        return found.read(next(entry for entry in found.namelist() if entry.endswith(name))).decode()


def asks(currency):
    for kind in ("capture", "void", "refund"):
        yield Ask(
            kind=kind, key=f"key-{kind}", payment="N1", target="C-N1" if kind == "refund" else "A-N1", amount=1050,
            currency=currency, reference="RF-0000001", reason="changed_mind",
        )  # fmt: skip


def sent(code, client, currency, kinds=("capture", "void", "refund")):
    with running_bank() as bank:
        bank.add("N1", 1050, currency)
        options = connected(bank.url)[code]
        adapter = client(**options)
        for ask in asks(currency):
            if ask.kind in kinds:
                bank.payments["N1"]["captured"] = 1050 if ask.kind == "refund" else 0
                adapter.perform(ask)
        adapter.fetch("N1")
        return bank.requests


def known(schema, schemas):
    """Return all names that an object may have."""
    if "$ref" in schema:
        return known(schemas[schema["$ref"].rsplit("/", 1)[1]], schemas)
    names = set(schema.get("properties", {}))
    return names.union(*(known(part, schemas) for part in schema.get("allOf", ())))


def template(path, templates):
    return next(one for one in templates if re.fullmatch(re.sub(r"\{[^}]+\}", "[^/]+", one), path))


@pytest.mark.parametrize("currency", ["EUR", "JPY"])
def test_paypal(currency):
    contract = json.loads(read("paypal-openapi.zip", "payments_payment_v2.json"))
    orders = json.loads(read("paypal-openapi.zip", "checkout_orders_v2.json"))
    schemas = contract["components"]["schemas"]
    bodies = 0
    for method, path, headers, body in sent("paypal", PayPal, currency):
        if path == "/v1/oauth2/token":
            continue
        if path.startswith("/v2/checkout"):
            assert method.lower() in orders["paths"][template(path, orders["paths"])]
            continue
        operation = contract["paths"][template(path, contract["paths"])][method.lower()]
        if method == "POST":
            assert headers["PayPal-Request-Id"].startswith("key-")
        wanted = operation.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema")
        if wanted:
            fits(wanted, body, schemas)
            assert set(body) <= known(wanted, schemas)
            bodies += 1
    assert bodies == 2


def test_toss():
    contract = json.loads(read("tosspayments-openapi-thirdparty.zip", "swagger.json"))
    schemas = contract["components"]["schemas"]
    posts = [row for row in sent("toss", Toss, "KRW", kinds=("refund",)) if row[0] == "POST"]
    [(method, path, headers, body)] = posts
    found = template(path, [one for one in contract["paths"] if one.endswith("/cancel")])
    assert method.lower() in contract["paths"][found]
    assert headers["Idempotency-Key"].startswith("key-")
    wanted = schemas["ITossPaymentCancel.ICreate"]
    fits(wanted, {**body, "paymentKey": path.split("/")[3]}, schemas)  # the contract repeats the path's number
    assert set(body) <= known(wanted, schemas)
    assert body == {"cancelReason": "RF-0000001 changed_mind", "cancelAmount": 1050}


@pytest.mark.parametrize("currency", ["USD", "KRW"])
def test_stripe(currency):
    lines = read("stripe-openapi-2023-09.zip", "spec3.yaml").splitlines()
    heads = [(row, re.fullmatch(r"  \W?(/v1/[^'\"]*)\W?:", line)) for row, line in enumerate(lines)]
    starts = {found[1]: row for row, found in heads if found}
    posts = [row for row in sent("stripe", Stripe, currency) if row[0] == "POST"]
    assert len(posts) == 3
    for _method, path, headers, body in posts:
        row = starts[template(path, starts)]
        block = next_block(lines, row, 2)
        post = next_block(block, next(n for n, line in enumerate(block) if line == "    post:"), 4)
        at = next(n for n, line in enumerate(post) if line.strip() == "properties:")
        depth = len(post[at]) - len(post[at].lstrip())
        names = {
            line.strip().rstrip(":")
            for line in next_block(post, at, depth)
            if re.fullmatch(rf" {{{depth + 2}}}\w+:", line)
        }
        assert {name.partition("[")[0] for name in body} <= names
        assert headers["Idempotency-Key"].startswith("key-")
        assert headers["Stripe-Version"] == "2023-08-16"


def next_block(lines, start, depth):
    """Return the lines below ``start`` that are indented deeper."""
    end = start + 1
    while end < len(lines) and (not lines[end].strip() or len(lines[end]) - len(lines[end].lstrip()) > depth):
        end += 1
    return lines[start + 1 : end]
