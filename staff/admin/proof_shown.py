"""How proofs are laid out on their page: what a tab, a thumbnail and an approval step show."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.http import Http404
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from staff.models import RevisionState
from staff.selectors.proofs import (
    DecisionView,
    DeliverableView,
    FindingView,
    PinView,
    Proof,
    SlotView,
    StepView,
    VersionView,
)

Badge = tuple[Any, str]  # words, colour
CHECK_COLOURS = {
    RevisionState.CHECKING: "blue",
    RevisionState.FITS: "green",
    RevisionState.MISFIT: "red",
    RevisionState.UNREADABLE: "red",
}
STEP_BADGES: dict[str, Badge] = {
    "passed": (pgettext_lazy("approval", "Passed"), "green"),
    "current": (pgettext_lazy("approval", "Asked now"), "amber"),
    "waiting": (pgettext_lazy("approval", "Not yet"), "grey"),
}
# shown by browsers as they are; a preview is enough up to its own size
_BROWSABLE = {"png", "jpeg", "webp", "gif"}
_PREVIEW_EDGE = 1600
_MOVING_BYTES = 5_000_000


@dataclass(frozen=True)
class ShownPin:
    """A remark with its place as style sheets write it."""

    view: PinView

    @property
    def place(self) -> str:
        """Return the place as a style."""
        return f"left: {self.view.x:.2f}%; top: {self.view.y:.2f}%"


@dataclass(frozen=True)
class ShownVersion:
    """One version in the strip and on the stage."""

    view: VersionView
    url: str
    compare_url: str
    key: str  # which arrow leads to it
    check: Badge
    decision: Badge | None
    is_void: bool  # an approval that means nothing any more
    pins: Sequence[ShownPin]

    @property
    def failed(self) -> list[FindingView]:
        """Return what the check objects to."""
        return [finding for finding in self.view.findings if not finding.is_ok]

    @property
    def is_tall(self) -> bool:
        """Tell whether it is read from top to bottom, as detail pages are: it fills the width and is scrolled."""
        return bool(self.view.width_px and self.view.height_px and self.view.height_px > 2.2 * self.view.width_px)

    @property
    def picture_url(self) -> str:
        """Return what is drawn: the preview; the file itself when it moves or is too tall for one. Empty for none."""
        if not self.view.preview_url or self.view.format not in _BROWSABLE:
            return self.view.preview_url
        moves = self.view.format == "gif" and self.view.size_bytes < _MOVING_BYTES
        return self.view.download_url if moves or self.is_tall else self.view.preview_url

    @property
    def full_url(self) -> str:
        """Return what to show in actual size."""
        longest = max(self.view.width_px or 0, self.view.height_px or 0)
        larger = longest > _PREVIEW_EDGE and self.view.format in _BROWSABLE
        return self.view.download_url if larger and self.view.preview_url else self.picture_url


@dataclass(frozen=True)
class ShownWork:
    """One deliverable: its tab, its versions, what its slot asks for."""

    view: DeliverableView
    url: str
    badge: Badge
    versions: Sequence[ShownVersion]
    takes_text: bool

    @property
    def name(self) -> str:
        """Return what it is for; the size stands beside it anyway."""
        return short_name(self.view)

    @property
    def latest(self) -> ShownVersion | None:
        """Return the newest version."""
        return self.versions[0] if self.versions else None

    @property
    def open_pins(self) -> int:
        """Return how many remarks of all versions are not resolved."""
        return sum(version.view.open_pins for version in self.versions)

    @property
    def is_asked(self) -> bool:
        """Tell whether the current step has to decide about it."""
        return bool(self.latest and self.latest.view.is_asked)

    @property
    def demands(self) -> list[tuple[Any, str]]:
        """Return what the slot asks for, as (label, value)."""
        return _demands(self.view.slot) if self.view.slot else []

    @property
    def safe_area(self) -> str:
        """Return the insets of the safe area as a style, empty when there is none to draw."""
        slot = self.view.slot
        if slot is None or not slot.has_safe_area or slot.has_any_height:
            return ""
        return "inset: " + " ".join(f"{share:.2f}%" for share in slot.safe_percent)


@dataclass(frozen=True)
class ShownStep:
    """One approval step with what it decided, the newest first: (deliverable, version, decision)."""

    view: StepView
    badge: Badge
    decisions: Sequence[tuple[str, VersionView, DecisionView]]


def address(task_id: int, *, deliverable: int | None = None, number: int | None = None, **more: Any) -> str:
    """Return the page's address for a deliverable and one of its versions."""
    query = {name: value for name, value in {"d": deliverable, "v": number, **more}.items() if value is not None}
    url = reverse("admin:staff_proof", args=[task_id])
    return f"{url}?{urlencode(query)}" if query else url


def shown_works(proof: Proof, number: str | None, wanted: str | None) -> tuple[list[ShownWork], ShownWork | None]:
    """Return all deliverables and the one to show; 404 when the wanted one is none of them.

    Without a wish: the first that waits for the reader, else the first that is not approved.
    """
    works = [_work(proof, view, number) for view in proof.deliverables]
    if wanted is not None:
        found = next((work for work in works if str(work.view.id) == wanted), None)
        if found is None:
            raise Http404
        return works, found
    waiting = [work for work in works if (work.is_asked if proof.may_decide else work.badge[1] != "green")]
    return works, next(iter([*waiting, *works]), None)


def shown_version(work: ShownWork | None, wanted: str | None) -> ShownVersion | None:
    """Return the wanted version, the latest without a wish; 404 when there is none of that number."""
    if work is None or wanted is None:
        return work.latest if work else None
    found = next((version for version in work.versions if str(version.view.number) == wanted), None)
    if found is None:
        raise Http404
    return found


def short_name(view: DeliverableView) -> str:
    """Return the deliverable's name without the size of its slot."""
    return view.title.removesuffix(f" ({view.slot.size})") if view.slot else view.title


def older_pins(work: ShownWork | None, version: ShownVersion | None) -> list[tuple[ShownVersion, PinView]]:
    """Return the remarks that are still open on other versions: easily forgotten, and an approval asks for them."""
    others = [row for row in work.versions if row is not version] if work else []
    return [(row, pin.view) for row in others for pin in row.pins if not pin.view.is_resolved]


def shown_steps(proof: Proof) -> list[ShownStep]:
    """Return the approval steps in order, each with what it decided."""
    steps = []
    for step in proof.steps:
        decided = [
            (short_name(unit), version, decision)
            for unit in proof.deliverables
            for version in unit.versions
            for decision in version.decisions
            if decision.step_id == step.id
        ]
        decided.sort(key=lambda row: row[2].at, reverse=True)
        rejected = any(version.is_latest and not decision.is_approved for _title, version, decision in decided)
        badge = (_("Changes requested"), "red") if rejected else STEP_BADGES[step.state]
        steps.append(ShownStep(step, badge, decided))
    return steps


def _work(proof: Proof, view: DeliverableView, number: str | None) -> ShownWork:
    numbers = [str(version.number) for version in view.versions]
    place = numbers.index(number) if number in numbers else 0
    shown = view.versions[place].number if view.versions else None
    versions = []
    for at, version in enumerate(view.versions):
        here = {"deliverable": view.id, "number": version.number}
        versions.append(
            ShownVersion(
                view=version,
                url=address(proof.task.pk, **here),
                compare_url=address(
                    proof.task.pk, deliverable=view.id, number=shown, **{"with": version.number, "view": "slider"}
                ),
                key={place - 1: "ArrowLeft", place + 1: "ArrowRight"}.get(at, ""),
                check=(version.state_label, CHECK_COLOURS[RevisionState(version.state)]),
                decision=_decision(proof, version),
                is_void=not version.is_latest and any(decision.is_approved for decision in version.decisions),
                pins=[ShownPin(pin) for pin in version.pins],
            )
        )
    slot = view.slot
    return ShownWork(
        view=view,
        url=address(proof.task.pk, deliverable=view.id),
        badge=_badge(versions),
        versions=versions,
        takes_text=view.takes_text_only or (slot is not None and slot.text_limit is not None),
    )


def _decision(proof: Proof, version: VersionView) -> Badge | None:
    approvals = sum(decision.is_approved for decision in version.decisions)
    rejected = approvals < len(version.decisions)
    if not version.is_latest:
        if approvals and not rejected:
            return _("Approval void"), "grey"
        return (_("Changes requested"), "grey") if rejected else None
    if rejected:
        return _("Changes requested"), "red"
    if approvals and approvals == len(proof.steps):
        return pgettext_lazy("verdict", "Approved"), "green"
    if approvals:
        return _("Approved: %(done)s of %(all)s") % {"done": approvals, "all": len(proof.steps)}, "green"
    return (_("Waits for a decision"), "amber") if version.is_asked else None


def _badge(versions: Sequence[ShownVersion]) -> Badge:
    """Return the most telling word about a deliverable."""
    if not versions:
        return _("Nothing yet"), "grey"
    latest = versions[0]
    if latest.view.state != RevisionState.FITS:
        return latest.check
    return latest.decision or latest.check


def _demands(slot: SlotView) -> list[tuple[Any, str]]:
    found = [(_("Size"), f"{slot.size} · {slot.rule}")]
    if slot.max_kb:
        found.append((_("Weight"), _("at most %(kb)s KB") % {"kb": f"{slot.max_kb:,}"}))
    found.append((pgettext_lazy("file", "Format"), slot.formats))
    if slot.has_safe_area:
        words = _("%(top)s above, %(right)s right, %(bottom)s below, %(left)s left (px)")
        found.append(
            (_("Keep clear"), words % dict(zip(("top", "right", "bottom", "left"), slot.safe_px, strict=True)))
        )
    if slot.text_limit:
        found.append((_("Text"), _("at most %(count)s characters") % {"count": slot.text_limit}))
    if slot.note:
        found.append((_("Note"), slot.note))
    return found
