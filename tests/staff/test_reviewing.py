"""Approval: ordered steps, decisions bound to one version, who may decide, rounds."""

from datetime import timedelta

import pytest
from django.db import ProgrammingError, transaction
from django.utils import timezone

from core.errors import Conflict, InvalidInput, InvalidTransition, NotAllowed
from core.models import EventRecord
from staff.models import ChecklistItem, Decision, Leave, Notification, ReviewStep, Task, TaskDependency, WorkProfile
from staff.selectors import approved_revisions
from staff.selectors.reviewers import reviewers_of
from staff.services import add_pin, reopen_task, resolve_pin, send_to_review, take_back
from staff.services.proofs.reviewing import current_step
from tests.factories import make_user
from tests.staff.approving import approve, facts, want_changes
from tests.staff.making import make_colleague, make_started_task
from tests.staff.proofing import make_banner, make_reviewed_task, png, upload, worker_of

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _own_storage(tmp_path, settings):
    settings.MEDIA_ROOT = tmp_path


def told(topic):
    return list(Notification.objects.filter(topic=topic).order_by("user").values_list("user", flat=True))


def state_of(task):
    task = Task.objects.get(pk=task.pk)
    return task.status, task.round_count


class TestSending:
    def test_whose_turn_it_is_is_told(self):
        other = make_colleague("ec_manager")
        task, _revisions, manager = make_reviewed_task()
        assert state_of(task) == ("in_review", 0)
        assert facts(task)[-1] == "task_sent_to_review"
        assert told("review_asked") == sorted([other.pk, manager.pk])
        assert current_step(task).role == "ec_manager"

    def test_what_is_missing_is_named(self):
        task = make_banner(slots=3)
        upload(task, png(1, 1), place=1)
        upload(task, b"GIF89a?", place=2, name="film.gif")
        with pytest.raises(InvalidInput) as refused:
            send_to_review(task_id=task.pk, actor=worker_of(task))
        sentence = str(refused.value)
        assert "(860 × 500 px): Nothing is uploaded yet." in sentence
        assert "Needs 860 × 500 px, the file has 1 × 1 px." in sentence
        assert "“film.gif” cannot be read" in sentence
        assert state_of(task) == ("in_progress", 0)

    def test_open_lines_of_the_check_list_hold_it_back(self):
        task = make_banner(checklist=["Logo"])
        upload(task)
        ChecklistItem.objects.update(is_required=True)
        with pytest.raises(InvalidInput, match="Logo"):
            send_to_review(task_id=task.pk, actor=worker_of(task))
        assert state_of(task) == ("in_progress", 0)

    def test_the_same_version_is_not_asked_about_again(self):
        task, revisions, manager = make_reviewed_task()
        want_changes(task, revisions, manager)
        with pytest.raises(InvalidInput, match="Changes were requested of version 1"):
            send_to_review(task_id=task.pk, actor=worker_of(task))

    def test_only_who_has_the_task_sends_it(self):
        task = make_banner()
        upload(task)
        with pytest.raises(NotAllowed):
            send_to_review(task_id=task.pk, actor=make_colleague("designer"))

    def test_work_without_steps_is_completed_instead(self):
        task = make_started_task(kind="general")
        with pytest.raises(InvalidTransition, match="needs no approval"):
            send_to_review(task_id=task.pk, actor=worker_of(task))

    def test_approved_versions_are_not_sent_again(self):
        task, revisions, manager = make_reviewed_task()
        approve(task, revisions, manager)
        reopen_task(task_id=task.pk, reason="New price", actor=manager)
        with pytest.raises(InvalidInput, match="approved already"):
            send_to_review(task_id=task.pk, actor=worker_of(task))
        assert approved_revisions(task.pk) == revisions

    def test_without_deliverables_there_is_nothing_to_approve(self):
        task = make_banner()
        task.deliverables.all().delete()
        with pytest.raises(InvalidInput, match="has no deliverables"):
            send_to_review(task_id=task.pk, actor=worker_of(task))

    def test_work_that_waits_for_other_work_is_not_sent(self):
        task, before = make_banner(), make_banner()
        upload(task)
        TaskDependency.objects.create(task=task, depends_on=before)
        with pytest.raises(InvalidTransition, match=before.number):
            send_to_review(task_id=task.pk, actor=worker_of(task))

    def test_taking_back_opens_it_for_another_version(self):
        task, _revisions, manager = make_reviewed_task()
        take_back(task_id=task.pk, actor=worker_of(task))
        assert (state_of(task), facts(task)[-1], told("changed")) == (
            ("in_progress", 0),
            "task_taken_back",
            [manager.pk],
        )
        assert upload(task).number == 2
        with pytest.raises(InvalidTransition, match="not in review"):
            take_back(task_id=task.pk, actor=worker_of(task))


class TestDeciding:
    def test_the_last_step_approves_the_task(self):
        manager = make_colleague("ec_manager")
        task, revisions, _manager = make_reviewed_task(by=manager, roles=("merchandiser", "ec_manager"))
        merchandiser = make_colleague("merchandiser")
        Notification.objects.all().delete()

        approve(task, revisions, merchandiser)
        assert (state_of(task), facts(task)[-1]) == (("in_review", 0), "step_approved")
        assert told("review_asked") == [manager.pk]
        assert approved_revisions(task.pk) == []

        approve(task, revisions, manager)
        assert (state_of(task), facts(task)[-1]) == (("approved", 0), "task_approved")
        assert approved_revisions(task.pk) == revisions
        assert told("approved") == [task.assignee_id]  # the requester decided himself
        fact = EventRecord.objects.get(name="staff.task_approved")
        assert fact.data == {
            "task_id": task.pk,
            "kind": "banner",
            "subject": "",
            "subject_id": None,
            "revision_ids": [revisions[0].pk],
        }

    def test_an_event_of_approval_names_what_the_task_came_from(self):
        about = make_user()
        task, revisions, manager = make_reviewed_task(subject=about)
        approve(task, revisions, manager)
        data = EventRecord.objects.get(name="staff.task_approved").data
        assert (data["subject"], data["subject_id"]) == ("staff.user", about.pk)

    def test_an_old_version_cannot_be_approved(self):
        task, old, manager = make_reviewed_task()
        take_back(task_id=task.pk, actor=worker_of(task))
        upload(task)
        send_to_review(task_id=task.pk, actor=worker_of(task))
        with pytest.raises(Conflict, match="A newer version was uploaded"):
            approve(task, old, manager)
        assert (state_of(task), Decision.objects.count()) == (("in_review", 0), 0)

    def test_a_new_version_voids_the_approval_of_the_old_one(self):
        task, revisions, manager = make_reviewed_task(roles=("merchandiser", "ec_manager"))
        merchandiser = make_colleague("merchandiser")
        approve(task, revisions, merchandiser)
        want_changes(task, revisions, manager)
        second = upload(task)
        send_to_review(task_id=task.pk, actor=worker_of(task))
        assert current_step(task).role == "merchandiser"
        approve(task, [second], merchandiser)
        approve(task, [second], manager)
        assert state_of(task) == ("approved", 1)
        assert approved_revisions(task.pk) == [second]

    def test_what_was_approved_stays_when_the_rest_goes_back(self):
        task, [first, second], manager = make_reviewed_task(slots=2)
        approve(task, [first], manager)
        assert state_of(task) == ("in_review", 0)
        want_changes(task, [second], manager)
        assert state_of(task) == ("changes_requested", 1)
        better = upload(task, place=1)
        send_to_review(task_id=task.pk, actor=worker_of(task))
        with pytest.raises(Conflict, match="decided about it already"):
            approve(task, [first], manager)
        approve(task, [better], manager)
        assert state_of(task) == ("approved", 1)
        assert approved_revisions(task.pk) == [first, better]

    def test_changes_need_words_or_a_pin(self):
        task, [revision], manager = make_reviewed_task()
        with pytest.raises(InvalidInput, match="Say what should change"):
            want_changes(task, [revision], manager, note=" ")
        assert state_of(task) == ("in_review", 0)
        add_pin(revision_id=revision.pk, x=5000, y=10, text="Here", actor=manager)
        want_changes(task, [revision], manager, note="")
        assert state_of(task) == ("changes_requested", 1)
        assert told("changes_requested") == [task.assignee_id]

    def test_beyond_the_agreed_rounds_a_reason_is_needed_and_counted(self):
        task, revisions, manager = make_reviewed_task()
        Task.objects.filter(pk=task.pk).update(revision_limit=1)
        want_changes(task, revisions, manager)
        second = [upload(task)]
        send_to_review(task_id=task.pk, actor=worker_of(task))
        with pytest.raises(InvalidInput, match="1 round of changes was agreed"):
            want_changes(task, second, manager)
        assert state_of(task) == ("in_review", 1)
        want_changes(task, second, manager, over_limit_reason="The price changed")
        assert state_of(task) == ("changes_requested", 2)
        rounds = EventRecord.objects.filter(name="staff.changes_requested").order_by("pk")
        assert [(row.data["round"], row.data["is_over_limit"], row.data["note"]) for row in rounds] == [
            (1, False, "Larger logo"),
            (2, True, "Larger logo\nThe price changed"),
        ]

    def test_open_pins_are_not_approved_over_by_accident(self):
        task, [revision], manager = make_reviewed_task()
        pin = add_pin(revision_id=revision.pk, x=1, y=2, text="Typo", actor=manager)
        with pytest.raises(InvalidInput, match="1 remark is not resolved"):
            approve(task, [revision], manager)
        assert Decision.objects.count() == 0
        want_changes(task, [revision], manager)
        second = upload(task)
        send_to_review(task_id=task.pk, actor=worker_of(task))
        with pytest.raises(InvalidInput, match="1 remark is not resolved"):  # of the version before
            approve(task, [second], manager)
        resolve_pin(pin_id=pin.pk, is_resolved=True, actor=worker_of(task))
        approve(task, [second], manager)
        assert state_of(task) == ("approved", 1)

    def test_open_pins_can_be_accepted(self):
        task, [revision], manager = make_reviewed_task()
        add_pin(revision_id=revision.pk, x=1, y=2, text="Fine as it is?", actor=manager)
        approve(task, [revision], manager, accept_open_pins=True)
        assert state_of(task) == ("approved", 0)

    def test_nonsense_is_refused(self):
        task, revisions, manager = make_reviewed_task()
        foreign = upload(make_banner())
        with pytest.raises(InvalidInput, match="Choose the versions"):
            approve(task, [], manager)
        with pytest.raises(InvalidInput, match="another task"):
            approve(task, [*revisions, foreign], manager)
        with pytest.raises(InvalidInput, match="4,000"):
            want_changes(task, revisions, manager, note="x" * 4001)
        assert (state_of(task), Decision.objects.count()) == (("in_review", 0), 0)
        approve(task, revisions, manager)
        with pytest.raises(InvalidTransition, match="not in review any more"):
            approve(task, revisions, manager)

    def test_decisions_stay_as_they_were_made(self):
        task, revisions, manager = make_reviewed_task()
        approve(task, revisions, manager)
        for change in (lambda rows: rows.update(verdict="changes_requested"), lambda rows: rows.delete()):
            with pytest.raises(ProgrammingError), transaction.atomic():
                change(Decision.objects.all())

    def test_a_deliverable_added_meanwhile_is_not_approved_unseen(self):
        task, revisions, manager = make_reviewed_task()
        task.deliverables.create(position=1, title="Second banner")
        with pytest.raises(InvalidTransition, match="Nothing is uploaded yet for Second banner"):
            approve(task, revisions, manager)
        assert state_of(task) == ("in_review", 0)


class TestWhoseTurn:
    def test_nobody_judges_his_own_work(self):
        manager = make_colleague("ec_manager")
        task, revisions, _requester = make_reviewed_task(worker=manager)
        with pytest.raises(NotAllowed, match="his own work"):
            approve(task, revisions, manager)

    def test_other_roles_and_people_without_the_right_wait(self):
        task, revisions, _manager = make_reviewed_task()
        with pytest.raises(NotAllowed, match="turn of EC manager"):
            approve(task, revisions, make_colleague("merchandiser"))
        with pytest.raises(NotAllowed, match="may not judge"):
            approve(task, revisions, make_colleague("warehouse"))
        assert Decision.objects.count() == 0

    def test_a_named_reviewer_alone_decides(self):
        task, revisions, manager = make_reviewed_task()
        lead = make_colleague("cs_lead")
        ReviewStep.objects.update(reviewer=lead)
        with pytest.raises(NotAllowed, match="turn of"):
            approve(task, revisions, manager)
        approve(task, revisions, lead)
        assert Decision.objects.get().on_behalf_of is None

    def test_a_delegate_stands_in_while_the_reviewer_is_away(self):
        task, revisions, _manager = make_reviewed_task()
        lead, delegate = make_colleague("cs_lead"), make_colleague("quality_manager")
        ReviewStep.objects.update(reviewer=lead)
        WorkProfile.objects.create(user=lead, delegate=delegate)
        with pytest.raises(NotAllowed):
            approve(task, revisions, delegate)
        today = timezone.localdate()
        Leave.objects.create(user=lead, starts_on=today - timedelta(days=1), ends_on=today)
        assert reviewers_of(current_step(task), assignee_id=task.assignee_id) == {lead.pk: None, delegate.pk: lead.pk}
        approve(task, revisions, delegate)
        decision = Decision.objects.get()
        assert (decision.by, decision.on_behalf_of) == (delegate, lead)

    def test_a_step_never_waits_for_a_closed_account(self):
        task, revisions, manager = make_reviewed_task()
        lead = make_colleague("cs_lead", is_active=False)
        ReviewStep.objects.update(reviewer=lead)
        assert reviewers_of(current_step(task), assignee_id=task.assignee_id) == {manager.pk: lead.pk}
        approve(task, revisions, manager)
        assert Decision.objects.get().on_behalf_of == lead

    def test_of_a_role_nobody_stands_in_while_one_is_here(self):
        task, _revisions, manager = make_reviewed_task()
        away, delegate = make_colleague("ec_manager"), make_colleague("cs_lead")
        WorkProfile.objects.create(user=away, delegate=delegate)
        today = timezone.localdate()
        Leave.objects.create(user=away, starts_on=today, ends_on=today)
        step = current_step(task)
        assert reviewers_of(step, assignee_id=task.assignee_id) == {manager.pk: None, away.pk: None}
        Leave.objects.create(user=manager, starts_on=today, ends_on=today)
        assert reviewers_of(step, assignee_id=task.assignee_id) == {
            manager.pk: None,
            away.pk: None,
            delegate.pk: away.pk,
        }
