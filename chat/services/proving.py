"""Who a visitor is: the signed key of a conversation, and what the shop says of a customer who is logged in."""

import base64
import binascii
import hashlib
import hmac
import json
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.core.signing import BadSignature, TimestampSigner
from django.utils.crypto import salted_hmac

from service.services.intake.fetching import variable_of

KEPT = timedelta(days=30)
_SIGNER = TimestampSigner(salt="chat.visitor")
_LONGEST = 2_000


@dataclass(frozen=True, kw_only=True)
class Customer:
    """A customer as the shop's own server signed for him."""

    code: str
    name: str = ""
    email: str = ""


def visitor_token(key: str) -> str:
    """Return what a visitor's browser keeps: the key of his conversation, signed, good for a month."""
    return _SIGNER.sign(key)


def key_of_visitor(token: str) -> str:
    """Return the key that a token was signed for; empty when it was not, or long ago."""
    try:
        return _SIGNER.unsign(token[:_LONGEST], max_age=KEPT)
    except BadSignature:
        return ""


def key_for(*, widget_id: int, nonce: str) -> str:
    """Return the key of the conversation that this press of the button begins: pressed twice it is one."""
    secret = str(settings.SECRET_KEY)
    return salted_hmac("chat.key", f"{widget_id}:{nonce}", secret=secret, algorithm="sha256").hexdigest()[:32]


def customer_token(*, inlet_code: str, customer: Customer, until: datetime) -> str:
    """Return what the shop's server writes into its page for a customer who is logged in."""
    told = {"code": customer.code, "name": customer.name, "email": customer.email, "exp": int(until.timestamp())}
    payload = base64.urlsafe_b64encode(json.dumps(told).encode()).decode().rstrip("=")
    return f"{payload}.{_signature(inlet_code, payload)}"


def customer_of_token(token: str, *, inlet_code: str, now: datetime) -> Customer | None:
    """Return the customer whom the token names; None unless it was signed with the inlet's secret and is not over."""
    payload, _dot, signature = token[:_LONGEST].partition(".")
    expected = _signature(inlet_code, payload)
    if not expected or not hmac.compare_digest(expected, signature):
        return None
    try:
        told = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
        customer = Customer(code=str(told["code"]), name=str(told.get("name", "")), email=str(told.get("email", "")))
        return customer if int(told["exp"]) >= now.timestamp() and customer.code else None
    except (binascii.Error, ValueError, KeyError, TypeError, AttributeError):
        return None


def _signature(inlet_code: str, payload: str) -> str:
    secret = str(settings.INLET_SECRETS.get(variable_of(inlet_code), ""))
    return hmac.new(secret.encode(), payload.encode(), hashlib.sha256).hexdigest() if secret else ""
