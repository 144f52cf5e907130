"""Which client serves which provider; secrets come from the settings, and those from the environment."""

from functools import cache

from django.conf import settings

from core.asking import RefusedError
from payments.adapters.asking import Provider
from payments.adapters.paypal import PayPal
from payments.adapters.stripe import Stripe
from payments.adapters.toss import Toss

_CLIENTS = {"stripe": Stripe, "paypal": PayPal, "toss": Toss}


def is_connected(code: str) -> bool:
    """Tell whether the provider can be asked: all its secrets are set."""
    return code in _CLIENTS and all(_settings(code).values())


def provider(code: str) -> Provider:
    """Return the client of a provider; RefusedError when its secrets are not set."""
    if not is_connected(code):
        raise RefusedError("not connected")
    return _client(code, tuple(sorted(_settings(code).items())))


@cache
def _client(code: str, options: tuple[tuple[str, str], ...]) -> Provider:
    found: Provider = _CLIENTS[code](**dict(options))
    return found


def _settings(code: str) -> dict[str, str]:
    return dict(settings.PAYMENT_PROVIDERS[code])
