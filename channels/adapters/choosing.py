"""Which client serves which kind of channel, and what it needs to know in secret."""

from django.conf import settings

from channels.adapters.asking import Access, Mall
from channels.models import Connection
from core.asking import RefusedError

CLIENTS: dict[str, type[Mall]] = {}


def variables_of(connection: Connection) -> dict[str, bool]:
    """Return the variables of the environment that hold the account's keys, and whether each is set."""
    code = connection.sales_channel.code.upper().replace("-", "_")
    wanted = CLIENTS[connection.sales_channel.kind].SECRETS
    return {
        f"CHANNEL_SECRET_{code}_{name.upper()}": f"{code}_{name.upper()}" in settings.CHANNEL_SECRETS for name in wanted
    }


def open_mall(connection: Connection) -> Mall:
    """Return the client of a connection; RefusedError "no secret" where a key is not set."""
    client = CLIENTS[connection.sales_channel.kind]
    if not all(variables_of(connection).values()):
        raise RefusedError("no secret")
    code = connection.sales_channel.code.upper().replace("-", "_")
    secrets = {name: settings.CHANNEL_SECRETS[f"{code}_{name.upper()}"] for name in client.SECRETS}
    url = settings.CHANNEL_URLS.get(code, "")
    return client(Access(account=connection.account, user=connection.user, url=url, secrets=secrets))
