"""A believable shop to try everything with."""

import contextlib
import json
import logging
import os
import sys
from dataclasses import asdict
from functools import partial
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from backoffice.command_line import embedded_cluster
from backoffice.demo.colleagues import logins, table
from backoffice.demo.fill import fill
from backoffice.demo.plan import ORDERS
from backoffice.demo.scale import grow
from backoffice.management.commands.up import chosen_port
from backoffice.runner import serve
from backoffice.runner.preparation import prepare
from backoffice.runner.terminal import say
from core.events import without_waking

SMALLEST, LARGEST_SCALE = 150, 50


class Command(BaseCommand):
    """Fill an empty database with the demo shop, then serve it; a filled one is served as it is."""

    help = (
        "Fill an empty database with a believable shop through the services (once; a killed run goes on), "
        "then serve it as `up` does and print one login per role. Refused in production."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare size, output and where to serve."""
        parser.add_argument("--orders", type=int, default=ORDERS, help=f"orders of the shop (default: {ORDERS})")
        parser.add_argument(
            "--scale",
            type=int,
            default=1,
            help=f"multiply the orders by adding past ones in bulk (1 to {LARGEST_SCALE}; 50 gives a million)",
        )
        parser.add_argument("--no-serve", action="store_true", help="fill only")
        parser.add_argument(
            "--json", action="store_true", help="fill, print one JSON object with url and logins, do not serve"
        )
        parser.add_argument("--port", default=os.environ.get("PORT") or "8000", help="default: $PORT or 8000")
        parser.add_argument(
            "--host",
            default=os.environ.get("BACKOFFICE_HOST") or "127.0.0.1",
            help="default: $BACKOFFICE_HOST or 127.0.0.1",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Refuse what cannot be, then fill and serve."""
        if settings.PRODUCTION:
            raise CommandError("The demo shop with its known passwords is not for production (BACKOFFICE_MODE).")
        if options["orders"] < SMALLEST:
            raise CommandError(f"--orders must be {SMALLEST} or more.")
        if not 1 <= options["scale"] <= LARGEST_SCALE:
            raise CommandError(f"--scale must lie between 1 and {LARGEST_SCALE}.")
        port = chosen_port(options["port"])
        run = partial(self._fill, options, is_quiet=options["json"])
        if options["json"] or options["no_serve"]:
            with contextlib.redirect_stdout(sys.stderr):  # stdout is for the answer
                self._without_serving(run)
            self._print(options, port)
        else:
            banner = _Banner()
            serve(port=port, host=options["host"], fill=lambda: banner.write(run), banner_lines=banner)

    def _without_serving(self, run: Any) -> None:
        cluster = embedded_cluster()
        if cluster is None:
            prepare()
            run()
            return
        cluster.ensure_running()
        cluster.stop_at_exit()
        prepare()
        run()

    def _fill(self, options: dict[str, Any], *, is_quiet: bool) -> None:
        tell = (lambda _sentence: None) if is_quiet else say
        logging.disable(logging.INFO)  # thousands of lines that say that all is well
        try:
            with without_waking():
                begin = fill(orders=options["orders"], now=timezone.now(), say=tell, is_quiet=is_quiet)
                if options["scale"] > 1:
                    grow(begin=begin, scale=options["scale"], say=tell, is_quiet=is_quiet)
        finally:
            logging.disable(logging.NOTSET)

    def _print(self, options: dict[str, Any], port: int) -> None:
        found = logins()
        host = "localhost" if options["host"] in {"127.0.0.1", "::1"} else options["host"]
        if options["json"]:
            answer = {"url": f"http://{host}:{port}/", "logins": [asdict(login) for login in found]}
            self.stdout.write(json.dumps(answer, ensure_ascii=False))
        else:
            self.stdout.write("\n".join(table(found)))


class _Banner(list[str]):
    """Lines that are known only after filling."""

    def write(self, run: Any) -> None:
        run()
        self[:] = ["", *table(logins()), ""]
