#!/usr/bin/env python
"""Django's command line; starts the embedded PostgreSQL for the commands that need it."""

import os
import sys

from django.core.management import execute_from_command_line

from backoffice.command_line import prepare
from backoffice.postgres import PostgresError
from core.origins import Origin, coming_from


def main() -> None:
    """Run one command."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "backoffice.settings")
    try:
        prepare(sys.argv[1:])
        with coming_from(Origin.COMMAND, " ".join(sys.argv[1:2])):
            execute_from_command_line(sys.argv)
    except PostgresError as error:
        sys.exit(f"Error: {error}")


if __name__ == "__main__":
    main()
