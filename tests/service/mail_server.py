"""Real mail servers on the loopback: Dovecot (Debian's package) for IMAP, aiosmtpd for SMTP."""

import getpass
import imaplib
import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller

PASSWORD = "not-a-secret"
needs_dovecot = pytest.mark.skipif(
    shutil.which("dovecot") is None, reason="no dovecot program on this machine (package dovecot-imapd)"
)
_CONFIGURATION = """
base_dir = {home}/run
state_dir = {home}/state
log_path = {home}/log
protocols = imap
listen = 127.0.0.1
ssl = no
default_internal_user = {user}
default_internal_group = {group}
default_login_user = {user}
first_valid_uid = 1
mail_location = maildir:{home}/mail/%u
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {port}
  }}
  inet_listener imaps {{
    port = 0
  }}
}}
auth_failure_delay = 0
service anvil {{
  chroot =
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}
passdb {{
  driver = static
  args = password={password}
}}
userdb {{
  driver = static
  args = uid={uid} gid={gid} home={home}/mail/%u
}}
"""


@dataclass(frozen=True)
class MailServer:
    """A running IMAP server; everybody who knows the password has a box."""

    port: int
    home: Path

    def deliver(self, username: str, *mails: bytes) -> None:
        """Put mails into a box."""
        with self._login(username) as client:
            for raw in mails:
                state, _said = client.append("INBOX", "", "", raw)
                assert state == "OK"

    def number_anew(self, username: str) -> None:
        """Give a box another UIDVALIDITY, as a repaired server does: the mails are the same."""
        (self.home / "mail" / username / "dovecot-uidlist").unlink()
        for index in (self.home / "mail" / username).glob("dovecot.index*"):
            index.unlink()

    def unread_of(self, username: str) -> int:
        """Return how many mails of a box nobody has read."""
        with self._login(username) as client:
            client.select("INBOX", readonly=True)
            return len(client.search(None, "UNSEEN")[1][0].split())

    @contextmanager
    def _login(self, username: str) -> Iterator[imaplib.IMAP4]:
        client = imaplib.IMAP4("127.0.0.1", self.port, timeout=10)
        try:
            client.login(username, PASSWORD)
            yield client
        finally:
            client.logout()


@contextmanager
def run_dovecot() -> Iterator[MailServer]:
    """Run Dovecot as nobody special on a free port."""
    home = Path(tempfile.mkdtemp(prefix="dovecot-"))
    is_root = os.geteuid() == 0
    uid, gid = (65534, 65534) if is_root else (os.getuid(), os.getgid())
    user, group = ("nobody", "nogroup") if is_root else (getpass.getuser(), str(gid))
    port = free_port()
    values = {"home": home, "user": user, "group": group, "uid": uid, "gid": gid, "port": port, "password": PASSWORD}
    (home / "dovecot.conf").write_text(_CONFIGURATION.format(**values), encoding="utf-8")
    if is_root:
        os.chown(home, uid, gid)
    server = subprocess.Popen(
        [shutil.which("dovecot") or "dovecot", "-F", "-c", str(home / "dovecot.conf")],
        user=uid if is_root else None,
        group=gid if is_root else None,
        stderr=subprocess.DEVNULL,
    )
    try:
        _wait_for(port, server)
        yield MailServer(port, home)
    finally:
        server.terminate()
        server.wait(10)
        shutil.rmtree(home, ignore_errors=True)


def free_port() -> int:
    """Return a port of the loopback that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait_for(port: int, server: "subprocess.Popen[bytes]") -> None:
    end = time.monotonic() + 20
    while time.monotonic() < end:
        assert server.poll() is None, "dovecot did not start"
        try:
            with imaplib.IMAP4("127.0.0.1", port, timeout=5) as client:
                client.noop()
                return
        except (OSError, imaplib.IMAP4.error):
            time.sleep(0.02)
    raise AssertionError("dovecot did not answer")


class Postbox:
    """A running SMTP server and what it took; ``answer`` may refuse, ``drops_after_data`` takes and says nothing."""

    def __init__(self) -> None:
        self.taken: list[tuple[list[str], bytes]] = []
        self.answer = "250 OK"
        self.drops_after_data = False
        self.port = free_port()

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802 aiosmtpd calls it so
        """Take a mail, as aiosmtpd asks."""
        if self.answer.startswith("250"):
            self.taken.append((list(envelope.rcpt_tos), bytes(envelope.content)))
        if self.drops_after_data:
            server.transport.abort()
        return self.answer

    def mails(self) -> list[EmailMessage]:
        """Return the mails as a receiving program reads them."""
        return [message_from_bytes(raw, policy=policy.default) for _to, raw in self.taken]


@contextmanager
def run_smtp() -> Iterator[Postbox]:
    """Run an SMTP server on the loopback."""
    box = Postbox()
    controller = Controller(box, hostname="127.0.0.1", port=box.port)
    controller.start()
    try:
        yield box
    finally:
        controller.stop()
