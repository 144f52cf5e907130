"""Run the whole back office on this machine."""

import os
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from backoffice.runner import serve


def chosen_port(text: str) -> int:
    """Return the port number; refuse what is none."""
    if not text.isdecimal() or not 0 < int(text) < 65536:
        raise CommandError(f"{text!r} is not a port: a whole number from 1 to 65535, for example PORT=8001 make demo")
    return int(text)


class Command(BaseCommand):
    """Start database, web server, worker and beat in the foreground; stop all of them on Ctrl-C."""

    help = "Start database, web server, Celery worker and beat in one foreground process."

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare port and host; the environment gives the defaults."""
        parser.add_argument("--port", default=os.environ.get("PORT") or "8000", help="default: $PORT or 8000")
        parser.add_argument(
            "--host",
            default=os.environ.get("BACKOFFICE_HOST") or "127.0.0.1",
            help="default: $BACKOFFICE_HOST or 127.0.0.1",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Run until stopped."""
        serve(port=chosen_port(options["port"]), host=options["host"])
