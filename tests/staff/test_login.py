"""Logging in: throttled per account and address, the same answer for known and unknown names."""

import pytest
from axes.models import AccessAttempt
from django.test import Client

from staff.login import client_address
from staff.services import deactivate_user
from tests.factories import make_user

pytestmark = pytest.mark.django_db
PASSWORD = "four warm noodles in Osaka"
LOGIN = "/admin/login/"


@pytest.fixture
def minjun():
    user = make_user(username="minjun")
    user.set_password(PASSWORD)
    user.save()
    return user


def attempt(name: str, password: str = "wrong", *, address: str = "203.0.113.7", client: Client | None = None, **more):
    client = client or Client()
    return client.post(LOGIN, {"username": name, "password": password}, REMOTE_ADDR=address, **more)


def test_the_right_password_opens_the_home_page(minjun):
    client = Client()
    assert attempt("minjun", PASSWORD, client=client).status_code == 302
    assert client.get("/admin/").status_code == 200


def test_the_fifth_failure_locks_known_and_unknown_names_alike(minjun):
    answers = {name: [attempt(name) for _ in range(6)] for name in ("minjun", "nobody")}
    for responses in answers.values():
        assert [response.status_code for response in responses] == [200, 200, 200, 200, 429, 429]
    known, unknown = (responses[-1].content for responses in answers.values())
    assert known == unknown
    assert attempt("minjun", PASSWORD).status_code == 429


def test_a_failure_says_the_same_for_known_and_unknown_names(minjun):
    known, unknown = attempt("minjun"), attempt("nobody")
    assert known.context["form"].non_field_errors() == unknown.context["form"].non_field_errors()


def test_success_starts_the_count_again(minjun):
    for _ in range(4):
        attempt("minjun")
    assert attempt("minjun", PASSWORD).status_code == 302
    for _ in range(4):
        assert attempt("minjun").status_code == 200


def test_an_attacker_elsewhere_does_not_lock_a_colleague_out(minjun):
    for _ in range(7):
        attempt("minjun", address="198.51.100.9")
    assert attempt("minjun", PASSWORD, address="203.0.113.7").status_code == 302


def test_a_forged_forwarded_header_does_not_start_a_new_count(minjun):
    codes = [attempt("minjun", headers={"x-forwarded-for": f"192.0.2.{n}"}).status_code for n in range(6)]
    assert codes == [200, 200, 200, 200, 429, 429]


@pytest.mark.parametrize(
    ("behind_proxy", "forwarded", "expected"),
    [
        (False, "192.0.2.1", "203.0.113.7"),
        (True, "192.0.2.1, 198.51.100.4", "198.51.100.4"),
        (True, "", "203.0.113.7"),
    ],
)
def test_the_address_is_the_last_one_our_own_proxy_saw(rf, settings, behind_proxy, forwarded, expected):
    settings.BEHIND_TLS_PROXY = behind_proxy
    request = rf.post(LOGIN, REMOTE_ADDR="203.0.113.7", HTTP_X_FORWARDED_FOR=forwarded)
    assert client_address(request) == expected


def test_the_password_is_kept_nowhere(minjun):
    attempt("minjun", "a secret typed wrong")
    assert "secret" not in str(list(AccessAttempt.objects.values()))


def test_a_disabled_user_is_cut_off_at_the_next_request(minjun):
    client = Client()
    attempt("minjun", PASSWORD, client=client)
    assert client.get("/admin/").status_code == 200

    deactivate_user(user_id=minjun.pk)

    response = client.get("/admin/")
    assert response.status_code == 302
    assert response["Location"].startswith(LOGIN)
    assert attempt("minjun", PASSWORD).status_code == 200  # the form again, with an error
