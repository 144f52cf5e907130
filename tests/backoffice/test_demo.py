"""The demo shop: believable, the same twice, filled once, never in production."""

import io
import json
import random
import re
import sys
from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import transaction
from django.db.models import Count, F
from django.test import override_settings
from django.utils import timezone

from backoffice.demo import fill as filling
from backoffice.demo.fates import OFFICE, status_of
from backoffice.demo.fill import fill
from backoffice.demo.plan import Begin, make_plan
from backoffice.demo.retiming import retime
from backoffice.demo.scale import grow
from backoffice.management.commands import demo
from catalog.checking import Severity, run_checks
from catalog.models import (
    Attribute,
    AttributeKind,
    AttributeValue,
    Certificate,
    CodeKind,
    Collection,
    FormerName,
    Listing,
    ListingState,
    MediaFile,
    NoticeAnswer,
    Price,
    PriceProposal,
    Product,
    ProductStatus,
    ProductText,
    Review,
    ReviewComment,
    SalesChannel,
    Variant,
    VariantCode,
    VariantOption,
    Verdict,
)
from catalog.selectors.claims import Verdict as Claim
from catalog.selectors.claims import proofs_of
from catalog.services import judge_all_listings
from core.models import CommandKey, Delivery, EventRecord, ImportBatch, ImportState, TableImport
from core.verify import verify
from customers.models import Customer
from inventory.models import (
    EntryKind,
    HoldKind,
    Lot,
    SerialNumber,
    SerialState,
    StockHold,
    StockItem,
    StockMovement,
)
from inventory.selectors.lots import lot_deliveries
from orders.models import Order, OrderLine, OrderStatus, Oversell, Payment, Return, Shipment
from purchasing.models import (
    GoodsReceipt,
    GoodsReceiptLine,
    InspectionState,
    InvoiceState,
    LandedCost,
    PurchaseOrder,
    PurchaseState,
    StockHealth,
    Supplier,
    SupplierInvoice,
    SupplierReturn,
    VariantValue,
)
from purchasing.models import Verdict as Verdicts
from purchasing.selectors.matching import match_invoice
from purchasing.selectors.performance import supplier_performance
from purchasing.services import value_movements
from staff.models import Role, TimeEntry, User
from tests.factories import make_variant
from tests.staff.making import make_colleague, make_started_task

pytestmark = pytest.mark.xdist_group("demo")
NOW = datetime(2026, 11, 18, 14, 30, tzinfo=OFFICE)  # a Wednesday afternoon
SIZE = 150


def ignore(_sentence: str) -> None:
    """Say nothing."""


def fill_small(now: datetime = NOW) -> Begin:
    return fill(orders=SIZE, now=now, say=ignore, is_quiet=True)


def picture_of_data() -> dict[str, list[Any]]:
    """Return what the shop is, without the ids, pictures' names and times that the database gives."""
    return {
        "orders": list(
            Order.objects.order_by("number").values_list(
                "number",
                "external_number",
                "status",
                "to_check",
                "placed_at",
                "confirmed_at",
                "shipped_at",
                "total",
                "paid_total",
                "buyer_name",
                "search_text",
            )
        ),
        "lines": list(
            OrderLine.objects.order_by("order__number", "position").values_list(
                "sku", "quantity", "total", "variant__sku"
            )
        ),
        "parcels": list(Shipment.objects.order_by("number").values_list("number", "tracking_number", "shipped_at")),
        "payments": list(Payment.objects.order_by("order__number", "pk").values_list("kind", "amount", "paid_at")),
        "returns": list(Return.objects.order_by("number").values_list("number", "total", "returned_at")),
        "goods": list(Variant.objects.order_by("sku").values_list("sku", "barcode", "search_text")),
        "prices": list(  # what is planned counts from the moment of filling
            Price.objects.filter(starts_at__lte=NOW)
            .order_by("variant__sku", "sales_channel__code", "starts_at")
            .values_list("amount", "starts_at", "list_price", "cost")
        ),
        "said": list(
            AttributeValue.objects.exclude(attribute__kind="file")
            .order_by("product__code", "variant__sku", "attribute__code", "choice__code")
            .values_list("product__code", "variant__sku", "text", "number", "flag", "day", "choice__code")
        ),
        "told": list(NoticeAnswer.objects.order_by("product__code", "field_id").values_list("product__code", "text")),
        "texts": list(
            ProductText.objects.order_by("product__code", "language", "sales_channel__code").values_list(
                "title", "description", "slug"
            )
        ),
        "states": list(Product.objects.order_by("code").values_list("code", "status", "tags", "replaced_by__code")),
        "listings": list(
            Listing.objects.order_by("product__code", "sales_channel__code").values_list("product__code", "state")
        ),
        "stock": list(
            StockItem.objects.order_by("variant__sku", "warehouse__code").values_list("on_hand", "reserved", "low_at")
        ),
        "people": list(Customer.objects.order_by("search_text").values_list("name", "kana", "search_text")),
    }


@pytest.fixture(scope="module")
def media(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    folder = tmp_path_factory.mktemp("media")
    with override_settings(MEDIA_ROOT=folder):
        yield folder


@pytest.fixture(scope="module")
def shop(django_db_setup: None, django_db_blocker: Any, media: Path) -> Iterator[Begin]:
    """One filled shop for the tests that only look at it; rolled back at the end."""
    with django_db_blocker.unblock(), transaction.atomic():
        yield fill_small()
        transaction.set_rollback(True)


def test_every_work_list_has_something_to_do(shop: Begin) -> None:
    counts = Counter(Order.objects.values_list("status", flat=True))
    assert {status for status in OrderStatus if counts[status] < 2} == set()
    assert Order.objects.late().count() >= 3
    assert {code for order in Order.objects.filter(status="new") for code in order.to_check.split(",")} == {
        "unknown_sku",
        "no_address",
        "total",
    }
    assert StockItem.objects.filter(low_at__gt=0, on_hand__lte=4).exists()
    assert ImportBatch.objects.filter(state=ImportState.REFUSED, row_count=0).count() == 1
    assert Return.objects.exists()


def test_the_imported_file_tells_what_became_of_each_row(shop: Begin) -> None:
    batch = ImportBatch.objects.get(state=ImportState.DONE)
    assert batch.counts["refused"] == batch.rows.filter(raw__contains=["두 개"]).count() >= 1
    assert batch.counts["created"] == batch.row_count - batch.counts["refused"]


def test_opening_counts_owe_nothing_to_orders_that_are_not_there_yet(shop: Begin) -> None:
    opened = StockMovement.objects.filter(entry__kind=EntryKind.OPENING, on_hand_change__gt=0)
    replenished = EventRecord.objects.filter(name="inventory.stock_replenished")
    owed = Delivery.objects.filter(record__in=replenished).values("record").distinct().count()  # to each subscriber
    assert opened.count() > 100
    assert owed == replenished.count() - opened.count()
    assert owed > 0


def test_every_invariant_holds(shop: Begin) -> None:
    assert [finding.invariant.name for finding in verify() if not finding.holds] == []


@pytest.mark.django_db
def test_work_of_the_past_spends_nobodys_time_twice() -> None:
    """The full shop has sixty such tasks, so that some meet; the small one of these tests has none."""
    worker = make_colleague("designer")
    for minutes in (0, 0, 15):  # the same chance each time: the same task twice, and one a quarter of an hour later
        start = NOW - timedelta(days=9) + timedelta(minutes=minutes)
        retime(make_started_task(worker=worker), start=start, rng=random.Random(1))
    first, second = TimeEntry.objects.filter(user=worker).order_by("started_at")
    assert second.started_at == first.ended_at
    assert second.ended_at == first.ended_at + timedelta(minutes=15)
    assert [finding.holds for finding in verify(names=["staff.time_is_spent_once"])] == [True]


def test_the_plan_came_true(shop: Begin) -> None:
    planned = Counter(status_of(order) for order in make_plan(shop).orders)
    assert sum(planned.values()) == SIZE
    found = Counter(Order.objects.exclude(external_number__startswith="TEL-").values_list("status", flat=True))
    assert found == planned


def test_one_colleague_for_each_role_reads_their_own_language(shop: Begin) -> None:
    users = {user.groups.get().name: user for user in User.objects.all()}
    assert set(users) == set(Role.values)
    assert {user.language for user in users.values()} == {"en", "ko", "ja"}
    assert all(user.is_staff and not user.is_superuser for user in users.values())


def test_products_speak_three_languages_and_show_a_picture(shop: Begin) -> None:
    product = Product.objects.order_by("code").first()
    assert {text.language for text in product.texts.all()} == {"en", "ko", "ja"}
    assert not Product.objects.filter(status="active", image_path="").exists()
    kinds = set(MediaFile.objects.values_list("format", "width", "height"))
    assert {(name.lower(), *size) for name, *size in kinds} == {("webp", 480, 480), ("jpeg", 2048, 2048)}


def test_every_state_of_products_listings_and_reviews_is_there(shop: Begin) -> None:
    assert set(Product.objects.values_list("status", flat=True)) == set(ProductStatus)
    assert set(Listing.objects.values_list("state", flat=True)) == set(ListingState)
    assert set(Review.objects.values_list("verdict", flat=True)) == set(Verdict)
    assert not Listing.objects.filter(state="paused", reason="").exists()
    assert Product.objects.filter(status="ended").exclude(replaced_by=None).exists()
    done = Counter(at is not None for at in ReviewComment.objects.values_list("done_at", flat=True))
    assert min(done[True], done[False]) >= 2
    sold = Listing.objects.filter(state="live").values("product").annotate(count=Count("pk")).filter(count__gt=1)
    assert 0.75 < sold.count() / Product.objects.count() < 0.95


def test_nobody_judged_his_own_product(shop: Begin) -> None:
    for review in Review.objects.exclude(decided_by=None).exclude(verdict="withdrawn").select_related("product"):
        assert review.decided_by_id not in {review.submitted_by_id, review.product.author_id}
        assert review.decided_at > review.submitted_at


def test_most_of_what_is_live_lacks_nothing_and_some_does(shop: Begin) -> None:
    channels = list(SalesChannel.objects.all())
    assert {channel.language for channel in channels} == {"ko", "ja"}
    live = set(Listing.objects.filter(state="live").values_list("product_id", "sales_channel_id"))
    products = list(Product.objects.filter(pk__in={product for product, _channel in live}))
    errors = [found for found in run_checks(products, channels) if found.severity == Severity.ERROR]
    wrong = {
        found.product_id for found in errors if found.channel_id is None or (found.product_id, found.channel_id) in live
    }
    assert 0 < len(wrong) < len(products) * 0.2
    assert {"notice", "certificate"} <= {found.check for found in errors}


def test_what_speaks_against_selling_is_known_from_the_first_minute(shop: Begin) -> None:
    problems = {tuple(row.problems) for row in Listing.objects.filter(state=ListingState.LIVE)}
    assert judge_all_listings() == 0
    assert len(problems) > 1


def test_every_kind_of_attribute_says_something(shop: Begin) -> None:
    said = Attribute.objects.filter(values__isnull=False).values_list("kind", flat=True)
    assert set(said) == set(AttributeKind)
    assert VariantOption.objects.values("variant").distinct().count() > Variant.objects.count() * 0.9
    assert not VariantOption.objects.filter(axis__name="Colour", value__colour="").exists()


def test_prices_before_are_proved_and_some_prices_wait(shop: Begin) -> None:
    shown = list(
        Price.objects.filter(compare_at__isnull=False, starts_at__lte=NOW).select_related("variant", "sales_channel")
    )
    verdicts = Counter(proof.verdict for proof in proofs_of(shown).values())
    assert verdicts[Claim.PROVABLE] == len(shown) > 0
    assert not Price.objects.filter(cost=None, starts_at__lte=NOW).exists()
    assert {row.requested_by_id is not None for row in PriceProposal.objects.filter(state="waiting")} == {True}
    assert Price.objects.filter(starts_at__gt=timezone.now() + timedelta(days=8)).exists()


def test_goods_are_found_by_codes_collections_and_former_names(shop: Begin) -> None:
    assert set(VariantCode.objects.values_list("kind", flat=True)) == set(CodeKind)
    filled = set(Collection.objects.filter(product_count__gt=0).values_list("code", flat=True))
    assert len(filled) >= Collection.objects.count() - 1
    assert FormerName.objects.filter(product__name__endswith="(2nd edition)").exists()
    assert Variant.objects.exclude(components=None).exists()


def test_certificates_end_soon_and_one_is_over(shop: Begin) -> None:
    today = timezone.localdate()
    assert Certificate.objects.filter(expires_on__lt=today).count() == 1
    assert Certificate.objects.filter(expires_on__range=(today, today + timedelta(days=30))).exists()


def test_tables_were_imported_and_taken_back(shop: Begin) -> None:
    states = {row.filename: (row.state, row.counts.get("refused")) for row in TableImport.objects.all()}
    assert states == {
        "price-lists.csv": ("done", 0),
        "supplier-weights.csv": ("done", 3),
        "weights-in-mg.csv": ("undone", 0),
        "weights-next-week.csv": ("preview", None),
    }


def test_every_trouble_of_buying_is_there(shop: Begin) -> None:
    assert set(PurchaseOrder.objects.values_list("state", flat=True)) == set(PurchaseState)
    assert PurchaseOrder.objects.filter(lines__received__gt=F("lines__quantity"), state="received").exists()
    assert set(GoodsReceiptLine.objects.values_list("inspection", flat=True)) == set(InspectionState)
    assert GoodsReceiptLine.objects.filter(damaged__gt=0).exists()
    assert GoodsReceiptLine.objects.filter(refused__gt=0).exists()
    assert GoodsReceiptLine.objects.exclude(lot=None).values("lot").distinct().count() == 2
    assert GoodsReceipt.objects.exclude(undone_at=None).count() == 1
    assert set(LandedCost.objects.values_list("kind", "basis")) == {("freight", "value"), ("duty", "quantity")}
    states = set(SupplierInvoice.objects.values_list("state", flat=True))
    assert states == set(InvoiceState) - {InvoiceState.OPEN}  # nobody sees that one: it is compared at once
    differing = [match_invoice(invoice=one) for one in SupplierInvoice.objects.filter(state="differs")]
    assert {row.quantity_differs for match in differing for row in match.rows} == {True, False}
    assert {row.price_differs for match in differing for row in match.rows} == {True, False}


def test_suppliers_are_judged_by_what_they_delivered(shop: Begin) -> None:
    found = [supplier_performance(supplier_id=one.pk) for one in Supplier.objects.all()]
    assert all(one.orders >= 4 and None not in {one.on_time, one.complete, one.good} for one in found)
    assert {one.on_time == 100 for one in found} == {one.complete == 100 for one in found} == {True, False}
    assert [one for one in found if one.late_days]


def test_what_stock_is_worth_is_known_but_for_some(shop: Begin) -> None:
    assert value_movements() == 0
    known = Counter(VariantValue.objects.filter(quantity__gt=0).values_list("is_complete", flat=True))
    assert 0 < known[False] < known[True] // 20
    assert not VariantValue.objects.filter(quantity__gt=0, is_complete=True, fifo_value=0).exists()
    assert set(StockHealth.objects.values_list("verdict", flat=True)) == set(Verdicts)


def test_a_lot_was_called_back_and_pieces_have_numbers(shop: Begin) -> None:
    lot = Lot.objects.get(number="L002")
    assert sum(one.pieces for one in lot_deliveries(lot_id=lot.pk)) == 4
    hold = StockHold.objects.get(lot=lot, kind=HoldKind.QUARANTINE)
    assert hold.held == lot.shelves.get().quantity > 0
    states = set(SerialNumber.objects.values_list("state", flat=True))
    assert states == {SerialState.IN_STOCK, SerialState.SHIPPED, SerialState.GONE}
    assert StockHold.objects.filter(kind=HoldKind.EXPIRY, released=0).exists()
    assert Oversell.objects.filter(closed_at=None).exists()


def test_nobody_can_be_reached(shop: Begin) -> None:
    reserved = r".+@(example\.(com|net|org|jp|co\.jp)|mail\.example)"
    emails = set(Order.objects.exclude(buyer_email="").values_list("buyer_email", flat=True))
    assert [email for email in emails if not re.fullmatch(reserved, email)] == []
    phones = set(Order.objects.exclude(buyer_phone="").values_list("buyer_phone", flat=True))
    assert [phone for phone in phones if not re.fullmatch(r"0(10|80|502)-0000-\d{4}", phone)] == []


def test_filling_again_changes_nothing(shop: Begin) -> None:
    before = (picture_of_data(), StockMovement.objects.count(), CommandKey.objects.count())
    said: list[str] = []
    assert fill(orders=SIZE, now=NOW + timedelta(days=3), say=said.append, is_quiet=True) == shop
    assert fill(orders=SIZE + 1, now=NOW, say=said.append, is_quiet=True) == shop
    assert (picture_of_data(), StockMovement.objects.count(), CommandKey.objects.count()) == before
    assert said == [f"the demo shop has {SIZE} orders already; it stays as it is."]


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


def test_broken_goods_went_back_and_one_return_is_credited(shop: Begin) -> None:
    states = Counter(SupplierReturn.objects.values_list("state", flat=True))
    assert states == {"credited": 1, "sent": 1, "draft": 2}
    assert SupplierReturn.objects.get(state="credited").credit > 0
