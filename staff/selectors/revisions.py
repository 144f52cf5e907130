"""Which versions count, and what is decided about them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from staff.adapters.pictures import Finding, sentence
from staff.models import Decision, Deliverable, ReviewStep, Revision, RevisionState, Verdict


@dataclass(frozen=True)
class ReviewState:
    """The approvals of one task: its deliverables, their latest versions, its steps in order, the verdicts that count.

    ``verdicts``: (step id, revision id) -> verdict. Old versions do not occur here, so nothing about them counts.
    """

    deliverables: Sequence[Deliverable]
    latest: Sequence[Revision]
    steps: Sequence[ReviewStep]
    verdicts: Mapping[tuple[int, int], str]

    @property
    def missing(self) -> list[Deliverable]:
        """Return the deliverables without any version."""
        there = {row.deliverable_id for row in self.latest}
        return [row for row in self.deliverables if row.pk not in there]

    def undecided(self, step: ReviewStep) -> list[Revision]:
        """Return the versions that the step has not approved."""
        return [row for row in self.latest if self.verdicts.get((step.pk, row.pk)) != Verdict.APPROVED]

    @property
    def current(self) -> ReviewStep | None:
        """Return the first step that has not approved every version; None when all have."""
        return next((step for step in self.steps if self.undecided(step)), None)

    @property
    def is_approved(self) -> bool:
        """Tell whether every step approved the latest version of every deliverable."""
        return bool(self.steps and self.latest) and not self.missing and self.current is None

    def is_rejected(self, revision: Revision) -> bool:
        """Tell whether a step wants another version in its place."""
        return any(self.verdicts.get((step.pk, revision.pk)) == Verdict.CHANGES_REQUESTED for step in self.steps)


def latest_of(deliverables: Sequence[Deliverable]) -> list[Revision]:
    """Return the latest version of each deliverable that has one, in the same order (one query)."""
    rows = Revision.objects.filter(deliverable__in=deliverables).order_by("deliverable_id", "-number")
    newest = {row.deliverable_id: row for row in rows.distinct("deliverable_id")}
    for deliverable in deliverables:
        if deliverable.pk in newest:
            newest[deliverable.pk].deliverable = deliverable
    return [newest[row.pk] for row in deliverables if row.pk in newest]


def review_state(task_id: int) -> ReviewState:
    """Return deliverables, latest versions, steps and verdicts of a task (four queries)."""
    deliverables = list(Deliverable.objects.filter(task=task_id).select_related("slot"))
    latest = latest_of(deliverables)
    steps = list(ReviewStep.objects.filter(task=task_id).select_related("reviewer"))
    decisions = Decision.objects.filter(step__in=steps, revision__in=latest)
    verdicts = {(step, row): verdict for step, row, verdict in decisions.values_list("step", "revision", "verdict")}
    return ReviewState(deliverables, latest, steps, verdicts)


def approved_revisions(task_id: int) -> list[Revision]:
    """Return the versions to hand over: the latest of each deliverable once every step approved all, else none."""
    state = review_state(task_id)
    return list(state.latest) if state.is_approved else []


def obstacles(state: ReviewState) -> list[str]:
    """Return in sentences why the versions cannot be sent to review; nothing when they can."""
    latest = {row.deliverable_id: row for row in state.latest}
    found = []
    if not state.deliverables:
        found.append(_("There is nothing to approve: the task has no deliverables."))
    for deliverable in state.deliverables:
        words = _obstacle(latest.get(deliverable.pk), state)
        if words:
            found.append(f"{deliverable}: {words}")
    if not found and state.current is None:
        found.append(_("These versions are approved already. Upload a new one first."))
    return found


def sentences_of(revision: Revision, *, only_failed: bool = False) -> list[str]:
    """Return what the check says of a version, in the reader's language."""
    findings = [Finding.from_dict(stored) for stored in revision.findings]
    said = [sentence(finding) for finding in findings if not (only_failed and finding.is_ok)]
    return said or ([revision.problem] if revision.problem else [])


def _obstacle(revision: Revision | None, state: ReviewState) -> str:
    if revision is None:
        return _("Nothing is uploaded yet.")
    if revision.state == RevisionState.CHECKING:
        return _("The file is still being checked. Try again in a moment.")
    if revision.state != RevisionState.FITS:
        return " ".join(sentences_of(revision, only_failed=True))
    if state.is_rejected(revision):
        return _("Changes were requested of version %(number)s. Upload a new one.") % {"number": revision.number}
    return ""


def download_name(path: str) -> str:
    """Return how the original of a version is called when somebody loads it; what nobody could read opens nowhere.

    Task, deliverable's place and version stand in front, so that versions do not overwrite each other on a disk.
    """
    row = Revision.objects.filter(file=path).select_related("deliverable__task").first()
    if row is None:
        return path.rpartition("/")[2]
    deliverable = row.deliverable
    name = f"{deliverable.task.number}-{deliverable.position + 1}-v{row.number}-{row.filename}"
    return f"{name}.bin" if row.state == RevisionState.UNREADABLE else name
