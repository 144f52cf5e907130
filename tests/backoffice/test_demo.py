"""The demo shop: believable, with something to do in every list, and no rule broken."""

import random
import re
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction
from django.db.models import Count, F
from django.utils import timezone

from accounting.models import IssuedDocument
from backoffice.demo.fates import status_of
from backoffice.demo.fill import fill
from backoffice.demo.plan import Begin, make_plan
from backoffice.demo.retiming import retime
from catalog.checking import Severity, run_checks
from catalog.models import (
    Attribute,
    AttributeKind,
    Certificate,
    CodeKind,
    Collection,
    FormerName,
    Listing,
    ListingState,
    MediaFile,
    Price,
    PriceProposal,
    Product,
    ProductStatus,
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
from orders.models import Order, OrderStatus, Oversell, Return
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
from tests.backoffice.demo_shop import NOW, SIZE, fill_small, picture_of_data, told_by_channels
from tests.staff.making import make_colleague, make_started_task

pytestmark = pytest.mark.xdist_group("demo")


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


def test_papers_of_both_countries_are_issued(shop: Begin) -> None:
    kinds = set(IssuedDocument.objects.values_list("kind", flat=True))
    assert kinds >= {"invoice", "receipt", "tax_invoice", "cash_receipt"}


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
    orders = told_by_channels().exclude(external_number__startswith="TEL-").values_list("status", "shipped_at")
    # one of those to ship is packed at the moment of filling
    assert Counter("to_ship" if left and left > NOW else status for status, left in orders) == planned


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
    assert [phone for phone in phones if not re.fullmatch(r"0(10|80|502)-0000-\d{4}|0800-000-\d{4}", phone)] == []


def test_filling_again_changes_nothing(shop: Begin) -> None:
    before = (picture_of_data(), StockMovement.objects.count(), CommandKey.objects.count())
    said: list[str] = []
    assert fill(orders=SIZE, now=NOW + timedelta(days=3), say=said.append, is_quiet=True) == shop
    assert fill(orders=SIZE + 1, now=NOW, say=said.append, is_quiet=True) == shop
    assert (picture_of_data(), StockMovement.objects.count(), CommandKey.objects.count()) == before
    assert said == [f"the demo shop has {SIZE} orders already; it stays as it is."]


def test_broken_goods_went_back_and_one_return_is_credited(shop: Begin) -> None:
    states = Counter(SupplierReturn.objects.values_list("state", flat=True))
    assert states == {"credited": 1, "sent": 1, "draft": 2}
    assert SupplierReturn.objects.get(state="credited").credit > 0
