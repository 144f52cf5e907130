#!/usr/bin/env python
"""Django's command line; starts the embedded PostgreSQL for the commands that need it."""

import os
import sys

from django.core.management import execute_from_command_line

from backoffice.command_line import prepare
from backoffice.postgres import PostgresError


def main() -> None:
    """Run one command."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "backoffice.settings")
    try:
        prepare(sys.argv[1:])
        execute_from_command_line(sys.argv)
    except PostgresError as error:
        sys.exit(f"Error: {error}")


if __name__ == "__main__":
    main()
