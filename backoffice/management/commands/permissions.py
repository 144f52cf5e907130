"""Who may do what, for people and for machines."""

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from backoffice.permissions import Entry, as_json, matrix
from backoffice.roles import permission_table

_SIGN = {True: "yes", False: "-", None: "?"}


class Command(BaseCommand):
    """Print role x screen x action x allowed, as the admin site would decide."""

    help = "Print what each role may do on each screen; --json for machines (a list of role, screen, action, allowed)."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Offer JSON."""
        parser.add_argument("--json", action="store_true", help="print a JSON list instead of a table")
        parser.add_argument("--lines", action="store_true", help="print a line per action: who may (easy to compare)")

    def handle(self, *args: Any, **options: Any) -> None:
        """Print."""
        entries = matrix(permission_table())
        if options["json"]:
            self.stdout.write(json.dumps(as_json(entries), indent=1))
            return
        self.stdout.write("\n".join(_lines(entries) if options["lines"] else _table(entries)))


def _lines(entries: list[Entry]) -> list[str]:
    may: dict[tuple[str, str], list[str]] = {}
    for entry in entries:
        may.setdefault((entry.screen, entry.action), []).extend([entry.role] if entry.allowed else [])
    everybody = len({entry.role for entry in entries})
    return [
        f"{screen} {action}: {'everybody' if len(roles) == everybody else ' '.join(roles) or 'nobody'}"
        for (screen, action), roles in may.items()
    ]


def _table(entries: list[Entry]) -> list[str]:
    roles = list(dict.fromkeys(entry.role for entry in entries))
    cells = {(entry.screen, entry.action, entry.role): entry.allowed for entry in entries}
    rows = list(dict.fromkeys((entry.screen, entry.action) for entry in entries))
    width = max(len(f"{screen} {action}") for screen, action in rows)
    lines = [" " * width + "  " + "  ".join(roles)]
    for screen, action in rows:
        signs = (_SIGN[cells[screen, action, role]].center(len(role)) for role in roles)
        lines.append(f"{f'{screen} {action}':<{width}}  " + "  ".join(signs).rstrip())
    return lines
