"""Every page of the admin's own is led to: a page that no link, button or script names is no page for anybody."""

import re
from itertools import chain

from tests.architecture.house import APPS, ROOT

REGISTERED = re.compile(r'register_page\(\s*"([^"]*)",\s*name="(\w+)"')
BY_PATH = {"orders_postcode", "staff_task_calendar_move"}  # scripts ask for these beside the page's own address


def test_every_page_is_named_where_somebody_can_press_it():
    folders = [*(ROOT / app for app in APPS), ROOT / "templates", ROOT / "backoffice"]
    paths = {path for folder in folders for path in chain(folder.rglob("*.py"), folder.rglob("*.html"))}
    texts = [path.read_text(encoding="utf-8") for path in paths]
    pages = {name for text in texts for _path, name in REGISTERED.findall(text)}
    named = re.findall(r"\w+", re.sub(REGISTERED, "", "\n".join(texts)))
    assert len(pages) > 100
    assert pages - set(named) == BY_PATH
