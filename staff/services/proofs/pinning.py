"""Remarks at places of a version: set, resolved, and corrected while nobody has acted on them."""

from django.db import transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext as _

from core.errors import Conflict, InvalidInput, InvalidTransition, NotAllowed
from staff.models import Deliverable, Pin, Revision, RevisionState, Task, Topic, User
from staff.policies import can_view_tasks, may_change_pin, may_resolve_pin
from staff.services.notifications.notifying import notify, people_of
from staff.services.work.moving import lock_task

SCALE = 10_000  # x and y are ten-thousandths of the picture's width and height
MAX_TEXT = 2000


@transaction.atomic
def add_pin(*, revision_id: int, x: int, y: int, text: str, actor: User) -> Pin:
    """Set a remark on the latest version of a deliverable and return it; the task's people are told once per version.

    Conflict when there is a newer version; InvalidTransition when the work is done; InvalidInput for an empty remark,
    a place outside, and a version that shows nothing; NotAllowed unless one may see tasks.
    """
    if not can_view_tasks(actor):
        raise NotAllowed(_("You may not see tasks."))
    text = _words(text)
    if not (0 <= x <= SCALE and 0 <= y <= SCALE):
        raise InvalidInput(_("The remark lies outside the picture. Set it again."))
    revision = _revision(revision_id)
    task = lock_task(revision.deliverable.task_id)
    _check_takes_remarks(task, revision)
    last = Pin.objects.filter(revision=revision).aggregate(last=Max("number"))["last"] or 0
    pin = Pin.objects.create(revision=revision, number=last + 1, x=x, y=y, text=text, author=actor)
    notify(
        user_ids=people_of(task),
        topic=Topic.COMMENTED,
        task=task,
        key=f"pins:{revision.pk}:{actor.pk}",
        actor=actor,
    )
    return pin


@transaction.atomic
def resolve_pin(*, pin_id: int, is_resolved: bool, actor: User) -> Pin:
    """Mark a remark as dealt with, or open it again; repeating changes nothing, who resolved it first stays named.

    Remarks on older versions too. NotAllowed unless one set it, has the task, judges or directs the work.
    """
    pin, task = _locked(pin_id)
    if not may_resolve_pin(actor, pin, task):
        raise NotAllowed(_("Only who set the remark, has the task, or judges it may resolve it."))
    if (pin.resolved_at is not None) != is_resolved:
        pin.resolved_at, pin.resolved_by = (timezone.now(), actor) if is_resolved else (None, None)
        pin.save(update_fields=["resolved_at", "resolved_by"])
    return pin


@transaction.atomic
def edit_pin(*, pin_id: int, text: str, actor: User) -> Pin:
    """Correct one's own remark. Conflict once it is resolved or a decision followed: others have acted on it."""
    text = _words(text)
    pin, _task = _locked(pin_id)
    _check_own(pin, actor)
    pin.text = text
    pin.save(update_fields=["text"])
    return pin


@transaction.atomic
def remove_pin(*, pin_id: int, actor: User) -> None:
    """Take one's own remark away. Conflict once it is resolved or a decision followed: others have acted on it."""
    pin, _task = _locked(pin_id)
    _check_own(pin, actor)
    pin.delete()


def _locked(pin_id: int) -> tuple[Pin, Task]:
    pin = Pin.objects.select_related("revision__deliverable").filter(pk=pin_id).first()
    if pin is None:
        raise Conflict(_("This remark is gone. Reload the page."))
    deliverable: Deliverable = pin.revision.deliverable
    task = lock_task(deliverable.task_id)
    pin = Pin.objects.select_related("revision__deliverable").filter(pk=pin_id).first()
    if pin is None:  # removed while we waited for the lock
        raise Conflict(_("This remark is gone. Reload the page."))
    return pin, task


def _revision(revision_id: int) -> Revision:
    revision = Revision.objects.select_related("deliverable").filter(pk=revision_id).first()
    if revision is None:
        raise InvalidInput(_("This version does not exist. Reload the page."))
    return revision


def _check_takes_remarks(task: Task, revision: Revision) -> None:
    if not task.is_open:
        raise InvalidTransition(_("This work is done. Have it taken up again to wish for something else."))
    if Revision.objects.filter(deliverable=revision.deliverable_id, number__gt=revision.number).exists():
        raise Conflict(_("A newer version was uploaded. Look at it first."))
    if revision.state == RevisionState.UNREADABLE:
        raise InvalidInput(_("This version cannot be shown. Write a comment instead."))


def _check_own(pin: Pin, actor: User) -> None:
    if pin.author_id != actor.pk:
        raise NotAllowed(_("Only who wrote a remark may change it."))
    if not may_change_pin(actor, pin, has_decision=pin.revision.decisions.filter(at__gte=pin.at).exists()):
        raise Conflict(_("Somebody has acted on this remark already. Set another one."))


def _words(text: str) -> str:
    text = text.replace("\x00", "").strip()
    if not text or len(text) > MAX_TEXT:
        raise InvalidInput(_("Write a remark of at most %(limit)s characters.") % {"limit": f"{MAX_TEXT:,}"})
    return text
