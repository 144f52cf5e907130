"""A real Chromium on a real server, and a small shop to work in."""

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest
from django.contrib.auth.models import Group
from django.core.management import call_command
from playwright.sync_api import Browser, sync_playwright

from channels.services.formats import sync_formats
from staff.models import Role, User
from tests.browser.desk import ARGUMENTS, Desk
from tests.factories import make_channel, make_stock, make_variant, make_warehouse

PASSWORD = "good-password-1"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark everything in this folder as a browser test on one worker."""
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.browser)
            item.add_marker(pytest.mark.xdist_group("browser"))


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """Start Chromium once; without one the tests are skipped, except where CI promises it."""
    path = os.environ.get("CHROMIUM") or shutil.which("chromium") or "/usr/bin/chromium"
    if not Path(path).exists():
        reason = f"no Chromium at {path}: apt-get install chromium fonts-noto-cjk, or name one in CHROMIUM"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture
def shop(transactional_db: None) -> SimpleNamespace:
    """Make roles, formats, two channels, two warehouses and three variants with stock."""
    call_command("sync_roles", verbosity=0)
    sync_formats()
    warehouse = make_warehouse(code="gimpo", name="Gimpo", rank=1)
    tee, bag, mug = (
        make_variant(sku=sku, name=name) for sku, name in [("TEE-M", "M"), ("BAG", ""), ("MUG-BLUE", "Blue")]
    )
    for variant, pieces in [(tee, 50), (bag, 20), (mug, 3)]:
        make_stock(variant, on_hand=pieces, warehouse=warehouse, low_at=2)
    return SimpleNamespace(
        seoul=make_channel(code="seoul", name="Seoul shop"),
        rakuten=make_channel(
            code="rakuten", name="Rakuten", kind="rakuten", currency="JPY", country="JP", time_zone="Asia/Tokyo"
        ),
        warehouse=warehouse,
        tee=tee,
        bag=bag,
        mug=mug,
    )


def make_colleague(username: str, *roles: Role, language: str = "en") -> User:
    """Make a person with roles and a password."""
    user = User(username=username, is_staff=True, language=language, first_name=username.title())
    user.set_password(PASSWORD)
    user.save()
    user.groups.set(Group.objects.filter(name__in=roles))
    return user


@pytest.fixture
def open_desk(
    chromium: Browser, shop: SimpleNamespace, live_server: object, run_tasks_at_once: None
) -> Iterator[Callable[..., Desk]]:
    """Return a function that opens a window of a new colleague; at the end nobody may have complained."""
    desks: list[Desk] = []

    def open_one(*roles: Role, width: int = 1440, language: str = "en") -> Desk:
        user = make_colleague(f"colleague{len(desks)}", *(roles or [Role.EC_MANAGER]), language=language)
        desk = Desk(chromium, live_server.url, width=width, locale=language)  # type: ignore[attr-defined]
        desks.append(desk)
        desk.log_in(user.username, PASSWORD)
        return desk

    yield open_one
    for desk in desks:
        desk.close()
    assert [complaint for desk in desks for complaint in desk.complaints] == []
