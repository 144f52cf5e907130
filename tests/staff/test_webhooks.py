"""Webhooks: bodies, signatures, only public addresses, and answers that go wrong."""

import base64
import hashlib
import hmac
import ipaddress
import json
from datetime import UTC, datetime
from threading import Event

import httpx
import pytest

from staff.adapters import webhooks
from staff.adapters.outside import is_public
from staff.adapters.webhooks import (
    Address,
    HttpWebhooks,
    Message,
    Outcome,
    body_of,
    masked,
    new_secret,
    problem_of,
    signature_headers,
)
from tests.staff.receiver import receiver

MESSAGE = Message(
    id="msg_17",
    event="task.overdue",
    subject="T-0000012 Summer <banner> & more",
    text="T-0000012 Summer <banner> & more: Overdue",
    url="https://office.example.com/admin/staff/task/12/change/",
    at=datetime(2026, 3, 2, 1, 0, tzinfo=UTC),
)
PUBLIC = "93.184.216.34"


def sent(url, *, kind="slack", secret="", allow_private=True, **options):
    with HttpWebhooks(allow_private=allow_private, **options) as client:
        return client.send(MESSAGE, Address(kind=kind, url=url, secret=secret))


def test_slack_gets_text_with_a_link():
    with receiver() as there:
        answer = sent(there.url)
    assert (answer.outcome, answer.status, answer.error) == (Outcome.SENT, 200, "")
    path, headers, body = there.got[0]
    assert (path, headers["Content-Type"]) == ("/services/T000/secret-token", "application/json; charset=utf-8")
    assert json.loads(body) == {
        "text": "T-0000012 Summer &lt;banner&gt; &amp; more: Overdue\n"
        "<https://office.example.com/admin/staff/task/12/change/|T-0000012 Summer &lt;banner&gt; &amp; more>"
    }
    assert "webhook-signature" not in {name.lower() for name in headers}


def test_kakao_work_gets_blocks():
    body = json.loads(body_of(MESSAGE, "kakao_work"))
    assert body["text"] == MESSAGE.text
    assert [block["type"] for block in body["blocks"]] == ["text", "button"]
    assert body["blocks"][1]["action"] == {"type": "open_system_browser", "name": "open", "value": MESSAGE.url}


def test_json_is_signed_as_standard_webhooks_says():
    secret = new_secret()
    with receiver() as there:
        assert sent(there.url, kind="json", secret=secret).is_ok
    _path, headers, body = there.got[0]
    headers = {name.lower(): value for name, value in headers.items()}
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    key = base64.b64decode(secret.removeprefix("whsec_"))
    expected = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
    assert (headers["webhook-id"], headers["webhook-signature"]) == ("msg_17", f"v1,{expected}")
    assert json.loads(body) == {
        "event": "task.overdue",
        "subject": MESSAGE.subject,
        "text": MESSAGE.text,
        "url": MESSAGE.url,
        "at": "2026-03-02T01:00:00+00:00",
    }


def test_the_signature_is_the_one_of_the_specification():
    """The example of the Standard Webhooks specification and libraries."""
    headers = signature_headers(
        "msg_p5jXN8AQM9LWM0D4loKWxJek",
        b'{"test": 2432232314}',
        "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
        at=1614265330,
    )
    assert headers["webhook-signature"] == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


@pytest.mark.parametrize(
    ("status", "outcome", "error"),
    [
        (204, Outcome.SENT, ""),
        (500, Outcome.ANSWERED_BADLY, "answered_badly 500"),
        (404, Outcome.ANSWERED_BADLY, "answered_badly 404"),
        (410, Outcome.GONE, "gone 410"),
    ],
)
def test_a_status_is_a_typed_result(status, outcome, error):
    with receiver(status=status, body=b"") as there:
        answer = sent(there.url)
    assert (answer.outcome, answer.error) == (outcome, error)


def test_too_many_requests_say_how_long_to_wait():
    with receiver(status=429, headers={"Retry-After": "120"}) as there:
        assert sent(there.url).wait_seconds == 120
    with receiver(status=429, headers={"Retry-After": "999999"}) as there:
        assert sent(there.url).wait_seconds == 3600


def test_redirects_are_not_followed():
    with receiver() as target, receiver(status=302, headers={"Location": target.url}) as there:
        assert sent(there.url).outcome == Outcome.REDIRECTED
        assert target.got == []


def test_a_slow_receiver_is_left(monkeypatch):
    monkeypatch.setattr(webhooks, "SECONDS", 0.2)
    with receiver(hold=Event()) as there:
        assert sent(there.url).outcome == Outcome.TIMEOUT
        assert len(there.got) == 1


def test_a_receiver_that_drips_is_left_as_well(monkeypatch):
    """Each byte comes within the time limit of a part; the whole has a limit too."""
    monkeypatch.setattr(webhooks, "WHOLE_SECONDS", 0.3)
    with receiver(drips=True) as there:
        assert sent(there.url).outcome == Outcome.TIMEOUT


def test_the_address_is_not_logged(caplog):
    caplog.set_level("DEBUG")
    with receiver() as there:
        sent(there.url)
    assert "secret-token" not in caplog.text


def test_a_huge_answer_is_not_read():
    with receiver(body=b"x" * 5_000_000) as there:
        answer = sent(there.url)
    assert (answer.outcome, answer.is_ok) == (Outcome.TOO_LONG, True)
    with receiver(status=500, body=b"x" * 5_000_000) as there:
        assert sent(there.url).error == "answered_badly 500"


def test_nobody_listening_is_unreachable():
    with receiver() as there:
        url = there.url
    assert sent(url).outcome == Outcome.UNREACHABLE


@pytest.mark.parametrize(
    "url",
    [
        "http://hooks.example.com/x",
        "ftp://hooks.example.com/x",
        "https://127.0.0.1/x",
        "https://10.0.0.8/x",
        "https://169.254.169.254/latest/meta-data",
        "https://[::1]/x",
        "https://[fe80::1]/x",
        "https://[::ffff:127.0.0.1]/x",
        "https://[::ffff:7f00:1]/x",
        "https://0.0.0.0/x",
        "https://user:password@hooks.example.com/x",
        "https:///x",
        "javascript:alert(1)",
        "not an address",
        "https://exa mple.com/",
        "",
    ],
)
def test_an_address_that_can_never_be_right_is_refused_without_asking(url):
    def asked(host, port):
        raise AssertionError("nobody asks the name service for this")

    assert problem_of(url) == Outcome.REFUSED_ADDRESS
    assert sent(url, allow_private=False, resolver=asked).outcome == Outcome.REFUSED_ADDRESS


@pytest.mark.parametrize(
    "addresses",
    [
        ["127.0.0.1"],
        [PUBLIC, "10.1.2.3"],
        ["::ffff:192.168.0.1"],
        ["fd00::1"],
        ["fe80::1%eth0"],
        ["2002:7f00:1::"],
        ["64:ff9b::7f00:1"],
        ["100.64.0.1"],
        ["224.0.0.1"],
        [],
    ],
)
def test_a_name_that_leads_inside_is_refused_before_anything_is_sent(addresses):
    def never(request):
        raise AssertionError("nothing may be sent")

    answer = sent(
        "https://hooks.example.com/x",
        allow_private=False,
        resolver=lambda host, port: addresses,
        transport=httpx.MockTransport(never),
    )
    assert answer.outcome == Outcome.REFUSED_ADDRESS


def test_it_connects_to_the_address_that_was_checked():
    """A name that answers differently the second time changes nothing: it is asked once."""
    asked, seen = [], []

    def resolver(host, port):
        asked.append((host, port))
        return [PUBLIC] if len(asked) == 1 else ["127.0.0.1"]

    def answer(request):
        seen.append((request.url.host, request.headers["Host"], request.extensions["sni_hostname"]))
        return httpx.Response(200, stream=httpx.ByteStream(b"ok"))

    sent(
        "https://hooks.example.com:8443/x",
        allow_private=False,
        resolver=resolver,
        transport=httpx.MockTransport(answer),
    )
    assert asked == [("hooks.example.com", 8443)]
    assert seen == [(PUBLIC, "hooks.example.com:8443", "hooks.example.com")]


def test_a_name_that_nobody_knows_is_unreachable():
    def resolver(host, port):
        raise OSError("no such host")

    answer = sent("https://nowhere.example.com/x", allow_private=False, resolver=resolver)
    assert answer.outcome == Outcome.UNREACHABLE


@pytest.mark.parametrize(
    ("address", "public"),
    [
        (PUBLIC, True),
        ("2606:4700::1111", True),
        ("64:ff9b::5db8:d822", True),  # a public address behind NAT64
        ("172.16.0.1", False),
        ("192.0.2.1", False),
        ("::", False),
        ("ff02::1", False),
    ],
)
def test_public_is_what_lies_in_the_open_internet(address, public):
    assert is_public(ipaddress.ip_address(address)) is public


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("https://hooks.slack.com/services/T0/B0/abcdWXYZ", "https://hooks.slack.com/…WXYZ"),
        ("https://hooks.example.com/ab", "https://hooks.example.com/…"),
        ("https://hooks.example.com/x?token=secret99", "https://hooks.example.com/…et99"),
        ("http://[", "…"),
        ("secret99", "…"),
    ],
)
def test_the_secret_part_is_never_shown(url, shown):
    assert masked(url) == shown
    assert "secret" not in repr(Address(kind="slack", url=url, secret="whsec_secret"))
