"""Every night the books are proved; a broken rule is a failed job that administrators see on their home page."""

import logging
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.errors import DomainError
from core.jobs import JobRun, enqueue, job
from core.models import Job
from core.verify import Finding, verify

logger = logging.getLogger(__name__)

_listeners: dict[str, Callable[[Sequence[Finding]], object]] = {}


def after_proof(name: str, listener: Callable[[Sequence[Finding]], object]) -> None:
    """Let an app keep what the nightly proof found of its rules; it is told every finding, those that hold too.

    Registered in the app's ``checks``. ValueError for a name twice.
    """
    if name in _listeners:
        raise ValueError(f"two listeners of the proof are called {name}")
    _listeners[name] = listener


KIND = "core.prove_books"
ONCE_IN = timedelta(hours=12)


class ProofFailed(DomainError):  # noqa: N818 read where it is raised
    """A rule that must hold at every commit is broken."""


def enqueue_proof() -> Job | None:
    """Write tonight's proof as a job and return it; None when there is one of the last twelve hours."""
    if Job.objects.filter(kind=KIND, created_at__gt=timezone.now() - ONCE_IN).exists():
        return None
    return enqueue(kind=KIND, title=_("Nightly proof"))


@job(KIND, label=gettext_lazy("Proof of the books"))
def prove_books(run: JobRun) -> dict[str, Any]:
    """Prove every invariant on one snapshot and return how many hold.

    ProofFailed, an error in the log for each broken rule, and so a failed job that names the rules with their rows.
    """
    findings = verify(progress=run.progress)
    for listener in _listeners.values():
        listener(findings)
    broken = [finding for finding in findings if not finding.holds]
    for finding in broken:
        logger.error(
            "invariant broken rule=%s count=%s rows=%s", finding.invariant.name, finding.count, list(finding.breaches)
        )
    if broken:
        raise ProofFailed(
            _("Broken rules: %(rules)s. “manage.py verify” names the rows.") % {"rules": ", ".join(map(_words, broken))}
        )
    return {"rules": len(findings)}


def _words(finding: Finding) -> str:
    return f"{finding.invariant.name} ({finding.count})"
