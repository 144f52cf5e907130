"""Where Celery's broker is: PGMQ in our own database unless CELERY_BROKER_URL names another one. Knows no Django."""

from collections.abc import Mapping
from typing import Any

from psycopg.conninfo import make_conninfo

# Longer than the longest task: a message that is not done by then is given to another worker.
VISIBILITY_SECONDS = 3600


def broker_options(*, url: str, database: Mapping[str, str | int]) -> dict[str, Any]:
    """Return Celery's broker_transport_options for ``url``; ``database`` holds libpq's arguments of the broker's role.

    The key=value form, because the transport's parser of URLs drops ``?host=/socket``. NOTIFY wakes the worker, so
    nothing polls the server in a loop; the interval only bounds how late a delayed message is seen.
    """
    if not url.startswith("pgmq:"):
        return {"visibility_timeout": VISIBILITY_SECONDS}
    return {
        "conn_string": make_conninfo(**{name: str(value) for name, value in database.items() if value != ""}),
        "visibility_timeout": VISIBILITY_SECONDS,
        "init_extension": False,
        "use_notify": True,
        "notify_throttle_interval_ms": 0,
        "wait_time_seconds": 0,
        "polling_interval": 0.5,
        "pool_size": 4,
        "pool_timeout": 10,
    }
