"""Real shops' history through the generic engine: every row accounted for, every penny."""

import csv
import io
import lzma
import tomllib
import zipfile
from collections import Counter, defaultdict
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.db.models import Sum

from catalog.models import SalesChannel
from core.imports.running import run_import
from core.imports.selectors import outcome_counts, reconciliation
from core.imports.services import set_mapping, start_import, upload_file
from core.models import ImportBatch, ImportRow
from orders.models import LineKind, Order, OrderLine, OrderStatus, Payment, Return, ReturnLine
from tests.factories import make_channel

DATA = Path(__file__).resolve().parents[3] / "shared" / "data"
RETAIL = DATA / "uci-online-retail" / "online_retail_2010-12_to_2011-08.csv.xz"
OLIST = DATA / "olist" / "olist_sample_8135_orders.zip"
LINES = 8_000  # the whole file takes a minute: benchmarks/imports.py does it
pytestmark = pytest.mark.django_db


def bring_in(content: str, definition: dict[str, Any], channel: SalesChannel, **options: Any) -> ImportBatch:
    """Upload a file, map its columns, import it."""
    batch = upload_file(
        target="orders.lines",
        file=ContentFile(content.encode(), name="history.csv"),
        options={"sales_channel": channel.pk, "as_history": True, "create_missing_variants": True, **options},
        actor=None,
    )
    set_mapping(batch_id=batch.pk, definition=definition, actor=None)
    start_import(batch_id=batch.pk, actor=None)
    return run_import(batch_id=batch.pk)


@pytest.mark.skipif(not RETAIL.exists(), reason="uci-online-retail is not beside the checkout")
class TestOnlineRetail:
    DEFINITION = tomllib.loads((Path(__file__).parent / "uci_online_retail.toml").read_text(encoding="utf-8"))

    def rows(self) -> list[dict[str, str]]:
        """Return the beginning of the real file, and its odd rows from later on."""
        with lzma.open(RETAIL, "rt", encoding="utf-8") as file:
            everything = list(csv.DictReader(file))
        odd = [row for row in everything[LINES:] if row["InvoiceNo"][0] == "A" or row["StockCode"].startswith("gift_")]
        chosen = {row["InvoiceNo"] for row in odd}
        return everything[:LINES] + [row for row in everything[LINES:] if row["InvoiceNo"] in chosen]

    def content(self, rows: list[dict[str, str]]) -> str:
        """Return rows as CSV."""
        file = io.StringIO()
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
        return file.getvalue()

    def test_every_row_and_penny_is_accounted_for(self) -> None:
        rows = self.rows()
        channel = make_channel(currency="GBP", country="GB", time_zone="Europe/London")
        batch = bring_in(self.content(rows), self.DEFINITION, channel)
        assert batch.state == "done"

        def pennies(row: dict[str, str]) -> int:
            exact = int(row["Quantity"]) * Decimal(row["UnitPrice"])
            return int((exact * 100).quantize(Decimal(1), ROUND_HALF_UP))

        kinds: dict[str, list[dict[str, str]]] = defaultdict(list)
        for row in rows:
            is_nobodys_gift = Decimal(row["UnitPrice"]) == 0 and not row["CustomerID"]
            if row["InvoiceNo"][0] == "A" or (
                row["InvoiceNo"][0] != "C" and (int(row["Quantity"]) < 0 or is_nobodys_gift)
            ):
                kinds["refused"].append(row)
            elif row["InvoiceNo"][0] == "C":
                kinds["return"].append(row)
            elif row["StockCode"] in {"POST", "DOT", "C2", "M", "m", "S", "D", "AMAZONFEE", "BANK CHARGES", "CRUK"}:
                kinds["service"].append(row)
            else:
                kinds["service" if row["StockCode"].startswith("gift_") else "line"].append(row)
        found = reconciliation(batch)
        assert found.agrees
        assert {one.kind: one.rows_out for one in found.lines} == {kind: len(some) for kind, some in kinds.items()}
        assert found.money("GBP") == (sum(map(pennies, rows)),) * 2
        sold = sum(map(pennies, kinds["line"] + kinds["service"]))
        assert OrderLine.objects.aggregate(n=Sum("total"))["n"] == Order.objects.aggregate(n=Sum("total"))["n"] == sold
        assert ReturnLine.objects.aggregate(n=Sum("total"))["n"] == -sum(map(pennies, kinds["return"]))
        invoices = {row["InvoiceNo"] for row in kinds["line"] + kinds["service"]}
        assert set(Order.objects.values_list("external_number", flat=True)) == invoices
        assert Return.objects.count() == len({row["InvoiceNo"] for row in kinds["return"]})
        assert outcome_counts(batch) == {"created": len(rows) - len(kinds["refused"]), "refused": len(kinds["refused"])}

    def test_returns_are_tied_to_earlier_orders_only(self) -> None:
        channel = make_channel(currency="GBP", country="GB", time_zone="Europe/London")
        bring_in(self.content(self.rows()), self.DEFINITION, channel)
        tied = ReturnLine.objects.filter(order_line__isnull=False).select_related("record", "order_line__order")
        assert tied.count() > 5
        for one in tied:
            assert one.order_line.order.placed_at <= one.record.returned_at
            assert one.order_line.order.customer_id == one.record.customer_id
            assert one.order_line.sku == one.sku
        back: Counter[int] = Counter()
        for one in tied:
            back[one.order_line_id] += one.quantity
        assert dict(OrderLine.objects.filter(returned_count__gt=0).values_list("pk", "returned_count")) == dict(back)

    def test_shuffled_and_overlapping_files_make_the_same_books(self) -> None:
        rows = self.rows()[:4_000]
        channel = make_channel(currency="GBP", country="GB", time_zone="Europe/London")
        bring_in(self.content(rows), self.DEFINITION, channel)
        before = books(channel)
        overlapping = bring_in(self.content(rows[1_000:][::-1]), self.DEFINITION, channel)
        assert set(outcome_counts(overlapping)) == {"unchanged", "refused"}
        assert books(channel) == before
        other = make_channel(currency="GBP", country="GB", time_zone="Europe/London")
        bring_in(self.content(rows[:2_111]), self.DEFINITION, other)  # cut in the middle of an order
        bring_in(self.content(rows[1_500:][::-1]), self.DEFINITION, other)
        assert books(other) == before


def books(channel: SalesChannel) -> Any:
    """Return what stands in the tables of one channel, without the ids that we gave."""
    orders = Order.objects.filter(sales_channel=channel).order_by("external_number")
    lines = OrderLine.objects.filter(order__sales_channel=channel)
    back = ReturnLine.objects.filter(record__sales_channel=channel)
    counters = ("shipped_count", "returned_count")
    return (
        list(orders.values_list("external_number", "status", "placed_at", "total", "line_count", "country")),
        sorted(lines.values_list("order__external_number", "sku", "quantity", "total", *counters)),
        sorted(
            map(str, back.values_list("record__external_number", "sku", "total", "order_line__order__external_number"))
        ),
    )


@pytest.mark.skipif(not OLIST.exists(), reason="olist is not beside the checkout")
class TestOlist:
    """Nine tables joined here, since the file's licence (CC BY-NC-SA) keeps it out of the repository."""

    DEFINITION = {
        "fields": {
            "external_number": "order_id",
            "placed_at": "order_purchase_timestamp",
            "order_state": "order_status",
            "shipped_at": "order_delivered_carrier_date",
            "ship_by": "shipping_limit_date",
            "line_id": "order_item_id",
            "sku": "product_id",
            "name": "product_category_name",
            "unit_price": "price",
            "line_shipping": "freight_value",
            "payment_id": "payment_sequential",
            "payment_kind": "payment_type",
            "payment_amount": "payment_value",
            "customer_code": "customer_unique_id",
            "postcode": "customer_zip_code_prefix",
            "city": "customer_city",
            "region": "customer_state",
        },
        "constants": {"currency": "BRL", "country": "BR", "quantity": "1"},
        "time_zone": "America/Sao_Paulo",
        "values": {
            "order_state": {
                "delivered": "delivered",
                "shipped": "shipped",
                "canceled": "cancelled",
                "unavailable": "cancelled",
                "invoiced": "open",
                "processing": "open",
                "approved": "open",
                "created": "unpaid",
            }
        },
    }

    @staticmethod
    def tables() -> dict[str, list[dict[str, str]]]:
        """Return the tables by name."""
        with zipfile.ZipFile(OLIST) as archive:
            return {
                Path(name).name.removeprefix("olist_").removesuffix("_dataset.csv"): list(
                    csv.DictReader(io.StringIO(archive.read(name).decode()))
                )
                for name in archive.namelist()
                if name.endswith(".csv")
            }

    def joined(self) -> str:
        """Return one file: items and payments of an order side by side, so that each row has at most one of either."""
        tables = self.tables()
        people = {row["customer_id"]: row for row in tables["customers"]}
        products = {row["product_id"]: row for row in tables["products"]}
        items, payments = defaultdict(list), defaultdict(list)
        for row in tables["order_items"]:
            items[row["order_id"]].append(
                {**row, "product_category_name": products[row["product_id"]]["product_category_name"]}
            )
        for row in tables["order_payments"]:
            payments[row["order_id"]].append(row)
        columns = [str(column) for column in self.DEFINITION["fields"].values()]  # type: ignore[attr-defined]
        file = io.StringIO()
        writer = csv.DictWriter(file, columns, extrasaction="ignore", restval="")
        writer.writeheader()
        for order in tables["orders"]:
            mine, paid = items[order["order_id"]], payments[order["order_id"]]
            for place in range(max(len(mine), len(paid), 1)):
                item = mine[place] if place < len(mine) else {}
                payment = paid[place] if place < len(paid) else {}
                writer.writerow({**order, **people[order["customer_id"]], **item, **payment})
        return file.getvalue()

    def test_all_orders_payments_and_customers_come_in(self) -> None:
        tables = self.tables()
        channel = make_channel(currency="BRL", country="BR", time_zone="America/Sao_Paulo")
        batch = bring_in(self.joined(), self.DEFINITION, channel)
        assert outcome_counts(batch) == {"created": batch.row_count}
        assert Order.objects.count() == 8135
        assert Order.objects.filter(lines=None).count() == 775
        assert OrderLine.objects.filter(kind=LineKind.PRODUCT).count() == 8365

        def cents(name: str, column: str) -> int:
            return int(sum(Decimal(row[column]) for row in tables[name]) * 100)

        goods = OrderLine.objects.filter(kind=LineKind.PRODUCT).aggregate(n=Sum("total"))["n"]
        freight = OrderLine.objects.filter(kind=LineKind.SHIPPING).aggregate(n=Sum("total"))["n"]
        assert (goods, freight) == (cents("order_items", "price"), cents("order_items", "freight_value"))
        paid = [row for row in tables["order_payments"] if Decimal(row["payment_value"])]
        assert Payment.objects.count() == len(paid)
        assert Payment.objects.aggregate(n=Sum("amount"))["n"] == cents("order_payments", "payment_value")
        states = Counter(row["order_status"] for row in tables["orders"])
        assert Order.objects.filter(status=OrderStatus.CANCELLED).count() == states["canceled"] + states["unavailable"]
        buyers = {row["customer_unique_id"] for row in tables["customers"]}
        assert Order.objects.values("customer").distinct().count() == len(buyers)
        assert reconciliation(batch).agrees

    def test_again_changes_nothing(self) -> None:
        channel = make_channel(currency="BRL", country="BR", time_zone="America/Sao_Paulo")
        content = self.joined()
        content = "".join(content.splitlines(keepends=True)[:2_000])
        bring_in(content, self.DEFINITION, channel)
        before = books(channel), Payment.objects.count()
        again = bring_in(content, self.DEFINITION, channel)
        assert outcome_counts(again) == {"unchanged": ImportRow.objects.filter(batch=again).count()}
        assert (books(channel), Payment.objects.count()) == before
