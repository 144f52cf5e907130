"""A colleague's desk: one browser window, logged in, that notices what a person would complain about."""

import re
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Dialog, Page, expect

ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]
# Reported as console errors, so that they fail the test wherever they happen.
WATCH = """
document.addEventListener("securitypolicyviolation", (event) =>
  console.error("CSP: " + event.violatedDirective + " " + event.blockedURI + " " + event.sourceFile));
window.addEventListener("load", () => {
  const over = document.documentElement.scrollWidth - window.innerWidth;
  if (over > 0) console.error("wider than the window by " + over + " px: " + location.pathname);
});
"""
PATIENCE = 15_000  # milliseconds until a page counts as broken; nothing waits that long when all is well


class Desk:
    """A window of a colleague. ``width`` in CSS pixels; ``complaints`` collects the errors of the console."""

    def __init__(self, browser: Browser, base_url: str, *, width: int = 1440, locale: str = "en") -> None:
        self.context = browser.new_context(
            base_url=base_url,
            viewport={"width": width, "height": 900 if width > 500 else 844},
            locale=locale,
            timezone_id="Asia/Seoul",
            reduced_motion="reduce",
        )
        self.context.set_default_timeout(PATIENCE)
        self.context.add_init_script(WATCH)
        self.complaints: list[str] = []
        self.page = self.new_tab()

    def new_tab(self) -> Page:
        """Open another tab of the same login."""
        page = self.context.new_page()
        page.on("console", lambda said: self.complaints.append(said.text) if said.type == "error" else None)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("dialog", self._unexpected)
        return page

    def _unexpected(self, dialog: Dialog) -> None:
        self.complaints.append(f"the browser asked: {dialog.message}")
        dialog.accept()

    def close(self) -> None:
        """Close the window; raises nothing."""
        self.context.close()

    # --- what a person does

    def log_in(self, username: str, password: str = "good-password-1") -> None:
        """Log in through the form and arrive at the home page."""
        page = self.page
        page.goto("/admin/")
        page.fill("input[name=username]", username)
        page.fill("input[name=password]", password)
        page.press("input[name=password]", "Enter")
        page.wait_for_url("**/admin/")

    def open(self, path: str) -> None:
        """Go to an address of the site."""
        answer = self.page.goto(path)
        assert answer is not None
        assert answer.status == 200, f"{path} answered {answer.status}"

    def follow(self, name: str | re.Pattern[str], *, within: str = "#content") -> None:
        """Follow the first visible link or button with this name to another page."""
        scope = self.page.locator(within).first
        is_exact = isinstance(name, str)
        either = scope.get_by_role("link", name=name, exact=is_exact).or_(
            scope.get_by_role("button", name=name, exact=is_exact)
        )
        with self.page.expect_navigation():
            either.filter(visible=True).first.click()

    def open_row(self, title: str) -> None:
        """Open the row of the list whose link shows this text."""
        with self.page.expect_navigation():
            self.page.locator("#result_list tbody a").filter(has_text=title).first.click()

    def save(self) -> None:
        """Save the form of the open page; its answer is the same page with a reason, or the list."""
        with self.page.expect_navigation():
            self.page.locator("[name=_save]").filter(visible=True).first.click()

    def press(self, name: str, **answers: Any) -> None:
        """Press a button of a page that asks in a dialog, answer by field names, and wait for the sentence."""
        self.ask(name)
        self.answer(name, **answers)

    def ask(self, name: str) -> Any:
        """Press a button and return its open dialog."""
        buttons = self.page.locator(".page-head, .bulk-bar")
        buttons.get_by_role("link", name=name, exact=True).or_(
            buttons.get_by_role("button", name=name, exact=True)
        ).filter(visible=True).first.click()
        dialog = self.page.locator("dialog#dialog[open]")
        expect(dialog).to_be_visible()
        return dialog

    def answer(self, name: str, **answers: Any) -> None:
        """Fill the open dialog and send it."""
        dialog = self.page.locator("dialog#dialog[open]")
        for field, value in answers.items():
            box = dialog.locator(f"[name={field}]")
            if isinstance(value, bool):
                box.set_checked(value)
            else:
                box.fill(str(value))
        with self.page.expect_navigation():
            dialog.get_by_role("button", name=name, exact=True).click()

    def search(self, words: str) -> list[str]:
        """Search the open list and return the first cells of its rows; a list without hits returns nothing."""
        self.page.fill("#searchbar", words)
        with self.page.expect_navigation():
            self.page.press("#searchbar", "Enter")
        return self.first_cells()

    def first_cells(self) -> list[str]:
        """Return what the first column of the open list says, the first line of each cell."""
        return [text.split("\n")[0] for text in self.page.locator("#result_list tbody td a").all_inner_texts()]

    def upload(self, channel: str, name: str, content: bytes, **options: bool) -> None:
        """Bring a file in through the page for new imports and arrive at the page of the file."""
        self.open("/admin/core/importbatch/new/")
        page = self.page
        page.set_input_files("input[type=file]", {"name": name, "mimeType": "text/csv", "buffer": content})
        expect(page.locator("[data-drop-name]")).to_contain_text(name)
        page.select_option("select[name=sales_channel]", label=channel)
        for option, value in options.items():
            page.locator(f"[name={option}]").set_checked(value)
        self.follow("Upload")

    # --- what a person sees

    def sees(self, text: str | re.Pattern[str]) -> None:
        """Expect a visible text anywhere on the page."""
        expect(self.page.get_by_text(text).filter(visible=True).first).to_be_visible()

    def fact(self, label: str) -> str:
        """Return a value from the top of a row's page."""
        found = self.page.locator(".facts div").filter(has=self.page.get_by_text(label, exact=True)).locator("dd")
        return found.first.inner_text().strip()

    def kpi(self, title: str) -> str:
        """Return a number of the home page."""
        name = self.page.locator(".name").filter(has_text=re.compile(f"{re.escape(title)}$"))
        found = self.page.locator(".kpi").filter(has=name).locator(".value")
        return found.first.inner_text().strip()

    def fits(self) -> None:
        """Expect that nothing sticks out of the window sideways."""
        over = self.page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
        assert over <= 0, f"{self.page.url} is {over} px too wide"

    def fits_a_phone(self) -> None:
        """Expect the same of a window as narrow as a phone's."""
        size = self.page.viewport_size
        assert size is not None
        self.page.set_viewport_size({"width": 390, "height": 844})
        self.fits()
        self.page.set_viewport_size(size)

    def shoot(self, path: Path, *, full: bool = False) -> None:
        """Take a picture of the window."""
        self.page.wait_for_load_state("networkidle")
        self.page.screenshot(path=path, full_page=full)
