"""A visitor on a phone and a colleague at a desk talk through a page of another site."""

import threading
from collections.abc import Callable, Iterator
from datetime import time
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from chat.models import Conversation
from service.models import Message, Ticket
from staff.models import Role, WorkCalendar, WorkingHours
from tests.browser.desk import Desk
from tests.chat.making import make_widget

PAGE = """<!doctype html><html lang="{language}"><head><meta name="viewport" content="width=device-width">
<title>Shop</title><style>button, p, h2 {{ display: none !important; color: red }}</style></head>
<body><h1>Hanok Shop</h1><script src="{base}/static/chat/widget.js" data-chat="shop" async></script></body></html>"""


class _Site(BaseHTTPRequestHandler):
    def __init__(self, base: str, *args: Any) -> None:
        self.base = base
        super().__init__(*args)

    def do_GET(self) -> None:
        language = self.path.strip("/") or "en"
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.end_headers()
        self.wfile.write(PAGE.format(base=self.base, language=language).encode())

    def log_message(self, *_args: Any) -> None:
        """Say nothing."""


@pytest.fixture
def site(live_server: Any) -> Iterator[str]:
    """Serve a page of another site on the loopback; return its origin."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Site, live_server.url))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def always() -> WorkCalendar:
    """Return a calendar of a shop that never closes."""
    calendar = WorkCalendar.objects.create(code="always", name="Always")
    for day in range(7):
        WorkingHours.objects.create(calendar=calendar, weekday=day, opens_at=time(0), closes_at=time(23, 59, 59))
    return calendar


def visit(chromium: Browser, url: str, *, width: int = 390) -> Page:
    """Open the page as somebody on a phone."""
    page = chromium.new_context(viewport={"width": width, "height": 780}, locale="en").new_page()
    page.set_default_timeout(15_000)
    page.goto(url)
    return page


def test_a_visitor_and_a_colleague_talk(open_desk: Callable[..., Desk], chromium: Browser, site: str) -> None:
    make_widget(origins=[site], calendar=always(), greeting="Ask us anything")
    visitor = visit(chromium, site)
    visitor.get_by_role("button", name="Chat with us").click()
    panel = visitor.get_by_role("dialog", name="Hanok Shop")
    expect(panel.get_by_text("Ask us anything")).to_be_visible()
    panel.get_by_label("Name", exact=True).fill("Mina")
    panel.get_by_label("Your message").fill("Is it <b>waterproof</b>? <img src=x onerror=alert(1)>")
    panel.get_by_role("checkbox").check()
    panel.get_by_role("button", name="Begin the chat").click()
    expect(panel.locator(".lines .theirs p")).to_have_text("Is it <b>waterproof</b>? <img src=x onerror=alert(1)>")

    ticket = Ticket.objects.get()
    desk = open_desk(Role.CS_LEAD)
    desk.open(f"/admin/inbox/?view=all&ticket={ticket.pk}")
    desk.page.fill("#reply-body", "Yes, to 30 m. <script>alert(2)</script>")
    with desk.page.expect_navigation():
        desk.page.locator("#write-reply button.primary").click()
    answer = panel.locator(".lines .ours p")
    expect(answer).to_have_text("Yes, to 30 m. <script>alert(2)</script>", timeout=30_000)

    visitor.reload()  # the conversation is kept by the browser
    visitor.get_by_role("button", name="Chat with us").click()
    expect(answer).to_be_visible()
    panel.get_by_label("Your message").fill("Thank you!")
    panel.get_by_label("Your message").press("Enter")
    expect(panel.locator(".lines .theirs")).to_have_count(2)
    desk.open(f"/admin/inbox/?view=all&ticket={ticket.pk}")
    expect(desk.page.locator("#thread li.inbound").last).to_contain_text("Thank you!")
    assert (Message.objects.count(), Conversation.objects.get().said_count) == (3, 2)
    assert visitor.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    visitor.context.close()


def test_a_site_that_is_not_named_shows_no_chat(live_server: Any, shop: Any, chromium: Browser, site: str) -> None:
    make_widget(calendar=always())
    visitor = visit(chromium, site)
    with visitor.expect_event("requestfailed", lambda request: "/chat/shop/" in request.url):
        visitor.reload()
    expect(visitor.get_by_role("button", name="Chat with us")).to_have_count(0)
    visitor.context.close()
