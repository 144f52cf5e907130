"""Golden files: what each mall's order file becomes, to the last piece and coin."""

import json
from pathlib import Path
from typing import Any

import pytest
from django.core.files import File
from django.db.models import Sum

from catalog.models import ChannelKind, SalesChannel
from channels.services.formats import sync_formats
from core.imports.running import run_import
from core.imports.selectors import outcome_counts, reconciliation
from core.imports.services import preview, start_import, upload_file
from core.models import ImportBatch
from orders.models import LineKind, Order, OrderLine, OrderStatus

FOLDER = Path(__file__).resolve().parents[3] / "shared" / "data" / "channel-formats" / "rendered-orders"
pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(not FOLDER.exists(), reason="the rendered order files are not beside the checkout"),
]
MALLS = {
    "rakuten_orders.csv": (ChannelKind.RAKUTEN, "JPY", "JP", "Asia/Tokyo", "rakuten_orders"),
    "nextengine_upload.csv": (ChannelKind.OTHER, "JPY", "JP", "Asia/Tokyo", "nextengine_orders"),
    "naver_smartstore_orders.xlsx": (ChannelKind.NAVER, "KRW", "KR", "Asia/Seoul", "naver_orders"),
    "coupang_DeliveryList.xlsx": (ChannelKind.COUPANG, "KRW", "KR", "Asia/Seoul", "coupang_orders"),
    "amazon_jp_orders.txt": (ChannelKind.AMAZON, "JPY", "JP", "Asia/Tokyo", "amazon_jp_orders"),
    "shopify_orders_export.csv": (ChannelKind.SHOPIFY, "GBP", "GB", "Europe/London", "shopify_orders"),
}


def expected(name: str) -> dict[str, Any]:
    """Return what is true of the file."""
    return json.loads((FOLDER / "expected.json").read_text(encoding="utf-8"))[name]


def import_golden(name: str, **options: Any) -> ImportBatch:
    """Import a golden file as a user would: upload, look, start."""
    kind, currency, country, zone, _code = MALLS[name]
    channel, _made = SalesChannel.objects.get_or_create(
        code=kind, defaults={"name": kind, "kind": kind, "currency": currency, "country": country, "time_zone": zone}
    )
    sync_formats()
    with (FOLDER / name).open("rb") as file:
        batch = upload_file(
            target="orders.lines",
            file=File(file, name=name),
            options={"sales_channel": channel.pk, "create_missing_variants": True, **options},
            actor=None,
        )
    start_import(batch_id=batch.pk, actor=None)
    return run_import(batch_id=batch.pk)


def goods() -> Any:
    """Return the product lines."""
    return OrderLine.objects.filter(kind=LineKind.PRODUCT)


def gross(currency_digits: int = 0) -> int:
    """Return quantity times price of all product lines, in minor units."""
    return int(sum(line.quantity * line.unit_price for line in goods()) * 10**currency_digits)


@pytest.mark.parametrize("name", MALLS)
def test_counts_and_sums_are_exactly_those_of_the_file(name: str) -> None:
    wanted = expected(name)
    batch = import_golden(name)
    assert (batch.state, batch.problem) == ("done", None)
    assert batch.format is not None
    assert batch.format.code == MALLS[name][4]
    assert batch.unknown_columns == []
    assert outcome_counts(batch).get("refused") is None
    assert Order.objects.count() == wanted["orders"]
    assert goods().count() == wanted.get("lines", wanted.get("unique_box_option"))
    assert goods().aggregate(n=Sum("quantity"))["n"] == wanted.get("quantity", wanted.get("quantity_unique"))
    assert set(Order.objects.values_list("currency", flat=True)) == {wanted["currency"]}
    if (amount := wanted.get("goods_amount", wanted.get("goods_amount_unique"))) is not None:
        assert gross() == amount
    assert reconciliation(batch).agrees


@pytest.mark.parametrize("name", MALLS)
def test_the_same_file_again_creates_and_changes_nothing(name: str) -> None:
    import_golden(name)
    before = list(Order.objects.order_by("pk").values())
    lines = list(OrderLine.objects.order_by("pk").values())
    again = import_golden(name)
    assert set(outcome_counts(again)) <= {"unchanged", "repeated"}
    assert list(Order.objects.order_by("pk").values()) == before
    assert list(OrderLine.objects.order_by("pk").values()) == lines


def test_the_preview_keeps_nothing() -> None:
    name = "shopify_orders_export.csv"
    SalesChannel.objects.create(code="s", name="s", kind=ChannelKind.SHOPIFY, currency="GBP", country="GB")
    sync_formats()
    with (FOLDER / name).open("rb") as file:
        options = {"sales_channel": SalesChannel.objects.get().pk}
        batch = upload_file(target="orders.lines", file=File(file, name=name), options=options, actor=None)
    shown = preview(batch_id=batch.pk, actor=None)
    assert len(shown.rows) == 100
    assert shown.rows[0].outcome == "created"
    assert shown.rows[0].values["postcode"] == "62937"
    assert shown.refused_rows == []
    assert not Order.objects.exists()


def test_rakuten_cancelled_orders_are_cancelled_and_names_survive() -> None:
    import_golden("rakuten_orders.csv")
    assert (
        Order.objects.filter(status=OrderStatus.CANCELLED).count() == expected("rakuten_orders.csv")["cancelled_orders"]
    )
    first = Order.objects.get(external_number="200001-20110707-10001000")
    assert (first.buyer_name, first.recipient_kana, first.postcode) == ("齋藤 裕美子", "ミホン タロウ", "882-0056")
    assert (first.goods_total, first.total, first.to_check) == (21810, 21810, "")
    assert not Order.objects.filter(to_check__contains="total").exists()


def test_amazon_amounts_are_of_whole_lines() -> None:
    import_golden("amazon_jp_orders.txt")
    wanted = expected("amazon_jp_orders.txt")["item_price_total"]
    assert gross() == wanted
    assert goods().aggregate(n=Sum("total"))["n"] == wanted - 79 * 100
    assert OrderLine.objects.filter(kind=LineKind.SHIPPING).aggregate(n=Sum("total"))["n"] == 60 * 410


def test_shopify_totals_payments_and_refunds() -> None:
    import_golden("shopify_orders_export.csv")
    wanted = expected("shopify_orders_export.csv")
    assert Order.objects.aggregate(n=Sum("total"))["n"] == round(wanted["total"] * 100)
    assert Order.objects.filter(payments__kind="refund").distinct().count() == wanted["refunded_orders"]
    assert not Order.objects.filter(to_check__contains="total").exists()


def test_naver_states_are_of_lines() -> None:
    import_golden("naver_smartstore_orders.xlsx")
    states = expected("naver_smartstore_orders.xlsx")["by_status"]
    assert goods().filter(cancelled_count__gt=0).count() >= states["취소완료"]
    assert OrderLine.objects.filter(kind=LineKind.SHIPPING).aggregate(n=Sum("total"))["n"] == 60 * 3000


def test_coupang_repeats_and_two_boxes() -> None:
    batch = import_golden("coupang_DeliveryList.xlsx")
    wanted = expected("coupang_DeliveryList.xlsx")
    assert outcome_counts(batch)["repeated"] == wanted["repeated_rows"]
    boxes = {line.external_id.split("-")[0] for line in goods()}
    assert len(boxes) == wanted["shipment_boxes"]


def test_history_is_shipped_without_moving_stock() -> None:
    import_golden("rakuten_orders.csv", as_history=True)
    shipped = Order.objects.filter(status=OrderStatus.SHIPPED)
    assert shipped.count() > 0
    for order in shipped.prefetch_related("lines", "shipments"):
        assert order.shipments.count() == 1
        assert order.shipments.get().warehouse is None
        assert all(line.shipped_count == line.quantity for line in order.lines.all() if line.kind == LineKind.PRODUCT)
