"""Bring lists of postcodes into the database."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from addresses.services import load_postcodes
from core.errors import InvalidInput


class Command(BaseCommand):
    """Load files of Japan Post and Korea Post; safe to repeat."""

    help = (
        "Loads postcodes from files: KEN_ALL.CSV, utf_ken_all.csv and JIGYOSYO.CSV of Japan Post, zones of Korea (zip,"
        " sido, sigungu, dongs); plain or xz. The same file again changes nothing."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Take one or more files."""
        parser.add_argument("files", nargs="+", type=Path)
        parser.add_argument("--replace-all", action="store_true", help="also when most of the known rows would go")

    def handle(self, *args: Any, **options: Any) -> None:
        """Run the service for each file and say what changed."""
        for path in options["files"]:
            try:
                done = load_postcodes(path=path, replaces_all=options["replace_all"])
            except InvalidInput as error:
                raise CommandError(str(error)) from error
            self.stdout.write(
                f"{done.source}: {done.added} new, {done.changed} changed, {done.removed} gone, {done.total} in all"
            )
