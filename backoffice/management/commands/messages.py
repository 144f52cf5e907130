"""Catalogs of translations, without the gettext programs."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from backoffice import translations
from backoffice.runner.catalogs import compile_stale_catalogs


class Command(BaseCommand):
    """Bring the catalogs in line with the code, compile them, or prove them complete."""

    help = "update: collect messages into locale/*.po; compile: make the .mo files; check: fail on gaps."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare what to do."""
        parser.add_argument("what", choices=["update", "compile", "check"])

    def handle(self, *args: Any, **options: Any) -> None:
        """Do it; check ends with an error when a message is missing, untranslated, fuzzy or has other placeholders."""
        {"update": self._update, "compile": self._compile, "check": self._check}[options["what"]]()

    def _update(self) -> None:
        for language in translations.languages():
            came, went = translations.update(language)
            gaps = len(translations.problems(language))
            self.stdout.write(f"{language}: {came} new, {went} gone, {gaps} to translate")
        self._compile()

    def _compile(self) -> None:
        for path in compile_stale_catalogs():
            self.stdout.write(f"compiled {path.parent.parent.name}")

    def _check(self) -> None:
        found = [line for language in translations.languages() for line in translations.problems(language)]
        for line in found:
            self.stderr.write(line)
        if found:
            raise CommandError(f"{len(found)} messages need a translator.")
        self.stdout.write("All messages are translated.")
