"""Moves on the board: which it takes from whom, and what it says when it does not."""

import pytest
from django.urls import reverse
from django.utils import timezone

from core.errors import InvalidTransition
from core.models import EventRecord
from staff.models import TaskDependency, TaskStatus
from staff.selectors.board import board
from staff.selectors.cards import TaskFilter
from staff.selectors.targets import Viewer, targets_of
from staff.services import assign_task
from staff.services.proofs.deciding import decide
from staff.services.work.boarding import CardMove, move_card
from tests.staff.boards import drop, set_to, stand
from tests.staff.making import make_colleague, make_started_task, make_task
from tests.staff.proofing import make_reviewed_task

pytestmark = pytest.mark.django_db
S = TaskStatus


@pytest.fixture(autouse=True)
def _own_storage(tmp_path, settings):
    settings.MEDIA_ROOT = tmp_path


# --- moves


def test_a_claim_by_drop_answers_with_the_sentence(client):
    boss, worker = make_colleague("ec_manager"), make_colleague("designer", first_name="Ada", last_name="Lane")
    task = make_task(by=boss)
    client.force_login(worker)

    answer = drop(client, task, "assigned")

    assert (answer.status_code, answer.json()) == (
        200,
        {"sentence": f"{task.number} is in “Assigned” now, with Ada Lane."},
    )
    assert stand(task) == (S.ASSIGNED, worker.pk)


def test_from_the_queue_straight_to_work(client):
    worker = make_colleague("designer")
    task = make_task()
    client.force_login(worker)

    assert drop(client, task, "in_progress").status_code == 200
    assert stand(task) == (S.IN_PROGRESS, worker.pk)


def test_the_second_of_two_people_learns_where_the_card_is(client):
    first, second = make_colleague("designer", first_name="Ada", last_name="Lane"), make_colleague("designer")
    task = make_task()
    move_card(move=CardMove(task_id=task.pk, to="assigned"), actor=first)
    before = EventRecord.objects.count()
    client.force_login(second)

    answer = drop(client, task, "assigned", seen="submitted:")

    assert answer.status_code == 409
    assert answer.json()["sentence"] == f"{task.number} was moved meanwhile: it is in “Assigned” now, with Ada Lane."
    assert stand(task) == (S.ASSIGNED, first.pk)
    assert EventRecord.objects.count() == before


@pytest.mark.parametrize(
    ("to", "sentence"),
    [
        ("assigned", "This task waits for another role, or cannot be claimed now."),
        ("on_hold", "Only who requested the task, or who directs the work, may put it on hold."),
        ("cancelled", "Only who requested the task, or who directs the work, may cancel it."),
        ("submitted", "Only who has the task, or who directs the work, may give it back."),
        ("in_review", "Only who has the task may do this."),
        ("live", "A task cannot be brought there by hand."),
    ],
)
def test_refused_moves_say_why_and_change_nothing(client, to, sentence):
    task = make_task()
    client.force_login(make_colleague("warehouse"))
    before = EventRecord.objects.count()

    answer = drop(client, task, to, reason="x", asked="1")

    assert (answer.status_code, answer.json()) == (409, {"sentence": sentence})
    assert stand(task) == (S.SUBMITTED, None)
    assert EventRecord.objects.count() == before


def test_decisions_are_not_made_by_a_drop(client):
    task, _revisions, manager = make_reviewed_task()
    client.force_login(manager)

    asked = drop(client, task, "approved")

    assert (asked.status_code, stand(task)[0]) == (422, S.IN_REVIEW)
    dialog = client.get(asked.json()["ask"], headers={"HX-Request": "true"}).content.decode()
    assert reverse("admin:staff_proof", args=[task.pk]) in dialog
    with pytest.raises(InvalidTransition):
        move_card(move=CardMove(task_id=task.pk, to="approved"), actor=manager)
    assert stand(task)[0] == S.IN_REVIEW


def test_taken_back_from_review_and_taken_up_again_after_approval(client):
    task, revisions, manager = make_reviewed_task()
    client.force_login(task.assignee)
    assert drop(client, task, "in_progress").status_code == 200
    assert stand(task)[0] == S.IN_PROGRESS
    assert drop(client, task, "in_review").status_code == 200
    decide(task_id=task.pk, revision_ids=[row.pk for row in revisions], verdict="approved", actor=manager)
    assert stand(task)[0] == S.APPROVED
    client.force_login(manager)

    assert drop(client, task, "in_progress").status_code == 422
    assert drop(client, task, "in_progress", asked="1", reason="Another price").status_code == 200
    assert stand(task)[0] == S.IN_PROGRESS


def test_work_without_approval_is_completed_and_approved_work_delivered(client):
    boss = make_colleague("ec_manager")
    task = make_started_task(by=boss, worker=boss, kind="general")
    client.force_login(boss)
    assert drop(client, task, "delivered").status_code == 200
    assert stand(task)[0] == S.DELIVERED
    other = set_to(make_started_task(by=boss), S.APPROVED, approved_at=timezone.now())
    assert drop(client, other, "delivered").status_code == 200
    assert stand(other)[0] == S.DELIVERED


def test_a_blocked_task_cannot_be_started_and_is_not_offered(client):
    boss, worker = make_colleague("ec_manager"), make_colleague("designer")
    other, task = make_task(by=boss), make_task(by=boss)
    TaskDependency.objects.create(task=task, depends_on=other)
    assign_task(task_id=task.pk, assignee_id=worker.pk, actor=boss)
    task.refresh_from_db()
    client.force_login(worker)

    answer = drop(client, task, "in_progress")

    assert answer.json()["sentence"] == f"This task waits for {other.number}."
    assert stand(task) == (S.ASSIGNED, worker.pk)
    [offered] = [
        card.targets
        for column in board(
            user=worker, wanted=TaskFilter(), targets=lambda t: targets_of(Viewer.of(worker), t)
        ).columns
        for card in column.cards
        if card.task.pk == task.pk
    ]
    assert offered == "submitted"


def test_hold_asks_for_the_reason_and_going_on_leads_back_where_it_stood(client):
    boss = make_colleague("ec_manager")
    task = make_started_task(by=boss)
    client.force_login(boss)

    asked = drop(client, task, "on_hold")
    assert (asked.status_code, stand(task)[0]) == (422, S.IN_PROGRESS)
    dialog = client.get(asked.json()["ask"], headers={"HX-Request": "true"}).content.decode()
    assert 'name="reason"' in dialog
    assert client.post(asked.json()["ask"], {"to": "on_hold", "asked": "1", "reason": "samples"}).status_code == 302
    assert stand(task)[0] == S.ON_HOLD

    wrong = drop(client, task, "in_review")
    assert (wrong.status_code, wrong.json()["sentence"]) == (
        409,
        "A task on hold goes on where it stood: “In progress”.",
    )
    assert drop(client, task, "in_progress").status_code == 200
    assert stand(task)[0] == S.IN_PROGRESS


def test_who_directs_gives_the_card_to_somebody(client):
    boss, worker = make_colleague("ec_manager"), make_colleague("designer")
    task = make_task(by=boss)
    client.force_login(boss)

    asked = drop(client, task, "assigned")
    assert asked.status_code == 422
    client.post(asked.json()["ask"], {"to": "assigned", "asked": "1", "person": worker.pk, "seen": "submitted:"})

    assert stand(task) == (S.ASSIGNED, worker.pk)


def test_one_press_claims_for_oneself_even_for_who_directs(client):
    boss = make_colleague("ec_manager")
    task = make_task(by=boss, kind="general")
    client.force_login(boss)

    day = reverse("admin:staff_my_day")
    url = reverse("admin:staff_board_move", args=[task.pk])
    answer = client.post(url, {"to": "assigned", "seen": "submitted:", "for_me": "1", "next": day})

    assert (answer.status_code, answer["Location"]) == (302, day)
    assert stand(task) == (S.ASSIGNED, boss.pk)


def test_a_foreign_address_is_no_way_back(client):
    worker = make_colleague("designer")
    task = make_task()
    client.force_login(worker)
    url = reverse("admin:staff_board_move", args=[task.pk])

    answer = client.post(url, {"to": "assigned", "seen": "submitted:", "next": "https://evil.example/"})

    assert answer["Location"] == reverse("admin:staff_board")


def test_the_menu_lists_only_what_this_person_may_do(client):
    boss, worker = make_colleague("ec_manager"), make_colleague("designer")
    task = make_started_task(worker=worker, by=boss)
    url = reverse("admin:staff_board_move", args=[task.pk])

    def moves(user):
        client.force_login(user)
        page = client.get(url, headers={"HX-Request": "true"}).content.decode()
        return [to for to in S.values if f'name="to" value="{to}"' in page]

    assert moves(boss) == ["submitted", "assigned", "in_review", "on_hold", "cancelled"]
    assert moves(worker) == ["submitted", "in_review"]
    assert moves(make_colleague("warehouse")) == []
