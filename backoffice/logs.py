"""Structured logs with request and task ids; ids only, never names, mails, phones or addresses.

What code logs on purpose holds ids already. What arrives by accident (a message of an exception, a path with a name) is
cleaned here, for every line: database errors lose their values, texts lose e-mail addresses and phone numbers.
"""

import re
import sys
import traceback
from collections.abc import Iterator, MutableMapping
from typing import Any

import psycopg
import structlog
from django.db import Error as DatabaseError

_EMAIL = re.compile(r"[\w.+%-]+(?:@|%40)[\w-]+(?:\.[\w-]+)+")
# +82 10-1234-5678, 010-1234-5678, 09012345678; not the middle of an id, a checksum or a number with a point
_PHONE = re.compile(r"(?<![\w.:/-])(?:\+\d[\d ()-]{7,16}\d|0\d{1,3}[- ]?\d{3,4}[- ]?\d{4})(?![\w-])")
# PostgreSQL quotes the row here, in every language of the server
_DETAIL = re.compile(r"(?:DETAIL|CONTEXT):.*", re.DOTALL)
# filled by us alone; identifiers and clocks that would look like numbers of people
_OURS = frozenset({"timestamp", "level", "logger", "request_id", "task_id", "parent_task_id", "child_task_id"})


def scrub(text: str) -> str:
    """Return the text without e-mail addresses, phone numbers and the values that PostgreSQL quotes."""
    return _PHONE.sub("[phone]", _EMAIL.sub("[e-mail]", _DETAIL.sub("[values left out]", text)))


def _chain(error: BaseException | None) -> list[BaseException]:
    """Return the error and what caused it, the first cause first."""
    found: list[BaseException] = []
    while error is not None and error not in found:
        found.append(error)
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    return found[::-1]


def _message(error: BaseException) -> str:
    """Return what may be read of an error; of a database error only codes and names, because its text quotes values."""
    if isinstance(error, psycopg.Error):
        names = {"constraint": error.diag.constraint_name, "table": error.diag.table_name, "sqlstate": error.sqlstate}
        return " ".join(f"{key}={value}" for key, value in names.items() if value) or type(error).__doc__ or ""
    if isinstance(error, DatabaseError) and error.__cause__ is not None:
        return "see above"
    return scrub(str(error))


def _lines(error: BaseException) -> Iterator[str]:
    for part in _chain(error):
        if part.__traceback__ is not None:
            yield "Traceback (most recent call last):\n"
            yield from traceback.format_tb(part.__traceback__)
        yield f"{type(part).__module__}.{type(part).__qualname__}: {_message(part)}\n"


def format_error(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Turn ``exc_info`` into a text without values of people."""
    info = event.pop("exc_info", None)
    if info is True:
        info = sys.exc_info()
    error = info[1] if isinstance(info, tuple) else info
    if isinstance(error, BaseException):
        event["exception"] = "".join(_lines(error))
    return event


def scrub_event(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Clean every text of the line but the fields that only we fill; arguments and results of tasks go altogether."""
    if str(event.get("logger", "")).startswith("celery."):
        event.pop("data", None)
    for key, value in event.items():
        if key not in _OURS and not key.startswith("_") and not isinstance(value, (int, float, bool, type(None))):
            event[key] = scrub(str(value))
    return event


def logging_config(*, json: bool, level: str) -> dict[str, Any]:
    """Return Django's LOGGING: one line per event on standard error, as JSON or for people."""
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        format_error,
    ]
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *shared,
            structlog.stdlib.PositionalArgumentsFormatter(),
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    renderer = structlog.processors.JSONRenderer() if json else structlog.dev.ConsoleRenderer(colors=False)
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "line": {
                "()": structlog.stdlib.ProcessorFormatter,
                "processors": [structlog.stdlib.ProcessorFormatter.remove_processors_meta, scrub_event, renderer],
                "foreign_pre_chain": [*shared, structlog.stdlib.ExtraAdder()],
            }
        },
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
        "root": {"handlers": ["stderr"], "level": level},
        "loggers": {
            # Django's own handlers go, so that no line leaves beside the cleaning above.
            "django": {"handlers": [], "level": "INFO", "propagate": True},
            "django.server": {"handlers": [], "level": "WARNING", "propagate": True},
            # request_finished and request_failed say the same, with the ids
            "django.request": {"level": "CRITICAL"},
            # task_started, task_succeeded and task_failed say the same, with the ids and without arguments
            "celery.app.trace": {"level": "CRITICAL"},
            "celery.worker.strategy": {"level": "WARNING"},
            # a wake-up call that came too late is no news
            "celery.worker.request": {"level": "ERROR"},
            # people at a terminal want to hear of tasks only when one fails
            "django_structlog.celery": {"level": "NOTSET" if json else "ERROR"},
            "axes": {"level": "WARNING"},
        },
    }
