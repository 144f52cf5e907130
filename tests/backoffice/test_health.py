"""Whoever runs this asks two addresses; both say nothing that an outsider could use."""

import logging
from datetime import timedelta

import pytest
from django.db import OperationalError
from django.utils import timezone

from backoffice import health
from core.models import Heartbeat

pytestmark = pytest.mark.django_db


@pytest.fixture
def alive():
    for name in health.PROCESSES:
        Heartbeat.objects.update_or_create(name=name, defaults={"seen_at": timezone.now()})


def test_healthz_touches_no_database_and_needs_no_login(client, django_assert_num_queries):
    with django_assert_num_queries(0):
        response = client.get("/healthz")
    assert (response.status_code, response.json()) == (200, {"status": "ok"})
    assert response["Cache-Control"] == "no-store"


def test_readyz_is_ready(client, alive):
    response = client.get("/readyz")
    assert (response.status_code, response.json()) == (200, {"status": "ok", "failing": {}})


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
def test_probes_come_with_any_host_name_over_plain_http_and_leave_no_line(client, alive, settings, caplog, path):
    settings.SECURE_SSL_REDIRECT = True
    settings.ALLOWED_HOSTS = ["shop.example.com"]
    with caplog.at_level(logging.INFO):
        response = client.get(path, headers={"host": "10.2.3.4:8000"})
    assert response.status_code == 200
    assert "sessionid" not in response.cookies
    assert [record for record in caplog.records if "request" in record.getMessage()] == []


def test_a_silent_worker_is_named(client, alive):
    Heartbeat.objects.filter(name="worker").update(seen_at=timezone.now() - health.SILENT_AFTER - timedelta(seconds=1))
    response = client.get("/readyz")
    assert response.status_code == 503
    assert response.json() == {"status": "failing", "failing": {"background": "silent: worker"}}


def test_a_migration_that_was_not_applied_is_named_until_it_is(client, alive, monkeypatch):
    answers = iter([("orders",), ()])
    monkeypatch.setattr(health, "_unapplied", _Once(lambda: next(answers)))
    assert client.get("/readyz").json()["failing"] == {"migrations": "not applied: orders"}
    assert client.get("/readyz").json()["failing"] == {}


class _Once:
    def __init__(self, answer):
        self.answer = answer

    def __call__(self):
        return self.answer()

    def cache_clear(self):
        """The real one forgets its answer here."""


def test_a_dead_database_is_named_alone_and_without_its_message(client, monkeypatch):
    def refuse():
        raise OperationalError('connection to "db.internal" as "app" password "hunter2" failed')

    monkeypatch.setitem(health.CHECKS, "database", refuse)
    response = client.get("/readyz")
    assert response.status_code == 503
    assert response.json() == {"status": "failing", "failing": {"database": "OperationalError"}}
    assert b"hunter2" not in response.content


def test_a_dead_broker_is_named(client, alive, monkeypatch):
    def refuse():
        raise ConnectionRefusedError("redis://user:hunter2@queue.internal")

    monkeypatch.setitem(health.CHECKS, "broker", refuse)
    response = client.get("/readyz")
    assert response.json() == {"status": "failing", "failing": {"broker": "ConnectionRefusedError"}}


def test_migrations_of_this_database_are_applied():
    health._unapplied.cache_clear()
    assert health.check_migrations() == ""
