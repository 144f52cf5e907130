"""Order files whose worker dies: what was written stays, the rest follows, nothing twice."""

from collections.abc import Callable
from contextlib import nullcontext
from typing import Any

import pytest
from django.db import OperationalError, connection
from psycopg.errors import LockNotAvailable

from catalog.models import SalesChannel
from channels.services.formats import sync_formats
from core.imports import running, services, staging
from core.models import ImportRow
from orders.models import Order, OrderLine, Shipment
from tests.factories import make_channel, make_variant
from tests.orders.intake_files import bring_in, row, text, upload

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _formats() -> None:
    sync_formats()


@pytest.fixture
def channel() -> SalesChannel:
    """A shop in won."""
    return make_channel(currency="KRW", country="KR")


class Killed(BaseException):
    """As good as kill -9: nothing catches it."""


class TestKilled:
    def rows(self) -> list[dict[str, str]]:
        """Return 60 orders of 3 lines, shuffled over the file."""
        rows = [row(str(number), sku=f"S{line}") for line in range(3) for number in range(60)]
        return [rows[(place * 7) % len(rows)] for place in range(len(rows))]

    def books(self) -> Any:
        """Return what stands in the tables, without ids that depend on the way."""
        lines = OrderLine.objects.values_list("order__external_number", "external_id", "quantity", "total")
        return (
            sorted(Order.objects.values_list("external_number", "status", "total", "line_count")),
            sorted(lines),
            Shipment.objects.count(),
        )

    @pytest.mark.parametrize("survived", range(6))
    def test_a_rerun_ends_like_a_clean_run(
        self, channel: SalesChannel, monkeypatch: pytest.MonkeyPatch, survived: int
    ) -> None:
        monkeypatch.setattr(staging, "CHUNK_ROWS", 8)
        make_variant(sku="S0")
        bring_in(self.rows(), make_channel(), as_history=True)
        clean = self.books()
        self.empty()
        batch = upload(text(self.rows()), channel, as_history=True)
        services.start_import(batch_id=batch.pk, actor=None)
        with monkeypatch.context() as patch:
            self.kill_after(patch, survived)
            with pytest.raises(Killed):
                running.run_import(batch_id=batch.pk)
        assert all(len(lines) == 3 for lines in self.lines_by_order().values())
        done = running.run_import(batch_id=batch.pk)
        assert (done.state, done.counts) == ("done", {"created": 180})
        assert self.books() == clean
        assert running.run_import(batch_id=batch.pk).counts == {"created": 180}

    def kill_after(self, patch: pytest.MonkeyPatch, survived: int) -> None:
        """Die at the end of a chunk, before its outcomes are noted."""
        note: Callable[..., None] = running._note
        left = iter(range(survived, -1, -1))

        def dying(*arguments: Any) -> None:
            if not next(left):
                raise Killed
            note(*arguments)

        patch.setattr(running, "_note", dying)

    def empty(self) -> None:
        """Forget the orders."""
        with connection.cursor() as cursor:
            cursor.execute("DELETE FROM orders_shipmentline")
            cursor.execute("DELETE FROM orders_shipment")
            cursor.execute("DELETE FROM orders_orderline")
            cursor.execute("DELETE FROM orders_order")

    def lines_by_order(self) -> dict[int, list[int]]:
        """Return line ids by order."""
        found: dict[int, list[int]] = {}
        for order, line in OrderLine.objects.values_list("order_id", "pk"):
            found.setdefault(order, []).append(line)
        return found

    def test_while_staging(self, channel: SalesChannel, monkeypatch: pytest.MonkeyPatch) -> None:
        batch = upload(text(self.rows()), channel)
        services.start_import(batch_id=batch.pk, actor=None)
        monkeypatch.setattr(staging, "COPY_ROWS", 50)
        copy, left = staging._copy, iter([True, False])

        def dying(*arguments: Any) -> None:
            if not next(left, True):
                raise Killed
            copy(*arguments)

        with monkeypatch.context() as patch:
            patch.setattr(staging, "_copy", dying)
            with pytest.raises(Killed):
                running.run_import(batch_id=batch.pk)
        assert ImportRow.objects.filter(batch=batch).count() == 50
        assert running.run_import(batch_id=batch.pk).counts == {"created": 180}


@pytest.mark.parametrize(("times", "state"), [(3, "done"), (10, "importing")])
def test_a_chunk_that_waited_too_long_is_run_anew(
    channel: SalesChannel, monkeypatch: pytest.MonkeyPatch, times: int, state: str
) -> None:
    batch = upload(text([row("1")]), channel)
    services.start_import(batch_id=batch.pk, actor=None)
    run_chunk, left = running._run_chunk, iter(range(times))

    def waiting(*arguments: Any) -> int:
        if next(left, None) is None:
            return run_chunk(*arguments)
        raise OperationalError from LockNotAvailable()

    monkeypatch.setattr(running, "_run_chunk", waiting)
    with nullcontext() if state == "done" else pytest.raises(OperationalError):
        running.run_import(batch_id=batch.pk)
    batch.refresh_from_db()
    assert batch.state == state
