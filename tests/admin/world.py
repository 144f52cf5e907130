"""One row of every kind that has a page, so that every page can be opened."""

from datetime import time, timedelta
from typing import Any

from django.apps import apps
from django.contrib.auth.models import Group
from django.contrib.contenttypes.models import ContentType
from django.core.files.base import ContentFile
from django.db.models import Model
from django.utils import timezone
from django_celery_beat.models import IntervalSchedule, PeriodicTask

from catalog.models import (
    Attribute,
    Category,
    CategoryMapping,
    Collection,
    Price,
    PriceProposal,
    Product,
    ProductImage,
    ProductText,
    ProductType,
    VariantCode,
)
from compliance.models import CertificateKind, LegalClock, LegalRule, NoticeType, PriceClaimRule
from core.imports.services import upload_file
from core.models import Delivery, EventRecord, Heartbeat, ImportFormat, ImportRow, Job, Sequence, TableImport
from customers.models import Customer, Identity
from inventory.models import (
    Assembly,
    Bin,
    CountPlan,
    Lot,
    Reservation,
    SerialNumber,
    StockAlert,
    StockHold,
    StockIncident,
    StockPolicy,
    Stocktake,
    StocktakeLine,
    Transfer,
    Warehouse,
)
from orders.models import (
    Allocation,
    CancelPenalty,
    ChannelHandling,
    HoldRule,
    Order,
    OrderHold,
    OrderLine,
    OrderMessage,
    Oversell,
    Payment,
    Return,
    ReturnLine,
    Shipment,
    ShipmentLine,
)
from purchasing.models import (
    ApprovalLimit,
    DemandDay,
    DemandEvent,
    ExchangeRate,
    Forecast,
    GoodsReceipt,
    MatchTolerance,
    PurchaseBudget,
    PurchaseOrder,
    ReorderProposal,
    ReorderRule,
    StockHealth,
    Supplier,
    SupplierInvoice,
    SupplierItem,
    SupplierReturn,
    VariantValue,
)
from returns.models import ReturnCharge, ReturnReason, ReturnRequest, ReturnRule, StepMessage
from staff.models import (
    CreativeSlot,
    Leave,
    Notification,
    RecurringTask,
    Task,
    TaskGroup,
    TaskTemplate,
    User,
    Webhook,
    WorkCalendar,
    WorkProfile,
)
from tests.accounting.making import fill_papers, fill_settlements
from tests.admin.world_of_service import make_asked, make_connected
from tests.admin.world_of_shipping import make_carried
from tests.crm.world import fill_relations
from tests.factories import make_channel, make_stock, make_user, make_warehouse
from tests.payments.making import fill_money
from tests.privacy.making import fill_requests


def fill(*, owner: User) -> None:
    """Make one row of every kind; jobs and files belong to ``owner``."""
    make_user(username="colleague")
    _system(owner)
    make_warehouse()
    item = make_stock()
    transfer = Transfer.objects.create(
        number="TR-9000001", source=item.warehouse, destination=make_warehouse(), state="draft"
    )
    transfer.lines.create(variant=item.variant, quantity=1)
    Assembly.objects.create(number="K-9000001", kind="kit", bundle=item.variant, warehouse=item.warehouse, quantity=1)
    channel = make_channel()
    _goods(item.variant, channel)
    _bought(item.variant)
    customer = Customer.objects.create(name="Kim Minjun")
    Identity.objects.create(customer=customer, kind="email", value="minjun@example.com")
    _documents(item, channel, customer)
    _shortages(item, Order.objects.get(number="O-9000001"), owner)
    make_asked()
    make_connected(channel)
    fill_money(Order.objects.get(number="O-9000001"))
    fill_relations(owner)
    fill_requests(owner, customer)
    fill_papers(Order.objects.get(number="O-9000001"), item.variant.product)
    fill_settlements(Order.objects.get(number="O-9000001"))
    _pieces(item)
    _counts(item)
    _demand(item, channel)
    _file(channel)
    _work(owner)
    _people()
    _law()


def _pieces(item: Any) -> None:
    """What lies where: a released hold, because the counters are not written by hand."""
    lot = Lot.objects.create(variant=item.variant, number="L-1", expires_on=timezone.localdate())
    place = Bin.objects.create(warehouse=item.warehouse, code="A-01")
    StockHold.objects.create(stock_item=item, kind="display", quantity=1, released=1, lot=lot, bin=place)
    SerialNumber.objects.create(variant=item.variant, number="SN-1", state="gone")
    StockPolicy.objects.create(variant=item.variant)


def _counts(item: Any) -> None:
    CountPlan.objects.create(warehouse=item.warehouse, abc="A", every_days=30)
    stocktake = Stocktake.objects.create(number="C-9000001", warehouse=item.warehouse, scope="all", state="counting")
    StocktakeLine.objects.create(stocktake=stocktake, stock_item=item)


def _demand(item: Any, channel: Any) -> None:
    Forecast.objects.create(variant=item.variant, method="none", starts_on=timezone.localdate())
    DemandDay.objects.create(
        variant=item.variant, sales_channel=channel, day=timezone.localdate() - timedelta(days=3), pieces=2
    )
    DemandEvent.objects.create(name="Sale", starts_on=timezone.localdate(), ends_on=timezone.localdate(), percent=200)


def _law() -> None:
    names = {"name_en": "Bag", "name_ko": "가방", "name_ja": "バッグ"}
    notice = NoticeType.objects.create(code="test", jurisdiction="KR", **names)
    notice.fields.create(code="test", label_en="Bag", label_ko="가방", label_ja="バッグ")
    kind = CertificateKind.objects.create(code="test", jurisdiction="KR", **names)
    kind.needs.create(notice_type=notice)
    PriceClaimRule.objects.create(code="test", jurisdiction="KR", method="lowest_in_window", window_days=20)
    rule = LegalRule.objects.create(
        code="test", jurisdiction="KR", duty="complaint_progress", kind="duty", count=3, unit="business_day",
        starts_by="complaint_received", stops_by="progress_sent", **names,
    )  # fmt: skip
    order = Order.objects.get(number="O-9000001")
    LegalClock.objects.create(
        rule=rule, subject_type=ContentType.objects.get_for_model(Order), subject_id=order.pk,
        subject_label=order.number, country="KR", contract_on=timezone.localdate(), started_at=timezone.now(),
        due_at=timezone.now(),
    )  # fmt: skip
    order.withdrawals.create(stated_at=timezone.now(), way="written", piece_count=1, total=0)


def _people() -> None:
    colleague = User.objects.get(username="colleague")
    calendar = WorkCalendar.objects.create(code="test", name="Test", country="KR")
    calendar.hours.create(weekday=0, opens_at=time(9), closes_at=time(18))
    calendar.holidays.create(on=timezone.localdate(), name="Test")
    WorkProfile.objects.create(user=colleague, calendar=calendar, skills=["banner"])
    Leave.objects.create(user=colleague, starts_on=timezone.localdate(), ends_on=timezone.localdate())


def _work(owner: User) -> None:
    slot = CreativeSlot.objects.create(
        code="test-slot", platform="Test", platform_code="test", placement_en="Bag", placement_ko="가방",
        placement_ja="バッグ", width_px=100, height_px=50, formats=["png"], safe_top=5
    )  # fmt: skip
    template = TaskTemplate.objects.create(
        code="test", kind="banner", title_en="Bag", title_ko="가방", title_ja="バッグ", role="designer"
    )
    template.slots.add(slot)
    now = timezone.now()
    task = Task.objects.create(
        number="T-9000001", kind="banner", title="Bag", brief={"goal": "Bag", "headline": "Bag"}, status="submitted",
        requester=owner, role="designer", template=template, submitted_at=now, due_at=now
    )  # fmt: skip
    task.checklist.create(own_text="Bag")
    Task.objects.filter(pk=task.pk).update(
        group=TaskGroup.objects.create(name="Bag", go_live_on=timezone.localdate(), owner=owner)
    )
    RecurringTask.objects.create(
        title="Bag", template=template, requester=owner, repeat="weekly", weekday=0, next_on=timezone.localdate()
    )
    task.deliverables.create(slot=slot)


def _system(owner: User) -> None:
    record = EventRecord.objects.create(
        name="test.happened", subject_type=ContentType.objects.get_for_model(User), subject_id=owner.pk, data={}
    )
    Delivery.objects.create(
        record=record, handler="test.handler", subject_type=record.subject_type, subject_id=record.subject_id
    )
    Sequence.objects.get_or_create(name="test")
    Heartbeat.objects.get_or_create(name="worker")
    Job.objects.create(kind="test", title="A job", owner=owner)
    TableImport.objects.create(model="catalog.variant", filename="variants.csv", state="done", owner=owner)
    every, _ = IntervalSchedule.objects.get_or_create(every=1, period=IntervalSchedule.MINUTES)
    PeriodicTask.objects.create(name="test", task="core.deliver_events", interval=every)
    Webhook.objects.create(name="Test", kind="slack", url="https://hooks.example.com/services/test", topics=["stale"])
    Notification.objects.create(user=owner, topic="overdue", key="test", data={"count": 2})


def _shortages(item: Any, order: Order, owner: User) -> None:
    StockAlert.objects.create(stock_item=item, kind="low", available=1)
    found = {"rows": [{"stock_item": item.pk, "on_hand": 2, "on_hand_by_movements": 1}], "count": 1}
    StockIncident.objects.create(rule="inventory.counters_equal_movements", stock_item=item, found=found)
    oversell = Oversell.objects.create(variant=item.variant, short=1, most_short=1)
    oversell.decisions.create(order=order, kind="wait", note="Test", decided_by=owner)
    OrderMessage.objects.create(order=order, language="ko", body="Test")
    rule = HoldRule.objects.create(name="Test", conditions={"note": True})
    OrderHold.objects.create(order=order, rule=rule, reason="rule", released_at=timezone.now())
    ChannelHandling.objects.create(sales_channel=order.sales_channel)
    CancelPenalty.objects.create(sales_channel=order.sales_channel, valid_from=timezone.localdate(), terms="Test")


def _file(channel: Any) -> None:
    ImportFormat.objects.get_or_create(
        code="test", defaults={"name": "Test", "target": "orders.lines", "definition": {}}
    )
    file = ContentFile(b"external_number,name,quantity,unit_price\nA-1,Bag,1,12000\n", name="orders.csv")
    batch = upload_file(target="orders.lines", file=file, options={"sales_channel": channel.pk}, actor=None)
    ImportRow.objects.create(batch=batch, number=2, raw=["A-1", "Bag", "1", "12000"])


def _goods(variant: Any, channel: Any) -> None:
    product: Product = variant.product
    bags = Category.objects.create(name="Bags")
    CategoryMapping.objects.create(category=bags, sales_channel=channel, code="50000001", path="가방")
    collection = Collection.objects.create(code="bags", name_en="Bags")
    collection.rules.create(subject="tag", operator="is", value="bag")
    collection.members.create(product=product)
    ProductText.objects.create(product=product, language="ko", title="가방")
    ProductImage.objects.create(product=product, file="products/none.png")
    _described(product)
    VariantCode.objects.create(variant=variant, sales_channel=channel, code="A-1")
    Price.objects.create(variant=variant, sales_channel=channel, currency="KRW", amount=12000)
    PriceProposal.objects.create(
        variant=variant, sales_channel=channel, currency="KRW", amount=9000, cost=8500, margin=5, margin_floor=20
    )


def _described(product: Product) -> None:
    kind = ProductType.objects.create(code="bag", name_en="Bag")
    cloth = Attribute.objects.create(code="cloth", name_en="Cloth", kind="choice")
    cloth.choices.create(code="linen", name_en="Linen")
    kind.type_attributes.create(attribute=cloth)
    product.product_type = kind
    product.save(update_fields=["product_type"])
    product.custom_options.create(name="Engraving")


def _bought(variant: Any) -> None:
    supplier = Supplier.objects.create(
        code="test", name="Test", country="KR", currency="KRW", email="kim@example.com", contact_name="Kim Minjun"
    )
    item = SupplierItem.objects.create(supplier=supplier, variant=variant, code="S-1", is_preferred=True)
    item.prices.create(starts_on=timezone.localdate(), price=700)
    ApprovalLimit.objects.create(currency="KRW", amount=100_000)
    ExchangeRate.objects.create(currency="JPY", starts_on=timezone.localdate(), rate=9)
    order = PurchaseOrder.objects.create(
        number="PO-9000001", supplier=supplier, warehouse=Warehouse.objects.first(), currency="KRW", total=7000
    )
    line = order.lines.create(variant=variant, item=item, name="Bag", quantity=10, unit_price=700)
    receipt = GoodsReceipt.objects.create(number="GR-9000001", order=order, warehouse=order.warehouse)
    receipt.lines.create(order_line=line, refused=1)
    SupplierInvoice.objects.create(
        supplier=order.supplier, number="I-9000001", invoiced_on=timezone.localdate(), currency="KRW", total=0
    )
    back = SupplierReturn.objects.create(
        number="SR-9000001", supplier=supplier, warehouse=order.warehouse, reason="Test", currency="KRW"
    )
    back.lines.create(variant=variant, order_line=line, quantity=1, unit_price=700)
    MatchTolerance.objects.create(currency="KRW", percent=1)
    VariantValue.objects.create(variant=variant)
    _planned(item, order.warehouse)


def _planned(item: SupplierItem, warehouse: Warehouse) -> None:
    place = {"variant": item.variant, "warehouse": warehouse}
    ReorderRule.objects.create(**place, reorder_point=5)
    ReorderProposal.objects.create(**place, item=item, quantity=10, amount=7000, reorder_point=5, position=1)
    PurchaseBudget.objects.create(month=timezone.localdate().replace(day=1), currency="KRW", amount=1_000_000)
    StockHealth.objects.create(
        variant=item.variant, on_hand=10, age_older=10, value=7000, verdict="dead", remedy="mark_down",
        computed_at=timezone.now(),
    )  # fmt: skip


def _documents(item: Any, channel: Any, customer: Customer) -> None:
    now = timezone.now()
    order = Order.objects.create(
        number="O-9000001", sales_channel=channel, customer=customer, currency="KRW", placed_at=now, status="to_confirm"
    )
    line = OrderLine.objects.create(order=order, variant=item.variant, name="Bag", quantity=1, unit_price=0, total=0)
    reservation = Reservation.objects.create(stock_item=item, key="test:1", quantity=1, released=1)
    Allocation.objects.create(line=line, reservation=reservation)
    Payment.objects.create(order=order, kind="capture", amount=1, currency="KRW", paid_at=now)
    shipment = Shipment.objects.create(number="S-9000001", order=order, warehouse=item.warehouse, shipped_at=now)
    ShipmentLine.objects.create(shipment=shipment, line=line, quantity=1)
    record = Return.objects.create(number="R-9000001", sales_channel=channel, currency="KRW", returned_at=now)
    ReturnLine.objects.create(record=record, name="Bag", quantity=1, unit_price=0, total=0)
    make_carried(shipment)
    _cases(order, line)


def _cases(order: Order, line: OrderLine) -> None:
    reason = ReturnReason.objects.order_by("pk").first() or ReturnReason.objects.create(
        code="test", name_en="Test", fault="customer", shipping_payer="customer"
    )
    case = ReturnRequest.objects.create(
        number="RC-9000001", order=order, asked_at=order.placed_at, asked_through="phone", currency="KRW"
    )
    case.lines.create(order_line=line, quantity=1, reason=reason)
    ReturnCharge.objects.create(
        request=case, party="carrier", party_name="Test", currency="KRW", amount=1, reason="Broken"
    )
    ReturnRule.objects.create(name="Test")
    StepMessage.objects.create(step="asked")


def object_for(label: str, user: User) -> Model:
    """Return a row of the model that ``user`` may meet; not the user himself."""
    model = apps.get_model(label)
    rows = model._base_manager.order_by("-pk")
    if model is User:
        rows = rows.filter(username="colleague")
    if model is Group:
        rows = rows.filter(name="warehouse")
    found = rows.first()
    assert found is not None, f"make a {label} in tests/admin/world.py"
    return found
