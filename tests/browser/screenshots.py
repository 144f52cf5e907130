"""Makes docs/screenshots anew from a running demo shop: `make demo` in one terminal, then in another

    .venv/bin/python -m tests.browser.screenshots http://localhost:8000/ admin PASSWORD [--part fulfilment]

with the password that `make demo` printed. Two files are uploaded and looked at, nothing is imported or changed.
"""

import argparse
import os
import shutil
import sys
from collections.abc import Callable, Iterator
from itertools import chain
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, sync_playwright

from tests.browser.desk import ARGUMENTS, Desk

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "docs" / "screenshots"
EXAMPLE = ROOT / "channels" / "formats" / "examples" / "generic_orders.csv"
# a product that is known, one that is new, one whose category nobody knows
PRODUCTS = """code,name,brand,category,sku,weight_g
TOT001,Nakazaki Mini Leather Tote Bag II,MAEUM,,TOT001-CAM,540
NEW001,Harbour Linen Tote Bag,Slow Harbor,Bags > Tote bags,NEW001-NAV,420
NEW002,Harbour Linen Cap,Slow Harbor,Headgear,NEW002-NAV,120
"""
LANGUAGES = ("en", "ko", "ja")
WIDTHS = (1440, 390)


def pages_of_orders(desk: Desk) -> Iterator[str]:
    """Open the start page, orders, and the result of a file."""
    desk.open("/admin/")
    yield "dashboard"
    desk.open("/admin/orders/order/?tab=to_ship")
    yield "orders"
    desk.open("/admin/orders/order/?tab=partly_shipped")
    desk.open_row("O-")
    yield "order"
    desk.open("/admin/core/importbatch/?tab=done")
    desk.open_row("")
    yield "import-result"
    desk.open("/admin/inventory/stockitem/?tab=low")
    desk.open_row("")
    yield "stock-item"


def pages_of_work(desk: Desk) -> Iterator[str]:
    """Open the pages of tasks; the task and its proof are the first that wait for a decision."""
    for path, name in (("my-day", "my-day"), ("board", "board"), ("task-calendar", "task-calendar"), ("load", "load")):
        desk.open(f"/admin/{path}/")
        yield name
    desk.open("/admin/figures/tasks/")
    yield "task-figures"
    desk.open("/admin/staff/task/?tab=decide")
    desk.open_row("T-")
    yield "task"
    with desk.page.expect_navigation():
        desk.page.locator("a[href*='/proof/']").filter(visible=True).first.click()
    yield "proof"
    desk.open("/admin/staff/taskgroup/")
    desk.open_row("")
    yield "task-group"
    desk.open("/admin/staff/task/request/?kind=banner")
    yield "task-request"


def pages_of_stock(desk: Desk) -> Iterator[str]:
    """Open what explains stock, moves and counts it; the first of each list, an oversell that nobody decided yet."""
    desk.open("/admin/inventory/stockitem/?tab=held")
    desk.open_row("")
    for part, name in (("/stock/why/", "stock-why"), ("/stock/sellable/", "stock-sellable")):
        address = desk.page.locator(f"#content a[href*='{part}']").first.get_attribute("href")
        desk.open(str(address))
        yield name
    for path, name in (
        ("/admin/orders/oversell/", "oversell"),
        ("/admin/inventory/transfer/?tab=late", "transfer"),
        ("/admin/inventory/stocktake/?tab=to_review", "stocktake"),
    ):
        desk.open(path)
        desk.open_row("")
        yield name
    desk.open("/admin/inventory/stocktake/")
    desk.open_row("")
    desk.open(desk.page.url.replace("change/", "count/"))
    yield "count"
    desk.open("/admin/inventory/lot/")
    desk.open_row("L002")
    yield "lot"
    desk.open("/admin/figures/counting/")
    yield "count-figures"


def pages_of_buying(desk: Desk) -> Iterator[str]:
    """Open what refills stock: proposals, an order that came in part and its receipt, an invoice that differs."""
    desk.open("/admin/purchasing/reorder/")
    yield "reorder"
    desk.open("/admin/purchasing/purchaseorder/?tab=late")
    desk.open_row("PO-")
    yield "purchase-order"
    desk.open(desk.page.url.replace("change/", "receive/"))
    yield "receive"
    for path, name in (
        ("/admin/purchasing/goodsreceipt/?tab=waiting", "goods-receipt"),
        ("/admin/purchasing/supplierinvoice/", "supplier-invoice"),
        ("/admin/purchasing/supplier/", "supplier"),
        ("/admin/purchasing/forecast/", "forecast"),
    ):
        desk.open(path)
        desk.open_row("")
        yield name
    for path, name in (("stock-value", "stock-value"), ("stockhealth", "stock-health")):
        desk.open(f"/admin/purchasing/{path}/")
        yield name


def pages_of_goods(desk: Desk) -> Iterator[str]:
    """Open the pages of a product that is on sale, and the review of one that waits for its reviewer."""
    desk.open("/admin/catalog/product/")
    yield "products"
    desk.open_row("")
    product = desk.page.url.removesuffix("change/")
    yield "product"
    for path, name in (
        ("sellable/", "sellable"),
        ("options/", "options"),
        ("text/ko/0/", "product-text"),
        ("notices/", "notices"),
    ):
        desk.open(product + path)
        yield name
    desk.open("/admin/catalog/product/?tab=in_review")
    desk.open_row("")
    desk.open(desk.page.url.replace("change/", "review/"))
    yield "review"
    desk.open("/admin/catalog/grid/")
    yield "grid"
    desk.open("/admin/core/tableimport/?tab=done")
    desk.open_row("")
    yield "table-import"


def pages_of_prices(desk: Desk) -> Iterator[str]:
    """Open the pages of prices: one variant's history, what is planned, what waits, the change by rule."""
    desk.open("/admin/catalog/price/?tab=before")
    desk.open_row("")
    with desk.page.expect_navigation():
        desk.page.locator("#content a[href*='/prices/history/']").filter(visible=True).first.click()
    yield "price-history"
    for path, name in (("scheduled", "prices-scheduled"), ("rule", "price-rule")):
        desk.open(f"/admin/prices/{path}/")
        yield name
    desk.open("/admin/catalog/priceproposal/")
    yield "prices-to-approve"


def pages_of_fulfilment(desk: Desk) -> Iterator[str]:
    """Open what brings an order to the door and back, with its money: the first of each list that waits."""
    for path, name in (
        ("orders/packing", "packing"),
        ("shipping/due", "due-today"),
        ("shipping/waves/new", "new-wave"),
        ("shipping/carrier-files/new", "carrier-file"),
        ("accounting/profit", "profit"),
        ("returns/figures", "what-comes-back"),
        ("payments/bankdeposit", "deposits"),
        ("payments/refund", "refunds"),
        ("accounting/issueddocument", "documents"),
    ):
        desk.open(f"/admin/{path}/")
        yield name
    for path, name in (
        ("returns/returnrequest/", "return-case"),
        ("accounting/settlement/", "settlement"),
        ("compliance/legalclock/", "legal-deadline"),
    ):
        desk.open(f"/admin/{path}")
        desk.open_row("")
        yield name


def pages_of_customers(desk: Desk) -> Iterator[str]:
    """Open the inbox with a conversation, and what is known of customers; the first of each list."""
    desk.open("/admin/inbox/?view=open")
    yield "inbox"
    desk.open(f"/admin/inbox/{desk.page.locator('.inbox-rows a').first.get_attribute('href')}")
    yield "conversation"
    for path, name in (
        ("inbox/desk", "desk"),
        ("voice/figures", "voice"),
        ("voice/review", "reviews"),
        ("customers/patterns", "patterns"),
        ("crm/segment", "segments"),
        ("privacy/access", "access-log"),
        ("privacy/datarequest", "data-requests"),
        ("satisfaction", "satisfaction"),
    ):
        desk.open(f"/admin/{path}/")
        yield name
    desk.open("/admin/crm/duplicateproposal/")
    desk.open_row("")
    yield "duplicate"
    desk.open("/admin/customers/customer/")
    desk.open_row("")
    yield "customer"


def pages_of_malls(desk: Desk) -> Iterator[str]:
    """Open how malls are reached."""
    desk.open("/admin/channels/connection/")
    yield "connections"
    desk.open_row("")
    yield "connection"


PARTS: dict[str, Callable[[Desk], Iterator[str]]] = {
    "orders": pages_of_orders,
    "stock": pages_of_stock,
    "buying": pages_of_buying,
    "work": pages_of_work,
    "goods": pages_of_goods,
    "prices": pages_of_prices,
    "fulfilment": pages_of_fulfilment,
    "customers": pages_of_customers,
    "malls": pages_of_malls,
}


def preview_address(desk: Desk) -> str:
    """Upload the example of the generic format and return the address of its preview."""
    desk.open("/admin/core/importbatch/new/")
    page = desk.page
    page.set_input_files("input[type=file]", EXAMPLE)
    page.select_option("select[name=sales_channel]", index=1)
    with page.expect_navigation():
        page.locator("form[data-once] button[type=submit]").click()
    return page.url.replace("/change/", "/preview/")


def table_preview_address(desk: Desk) -> str:
    """Upload a file of products and return the address of its preview."""
    desk.open("/admin/catalog/product/import/")
    page = desk.page
    page.set_input_files(
        "input[name=file]", {"name": "products.csv", "mimeType": "text/csv", "buffer": PRODUCTS.encode()}
    )
    with page.expect_navigation():
        page.locator("form[data-once] button[type=submit]").click()
    return page.url


def speak(desk: Desk, language: str) -> None:
    """Switch the language of the account."""
    token = desk.page.locator("input[name=csrfmiddlewaretoken]").first.get_attribute("value")
    desk.context.request.post(
        "/i18n/setlang/",
        form={"language": language, "csrfmiddlewaretoken": str(token), "next": "/admin/"},
        headers={"Referer": desk.page.url},
    )


def shoot_all(browser: Browser, url: str, username: str, password: str, part: str) -> None:
    """Write every picture, or those of a part; the files of the previews are uploaded once."""
    preview, products = "", ""
    for language in LANGUAGES:
        for width in WIDTHS:
            desk = Desk(browser, url, width=width, locale=language)
            shoot = shooter(desk, f"{language}-{width}")
            desk.open("/admin/login/")
            shoot("login")
            desk.log_in(username, password)
            speak(desk, language)
            if not part:
                preview = preview or preview_address(desk)
                desk.open(preview)
                shoot("import-preview")
                products = products or table_preview_address(desk)
                desk.open(products)
                shoot("product-import-preview")
            for name in chain.from_iterable(PARTS[key](desk) for key in ([part] if part else PARTS)):
                shoot(name)
            desk.close()
            if desk.complaints:
                sys.stderr.write(f"{language} {width}: {desk.complaints}\n")


def shooter(desk: Desk, ending: str) -> Callable[[str], None]:
    """Return what takes a picture under a name and makes it small; rare colours, a red number say, stay themselves."""

    def shoot(name: str) -> None:
        path = FOLDER / f"{name}-{ending}.png"
        desk.shoot(path)
        with Image.open(path) as picture:
            small = picture.convert("RGB").quantize(256, Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE)
        small.save(path, optimize=True)

    return shoot


def main() -> None:
    """Read the command line and do it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name in ("url", "username", "password"):
        parser.add_argument(name)
    parser.add_argument("--part", choices=[*PARTS], default="", help="only these pages")
    asked = parser.parse_args()
    FOLDER.mkdir(parents=True, exist_ok=True)
    path = os.environ.get("CHROMIUM") or shutil.which("chromium") or "/usr/bin/chromium"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        shoot_all(browser, asked.url, asked.username, asked.password, asked.part)
        browser.close()


if __name__ == "__main__":
    main()
