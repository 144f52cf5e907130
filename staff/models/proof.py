"""Proofing: what is delivered, its immutable versions, pins on them, and who decided what about which version."""

import pgtrigger
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from staff.models.people import Role, User
from staff.models.slot import CreativeSlot
from staff.models.task import Task


class Deliverable(models.Model):
    """One picture or text that a task yields, for one slot or for none."""

    task = models.ForeignKey(Task, on_delete=models.CASCADE, related_name="deliverables")
    slot = models.ForeignKey(
        CreativeSlot,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="deliverables",
        verbose_name=_("slot"),
    )
    title = models.CharField(_("title"), max_length=120, blank=True)
    position = models.PositiveSmallIntegerField(_("position"), default=0)

    class Meta:
        verbose_name = _("deliverable")
        verbose_name_plural = _("deliverables")
        ordering = ["position", "id"]
        constraints = [models.UniqueConstraint(fields=["task", "slot"], name="staff_deliverable_slot_once")]

    def __str__(self) -> str:
        return self.title or (str(self.slot) if self.slot else f"#{self.position + 1}")


class RevisionState(models.TextChoices):
    """What the automatic check says of a version."""

    CHECKING = "checking", pgettext_lazy("version", "Being checked")
    FITS = "fits", pgettext_lazy("version", "Fits")
    MISFIT = "misfit", pgettext_lazy("version", "Does not fit")
    UNREADABLE = "unreadable", pgettext_lazy("version", "Unreadable")


class Revision(models.Model):
    """One uploaded version; its bytes never change, and what was measured is written once."""

    deliverable = models.ForeignKey(Deliverable, on_delete=models.PROTECT, related_name="revisions")
    number = models.PositiveSmallIntegerField(_("version"))
    file = models.FileField(_("file"), upload_to="creatives/%Y/%m/", max_length=255, blank=True)  # blank: a text only
    filename = models.CharField(_("file name"), max_length=200, blank=True)
    text = models.TextField(pgettext_lazy("words", "text"), blank=True)  # headline, caption, or the copy itself
    sha256 = models.CharField(max_length=64, blank=True)
    size_bytes = models.PositiveBigIntegerField(default=0)
    uploaded_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    uploaded_at = models.DateTimeField(db_default=Now())
    state = models.CharField(
        _("check"), max_length=20, choices=RevisionState.choices, default=RevisionState.CHECKING, editable=False
    )
    # written once by the check
    format = models.CharField(max_length=10, blank=True)
    width_px = models.PositiveIntegerField(null=True, blank=True)
    height_px = models.PositiveIntegerField(null=True, blank=True)
    findings = models.JSONField(default=list)  # staff.adapters.pictures findings, read in the reader's language
    problem = models.CharField(max_length=300, blank=True)  # why it is unreadable
    preview_path = models.CharField(max_length=255, blank=True)  # at most 1600 px
    thumbnail_path = models.CharField(max_length=255, blank=True)  # at most 320 px
    checked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = pgettext_lazy("file", "version")
        verbose_name_plural = pgettext_lazy("file", "versions")
        ordering = ["deliverable", "-number"]
        constraints = [
            models.UniqueConstraint(fields=["deliverable", "number"], name="staff_revision_number"),
            models.CheckConstraint(condition=Q(state__in=RevisionState.values), name="staff_revision_state_valid"),
            models.CheckConstraint(
                condition=Q(state=RevisionState.CHECKING, checked_at=None)
                | (~Q(state=RevisionState.CHECKING) & Q(checked_at__isnull=False)),
                name="staff_revision_checked_once",
            ),
            models.CheckConstraint(condition=~Q(file="") | ~Q(text=""), name="staff_revision_has_content"),
        ]
        indexes = [
            models.Index(fields=["file"], name="staff_revision_file"),  # what a stored file is called
            models.Index(
                fields=["uploaded_at"], condition=Q(state=RevisionState.CHECKING), name="staff_revision_checking"
            ),
        ]
        triggers = [
            pgtrigger.Protect(name="staff_revision_kept", operation=pgtrigger.Delete),
            pgtrigger.Protect(
                name="staff_revision_measured_once",
                operation=pgtrigger.Update,
                condition=pgtrigger.Q(old__checked_at__isnull=False),
            ),
            pgtrigger.Protect(
                name="staff_revision_same_bytes",
                operation=pgtrigger.Update,
                condition=pgtrigger.AnyChange(
                    "deliverable",
                    "number",
                    "file",
                    "filename",
                    "text",
                    "sha256",
                    "size_bytes",
                    "uploaded_by",
                    "uploaded_at",
                ),
            ),
        ]

    def __str__(self) -> str:
        return f"v{self.number}"


class Pin(models.Model):
    """A remark at a place of a version: x and y are ten-thousandths of its width and height."""

    revision = models.ForeignKey(Revision, on_delete=models.PROTECT, related_name="pins")
    number = models.PositiveSmallIntegerField()
    x = models.PositiveSmallIntegerField()
    y = models.PositiveSmallIntegerField()
    text = models.TextField(_("remark"), max_length=2000)
    author = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(db_default=Now())
    resolved_at = models.DateTimeField(null=True, blank=True)
    resolved_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        verbose_name = _("pin")
        verbose_name_plural = _("pins")
        ordering = ["revision", "number"]
        constraints = [
            models.UniqueConstraint(fields=["revision", "number"], name="staff_pin_number"),
            models.CheckConstraint(condition=Q(x__range=(0, 10_000), y__range=(0, 10_000)), name="staff_pin_inside"),
            models.CheckConstraint(
                condition=Q(resolved_at=None, resolved_by=None)
                | Q(resolved_at__isnull=False, resolved_by__isnull=False),
                name="staff_pin_resolved_by_somebody",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.number}"


class ReviewStep(models.Model):
    """One approval that a task needs, in order; by a person or by anybody of a role."""

    task = models.ForeignKey(Task, on_delete=models.CASCADE, related_name="review_steps")
    position = models.PositiveSmallIntegerField()
    role = models.CharField(_("role"), max_length=30, choices=Role.choices, blank=True)
    reviewer = models.ForeignKey(
        User, null=True, blank=True, on_delete=models.PROTECT, related_name="review_steps", verbose_name=_("reviewer")
    )

    class Meta:
        verbose_name = _("approval step")
        verbose_name_plural = _("approval steps")
        ordering = ["position", "id"]
        constraints = [
            models.UniqueConstraint(fields=["task", "position"], name="staff_reviewstep_position"),
            models.CheckConstraint(
                condition=Q(reviewer__isnull=False) | Q(role__in=Role.values), name="staff_reviewstep_somebody"
            ),
        ]

    def __str__(self) -> str:
        return str(self.reviewer) if self.reviewer else str(self.get_role_display())


class Verdict(models.TextChoices):
    """What a reviewer says of one version."""

    APPROVED = "approved", pgettext_lazy("verdict", "Approved")
    CHANGES_REQUESTED = "changes_requested", pgettext_lazy("verdict", "Changes requested")


class Decision(models.Model):
    """What one step said of one version, for good: another version has no decision until somebody makes one."""

    step = models.ForeignKey(ReviewStep, on_delete=models.PROTECT, related_name="decisions")
    revision = models.ForeignKey(Revision, on_delete=models.PROTECT, related_name="decisions")
    verdict = models.CharField(max_length=20, choices=Verdict.choices)
    note = models.TextField(_("note"), blank=True)
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    on_behalf_of = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(db_default=Now())

    class Meta:
        verbose_name = _("decision")
        verbose_name_plural = _("decisions")
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["step", "revision"], name="staff_decision_once"),
            models.CheckConstraint(condition=Q(verdict__in=Verdict.values), name="staff_decision_verdict_valid"),
        ]
        triggers = [pgtrigger.Protect(name="staff_decision_append_only", operation=pgtrigger.Update | pgtrigger.Delete)]

    def __str__(self) -> str:
        return f"{self.verdict}"
