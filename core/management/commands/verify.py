"""``manage.py verify``: prove every app's invariants."""

import json
import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from core.verify import Finding, invariants, verify


class Command(BaseCommand):
    """Print each invariant with its time; exit code 1 and the rows' names when one is broken."""

    help = "Prove the invariants of all apps; exit code 1 when a row breaks one."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the options."""
        parser.add_argument("names", nargs="*", help="only these invariants (default: all)")
        parser.add_argument("--json", action="store_true", help="print one JSON document")

    def handle(self, *args: Any, **options: Any) -> None:
        """Run and report."""
        unknown = set(options["names"]) - {one.name for one in invariants()}
        if unknown:
            raise CommandError(f"no invariant is called {', '.join(sorted(unknown))}")
        findings = verify(names=options["names"])
        if options["json"]:
            self.stdout.write(json.dumps(report(findings), indent=2, default=str))
        else:
            for finding in findings:
                self._print(finding)
        if not all(finding.holds for finding in findings):
            sys.exit(1)

    def _print(self, finding: Finding) -> None:
        word = self.style.SUCCESS("holds ") if finding.holds else self.style.ERROR("BROKEN")
        self.stdout.write(
            f"{word} {finding.seconds * 1000:7.0f} ms  {finding.invariant.name}: {finding.invariant.rule}"
        )
        for row in finding.breaches:
            self.stdout.write("         " + ", ".join(f"{key}={value}" for key, value in row.items()))
        if finding.count > len(finding.breaches):
            self.stdout.write(f"         and {finding.count - len(finding.breaches)} more")


def report(findings: list[Finding]) -> dict[str, Any]:
    """Return the machine-readable form: ``holds`` overall, then each check with its breaching rows."""
    return {
        "holds": all(finding.holds for finding in findings),
        "checks": [
            {
                "name": finding.invariant.name,
                "rule": finding.invariant.rule,
                "holds": finding.holds,
                "seconds": round(finding.seconds, 4),
                "breach_count": finding.count,
                "breaches": list(finding.breaches),
            }
            for finding in findings
        ],
    }
