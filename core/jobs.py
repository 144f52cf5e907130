"""Long work as a row: who asked, how far it is, what came out. Celery only wakes it; the row is the memory."""

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from celery import current_app
from django.contrib.auth import get_user_model
from django.core.files.base import ContentFile
from django.db import connection, transaction
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override

from core.errors import DomainError, InvalidTransition, NotAllowed
from core.models import Job, JobState
from core.origins import Origin, coming_from

if TYPE_CHECKING:
    from staff.models import User

logger = logging.getLogger(__name__)

STALE_AFTER = timedelta(minutes=5)  # no sign of life for so long: the worker is gone
MAX_ATTEMPTS = 5  # starts, not failures: a job that kills its worker each time must not do so for ever


class JobCancelledError(Exception):
    """Somebody cancelled the job while it ran; raised by ``progress`` so that the work stops there."""


@dataclass
class JobRun:
    """What a job's function gets: its parameters, and how it reports."""

    job_id: int
    parameters: Mapping[str, Any]
    owner_id: int | None
    attempt: int
    total: int = 0
    _seen: Any = field(default=None, repr=False)
    _wire: Any = field(default=None, repr=False)

    def progress(self, done: int, total: int | None = None) -> None:
        """Show how far the work is, at most once a second; JobCancelledError when it is not wanted any more.

        It is seen at once, whatever transaction the job has open: then it goes through a connection of its own.
        """
        now = timezone.now()
        if total is not None:
            self.total = total
        if self._seen and now - self._seen < timedelta(seconds=1) and done < self.total:
            return
        self._seen = now
        self._report(done)

    def alive(self) -> None:
        """Give a sign of life in work that cannot count; JobCancelledError as ``progress``."""
        self._report(None)

    def _report(self, done: int | None) -> None:
        with self._outside().cursor() as cursor:
            cursor.execute(
                "UPDATE core_job SET done_count = coalesce(%s, done_count), total_count = %s, seen_at = now()"
                " WHERE id = %s AND state = %s AND attempts = %s",
                [done, self.total, self.job_id, JobState.RUNNING, self.attempt],
            )
            if cursor.rowcount:
                return
            cursor.execute("SELECT 1 FROM core_job WHERE id = %s", [self.job_id])
            if cursor.fetchone():  # it is there, but somebody cancelled it or took it over
                raise JobCancelledError

    def _outside(self) -> Any:
        # the transaction around a test is none of the job's own: what others see there, they see through it
        blocks: list[Any] = connection.atomic_blocks
        if all(block._from_testcase for block in blocks):  # noqa: SLF001 as Django's own check of durable blocks
            return connection
        self._wire = self._wire or connection.copy()
        return self._wire

    def close(self) -> None:
        """Give the second connection back."""
        if self._wire is not None:
            self._wire.close()


@dataclass(frozen=True)
class JobResult:
    """What came out: numbers and words to show, and a file to download (name, content)."""

    outcome: Mapping[str, Any]
    filename: str = ""
    content: bytes | None = None


@dataclass(frozen=True)
class JobKind:
    """A registered kind of job."""

    name: str
    run: Callable[[JobRun], JobResult | Mapping[str, Any] | None]
    label: Any


_kinds: dict[str, JobKind] = {}


def job(name: str, *, label: Any = "") -> Callable[[Callable[[JobRun], Any]], Callable[[JobRun], Any]]:
    """Register ``function(run)`` for a kind of jobs; started again after a crash, it must pick up where it was."""

    def register(function: Callable[[JobRun], Any]) -> Callable[[JobRun], Any]:
        _kinds[name] = JobKind(name, function, label or name)
        return function

    return register


def kind_label(name: str) -> str:
    """Return the kind as people read it."""
    return str(_kinds[name].label) if name in _kinds else name


@transaction.atomic
def enqueue(*, kind: str, title: str, parameters: Mapping[str, Any] | None = None, owner: "User | None" = None) -> Job:
    """Write a waiting job and wake a worker after the commit; the beat sweep finds it if that message is lost.

    ``parameters`` are JSON. LookupError for a kind that nobody registered.
    """
    if kind not in _kinds:
        raise LookupError(f"no job of kind {kind}")
    row = Job.objects.create(kind=kind, title=title[:200], parameters=dict(parameters or {}), owner=owner)
    transaction.on_commit(lambda: wake(row.pk), robust=True)
    return row


def wake(job_id: int) -> None:
    """Ask a worker to run the job; a dead broker costs delay only."""
    current_app.send_task("core.run_job", args=[job_id], expires=3600)


def run(job_id: int) -> JobState | None:
    """Run a waiting job to its end and return its state; None when somebody else has it.

    1. The claim is one conditional UPDATE, so two workers never run the same attempt.
    2. The function runs in the owner's language, outside any transaction of ours; it opens its own.
    3. The outcome is written only if this attempt still owns the row: taken over or cancelled, it keeps its new state.
    """
    claimed = claim(job_id)
    if claimed is None:
        return None
    this = JobRun(claimed.pk, claimed.parameters, claimed.owner_id, claimed.attempts, claimed.total_count)
    kind = _kinds.get(claimed.kind)
    try:
        if kind is None:
            raise LookupError(f"no job of kind {claimed.kind} in this version")  # noqa: TRY301 one path for all failures
        with override(_language(claimed)), coming_from(Origin.JOB, claimed.kind):
            result = kind.run(this)
    except JobCancelledError:
        logger.info("job cancelled job=%s", job_id)
        return JobState.CANCELLED
    except DomainError as error:
        return _finish(this, JobState.FAILED, error=str(error))
    except Exception as error:
        logger.exception("job failed job=%s kind=%s", job_id, claimed.kind)
        # the class is enough to find the fault; a message may quote personal data
        return _finish(this, JobState.FAILED, error=type(error).__name__)
    finally:
        this.close()
    return _finish(this, JobState.DONE, result=result if isinstance(result, JobResult) else JobResult(result or {}))


def claim(job_id: int) -> Job | None:
    """Take a waiting job for one attempt; None when it is not waiting."""
    now = timezone.now()
    taken = Job.objects.filter(pk=job_id, state=JobState.QUEUED).update(
        state=JobState.RUNNING, attempts=F("attempts") + 1, started_at=now, seen_at=now, error=""
    )
    return Job.objects.select_related("owner").get(pk=job_id) if taken else None


def _language(row: Job) -> str:
    owner: Any = row.owner
    return (owner.language if owner else "") or "en"


def _finish(this: JobRun, state: JobState, *, result: JobResult | None = None, error: str = "") -> JobState | None:
    with transaction.atomic():
        row = Job.objects.select_for_update().get(pk=this.job_id)
        if row.state != JobState.RUNNING or row.attempts != this.attempt:
            return None
        row.state, row.error, row.finished_at = state, error, timezone.now()
        fields = ["state", "error", "finished_at"]
        if result is not None:
            row.outcome = dict(result.outcome)
            row.done_count = row.total_count
            fields += ["outcome", "done_count"]
            if result.content is not None:
                row.file.save(result.filename, ContentFile(result.content), save=False)
                fields.append("file")
        row.save(update_fields=fields)
    return state


def _locked(job_id: int, actor: "User | None") -> Job:
    """Lock a job for somebody who may end or restart it: its owner, who may see all, or the system (None)."""
    row = Job.objects.select_for_update().get(pk=job_id)
    if actor is not None and row.owner_id != actor.pk and not actor.has_perm("core.view_all_jobs"):
        raise NotAllowed(_("This job belongs to somebody else."))
    return row


@transaction.atomic
def cancel_job(*, job_id: int, actor: "User | None" = None) -> Job:
    """End a job that waits or runs; a running one stops at its next report, what it committed stays.

    NotAllowed for another person's job without the right to see all; InvalidTransition when it has ended.
    """
    row = _locked(job_id, actor)
    if row.state not in {JobState.QUEUED, JobState.RUNNING}:
        raise InvalidTransition(_("The job has already ended."))
    row.state, row.finished_at = JobState.CANCELLED, timezone.now()
    row.save(update_fields=["state", "finished_at"])
    logger.info("job cancelled job=%s actor=%s", row.pk, actor.pk if actor else None)
    return row


@transaction.atomic
def retry_job(*, job_id: int, actor: "User | None" = None) -> Job:
    """Let a failed or cancelled job start again; its function picks up where it was.

    NotAllowed for another person's job without the right to see all; InvalidTransition unless it has ended so.
    """
    row = _locked(job_id, actor)
    if row.state not in {JobState.FAILED, JobState.CANCELLED}:
        raise InvalidTransition(_("Only a job that failed or was cancelled can start again."))
    row.state, row.finished_at, row.error, row.seen_at = JobState.QUEUED, None, "", timezone.now()
    row.save(update_fields=["state", "finished_at", "error", "seen_at"])
    transaction.on_commit(lambda: wake(row.pk), robust=True)
    return row


def sweep(*, now: Any = None) -> int:
    """Wake waiting jobs whose message was lost and requeue running ones without a sign of life; return their number.

    A job that was started ``MAX_ATTEMPTS`` times in vain fails for good.
    """
    now = now or timezone.now()
    stale = Q(seen_at__lt=now - STALE_AFTER)
    running = Job.objects.filter(stale, state=JobState.RUNNING)
    running.filter(attempts__gte=MAX_ATTEMPTS).update(
        state=JobState.FAILED, finished_at=now, error=_("The worker stopped each time this job ran.")
    )
    running.update(state=JobState.QUEUED, seen_at=None)
    waiting = Q(state=JobState.QUEUED, created_at__lt=now - timedelta(seconds=30)) & (Q(seen_at=None) | stale)
    ids = list(Job.objects.filter(waiting).order_by("pk").values_list("pk", flat=True)[:100])
    for job_id in ids:
        wake(job_id)
    Job.objects.filter(pk__in=ids, state=JobState.QUEUED).update(seen_at=now)
    return len(ids)


def owner_of(this: JobRun) -> Any:
    """Return the person who asked, with today's rights; None for the system's own jobs or a closed account."""
    if this.owner_id is None:
        return None
    return get_user_model().objects.filter(pk=this.owner_id, is_active=True).first()
