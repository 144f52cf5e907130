"""What one does with tasks: one button, one service call, one sentence. Shown when right and state allow it."""

from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from core.display import moment_text
from core.ui import BulkOutcome, actor, bulk_action, link_action, service_action
from staff import policies, services
from staff.admin import forms
from staff.admin.status import proof_url
from staff.models import TASK_TRANSITIONS, Task, TaskStatus
from staff.services.assignment.assigning import serves_queue

S = TaskStatus
VIEW, WORK, DIRECT = "staff.view_task", "staff.work_on_task", "staff.direct_task"
ASK = "staff.change_task"
_AT_WORK = {S.ASSIGNED, S.IN_PROGRESS, S.CHANGES_REQUESTED}


def _can_go(task: Task, to: TaskStatus) -> bool:
    return TASK_TRANSITIONS.permits(S(task.status), to)


def _mine(user: Any, task: Task, *states: TaskStatus) -> bool:
    return task.status in states and policies.may_work_on(user, task)


def _own(user: Any, task: Task, *states: TaskStatus) -> bool:
    """Tell whether it is the person's own work: who directs gives it to somebody instead of doing it in his place."""
    return task.assignee_id == user.pk and _mine(user, task, *states)


def _watches(user: Any, task: Task) -> bool:
    return task.watchers.filter(user=user).exists()


def _outcome(report: services.TaskBatch) -> BulkOutcome:
    return BulkOutcome(len(report.done), [(refusal.number, refusal.reason) for refusal in report.refused])


class WorkButtons:
    """From the queue to the delivery."""

    @service_action(
        pgettext_lazy("task", "Submit"),
        permission=ASK,
        icon="send",
        variant="primary",
        question=gettext_lazy("Put the task into the queue, so that somebody can start?"),
        available=lambda user, task: task.status == S.DRAFT and policies.may_edit_request(user, task),
    )
    def submit(self, request: HttpRequest, obj: Task, data: dict[str, Any]) -> str:
        """Bring a draft into the queue."""
        services.submit_task(task_id=obj.pk, actor=actor(request))
        return _("%(number)s is in the queue.") % {"number": obj.number}

    @service_action(
        pgettext_lazy("task", "Claim"),
        permission=WORK,
        icon="front_hand",
        variant="primary",
        question=gettext_lazy("Take this task yourself?"),
        available=lambda user, task: policies.may_claim(user, task) and serves_queue(user, task),
    )
    def claim(self, request: HttpRequest, obj: Task, data: dict[str, Any]) -> str:
        """Take it from the queue."""
        services.claim_task(task_id=obj.pk, actor=actor(request))
        return _("%(number)s is yours.") % {"number": obj.number}

    @service_action(
        gettext_lazy("Start"),
        permission=WORK,
        icon="play_arrow",
        variant="primary",
        question=gettext_lazy("Start to work on it now?"),
        available=lambda user, task: _own(user, task, S.ASSIGNED, S.CHANGES_REQUESTED),
    )
    def start(self, request: HttpRequest, obj: Task, data: dict[str, Any]) -> str:
        """Begin, or go on after changes were requested."""
        services.start_task(task_id=obj.pk, actor=actor(request))
        return _("Work on %(number)s has started.") % {"number": obj.number}

    proof = link_action(
        "proof",
        gettext_lazy("Versions and approval"),
        permission=VIEW,
        icon="gallery_thumbnail",
        link=proof_url,
        available=lambda user, task: bool(proof_url(task)) and task.deliverables.exists(),
    )

    @service_action(
        gettext_lazy("Send to review"),
        permission=WORK,
        icon="rate_review",
        variant="primary",
        question=gettext_lazy("Ask for a decision about the versions as they are now?"),
        available=lambda user, task: _own(user, task, S.IN_PROGRESS) and task.review_steps.exists(),
    )
    def send_to_review(self, request: HttpRequest, obj: Task, data: dict[str, Any]) -> str:
        """Ask for decisions."""
        services.send_to_review(task_id=obj.pk, actor=actor(request))
        return _("%(number)s waits for its approval.") % {"number": obj.number}

    @service_action(
        gettext_lazy("Take back"),
        permission=WORK,
        icon="undo",
        question=gettext_lazy("Take it out of review to go on working?"),
        available=lambda user, task: _own(user, task, S.IN_REVIEW),
    )
    def take_back(self, request: HttpRequest, obj: Task, data: dict[str, Any]) -> str:
        """Go on working before a decision is made."""
        services.take_back(task_id=obj.pk, actor=actor(request))
        return _("%(number)s is in progress again.") % {"number": obj.number}

    @service_action(
        gettext_lazy("Finish"),
        permission=WORK,
        icon="check_circle",
        variant="primary",
        question=gettext_lazy("Is everything done?"),
        available=lambda user, task: _own(user, task, S.IN_PROGRESS) and not task.review_steps.exists(),
    )
    def finish(self, request: HttpRequest, obj: Task, data: dict[str, Any]) -> str:
        """Finish what needs no approval."""
        services.complete_task(task_id=obj.pk, actor=actor(request))
        return _("%(number)s is done.") % {"number": obj.number}

    @service_action(
        gettext_lazy("Deliver"),
        permission=VIEW,
        form=forms.PlaceForm,
        icon="move_to_inbox",
        variant="primary",
        available=lambda user, task: task.status == S.APPROVED and policies.may_deliver_task(user, task),
    )
    def deliver(self, request: HttpRequest, obj: Task, data: dict[str, Any]) -> str:
        """Say that the result is where it belongs."""
        services.deliver_task(task_id=obj.pk, place=data["place"], actor=actor(request))
        return _("%(number)s is delivered.") % {"number": obj.number}

    @service_action(
        gettext_lazy("Customers see it"),
        permission=VIEW,
        icon="rocket_launch",
        question=gettext_lazy("Is the result live from now on?"),
        available=lambda user, task: task.status == S.DELIVERED and policies.may_deliver_task(user, task),
    )
    def live(self, request: HttpRequest, obj: Task, data: dict[str, Any]) -> str:
        """Say that customers see it."""
        services.go_live(task_id=obj.pk, actor=actor(request))
        return _("%(number)s is live.") % {"number": obj.number}

    @service_action(
        pgettext_lazy("task", "Retire"),
        permission=VIEW,
        form=forms.OptionalReasonForm,
        icon="visibility_off",
        available=lambda user, task: _can_go(task, S.RETIRED) and policies.may_deliver_task(user, task),
    )
    def retire(self, request: HttpRequest, obj: Task, data: dict[str, Any]) -> str:
        """Say that customers no longer see it."""
        services.retire_task(task_id=obj.pk, reason=data["reason"], actor=actor(request))
        return _("%(number)s is retired.") % {"number": obj.number}

    @service_action(
        gettext_lazy("Give back"),
        permission=WORK,
        icon="keyboard_return",
        question=gettext_lazy("Give the task back to the queue? What was uploaded stays."),
        available=lambda user, task: _mine(user, task, *_AT_WORK),
    )
    def give_back(self, request: HttpRequest, obj: Task, data: dict[str, Any]) -> str:
        """Bring it back into the queue."""
        services.release_task(task_id=obj.pk, actor=actor(request))
        return _("%(number)s is back in the queue.") % {"number": obj.number}


class DirectButtons:
    """What requesters and who directs do."""

    @service_action(
        gettext_lazy("Give to …"),
        permission=DIRECT,
        form=forms.AssigneeForm,
        icon="person_add",
        submit=gettext_lazy("Give"),
        available=lambda user, task: (
            (_can_go(task, S.ASSIGNED) or task.status == S.ASSIGNED) and task.status != S.ON_HOLD
        ),
    )
    def give(self, request: HttpRequest, obj: Task, data: dict[str, Any]) -> str:
        """Give it to a colleague."""
        task = services.assign_task(task_id=obj.pk, assignee_id=data["assignee_id"], actor=actor(request))
        return _("%(number)s is given to %(who)s.") % {"number": task.number, "who": task.assignee}

    @service_action(
        gettext_lazy("Change deadline"),
        permission=ASK,
        form=forms.DeadlineForm,
        icon="event",
        initial=forms.deadline_initial,
        available=policies.may_edit_request,
    )
    def reschedule(self, request: HttpRequest, obj: Task, data: dict[str, Any]) -> str:
        """Set or remove the deadline."""
        task = services.reschedule_task(task_id=obj.pk, due_at=data["due_at"], actor=actor(request))
        return _("It is due %(due)s.") % {"due": moment_text(task.due_at)} if task.due_at else _("It has no deadline.")

    @service_action(
        pgettext_lazy("task", "Put on hold"),
        permission=ASK,
        form=forms.ReasonForm,
        icon="pause",
        available=lambda user, task: _can_go(task, S.ON_HOLD) and policies.may_hold_task(user, task),
    )
    def hold(self, request: HttpRequest, obj: Task, data: dict[str, Any]) -> str:
        """Let it wait on purpose."""
        services.hold_task(task_id=obj.pk, reason=data["reason"], actor=actor(request))
        return _("%(number)s is on hold.") % {"number": obj.number}

    @service_action(
        pgettext_lazy("task", "Go on"),
        permission=ASK,
        icon="resume",
        variant="primary",
        question=gettext_lazy("Let it go on where it stood?"),
        available=lambda user, task: task.status == S.ON_HOLD and policies.may_hold_task(user, task),
    )
    def resume(self, request: HttpRequest, obj: Task, data: dict[str, Any]) -> str:
        """Let it go on."""
        task = services.resume_task(task_id=obj.pk, actor=actor(request))
        return _("It goes on: %(status)s.") % {"status": task.get_status_display()}

    @service_action(
        gettext_lazy("Take up again"),
        permission=ASK,
        form=forms.ReopenForm,
        icon="restart_alt",
        available=lambda user, task: (
            task.status in {S.APPROVED, S.DELIVERED, S.LIVE} and policies.may_reopen_task(user, task)
        ),
    )
    def reopen(self, request: HttpRequest, obj: Task, data: dict[str, Any]) -> str:
        """Ask for another version of what is done."""
        services.reopen_task(task_id=obj.pk, reason=data["reason"], due_at=data["due_at"], actor=actor(request))
        return _("%(number)s is in progress again.") % {"number": obj.number}

    @service_action(
        gettext_lazy("Watch"),
        permission=VIEW,
        icon="visibility",
        question=gettext_lazy("Hear of everything that happens to this task?"),
        available=lambda user, task: user.pk not in (task.requester_id, task.assignee_id) and not _watches(user, task),
    )
    def watch(self, request: HttpRequest, obj: Task, data: dict[str, Any]) -> str:
        """Hear of it."""
        services.watch_task(task_id=obj.pk, actor=actor(request))
        return _("You hear of everything that happens here.")

    @service_action(
        gettext_lazy("Stop watching"),
        permission=VIEW,
        icon="visibility_off",
        question=gettext_lazy("Hear no more of this task?"),
        available=_watches,
    )
    def unwatch(self, request: HttpRequest, obj: Task, data: dict[str, Any]) -> str:
        """Hear of it no longer."""
        services.unwatch_task(task_id=obj.pk, actor=actor(request))
        return _("You hear no more of this task.")

    @service_action(
        gettext_lazy("Cancel task"),
        permission=ASK,
        form=forms.ReasonForm,
        icon="cancel",
        variant="danger",
        available=lambda user, task: _can_go(task, S.CANCELLED) and policies.may_cancel_task(user, task),
    )
    def cancel(self, request: HttpRequest, obj: Task, data: dict[str, Any]) -> str:
        """Call it off."""
        services.cancel_task(task_id=obj.pk, reason=data["reason"], actor=actor(request))
        return _("%(number)s is cancelled.") % {"number": obj.number}


class BulkButtons:
    """The same for ticked tasks."""

    @bulk_action(gettext_lazy("Give to …"), permission=DIRECT, form=forms.AssigneeForm, icon="person_add", limit=500)
    def give_many(self, request: HttpRequest, ids: list[int], data: dict[str, Any]) -> BulkOutcome:
        """Give all to one colleague."""
        given = services.assign_tasks(task_ids=ids, assignee_id=data["assignee_id"], actor=actor(request))
        return _outcome(given)

    @bulk_action(
        pgettext_lazy("task", "Priority"), permission=ASK, form=forms.PriorityForm, icon="priority_high", limit=500
    )
    def reprioritise_many(self, request: HttpRequest, ids: list[int], data: dict[str, Any]) -> BulkOutcome:
        """Give all one priority."""
        return _outcome(services.reprioritise_tasks(task_ids=ids, priority=data["priority"], actor=actor(request)))

    @bulk_action(gettext_lazy("Deadline"), permission=ASK, form=forms.DeadlineForm, icon="event", limit=500)
    def reschedule_many(self, request: HttpRequest, ids: list[int], data: dict[str, Any]) -> BulkOutcome:
        """Give all one deadline."""
        return _outcome(services.reschedule_tasks(task_ids=ids, due_at=data["due_at"], actor=actor(request)))

    @bulk_action(pgettext_lazy("task", "Put on hold"), permission=ASK, form=forms.ReasonForm, icon="pause", limit=500)
    def hold_many(self, request: HttpRequest, ids: list[int], data: dict[str, Any]) -> BulkOutcome:
        """Let all wait for one reason."""
        return _outcome(services.hold_tasks(task_ids=ids, reason=data["reason"], actor=actor(request)))

    @bulk_action(
        pgettext_lazy("task", "Go on"), permission=ASK, icon="resume", limit=500,
        question=gettext_lazy("Let them go on where they stood?"),
    )  # fmt: skip
    def resume_many(self, request: HttpRequest, ids: list[int], data: dict[str, Any]) -> BulkOutcome:
        """Let all go on."""
        return _outcome(services.resume_tasks(task_ids=ids, actor=actor(request)))

    @bulk_action(gettext_lazy("Cancel tasks"), permission=ASK, form=forms.ReasonForm, icon="cancel", limit=500)
    def cancel_many(self, request: HttpRequest, ids: list[int], data: dict[str, Any]) -> BulkOutcome:
        """Call all off."""
        return _outcome(services.cancel_tasks(task_ids=ids, reason=data["reason"], actor=actor(request)))
