"""Production settings: loud when incomplete, clean under `check --deploy`, and what they promise on the wire."""

import os
import subprocess
import sys

import pytest
from django.conf import settings
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ImproperlyConfigured, ValidationError

from backoffice.env import Env
from staff.models import User
from tests.architecture.house import ROOT
from tests.factories import make_user

PRODUCTION = {
    "BACKOFFICE_MODE": "production",
    "DATA_KEYS": "k1:MTExMTExMTExMTExMTExMTExMTExMTExMTExMTExMTE=,index:MjIyMjIyMjIyMjIyMjIyMjIyMjIyMjIyMjIyMjIyMjI=",
    "SECRET_KEY": "k3Qz0v7XhB9cT1mW5yR8pL2nD6sF4gJ-uE_aVxKoiNqZtHwMbCrYfPdSg",
    "ALLOWED_HOSTS": "shop.example.com",
    "DATABASE_URL": "postgresql://app:secret@db.example.com/shop",
}


def manage(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run a command in a process of its own, in an environment that names nothing but these variables."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    return subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=ROOT,
        env={**kept, "BACKOFFICE_DATA_DIR": str(settings.DATA_DIR), **environment},
        capture_output=True,
        text=True,
        check=False,
    )


def value(expression: str, **environment: str) -> str:
    code = f"from backoffice import settings as s; print({expression})"
    kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env={**kept, "BACKOFFICE_DATA_DIR": str(settings.DATA_DIR), **environment},
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.strip()


def test_production_names_all_missing_variables_at_once():
    done = manage("check", BACKOFFICE_MODE="production")
    assert done.returncode != 0
    for name in ("SECRET_KEY", "DATA_KEYS", "ALLOWED_HOSTS", "DATABASE_URL"):
        assert f"  - {name} is not set: " in done.stderr


def test_production_is_clean_for_deployment():
    done = manage("check", "--deploy", "--fail-level", "WARNING", **PRODUCTION)
    assert (done.returncode, done.stdout) == (0, "System check identified no issues (0 silenced).\n"), done.stderr


def test_a_wrong_mode_number_and_flag_are_named_together(monkeypatch):
    monkeypatch.setenv("A_FLAG", "maybe")
    monkeypatch.setenv("A_NUMBER", "many")
    env = Env()
    assert (env.flag("A_FLAG"), env.number("A_NUMBER", 3), env.required("A_SECRET", "needed")) == (False, 3, "")
    with pytest.raises(ImproperlyConfigured) as refused:
        env.check()
    assert str(refused.value).splitlines() == [
        "Settings cannot be used:",
        "  - A_FLAG='maybe' is neither true (1, true, yes, on) nor false (0, false, no, off)",
        "  - A_NUMBER='many' is not a whole number",
        "  - A_SECRET is not set: needed",
    ]


def test_env_reads_lists_flags_and_defaults(monkeypatch):
    monkeypatch.setenv("HOSTS", "a.example, ,b.example")
    monkeypatch.setenv("ON", "Yes")
    monkeypatch.setenv("OFF", "0")
    monkeypatch.setenv("PORT", "8001")
    env = Env()
    assert env.items("HOSTS", []) == ["a.example", "b.example"]
    assert env.items("NO_HOSTS", ["x"]) == ["x"]
    assert (env.flag("ON"), env.flag("OFF"), env.flag("UNSET", default=True)) == (True, False, True)
    assert (env.number("PORT", 1), env.number("NO_PORT", 1), env.text("NO_TEXT", "t")) == (8001, 1, "t")
    env.check()


def test_cookies_of_production_are_bound_to_host_and_tls():
    assert value(
        "(s.SESSION_COOKIE_NAME, s.SESSION_COOKIE_SECURE, s.CSRF_COOKIE_SECURE, s.SECURE_SSL_REDIRECT, s.DEBUG)",
        **PRODUCTION,
    ) == str(("__Host-session", True, True, True, False))
    assert value("s.SECURE_HSTS_SECONDS", **PRODUCTION) == str(365 * 24 * 3600)


def test_a_proxy_is_trusted_only_when_it_is_named():
    assert value("hasattr(s, 'SECURE_PROXY_SSL_HEADER')", **PRODUCTION) == "False"
    assert value("s.SECURE_PROXY_SSL_HEADER", **PRODUCTION, BEHIND_TLS_PROXY="1") == str(
        ("HTTP_X_FORWARDED_PROTO", "https")
    )


def test_another_database_is_refused():
    done = manage("check", **{**PRODUCTION, "DATABASE_URL": "sqlite:///shop.db"})
    assert "DATABASE_URL must start with postgresql://" in done.stderr


@pytest.mark.django_db
def test_headers_of_every_page(client):
    response = client.get("/admin/login/")
    assert response.status_code == 200
    expected = {
        "X-Content-Type-Options": "nosniff",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Referrer-Policy": "same-origin",
        "X-Frame-Options": "DENY",
    }
    assert {name: response[name] for name in expected} == expected
    policy = dict(part.split(" ", 1) for part in response["Content-Security-Policy"].split("; "))
    assert "'unsafe-inline'" not in policy["script-src"]
    assert "http" not in response["Content-Security-Policy"]
    assert (policy["object-src"], policy["frame-ancestors"]) == ("'none'", "'none'")
    assert (policy["base-uri"], policy["form-action"]) == ("'self'", "'self'")


@pytest.mark.django_db
def test_pages_of_a_person_are_stored_nowhere(client):
    client.force_login(make_user())
    for path in ("/", "/admin/"):
        assert "no-store" in client.get(path)["Cache-Control"], path


@pytest.mark.django_db
def test_cookies_are_closed_to_scripts_and_other_sites(client):
    user = make_user()
    user.set_password("four warm noodles in Osaka")
    user.save()
    client.post("/admin/login/", {"username": user.username, "password": "four warm noodles in Osaka"})
    cookie = client.cookies[settings.SESSION_COOKIE_NAME]
    assert cookie["httponly"]
    assert cookie["samesite"] == "Lax"


@pytest.mark.parametrize("password", ["short", "password1234", "minjun.kim@shop", "qwertyuiop12"])
def test_weak_passwords_are_refused(password):
    person = User(username="minjun.kim", email="minjun.kim@shop.example", last_name="Kim")
    with pytest.raises(ValidationError):
        validate_password(password, person)


def test_a_long_sentence_is_a_password():
    validate_password("four warm noodles in Osaka", User(username="minjun"))


@pytest.mark.django_db
def test_passwords_are_kept_as_argon2():
    user = make_user()
    user.set_password("four warm noodles in Osaka")
    assert user.password.startswith("argon2$argon2id$")
