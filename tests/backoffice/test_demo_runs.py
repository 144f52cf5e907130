"""The demo shop is filled the same way twice, grows, leaves others alone, and says its logins."""

import io
import json
import re
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import transaction

from backoffice.demo import fill as filling
from backoffice.demo.fill import fill
from backoffice.demo.scale import grow
from backoffice.management.commands import demo
from catalog.models import (
    Product,
)
from core.models import CommandKey
from core.verify import verify
from customers.models import Customer
from inventory.models import (
    StockMovement,
)
from orders.models import Order
from staff.models import Role, User
from tests.backoffice.demo_shop import NOW, SIZE, fill_small, ignore, picture_of_data
from tests.factories import make_variant

pytestmark = pytest.mark.xdist_group("demo")


@pytest.mark.django_db
def test_the_same_moment_gives_the_same_shop_even_after_a_kill(media: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with transaction.atomic():
        fill_small()
        expected = picture_of_data()
        transaction.set_rollback(True)
    calls = []

    def die_in_the_third_fortnight(*args: Any, **kwargs: Any) -> None:
        calls.append(1)
        live(*args, **kwargs)
        if len(calls) == 3:
            raise KeyboardInterrupt

    live = filling.live_through
    with monkeypatch.context() as patch:
        patch.setattr(filling, "live_through", die_in_the_third_fortnight)
        with pytest.raises(KeyboardInterrupt):
            fill_small()
    said: list[str] = []
    fill(orders=SIZE, now=NOW + timedelta(hours=5), say=said.append, is_quiet=True)
    assert picture_of_data() == expected
    assert said[0] == "the demo shop is half-filled from an earlier run; going on where it ended."


@pytest.mark.django_db(transaction=True)
def test_growing_copies_the_past_and_breaks_no_rule(media: Path) -> None:
    begin = fill_small()
    before = (Order.objects.count(), StockMovement.objects.count(), Customer.objects.count())
    grow(begin=begin, scale=3, say=ignore, is_quiet=True)
    assert Order.objects.count() == before[0] + 2 * SIZE
    assert StockMovement.objects.count() == before[1]
    assert Customer.objects.count() > before[2]
    copies = Order.objects.filter(external_number__regex=r"-\d$").exclude(external_number__startswith="TEL")
    assert copies.count() == 2 * SIZE
    assert set(copies.values_list("status", flat=True)) <= {"shipped", "cancelled"}
    assert all(order.number.lower() in order.search_text for order in copies)
    assert [finding.invariant.name for finding in verify() if not finding.holds] == []
    grow(begin=begin, scale=3, say=ignore, is_quiet=True)
    assert Order.objects.count() == before[0] + 2 * SIZE


@pytest.mark.django_db
def test_data_of_somebody_else_is_left_alone(media: Path) -> None:
    make_variant()
    with pytest.raises(CommandError, match="holds data that is not the demo's"):
        fill_small()
    assert Product.objects.count() == 1
    assert not CommandKey.objects.exists()


@pytest.mark.django_db
def test_json_is_one_object_with_a_login_per_role(media: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(demo, "prepare", lambda: sys.stdout.write("noise"))
    monkeypatch.setattr(demo, "embedded_cluster", lambda: None)
    out = io.StringIO()
    call_command("demo", "--json", "--orders", "150", "--port", "8123", stdout=out)
    answer = json.loads(out.getvalue())
    assert answer["url"] == "http://localhost:8123/"
    assert [login["role"] for login in answer["logins"]] == list(Role.values)
    [login] = [login for login in answer["logins"] if login["role"] == "warehouse"]
    assert (login["username"], login["language"]) == ("warehouse", "ja")
    assert User.objects.get(username="warehouse").check_password(login["password"])
    User.objects.filter(username="cs").update(password="!")
    out = io.StringIO()
    call_command("demo", "--no-serve", "--orders", "150", stdout=out)
    assert f"Password of all demo logins: {login['password']}" in out.getvalue()
    assert re.search(r"^  cs +cs agent +ja +\(password changed\)$", out.getvalue(), re.MULTILINE)


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--orders", "10"], "--orders must be 150 or more"),
        (["--scale", "0"], "--scale must lie between 1 and 50"),
        (["--port", "x"], "'x' is not a port"),
    ],
)
def test_impossible_wishes_are_refused_before_anything_starts(arguments: list[str], sentence: str) -> None:
    with pytest.raises(CommandError, match=re.escape(sentence)):
        call_command("demo", "--no-serve", *arguments)


def test_never_in_production(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "PRODUCTION", True)
    with pytest.raises(CommandError, match="not for production"):
        call_command("demo", "--json")
