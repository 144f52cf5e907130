"""What people type never reaches a log, on whatever path."""

import json
import logging

import pytest
import structlog
from celery.signals import before_task_publish
from django.db import IntegrityError, connection
from django.http import HttpResponse
from django.urls import path
from django_structlog.celery.steps import DjangoStructLogInitStep

from backoffice.celery import app
from backoffice.logs import logging_config, scrub
from backoffice.urls import urlpatterns as real_urls
from staff.models import User
from tests.factories import make_user

EMAIL, PHONE, NAME = "canary.minjun@example.com", "010-9876-5432", "CanaryKim"


def fails(request):
    raise ValueError(f"cannot use {request.POST.get('email')} {request.POST.get('phone')}")


def breaks_a_constraint(request):
    User.objects.create(username=NAME, email=EMAIL)
    User.objects.create(username=NAME, email=EMAIL)
    return HttpResponse()


def breaks_and_wraps(request):
    try:
        breaks_a_constraint(request)
    except IntegrityError as error:
        raise RuntimeError(f"not saved: {error}") from error


urlpatterns = [
    path("fails/", fails),
    path("constraint/", breaks_a_constraint),
    path("wrapped/", breaks_and_wraps),
    *real_urls,
]


@pytest.fixture
def lines(settings):
    """Collect log lines as production writes them."""
    config = logging_config(json=True, level="INFO")
    made = config["formatters"]["line"]
    factory = made.pop("()")
    formatter = factory(**made)
    written: list[str] = []

    class Collect(logging.Handler):
        def emit(self, record):
            written.append(formatter.format(record))

    handler = Collect()
    root = logging.getLogger()
    before = root.level
    root.addHandler(handler)
    root.setLevel(logging.INFO)
    yield written
    root.removeHandler(handler)
    root.setLevel(before)


@pytest.mark.urls(__name__)
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("address", ["/fails/", "/constraint/", "/wrapped/"])
def test_values_of_a_failing_request_are_not_logged(client, lines, address):
    client.raise_request_exception = False
    response = client.post(f"{address}?q={NAME}&email={EMAIL}", {"email": EMAIL, "phone": PHONE})

    text = "\n".join(lines)
    assert response.status_code == 500
    assert "request_failed" in text
    for canary in (EMAIL, PHONE, NAME):
        assert canary not in text
        assert canary.encode() not in response.content


@pytest.mark.urls(__name__)
@pytest.mark.django_db(transaction=True)
def test_a_failing_request_can_still_be_understood(client, lines):
    client.raise_request_exception = False
    client.post("/constraint/")

    (failed,) = [json.loads(line) for line in lines if '"request_failed"' in line]
    assert failed["request"] == "POST /constraint/"
    assert failed["level"] == "error"
    assert len(failed["request_id"]) == 36
    assert (
        "psycopg.errors.UniqueViolation: constraint=staff_user_username_key table=staff_user sqlstate=23505"
        in (failed["exception"])
    )
    assert "in breaks_a_constraint" in failed["exception"]


@pytest.mark.django_db
def test_a_search_word_is_not_logged_but_the_person_is_known_by_id(client, lines):
    user = make_user(email=EMAIL)
    client.force_login(user)
    client.get("/admin/", {"q": NAME})
    done = [json.loads(line) for line in lines if '"request_finished"' in line]
    assert [(line["request"], line["user_id"], line["code"]) for line in done] == [("GET /admin/", user.pk, 200)]
    assert NAME not in "\n".join(lines)


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        ("mail to kim@shop.co.kr failed", "mail to [e-mail] failed"),
        ("GET /?q=kim%40shop.co.kr", "GET /?q=[e-mail]"),
        ("call 010-1234-5678 or +81 90-1234-5678", "call [phone] or [phone]"),
        ("call 09012345678", "call [phone]"),
        ("order=1234567 variant=98 total=1200000", "order=1234567 variant=98 total=1200000"),
        ("job 3f2504e0-4f89-41d3-9a0c-0305e82c3301", "job 3f2504e0-4f89-41d3-9a0c-0305e82c3301"),
        ("at 2026-11-22T03:13:49.000001Z took 0.0123456789", "at 2026-11-22T03:13:49.000001Z took 0.0123456789"),
        ("duplicate key\nDETAIL:  Key (name)=(Kim) already exists.", "duplicate key\n[values left out]"),
    ],
)
def test_scrubbing_leaves_ids_and_removes_people(text, clean):
    assert scrub(text) == clean


def test_plain_loggers_keep_their_extra_fields_without_people(lines):
    logging.getLogger("orders.services").warning("order=%s late", 17, extra={"delivery": 5, "note": EMAIL})
    (line,) = [json.loads(text) for text in lines]
    assert (line["event"], line["delivery"], line["note"]) == ("order=17 late", 5, "[e-mail]")
    assert (line["logger"], line["level"]) == ("orders.services", "warning")


def test_worker_binds_request_and_task_ids_to_its_lines():
    assert DjangoStructLogInitStep in app.steps["worker"]
    assert app.conf.worker_hijack_root_logger is False


def test_a_task_carries_the_request_id_that_sent_it():
    published: list[dict] = []

    def note(headers=None, **_more):
        published.append(headers["__django_structlog__"])

    before_task_publish.connect(note)
    try:
        with structlog.contextvars.bound_contextvars(request_id="r-1"):
            app.send_task("core.deliver_events")
    finally:
        before_task_publish.disconnect(note)
    assert [context["request_id"] for context in published] == ["r-1"]


def test_arguments_and_results_of_tasks_are_not_logged(lines):
    data = {"id": "t-1", "args": f"('{NAME}',)", "return_value": NAME}
    logging.getLogger("celery.worker.consumer").warning("Task received", extra={"data": data})
    assert len(lines) == 1
    assert NAME not in lines[0]


@pytest.mark.django_db
def test_a_task_that_fails_on_the_database_logs_no_values(lines):
    make_user(username=NAME)
    try:
        make_user(username=NAME)
    except IntegrityError as error:
        connection.needs_rollback = False
        logging.getLogger("celery.worker.request").exception("Task %s raised: %r", "orders.intake", error)  # noqa: TRY401 as Celery does
    text = "\n".join(lines)
    assert "staff_user_username_key" in text
    assert NAME not in text
