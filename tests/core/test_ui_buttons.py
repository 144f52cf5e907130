"""Promises of buttons: POST only, once a press, checked again, many rows with reasons."""

import re
import uuid

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from core.errors import NotAllowed
from core.models import CommandKey, Delivery, EventRecord, Job, JobState
from core.ui import BulkOutcome, bulk_action
from core.ui.actions import _registered, register_action
from staff.models import User
from tests.admin.pressing import press, press_many, said
from tests.factories import make_order, make_stock, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def boss(client):
    user = make_user(username="boss", permissions=["staff.view_user", "staff.change_user"])
    client.force_login(user)
    return user


@pytest.fixture
def colleague():
    return make_user(username="ann", first_name="Ann")


def test_get_shows_the_dialog_and_changes_nothing(client, boss, colleague):
    response = client.get(reverse("admin:staff_user_press", args=[colleague.pk, "switch_off"]))

    assert response.status_code == 200
    assert 'name="_key"' in response.content.decode()
    colleague.refresh_from_db()
    assert colleague.is_active
    assert not CommandKey.objects.exists()


def test_in_a_page_only_the_dialog_is_sent(client, boss, colleague):
    response = client.get(
        reverse("admin:staff_user_press", args=[colleague.pk, "switch_off"]), headers={"HX-Request": "true"}
    )

    assert "<html" not in response.content.decode()


def test_a_press_calls_the_service_and_says_so(client, boss, colleague):
    response = press(client, colleague, "switch_off")

    assert response.url == reverse("admin:staff_user_change", args=[colleague.pk])
    assert said(response) == ["The account of Ann is switched off."]
    colleague.refresh_from_db()
    assert not colleague.is_active


def test_the_same_press_twice_runs_once(client, boss, colleague):
    key = uuid.uuid4().hex
    form = {"roles": []}
    press(client, colleague, "change_roles", key=key, **form)
    User.objects.filter(pk=colleague.pk).update(first_name="Anna")  # the sentence would differ if it ran again

    response = press(client, colleague, "change_roles", key=key, **form)

    assert said(response)[-1] == "The roles of Ann are saved."
    assert CommandKey.objects.count() == 1


def test_the_same_press_answers_the_same_though_the_button_is_gone_by_then(client):
    """The browser shows what the second click of a double click was told."""
    client.force_login(make_user(permissions=["orders.view_order", "orders.confirm_order", "orders.ship_order"]))
    order, key = make_order((make_stock().variant, 2)), uuid.uuid4().hex
    for _click in range(2):
        assert said(press(client, order, "confirm", key=key))[-1:] == ["Confirmed; its stock is reserved."]
    line, key = order.lines.get(), uuid.uuid4().hex
    for _click in range(2):
        response = press(client, order, "ship", key=key, carrier="DHL", **{f"line_{line.pk}": 2})
        assert response.status_code == 302
    line.refresh_from_db()
    assert (line.shipped_count, order.shipments.count()) == (2, 1)


def test_a_press_without_a_key_is_a_bad_request(client, boss, colleague):
    assert press(client, colleague, "switch_off", key="not-a-key").status_code == 400
    colleague.refresh_from_db()
    assert colleague.is_active


def test_the_right_is_checked_again_at_the_press(client, colleague):
    client.force_login(make_user(permissions=["staff.view_user"]))

    assert press(client, colleague, "switch_off").status_code == 403
    assert client.get(reverse("admin:staff_user_press", args=[colleague.pk, "switch_off"])).status_code == 403
    colleague.refresh_from_db()
    assert colleague.is_active


def test_a_button_that_is_not_offered_cannot_be_pressed(client, boss, colleague):
    response = press(client, colleague, "switch_on")

    assert said(response) == ["“Switch on” is not possible for Ann as it stands now."]


def test_buttons_show_what_policy_and_state_allow(client, boss, colleague):
    page = client.get(reverse("admin:staff_user_change", args=[colleague.pk])).content.decode()
    own_page = client.get(reverse("admin:staff_user_change", args=[boss.pk])).content.decode()

    assert "/do/switch_off/" in page
    assert "/do/switch_on/" not in page
    assert "/do/" not in own_page


def test_unknown_buttons_and_rows_are_not_found(client, boss, colleague):
    assert press(client, colleague, "explode").status_code == 404
    assert client.post(reverse("admin:staff_user_press", args=[999999, "switch_off"])).status_code == 404


def test_without_the_csrf_token_nothing_happens(boss, colleague):
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(boss)

    assert press(strict, colleague, "switch_off").status_code == 403
    colleague.refresh_from_db()
    assert colleague.is_active


# --- many rows


def switch_off_all(admin, request, ids, data):
    refused = [(str(user), "Keep the boss.") for user in User.objects.filter(pk__in=ids, username="boss")]
    done = User.objects.filter(pk__in=ids).exclude(username="boss").update(is_active=False)
    return BulkOutcome(done=done, refused=refused)


def refuse_all(admin, request, ids, data):
    User.objects.filter(pk__in=ids).update(is_active=False)
    raise NotAllowed("Not today.")


@pytest.fixture
def bulk_buttons():
    register_action(User, bulk_action("Off", permission="staff.change_user", limit=50)(switch_off_all))
    register_action(User, bulk_action("No", permission="staff.change_user")(refuse_all))
    yield
    _registered[User].clear()


def test_many_rows_are_reported_with_reasons(client, boss, bulk_buttons):
    others = [make_user(first_name="A") for _ in range(3)]

    response = press_many(client, User, "switch_off_all", [boss.pk, *[u.pk for u in others]])

    assert said(response) == ["3 done, 1 refused: Keep the boss. (boss)"]
    assert User.objects.filter(is_active=False).count() == 3


def test_the_first_post_asks_before_anything_happens(client, boss, bulk_buttons):
    response = client.post(reverse("admin:staff_user_bulk", args=["switch_off_all"]), {"_selected": [boss.pk]})

    assert response.status_code == 200
    assert f'name="_selected" value="{boss.pk}"' in response.content.decode()
    assert not User.objects.filter(is_active=False).exists()


def test_all_that_match_are_filtered_again(client, boss, bulk_buttons):
    make_user(username="x1", first_name="Keep")
    wanted = make_user(username="x2", first_name="Needle")

    press_many(client, User, "switch_off_all", "all", query="?q=Needle")

    assert list(User.objects.filter(is_active=False)) == [wanted]


def test_all_that_match_are_those_that_the_dialog_asked_about(client, boss, bulk_buttons):
    """Rows that leave or join the list between question and answer neither escape nor slip in, nor spoil the key."""
    wanted = make_user(username="x2", first_name="Needle")
    address = reverse("admin:staff_user_bulk", args=["switch_off_all"]) + "?q=Needle"
    dialog = client.post(address, {"_across": "1"}).content.decode()
    answers = dict(re.findall(r'type="hidden" name="(_key|_selected|_across)" value="([^"]+)"', dialog))

    late = make_user(username="x3", first_name="Needle")
    for _click in range(2):
        assert said(client.post(address, answers))[-1:] == ["1 done"]
        User.objects.filter(pk=wanted.pk).update(first_name="Found")  # a new search would not find it

    assert list(User.objects.filter(is_active=False)) == [wanted]
    late.refresh_from_db()
    assert late.is_active


def test_more_rows_than_the_limit_are_refused(client, boss, bulk_buttons):
    User.objects.bulk_create(User(username=f"u{i}") for i in range(60))

    response = press_many(client, User, "switch_off_all", "all")

    assert said(response) == ["That is more than 50 rows. Narrow the list first."]
    assert not User.objects.filter(is_active=False).exists()


def test_the_same_press_of_a_refused_button_is_refused_again(client, boss, bulk_buttons):
    """A key answers once and for all; a double click must not do what the first click was refused."""
    row, key = make_user(), uuid.uuid4().hex
    answers = []

    def refuse_once(admin, request, ids, data):
        answers.append(ids)
        if len(answers) == 1:
            raise NotAllowed("Not today.")
        return "Done"

    register_action(User, bulk_action("Once", permission="staff.change_user")(refuse_once))
    for _click in range(2):
        address = reverse("admin:staff_user_bulk", args=["refuse_once"])
        response = client.post(address, {"_selected": [row.pk], "_key": key})
        assert said(response)[-1:] == ["Not today."]
    assert answers == [[row.pk]]


def test_a_refused_bulk_leaves_nothing(client, boss, bulk_buttons):
    response = press_many(client, User, "refuse_all", [make_user().pk])

    assert said(response) == ["Not today."]
    assert not User.objects.filter(is_active=False).exists()


@pytest.mark.parametrize("ids", [["x"], ["1; drop"], ["-1"], ["9" * 40], ["１"], ["1.5"]])
def test_garbage_ids_are_a_bad_request(client, boss, bulk_buttons, ids):
    assert press_many(client, User, "switch_off_all", ids).status_code == 400


def test_get_and_no_ticks_do_nothing(client, boss, bulk_buttons):
    assert client.get(reverse("admin:staff_user_bulk", args=["switch_off_all"])).status_code == 302
    assert said(press_many(client, User, "switch_off_all", [])) == ["Tick the rows first."]


def test_rows_outside_of_the_scope_are_out_of_reach(client):
    mine = make_user(permissions=["core.view_job"])
    client.force_login(mine)
    other = Job.objects.create(kind="k", title="Theirs", owner=make_user(), state=JobState.QUEUED)

    assert press(client, other, "cancel").status_code == 404
    assert client.get(reverse("admin:core_job_progress", args=[other.pk])).status_code == 404
    assert client.get(reverse("admin:core_job_change", args=[other.pk])).status_code == 302
    other.refresh_from_db()
    assert other.state == JobState.QUEUED


# --- deliveries


def make_delivery(**over):
    subject = make_user()
    record = EventRecord.objects.create(
        name="tests.nothing", subject_type_id=over.pop("subject_type_id"), subject_id=subject.pk, data={}
    )
    return Delivery.objects.create(
        record=record, handler="x.y", subject_type_id=record.subject_type_id, subject_id=subject.pk, **over
    )


def test_failed_deliveries_come_first_and_can_be_retried_or_skipped(client, django_user_model):
    from django.contrib.contenttypes.models import ContentType  # noqa: PLC0415 the table exists only in a test

    type_id = ContentType.objects.get_for_model(django_user_model).pk
    client.force_login(make_user(permissions=["core.view_delivery", "core.retry_delivery"]))
    first = make_delivery(subject_type_id=type_id, attempts=12, parked_at=timezone.now(), error="TimeoutError")
    second = make_delivery(subject_type_id=type_id, attempts=2, error="TimeoutError")
    make_delivery(subject_type_id=type_id)

    page = client.get(reverse("admin:core_delivery_changelist")).content.decode()
    assert page.count("TimeoutError") == 2

    assert said(press(client, first, "retry")) == ["1 delivery is due again."]
    assert said(press_many(client, Delivery, "skip_selected", [second.pk]))[-1] == "1 delivery is skipped."
    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.attempts, first.parked_at, second.error) == (0, None, "skipped by hand")
