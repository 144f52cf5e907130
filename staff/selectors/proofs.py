"""Everything the proofing page of one task shows, and what its reader may do there."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core.files.storage import default_storage

from core.models import Job, JobState
from staff.adapters.pictures import MAX_BYTES, Finding, either, sentence
from staff.models import (
    CreativeSlot,
    Decision,
    Deliverable,
    Pin,
    ReviewStep,
    Revision,
    RevisionState,
    SizeRule,
    Task,
    TaskKind,
    TaskStatus,
    User,
    Verdict,
)
from staff.policies import can_review_tasks, can_view_tasks, may_change_pin, may_resolve_pin, may_work_on
from staff.selectors.reviewers import reviewers_of
from staff.selectors.revisions import ReviewState, obstacles, sentences_of

UPLOADABLE = {TaskStatus.ASSIGNED, TaskStatus.IN_PROGRESS, TaskStatus.CHANGES_REQUESTED}
SENDABLE = {TaskStatus.IN_PROGRESS, TaskStatus.CHANGES_REQUESTED}


@dataclass(frozen=True, kw_only=True)
class PinView:
    """A remark; x and y in per cent of the picture's width and height."""

    id: int
    number: int
    x: float
    y: float
    text: str
    author: str
    at: datetime
    is_resolved: bool
    resolved_by: str
    resolved_at: datetime | None
    may_resolve: bool
    may_change: bool


@dataclass(frozen=True, kw_only=True)
class DecisionView:
    """What a step said of a version."""

    step_id: int
    step: str
    is_approved: bool
    label: str
    note: str
    by: str
    on_behalf_of: str
    at: datetime


@dataclass(frozen=True, kw_only=True)
class FindingView:
    """One check in a sentence of the reader's language."""

    is_ok: bool
    sentence: str


@dataclass(frozen=True, kw_only=True)
class VersionView:
    """One version; addresses are empty where there is nothing to show or to load. ``percent``: of a running check."""

    id: int
    number: int
    is_latest: bool
    state: str
    state_label: str
    filename: str
    text: str
    format: str
    width_px: int | None
    height_px: int | None
    size_bytes: int
    sha256: str
    uploaded_by: str
    uploaded_at: datetime
    findings: Sequence[FindingView]
    preview_url: str
    thumbnail_url: str
    download_url: str
    percent: int
    pins: Sequence[PinView]
    decisions: Sequence[DecisionView]
    is_asked: bool  # the current step has to decide about it
    is_rejected: bool

    @property
    def open_pins(self) -> int:
        """Return how many remarks are not resolved."""
        return sum(not pin.is_resolved for pin in self.pins)

    @property
    def is_checking(self) -> bool:
        """Tell whether the check still runs."""
        return self.state == RevisionState.CHECKING


@dataclass(frozen=True, kw_only=True)
class SlotView:
    """What a deliverable has to be; the safe area in px, and in per cent of the slot's own size for drawing."""

    label: str
    width_px: int
    height_px: int
    size: str
    rule: str
    max_kb: int | None
    formats: str
    text_limit: int | None
    note: str
    has_safe_area: bool
    safe_px: tuple[int, int, int, int]  # top, right, bottom, left
    safe_percent: tuple[float, float, float, float]
    has_any_height: bool  # no safe area is drawn then


@dataclass(frozen=True, kw_only=True)
class DeliverableView:
    """One picture or text with its versions, newest first."""

    id: int
    title: str
    slot: SlotView | None
    takes_text_only: bool
    versions: Sequence[VersionView]

    @property
    def latest(self) -> VersionView | None:
        """Return the newest version."""
        return self.versions[0] if self.versions else None


@dataclass(frozen=True, kw_only=True)
class StepView:
    """One approval step: ``state`` is passed, current or waiting; ``people`` may decide now (current step only)."""

    id: int
    label: str
    state: str
    people: Sequence[str]
    approved_count: int


@dataclass(frozen=True, kw_only=True)
class Proof:
    """The proofing page of one task for one reader."""

    task: Task
    deliverables: Sequence[DeliverableView]
    steps: Sequence[StepView]
    obstacles: Sequence[str]  # why it cannot be sent to review now
    may_upload: bool
    may_send: bool  # may press the button; ``obstacles`` say what would be refused
    may_take_back: bool
    may_decide: bool
    may_pin: bool
    stands_in_for: str  # the reader decides on behalf of this colleague
    round: int  # the round that a wish for changes would begin
    needs_reason: bool  # a wish for changes would go beyond the agreed rounds
    max_mb: int

    @property
    def asked_ids(self) -> list[int]:
        """Return the versions the current step has to decide about."""
        return [row.id for unit in self.deliverables for row in unit.versions if row.is_asked]

    @property
    def open_pins(self) -> int:
        """Return how many remarks of all versions are not resolved."""
        return sum(row.open_pins for unit in self.deliverables for row in unit.versions)

    @property
    def is_checking(self) -> bool:
        """Tell whether a check still runs, so that the page asks again."""
        return any(unit.latest and unit.latest.is_checking for unit in self.deliverables)


def proof_of(task: Task, viewer: User) -> Proof:
    """Return the proofs of a task as ``viewer`` sees them; the number of queries does not depend on what there is."""
    deliverables = list(Deliverable.objects.filter(task=task).select_related("slot"))
    revisions = list(
        Revision.objects.filter(deliverable__in=deliverables).select_related("uploaded_by").order_by("-number", "pk")
    )
    latest = {row.deliverable_id: row for row in reversed(revisions)}
    steps = list(ReviewStep.objects.filter(task=task).select_related("reviewer"))
    decisions = list(
        Decision.objects.filter(revision__in=revisions).select_related("step__reviewer", "by", "on_behalf_of")
    )
    current = {row.pk for row in latest.values()}
    state = ReviewState(
        deliverables,
        [latest[row.pk] for row in deliverables if row.pk in latest],
        steps,
        {(row.step_id, row.revision_id): row.verdict for row in decisions if row.revision_id in current},
    )
    turn = state.current if task.status == TaskStatus.IN_REVIEW else None
    reviewers = reviewers_of(turn, assignee_id=task.assignee_id) if turn else {}
    names = _names(reviewers)
    page = _Page(task, viewer, state, turn, decisions, revisions)
    works = may_work_on(viewer, task)
    return Proof(
        task=task,
        deliverables=[page.deliverable(row) for row in deliverables],
        steps=[page.step(row, [names[pk] for pk in reviewers if pk in names]) for row in steps],
        obstacles=obstacles(state) if task.status in SENDABLE and works else [],
        may_upload=works and task.status in UPLOADABLE,
        may_send=works and task.status in SENDABLE and bool(steps),
        may_take_back=works and task.status == TaskStatus.IN_REVIEW,
        may_decide=viewer.pk in reviewers and can_review_tasks(viewer),
        may_pin=can_view_tasks(viewer) and task.is_open,
        stands_in_for=names.get(reviewers.get(viewer.pk) or 0, ""),
        round=task.round_count + 1,
        needs_reason=task.round_count >= task.revision_limit,
        max_mb=MAX_BYTES // 1024**2,
    )


def slot_view(slot: CreativeSlot) -> SlotView:
    """Return what the slot demands, in words and in numbers to draw with."""
    safe = (slot.safe_top, slot.safe_right, slot.safe_bottom, slot.safe_left)
    sides = (slot.height_px, slot.width_px, slot.height_px, slot.width_px)
    return SlotView(
        label=str(slot),
        width_px=slot.width_px,
        height_px=slot.height_px,
        size=slot.size,
        rule=str(slot.get_size_rule_display()),
        max_kb=slot.max_kb,
        formats=either(slot.formats),
        text_limit=slot.text_limit,
        note=slot.note,
        has_safe_area=any(safe),
        safe_px=safe,
        safe_percent=tuple(round(edge * 100 / side, 2) for edge, side in zip(safe, sides, strict=True)),  # type: ignore[arg-type]
        has_any_height=slot.size_rule == SizeRule.WIDTH,
    )


def takes_text_only(kind: str, slot_id: int | None) -> bool:
    """Tell whether words alone can be a version: a slot shows a picture, unless its words are what was asked for."""
    return kind == TaskKind.COPY or (slot_id is None and kind not in {TaskKind.BANNER, TaskKind.PHOTO})


def _names(reviewers: dict[int, int | None]) -> dict[int, str]:
    wanted = {*reviewers, *(pk for pk in reviewers.values() if pk is not None)}
    return {user.pk: str(user) for user in User.objects.filter(pk__in=wanted).order_by("pk")}


class _Page:
    """Rows of one task, laid out for one reader."""

    def __init__(
        self,
        task: Task,
        viewer: User,
        state: ReviewState,
        turn: ReviewStep | None,
        decisions: list[Decision],
        revisions: list[Revision],
    ) -> None:
        self.task, self.viewer, self.state, self.turn = task, viewer, state, turn
        self.asked = {row.pk for row in state.undecided(turn)} if turn else set()
        self.latest = {row.pk for row in state.latest}
        self.revisions: dict[int, list[Revision]] = defaultdict(list)
        for row in revisions:
            self.revisions[row.deliverable_id].append(row)
        self.decisions: dict[int, list[Decision]] = defaultdict(list)
        for decision in decisions:
            self.decisions[decision.revision_id].append(decision)
        self.pins: dict[int, list[Pin]] = defaultdict(list)
        rows = Pin.objects.filter(revision__in=revisions).select_related("author", "resolved_by").order_by("number")
        for pin in rows:
            self.pins[pin.revision_id].append(pin)
        self.percent = _progress()

    def deliverable(self, row: Deliverable) -> DeliverableView:
        return DeliverableView(
            id=row.pk,
            title=str(row),
            slot=slot_view(row.slot) if row.slot else None,
            takes_text_only=takes_text_only(self.task.kind, row.slot_id),
            versions=[self.version(revision) for revision in self.revisions[row.pk]],
        )

    def version(self, row: Revision) -> VersionView:
        return VersionView(
            id=row.pk,
            number=row.number,
            is_latest=row.pk in self.latest,
            state=row.state,
            state_label=str(row.get_state_display()),
            filename=row.filename,
            text=row.text,
            format=row.format,
            width_px=row.width_px,
            height_px=row.height_px,
            size_bytes=row.size_bytes,
            sha256=row.sha256,
            uploaded_by=str(row.uploaded_by),
            uploaded_at=row.uploaded_at,
            findings=_findings(row),
            preview_url=_url(row.preview_path),
            thumbnail_url=_url(row.thumbnail_path),
            download_url=_url(row.file.name),
            percent=self.percent.get(row.pk, 0),
            pins=[self.pin(pin) for pin in self.pins[row.pk]],
            decisions=[_decision(decision) for decision in self.decisions[row.pk]],
            is_asked=row.pk in self.asked,
            is_rejected=row.pk in self.latest and self.state.is_rejected(row),
        )

    def pin(self, row: Pin) -> PinView:
        followed = any(decision.at >= row.at for decision in self.decisions[row.revision_id])
        return PinView(
            id=row.pk,
            number=row.number,
            x=row.x / 100,
            y=row.y / 100,
            text=row.text,
            author=str(row.author),
            at=row.at,
            is_resolved=row.resolved_at is not None,
            resolved_by=str(row.resolved_by or ""),
            resolved_at=row.resolved_at,
            may_resolve=may_resolve_pin(self.viewer, row, self.task),
            may_change=may_change_pin(self.viewer, row, has_decision=followed),
        )

    def step(self, row: ReviewStep, people: list[str]) -> StepView:
        is_current = self.turn is not None and row.pk == self.turn.pk
        left = len(self.state.undecided(row)) + len(self.state.missing)
        return StepView(
            id=row.pk,
            label=str(row),
            state="current" if is_current else "waiting" if left or not self.state.latest else "passed",
            people=people if is_current else [],
            approved_count=len(self.state.latest) - len(self.state.undecided(row)),
        )


def _findings(row: Revision) -> list[FindingView]:
    found = [Finding.from_dict(stored) for stored in row.findings]
    if not found:
        return [FindingView(is_ok=False, sentence=words) for words in sentences_of(row)]
    return [FindingView(is_ok=finding.is_ok, sentence=sentence(finding)) for finding in found]


def _decision(row: Decision) -> DecisionView:
    return DecisionView(
        step_id=row.step_id,
        step=str(row.step),
        is_approved=row.verdict == Verdict.APPROVED,
        label=str(row.get_verdict_display()),
        note=row.note,
        by=str(row.by),
        on_behalf_of=str(row.on_behalf_of or ""),
        at=row.at,
    )


def _progress() -> dict[int, int]:
    """Return how far the checks are that run now, by version (the few open jobs of this kind)."""
    jobs = Job.objects.filter(kind="staff.check_revision", state__in=[JobState.QUEUED, JobState.RUNNING])
    return {int(row.parameters["revision"]): row.percent for row in jobs}


def _url(path: Any) -> str:
    return default_storage.url(path) if path else ""
