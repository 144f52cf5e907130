"""A mail that carries scripts in every field is read by a colleague, and nothing of it ever runs."""

import re
from email.message import EmailMessage
from typing import Any

from django.test import Client
from playwright.sync_api import Dialog, Page, Request, expect

from service.models import AsideMail, Attachment, Message, Ticket
from service.services.intake.mails import take_mail
from service.services.taking import Incoming, take_message
from staff.models import Role, User
from tests.service.making import make_inlet

RUN = "console.log(7357);top.owned=1;alert(1)"  # the console hears every frame
PAYLOADS = (  # two in one field, so that each fits into the shortest
    f'<script>{RUN}</script>"><img src=x onerror="{RUN}">',
    f"'><svg/onload={RUN}><iframe srcdoc='<script>{RUN}</script>'></iframe>",
    f'<p x-data x-init="{RUN}" hx-on:load="{RUN}" hx-get="/" hx-trigger="load">{{{{constructor("{RUN}")()}}}}',
    f"javascript:{RUN}//</textarea></title></style><script>{RUN}</script>",
)
LAYOUT = (
    "<style>@import url(https://track.example/x.css); body{background:url(https://track.example/b.png)}</style>"
    f'<a href="javascript:{RUN}" id="trap">Press here</a><a href="data:text/html,<script>{RUN}</script>">or here</a>'
    '<img src="https://track.example/pixel.png"><img src="//track.example/two.png">'
    f'<form action="https://track.example/"><button>Log in</button></form><math><mtext><script>{RUN}</script>'
    f'<noscript><p title="</noscript><img src=x onerror={RUN}>"></noscript>'
    f"<object data='data:text/html,<script>{RUN}</script>'></object><base href='https://track.example/'>"
    f"<meta http-equiv='refresh' content='0;url=javascript:{RUN}'><link rel=stylesheet href='https://track.example/'>"
)


def hostile(number: int, payload: str) -> bytes:
    """Write a mail with the payload wherever a mail has words."""
    mail = EmailMessage()
    mail["From"] = f'"{payload.replace(chr(34), chr(39))}" <x{number}@mail.example>'
    mail["To"], mail["Subject"] = "help@shop.example", payload
    mail["Message-ID"] = f"<{number}@mail.example>"
    mail["In-Reply-To"] = "<" + re.sub(r"[<>\s]", "", payload)[:80] + "@x>"
    mail.set_content(payload)
    mail.add_alternative(LAYOUT + payload, subtype="html")
    mail.add_attachment(b"GIF89a" + payload.encode(), "image", "gif", filename=f"{payload}.gif")
    mail.add_attachment(f"<html>{payload}".encode(), "text", "html", filename=f"{payload}.html")
    return mail.as_bytes()


def take_all() -> None:
    """Let the mails come in, one of them by a machine, and the same words by other ways."""
    inlet = make_inlet(name="Help")
    for number, payload in enumerate(PAYLOADS):
        assert take_mail(inlet_id=inlet.pk, raw=hostile(number, payload)).message is not None
    take_mail(inlet_id=inlet.pk, raw=b"Auto-Submitted: auto-replied\r\n" + hostile(99, PAYLOADS[0]))
    for payload in PAYLOADS:  # what comes by other ways is shown on the same pages
        incoming = Incoming(
            external_id=payload[:100] + "x", subject=payload, body=payload, html=payload, sender_name=payload,
            sender_address=payload, order_number=payload[:80], tags=[payload[:40]],
        )  # fmt: skip
        take_message(inlet_id=inlet.pk, incoming=incoming)


def listen(page: Page) -> tuple[list[str], list[str]]:
    """Return two lists that fill with what a page runs of the mails, and with what it fetches from outside."""
    ran: list[str] = []
    outside: list[str] = []

    def dismiss(dialog: Dialog) -> None:
        ran.append(dialog.message)
        dialog.dismiss()

    def note(request: Request) -> None:
        # what the page's policy refuses has not left; any other failure has tried to
        if "track.example" in request.url and request.failure != "csp":
            outside.append(request.url)

    page.on("dialog", dismiss)
    page.on("console", lambda line: ran.append(line.text) if line.text == "7357" else None)
    page.on("requestfinished", note)
    page.on("requestfailed", note)
    return ran, outside


def test_nothing_that_a_mail_carries_ever_runs(open_desk: Any, shop: Any) -> None:
    take_all()
    desk = open_desk(Role.CS_LEAD)
    page = desk.page
    ran, outside = listen(page)

    def unharmed(path: str) -> None:
        answer = page.goto(path)
        assert answer is not None
        assert answer.status == 200, path
        assert (ran, outside) == ([], []), path

    for ticket in Ticket.objects.order_by("pk"):
        unharmed(f"/admin/inbox/?view=all&ticket={ticket.pk}")
        layout = page.locator(".thread-html summary", has_text="As it was laid out")
        if layout.count():
            layout.first.click()
            frame = page.frame_locator(".thread-html iframe").first
            expect(frame.locator("body")).to_be_attached()
    unharmed("/admin/service/ticket/")
    unharmed(f"/admin/service/ticket/{Ticket.objects.earliest('pk').pk}/change/")
    unharmed("/admin/service/asidemail/")
    unharmed(f"/admin/service/asidemail/{AsideMail.objects.get().pk}/change/")
    unharmed("/admin/search/?q=owned")
    for message in Message.objects.exclude(html=""):
        unharmed(f"/admin/inbox/message/{message.pk}/")

    client = Client()  # the test's web server would hand out files by itself
    client.force_login(User.objects.get(username="colleague0"))
    for attachment in Attachment.objects.all():
        answer = client.get(f"/files/{attachment.file.name}")
        assert answer.headers["Content-Disposition"].startswith("attachment")
        assert answer.headers["Content-Type"] == "application/octet-stream"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert "sandbox" in answer.headers["Content-Security-Policy"]
    page.goto("/admin/inbox/")
    page.evaluate("console.log(7357)")
    assert ran == ["7357"]  # what runs is heard
    # the sandbox says so itself: scripts and pictures from elsewhere stay away; a bare document asks for an icon
    said = ("sandbox", "Content Security", "(Not Found)")
    desk.complaints[:] = [one for one in desk.complaints if not any(words in one for words in said)]
