"""Which client serves which kind of channel, and what it needs to know in secret."""

from django.conf import settings

from catalog.models import ChannelKind
from channels.adapters.amazon import Amazon
from channels.adapters.asking import UNREADABLE, WRONG_KEYS, Access, Mall
from channels.adapters.coupang import Coupang
from channels.adapters.naver import Naver
from channels.adapters.rakuten import Rakuten
from channels.adapters.shopify import Shopify
from channels.models import Connection, Problem
from core.asking import RefusedError, UnansweredError


class MissingSecretError(Exception):
    """A key of the account is not set in the environment."""


TROUBLE = (MissingSecretError, UnansweredError, RefusedError, *UNREADABLE)
CLIENTS: dict[str, type[Mall]] = {
    ChannelKind.AMAZON: Amazon,
    ChannelKind.COUPANG: Coupang,
    ChannelKind.NAVER: Naver,
    ChannelKind.RAKUTEN: Rakuten,
    ChannelKind.SHOPIFY: Shopify,
}


def variables_of(connection: Connection) -> dict[str, bool]:
    """Return the variables of the environment that hold the account's keys, and whether each is set."""
    code = connection.sales_channel.code.upper().replace("-", "_")
    client = CLIENTS.get(connection.sales_channel.kind)  # none where the channel's kind was changed
    wanted = client.SECRETS if client else ()
    return {
        f"CHANNEL_SECRET_{code}_{name.upper()}": f"{code}_{name.upper()}" in settings.CHANNEL_SECRETS for name in wanted
    }


def open_mall(connection: Connection) -> Mall:
    """Return the client of a connection; MissingSecretError where a key is not set."""
    client = CLIENTS[connection.sales_channel.kind]
    if not all(variables_of(connection).values()):
        raise MissingSecretError
    code = connection.sales_channel.code.upper().replace("-", "_")
    secrets = {name: settings.CHANNEL_SECRETS[f"{code}_{name.upper()}"] for name in client.SECRETS}
    url = settings.CHANNEL_URLS.get(code, "")
    return client(Access(account=connection.account, user=connection.user, url=url, secrets=secrets))


def problem_of(trouble: Exception) -> tuple[Problem, str]:
    """Return what a trouble with a mall is, and the mall's word for it; never words that people wrote."""
    match trouble:
        case MissingSecretError():
            return Problem.NO_SECRET, ""
        case UnansweredError():
            return Problem.UNREACHABLE, str(trouble)
        case RefusedError():
            return (Problem.REFUSED if trouble.http_status in WRONG_KEYS else Problem.SAID_NO), trouble.code
    return Problem.ODD, type(trouble).__name__
