"""From whom the shop buys: suppliers with their price lists, and purchase orders on their way."""

import csv
import io
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from django.core.files.base import ContentFile
from django.utils import timezone

from catalog.models import Price, Variant
from core.models import TableImportState
from core.money import Currency, to_decimal
from core.resources.runs import read_import, run_now, upload_table
from inventory.models import Warehouse
from purchasing.admin.resources import PriceListResource
from purchasing.models import ApprovalLimit, ExchangeRate, PriceBreak, Supplier, SupplierItem
from purchasing.selectors.terms import order_quantity
from purchasing.services import (
    OrderLine,
    approve_purchase_order,
    cancel_purchase_order,
    confirm_purchase_order,
    create_purchase_order,
    create_supplier,
    mark_purchase_order_sent,
    submit_purchase_order,
)
from staff.models import User

# code, name, country, registration number, language, currency, lead days, minimum order (major units)
SUPPLIERS = (
    ("hanbit", "한빛상사", "KR", "999-80-12343", "ko", "KRW", 5, 100_000),
    ("dongbaek", "동백무역", "KR", "999-81-12340", "ko", "KRW", 9, 200_000),
    ("narae", "나래패션", "KR", "999-82-12347", "ko", "KRW", 12, 300_000),
    ("mirinae", "미리내생활", "KR", "999-83-12344", "ko", "KRW", 7, 0),
    ("gaon", "가온푸드", "KR", "999-84-12341", "ko", "KRW", 4, 150_000),
    ("saebyeok", "새벽유통", "KR", "999-85-12348", "ko", "KRW", 3, 0),
    ("akebono", "あけぼの商店", "JP", "6999990123456", "ja", "JPY", 14, 30_000),
    ("minato", "みなと貿易", "JP", "5999991123456", "ja", "JPY", 18, 50_000),
    ("hidamari", "ひだまり工房", "JP", "4999992123456", "ja", "JPY", 21, 0),
    ("bluecrane", "Blue Crane Trading", "CN", "", "en", "CNY", 35, 3_000),
    ("lotusway", "Lotus Way Textiles", "CN", "", "en", "USD", 40, 500),
    ("oakfield", "Oakfield Goods", "GB", "", "en", "GBP", 28, 250),
)
RATES = {"JPY": "9.25", "CNY": "190", "USD": "1380", "GBP": "1750"}  # won for one unit
LIMITS = {"KRW": 1_000_000, "JPY": 100_000, "USD": 70_000, "CNY": 500_000, "GBP": 60_000}  # minor units
COST_SHARE = 45  # percent of the price in the shop
PACKS = (1, 6, 10, 12, 20)
# what becomes of the orders, in turn: how far, days from now on which goods are expected, pieces of packs
ORDERS = (
    ("confirmed", 6, 4), ("sent", -3, 3), ("draft", None, 2), ("to_approve", None, 30), ("sent", 12, 6),
    ("confirmed", 2, 5), ("approved", None, 2), ("draft", None, 4), ("sent", 20, 4), ("cancelled", None, 3),
    ("to_approve", None, 40), ("confirmed", -1, 3), ("sent", 9, 5), ("approved", None, 1), ("confirmed", 15, 2),
)  # fmt: skip


def open_suppliers(*, actor: User) -> None:
    """Register the suppliers, import one price list for all, and set rates and limits."""
    for code, name, country, number, language, currency, days, minimum in SUPPLIERS:
        create_supplier(
            values={
                "code": code, "name": name, "country": country, "registration_number": number, "language": language,
                "currency": currency, "lead_days": days, "minimum_amount": minimum * _hundred(currency),
                "email": f"orders@{code}.example.com", "payment_days": 30,
                "may_order_automatically": code == "saebyeok",
            },
            actor=actor,
        )  # fmt: skip
    today = timezone.localdate()
    for currency, rate in RATES.items():
        ExchangeRate.objects.create(currency=currency, starts_on=today - timedelta(days=400), rate=rate)
    for currency, amount in LIMITS.items():
        ApprovalLimit.objects.create(currency=currency, amount=amount)
    _import(_price_list(), actor)


def _hundred(currency: str) -> int:
    return int(1 / to_decimal(1, currency))


def _price_list() -> list[list[Any]]:
    """Give what each supplier sells: most variants at one, every seventh at two."""
    prices = dict(Price.objects.filter(currency=Currency.KRW).order_by("pk").values_list("variant_id", "amount"))
    starts = (timezone.localdate() - timedelta(days=200)).isoformat()
    rows: list[list[Any]] = []
    variants = Variant.objects.order_by("product_id", "pk").values_list("pk", "product_id", "sku")
    ranks: dict[int, int] = {}
    for place, (pk, product, sku) in enumerate(variants):
        rank = ranks.setdefault(product, len(ranks))  # not the id: the same moment gives the same shop
        if place % 17 == 16 or pk not in prices:
            continue  # nobody is known for it
        sources = [rank % len(SUPPLIERS)] + ([(rank + 5) % len(SUPPLIERS)] if place % 7 == 0 else [])
        for source in sources:
            rows += _breaks(source, sku, prices[pk], place, starts, is_preferred=source == sources[0])
    return rows


def _breaks(source: int, sku: str, price: int, place: int, starts: str, *, is_preferred: bool) -> list[list[Any]]:
    code, *_rest, currency, _days, _minimum = SUPPLIERS[source]
    pack = PACKS[place % len(PACKS)]
    cost = price * COST_SHARE / 100 / float(RATES.get(currency, 1))
    digits = 2 if _hundred(currency) == 100 else 0
    return [
        [code, sku, f"{code[:2].upper()}-{place:05d}", pack, pack, int(is_preferred), first, starts,
         f"{cost * share:.{digits}f}"]
        for first, share in ((1, 1.0), (pack * 10, 0.93))
    ]  # fmt: skip


def _import(rows: Sequence[Sequence[Any]], actor: User) -> None:
    text = io.StringIO()
    head = ["supplier", "sku", "code", "pack_size", "minimum", "is_preferred", "from_quantity", "starts_on", "price"]
    csv.writer(text).writerows([head, *rows])
    file = ContentFile(text.getvalue().encode("utf-8-sig"), name="price-lists.csv")
    row = upload_table(model="purchasing.supplieritem", file=file, encoding="", format_code="", options={}, actor=actor)
    row = run_now(
        table_import_id=row.pk,
        resource=PriceListResource(user=actor),
        read=read_import,
        title=f"Price lists: {row.filename}",
        kind="core.table_import",
        actor=actor,
    )
    if row.state != TableImportState.DONE or not PriceBreak.objects.exists():
        raise RuntimeError(f"the price lists of the demo were not imported: {row.state} {row.error}")


def order_goods(*, team: Mapping[str, User]) -> None:
    """Draft purchase orders at all suppliers and bring each as far as its turn says."""
    suppliers = list(Supplier.objects.order_by("pk"))
    warehouses = {one.country: one.pk for one in Warehouse.objects.order_by("-rank")}
    for turn, (state, due, packs) in enumerate(ORDERS):
        supplier = suppliers[turn % len(suppliers)]
        lines = _lines(supplier, turn, packs)
        if lines:
            place = warehouses.get("JP" if supplier.currency == "JPY" else "KR") or next(iter(warehouses.values()))
            _order(supplier, place, lines, state, due, team)


def _lines(supplier: Supplier, turn: int, packs: int) -> list[OrderLine]:
    items = SupplierItem.objects.filter(supplier=supplier).order_by("pk")[turn : turn + 3 + turn % 5]
    return [
        OrderLine(variant_id=item.variant_id, quantity=order_quantity(item, packs * item.pack_size * (1 + n % 3)))
        for n, item in enumerate(items)
    ]


def _order(
    supplier: Supplier,
    warehouse: int,
    lines: Sequence[OrderLine],
    state: str,
    due: int | None,
    team: Mapping[str, User],
) -> None:
    buyer, chief = team["merchandiser"], team["manager"]
    order = create_purchase_order(
        supplier_id=supplier.pk,
        warehouse_id=warehouse,
        lines=lines,
        expected_on=None if due is None else timezone.localdate() + timedelta(days=due),
        actor=buyer,
    )
    if state == "draft":
        return
    order = submit_purchase_order(order_id=order.pk, actor=buyer)
    if state == "to_approve":
        return
    if order.state == "to_approve":
        approve_purchase_order(order_id=order.pk, actor=chief)
    if state in {"sent", "confirmed"}:
        mark_purchase_order_sent(order_id=order.pk, actor=chief)
    if state == "confirmed":
        confirm_purchase_order(order_id=order.pk, reference=f"SO-{4000 + order.pk}", actor=chief)
    if state == "cancelled":
        cancel_purchase_order(order_id=order.pk, reason="중복 발주", actor=chief)
