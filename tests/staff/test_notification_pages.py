"""The bell, the page of notifications and the page of choices, as people use them."""

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from core.models import EventRecord
from staff.models import Notification, NotificationPreference, OutboundNotification, Webhook, WorkProfile
from tests.admin.pressing import opened, press, said
from tests.factories import make_user
from tests.staff.making import make_colleague
from tests.staff.receiver import receiver

pytestmark = pytest.mark.django_db

SECRET_URL = "https://hooks.slack.com/services/T0/B0/secretWXYZ"


@pytest.fixture
def me(client):
    user = make_user(language="en")
    client.force_login(user)
    return user


def told(user, count=1, **over):
    rows = [
        Notification(
            user=user,
            **{"topic": "stuck", "key": f"k{n}-{over.get('topic', '')}", "data": {"number": f"T-{n:07d}"}, **over},
        )
        for n in range(count)
    ]
    return Notification.objects.bulk_create(rows)


def page(client, name="staff_notifications", query="", **options):
    response = client.get(reverse(f"admin:{name}") + query, **options)
    assert response.status_code == 200
    return response.content.decode()


# --- the bell


def test_every_page_shows_how_many_wait(client, me):
    told(me, 3)
    told(make_user(), 5)
    text = page(client, "index")
    assert 'popovertarget="bell-panel"' in text
    assert '">3<span class="unseen"> unread</span>' in text


@pytest.mark.parametrize(
    "name", ["core_job_changelist", "catalog_product_changelist", "catalog_product_add", "profile"]
)
def test_lists_forms_and_other_pages_have_one_bell(client, name):
    client.force_login(make_user(is_superuser=True))
    assert page(client, name).count('id="bell-count"') == 1


def test_the_number_is_capped(client, me):
    told(me, 130)
    assert ">99+<" in page(client, "index")


def test_the_bell_answers_nothing_while_nothing_changes(client, me, django_assert_num_queries):
    told(me)
    address = reverse("admin:staff_bell")
    assert client.get(f"{address}?seen=1").status_code == 204
    with django_assert_num_queries(3):  # session, user, the number
        client.get(f"{address}?seen=1")
    answer = client.get(f"{address}?seen=0")
    assert answer.status_code == 200
    assert "?seen=1" in answer.content.decode()
    told(me, topic="assigned")
    assert client.get(f"{address}?seen=1").status_code == 200


def test_below_the_bell_are_the_last_ten(client, me):
    told(me, 12)
    text = page(client, "staff_notifications_latest")
    assert text.count('class="told unread"') == 10
    assert ("T-0000011" in text, "T-0000001" in text) == (True, False)


def test_one_is_read_and_the_number_asks_anew(client, me):
    first, second = told(me, 2)
    answer = client.post(reverse("admin:staff_notifications_read"), {"id": first.pk}, headers={"HX-Request": "true"})
    assert answer.headers["HX-Trigger"] == "bell"
    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.read_at is not None, second.read_at) == (True, None)


def test_all_are_read_but_what_came_after_the_page_was_opened(client, me):
    rows = told(me, 3)
    answer = client.post(reverse("admin:staff_notifications_read"), {"newest": rows[1].pk})
    assert answer["Location"] == reverse("admin:staff_notifications")
    assert list(Notification.objects.filter(read_at=None)) == [rows[2]]


def test_what_others_were_told_is_not_mine_to_read(client, me):
    (row,) = told(make_user())
    client.post(reverse("admin:staff_notifications_read"), {"id": row.pk})
    client.post(reverse("admin:staff_notifications_read"), {"newest": row.pk})
    row.refresh_from_db()
    assert row.read_at is None
    assert "T-0000000" not in page(client)


def test_reading_needs_a_post(client, me):
    assert client.get(reverse("admin:staff_notifications_read")).status_code == 405


def test_without_login_there_is_nothing(client):
    for name in ("staff_notifications", "staff_bell", "staff_notifications_latest", "staff_notification_settings"):
        assert client.get(reverse(f"admin:{name}")).status_code == 302


def test_the_number_is_counted_with_the_badges_of_the_navigation(client):
    client.force_login(make_user(is_superuser=True))
    page(client, "profile")
    cache.clear()
    with CaptureQueriesContext(connection) as captured:
        page(client, "profile")
    assert sum('"staff_notification"' in query["sql"] for query in captured) == 1
    assert sum("FROM (SELECT" in query["sql"] for query in captured) == 1


# --- the page


def test_the_page_filters_and_goes_on(client, me):
    told(me, 35)
    told(me, topic="assigned")
    Notification.objects.filter(topic="assigned").update(read_at="2026-03-01T00:00Z")
    text = page(client)
    assert text.count('class="told') - text.count('class="told-') == 30
    oldest = Notification.objects.order_by("-pk")[29].pk
    assert f"before={oldest}" in text
    assert "T-0000004" in page(client, query=f"?before={oldest}")
    assert page(client, query="?topic=assigned").count("Assigned") >= 1
    assert "No notification fits" in page(client, query="?unread=1&topic=assigned")


@pytest.mark.parametrize("query", ["?topic=nonsense", "?before=x", "?before=99999999999999999999", "?before=-1"])
def test_odd_parameters_are_refused(client, me, query):
    assert client.get(reverse("admin:staff_notifications") + query).status_code == 400


def test_the_page_asks_as_often_for_many_as_for_few(client, me, django_assert_max_num_queries):
    told(me, 30, data={"by": make_user().pk, "number": "T-1"})
    page(client)
    with django_assert_max_num_queries(12):
        page(client)


def test_hostile_titles_stay_text(client, me):
    told(me, data={"number": "T-1", "title": "<script>alert(1)</script>"})
    for name in ("staff_notifications", "staff_notifications_latest"):
        assert "<script>alert(1)" not in page(client, name)


# --- choices

TIMES = {"quiet_from": "21:00", "quiet_until": "07:00", "digest_at": "09:15"}


def test_choices_are_kept_and_usual_ways_need_no_row(client, me):
    usual = {f"{topic}-in_app": "on" for topic in ("assigned", "stuck")} | {"assigned-email": "on"}
    answer = client.post(reverse("admin:staff_notification_settings"), {**TIMES, **usual, "stuck-webhook": "on"})
    assert answer.status_code == 302
    rows = {row.topic: (row.in_app, row.email, row.webhook) for row in NotificationPreference.objects.filter(user=me)}
    assert rows["stuck"] == (True, False, True)
    assert rows["commented"] == (False, False, False)
    assert "assigned" not in rows
    profile = WorkProfile.objects.get(user=me)
    assert (f"{profile.quiet_from:%H:%M}", f"{profile.quiet_until:%H:%M}", f"{profile.digest_at:%H:%M}") == (
        "21:00",
        "07:00",
        "09:15",
    )
    assert 'name="stuck-webhook" checked' in page(client, "staff_notification_settings")


@pytest.mark.parametrize(
    ("over", "sentence"),
    [
        ({"quiet_until": ""}, "Give both ends of the quiet hours, or none."),
        ({"digest_at": ""}, "This field is required."),
        ({"digest_at": "25:00"}, "Enter a valid time."),
    ],
)
def test_half_choices_are_refused(client, me, over, sentence):
    answer = client.post(reverse("admin:staff_notification_settings"), {**TIMES, **over})
    assert sentence in answer.content.decode()
    assert not NotificationPreference.objects.exists()
    assert not WorkProfile.objects.exists()


def test_no_quiet_hours_is_a_choice(client, me):
    client.post(reverse("admin:staff_notification_settings"), {"digest_at": "09:15"})
    assert WorkProfile.objects.get(user=me).quiet_from is None


# --- own webhooks


def add(client, **over):
    values = {"name": "My channel", "kind": "slack", "url": SECRET_URL, **over}
    return client.post(reverse("admin:staff_own_webhooks"), values, follow=True).content.decode()


def test_an_own_address_is_shown_masked_from_then_on(client, me):
    text = add(client)
    webhook = Webhook.objects.get()
    assert (webhook.user, webhook.url, webhook.secret) == (me, SECRET_URL, "")
    assert "https://hooks.slack.com/…WXYZ" in text
    assert "secretWXYZ" not in text + str(list(EventRecord.objects.values()))


def test_a_signing_secret_is_shown_once(client, me):
    text = add(client, kind="json")
    webhook = Webhook.objects.get()
    assert webhook.secret.startswith("whsec_")
    assert webhook.secret in text
    assert webhook.secret not in page(client, "staff_notification_settings")


@pytest.mark.parametrize("url", ["http://hooks.slack.com/x", "https://127.0.0.1/x", "https://[::1]/", "nonsense", ""])
def test_an_address_inside_is_refused(client, me, url):
    text = add(client, url=url)
    assert ("names a host in the public internet" in text) or ("This field is required" in text)
    assert not Webhook.objects.exists()


def test_a_sixth_address_is_refused(client, me):
    for _number in range(5):
        add(client)
    assert "You have 5 webhooks already." in add(client)
    assert Webhook.objects.count() == 5


def deed(client, webhook, do):
    answer = client.post(reverse("admin:staff_own_webhook", args=[webhook.pk]), {"do": do}, follow=True)
    return answer.content.decode()


def test_a_test_message_says_what_became_of_it(client, me, settings):
    settings.WEBHOOK_PRIVATE_ADDRESSES = True
    with receiver() as there:
        add(client, url=there.url)
        webhook = Webhook.objects.get()
        assert "The test message was taken." in deed(client, webhook, "test")
        there.status = 500
        assert "The test message failed: answered_badly 500" in deed(client, webhook, "test")
    assert len(there.got) == 2
    webhook.refresh_from_db()
    assert webhook.failure_count == 0


def test_an_own_address_is_switched_renewed_and_removed(client, me):
    add(client, kind="json")
    webhook = Webhook.objects.get()
    old = webhook.secret
    deed(client, webhook, "switch")
    webhook.refresh_from_db()
    assert webhook.is_active is False
    new = deed(client, webhook, "renew")
    webhook.refresh_from_db()
    assert webhook.secret != old
    assert webhook.secret in new
    row = Notification.objects.create(user=me, topic="stuck", key="a")
    OutboundNotification.objects.create(
        notification=row, channel="webhook", webhook=webhook, due_at="2026-03-01T00:00Z"
    )
    deed(client, webhook, "remove")
    assert not Webhook.objects.exists()
    assert not OutboundNotification.objects.exists()


@pytest.mark.parametrize("do", ["test", "switch", "renew", "remove", "nonsense"])
def test_anothers_address_is_as_if_it_were_not_there(client, me, do):
    other = Webhook.objects.create(user=make_user(), name="Other", kind="json", url=SECRET_URL, secret="whsec_x")
    assert "This webhook is gone." in deed(client, other, do)
    other.refresh_from_db()
    assert (other.is_active, other.secret) == (True, "whsec_x")


# --- the team's


@pytest.fixture
def boss():
    client = Client()
    client.force_login(make_colleague("ec_manager", language="en"))
    return client


def test_who_directs_adds_and_changes_a_webhook_of_the_team(boss):
    values = {"name": "Team", "kind": "slack", "address": SECRET_URL, "topics": ["stale", "overdue"], "is_active": "on"}
    answer = boss.post(reverse("admin:staff_webhook_add"), values)
    assert answer.status_code == 302
    webhook = Webhook.objects.get()
    assert (webhook.user, webhook.url, webhook.topics) == (None, SECRET_URL, ["overdue", "stale"])
    change = reverse("admin:staff_webhook_change", args=[webhook.pk])
    text = boss.get(change).content.decode()
    assert "https://hooks.slack.com/…WXYZ" in text
    assert "secretWXYZ" not in text + boss.get(reverse("admin:staff_webhook_changelist")).content.decode()

    boss.post(change, {**values, **opened(boss, webhook), "name": "Team 2", "address": "", "topics": ["stale"]})
    webhook.refresh_from_db()
    assert (webhook.name, webhook.url, webhook.topics) == ("Team 2", SECRET_URL, ["stale"])
    boss.post(change, {**values, **opened(boss, webhook), "address": "https://other.example.com/hook/abcdefgh"})
    webhook.refresh_from_db()
    assert webhook.url == "https://other.example.com/hook/abcdefgh"
    assert "hook/abcdefgh" not in str(list(EventRecord.objects.values()))


def test_an_address_inside_is_refused_for_a_team_too(boss):
    values = {"name": "Team", "kind": "slack", "address": "https://10.0.0.1/x", "is_active": "on"}
    answer = boss.post(reverse("admin:staff_webhook_add"), values)
    assert "names a host in the public internet" in answer.content.decode()
    assert not Webhook.objects.exists()


def test_a_personal_webhook_is_not_on_the_teams_page(boss):
    own = Webhook.objects.create(user=make_user(), name="Private", kind="slack", url=SECRET_URL)
    assert "Private" not in boss.get(reverse("admin:staff_webhook_changelist")).content.decode()
    assert boss.get(reverse("admin:staff_webhook_change", args=[own.pk])).status_code in {302, 404}


def test_a_team_webhook_is_tested_and_renewed_by_buttons(boss, settings):
    settings.WEBHOOK_PRIVATE_ADDRESSES = True
    with receiver() as there:
        webhook = Webhook.objects.create(name="Team", kind="json", url=there.url, secret="whsec_b2xk")
        assert said(press(boss, webhook, "send_test")) == ["The test message was taken."]
        there.status = 404
        assert said(press(boss, webhook, "send_test"))[-1] == "The test message failed: answered_badly 404"
    press(boss, webhook, "renew_secret")
    webhook.refresh_from_db()
    assert webhook.secret not in {"", "whsec_b2xk"}


def test_a_designer_has_no_page_of_webhooks():
    client = Client()
    client.force_login(make_colleague("designer"))
    assert client.get(reverse("admin:staff_webhook_changelist")).status_code == 403
