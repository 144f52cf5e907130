"""Order to cash and back again, as the people of a shop do it: through pages, each with the rights of a role."""

import io
from types import SimpleNamespace

import pytest
from django.contrib.auth.models import Group
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.test import Client
from django.urls import reverse

from channels.services.formats import sync_formats
from core import jobs
from core.models import Delivery, ImportBatch
from core.tasks import deliver_events
from inventory.models import StockItem, Warehouse
from orders.models import Order, OrderStatus, Payment, PaymentKind, Return, Shipment
from payments.models import RefundLimit
from staff.models import Role
from tests.admin.pressing import press, press_many, said
from tests.factories import make_channel, make_stock, make_user, make_variant, make_warehouse
from tests.order_files import generic, rakuten
from tests.orders.stories import assert_sound, counters, sentences

pytestmark = pytest.mark.django_db

ORDERS = generic(
    ("W-1", "한솔", [("TEE-M", "티셔츠", 2, 19000), ("BAG", "가방", 1, 40000)]),
    ("W-2", "김하윤", [("TEE-M", "티셔츠", 3, 19000)]),
    ("W-3", "이서준", [("MUG", "머그컵", 2, 9000)]),
)


@pytest.fixture
def shop():
    call_command("sync_roles", verbosity=0)
    sync_formats()
    warehouse = make_warehouse(code="gimpo", rank=1)
    tee, bag, mug = (make_variant(sku=sku) for sku in ("TEE-M", "BAG", "MUG"))
    return SimpleNamespace(
        channel=make_channel(code="seoul", name="Seoul shop"),
        rakuten=make_channel(code="rakuten", kind="rakuten", currency="JPY", country="JP", time_zone="Asia/Tokyo"),
        warehouse=warehouse,
        tee=make_stock(tee, on_hand=10, warehouse=warehouse),
        bag=make_stock(bag, on_hand=5, warehouse=warehouse),
        mug=make_stock(mug, on_hand=1, warehouse=warehouse),
    )


def desk_of(role):
    """Return a client logged in as a new colleague of the role, and no other rights."""
    user = make_user(username=role.value, language="en")
    user.groups.add(Group.objects.get(name=role.value))
    client = Client()
    client.force_login(user)
    return client


def import_file(client, channel, content, name="orders.csv"):
    """Upload, look, import; a worker takes the job. Returns the finished import."""
    data = {"file": SimpleUploadedFile(name, content), "sales_channel": channel.pk}
    uploaded = client.post(reverse("admin:core_importbatch_new"), data)
    assert uploaded.status_code == 302, uploaded.context["form"].errors
    batch = ImportBatch.objects.latest("pk")
    preview = reverse("admin:core_importbatch_preview", args=[batch.pk])
    orders_before = Order.objects.count()
    assert client.get(preview).status_code == 200
    assert Order.objects.count() == orders_before
    assert client.post(preview).status_code == 302
    batch.refresh_from_db()
    assert jobs.run(batch.job_id) == "done"
    batch.refresh_from_db()
    account = client.get(reverse("admin:core_importbatch_reconciliation", args=[batch.pk])).context["account"]
    assert account.agrees
    return batch


def order_of(number):
    return Order.objects.get(external_number=number)


def page_of(client, order):
    return client.get(reverse("admin:orders_order_change", args=[order.pk])).content.decode()


def test_from_the_file_to_money_and_goods_that_came_back(shop):
    manager, warehouse, lead = desk_of(Role.EC_MANAGER), desk_of(Role.WAREHOUSE), desk_of(Role.CS_LEAD)
    assert import_file(manager, shop.channel, ORDERS).counts == {"created": 4}
    ids = Order.objects.values_list("pk", flat=True)

    # confirmed together: the mug is short
    assert said(press_many(manager, Order, "confirm_selected", ids)) == ["3 done. 1 of them wait for stock."]
    assert [order.status for order in Order.objects.order_by("external_number")] == [
        OrderStatus.TO_SHIP,
        OrderStatus.TO_SHIP,
        OrderStatus.AWAITING_STOCK,
    ]
    assert (counters(shop.tee), counters(shop.bag)) == ((10, 5), (5, 1))

    # goods come in, and the waiting order moves on by its event alone
    assert said(press(warehouse, shop.mug, "receive", quantity=4, reference="Delivery 17"))
    deliver_events()
    assert order_of("W-3").status == OrderStatus.TO_SHIP
    assert not Delivery.objects.filter(done_at=None).exists()

    # shipped in two parcels
    first = order_of("W-1")
    tee, bag = first.lines.order_by("position")
    parcel = {"carrier": "CJ대한통운", "tracking_number": "6000-1111"}
    press(warehouse, first, "ship", **parcel, **{f"line_{tee.pk}": 2, f"line_{bag.pk}": 0})
    assert order_of("W-1").status == OrderStatus.PARTLY_SHIPPED
    press(warehouse, first, "ship", carrier="CJ대한통운", tracking_number="6000-2222", **{f"line_{bag.pk}": 1})
    assert order_of("W-1").status == OrderStatus.SHIPPED
    assert Shipment.objects.filter(order=first).count() == 2
    assert (counters(shop.tee), counters(shop.bag)) == ((8, 3), (4, 0))
    assert "6000-2222" in page_of(manager, first)

    # one is called off, one leaves in bulk
    press(manager, order_of("W-2"), "cancel", reason="Double order", restock="on")
    assert order_of("W-2").status == OrderStatus.CANCELLED
    assert counters(shop.tee) == (8, 0)
    press_many(warehouse, Order, "ship_selected", [order_of("W-3").pk], carrier="DHL")
    assert order_of("W-3").status == OrderStatus.SHIPPED
    assert counters(shop.mug) == (3, 0)

    # a piece comes back, its money goes back
    press(
        warehouse, first, "take_back", reason="Damaged", condition="good", **{f"line_{tee.pk}": 1, f"line_{bag.pk}": 0}
    )
    RefundLimit.objects.create(currency="KRW", agent_amount=5000, alone_amount=50000)
    press(lead, first, "refund", amount="19000", reason="damaged", sends="on")
    assert counters(shop.tee) == (9, 0)
    assert Return.objects.get().lines.get().quantity == 1
    paid = Payment.objects.filter(order=first).values_list("kind", "amount").order_by("pk")
    assert list(paid) == [(PaymentKind.CAPTURE, 78000), (PaymentKind.REFUND, 19000)]
    assert order_of("W-1").paid_total == 59000

    deliver_events()
    assert not Delivery.objects.filter(done_at=None).exists()
    assert len(sentences(first)) == len(set(sentences(first))) == 8
    assert_sound()
    call_command("verify", stdout=io.StringIO())


def test_the_same_files_again_change_nothing(shop):
    manager = desk_of(Role.EC_MANAGER)
    osaka = rakuten(("200001-20260502-0000000001", ("林", "葵"), ("TEE-M", "Tシャツ", 1, 2200)))
    files = [(shop.channel, ORDERS), (shop.rakuten, osaka)]
    for channel, content in files:
        import_file(manager, channel, content)
    press_many(manager, Order, "confirm_selected", Order.objects.values_list("pk", flat=True))
    deliver_events()
    tables = (Order, Payment, StockItem, Warehouse)
    before = [list(table.objects.order_by("pk").values()) for table in tables]
    facts = [sentences(order) for order in Order.objects.order_by("pk")]
    for channel, content in files:
        batch = import_file(manager, channel, content, name="again.csv")
        assert set(batch.counts) == {"unchanged"}
    deliver_events()
    assert [list(table.objects.order_by("pk").values()) for table in tables] == before
    assert [sentences(order) for order in Order.objects.order_by("pk")] == facts
    assert_sound()


def test_each_does_only_their_own_part(shop):
    manager, warehouse, accountant = desk_of(Role.EC_MANAGER), desk_of(Role.WAREHOUSE), desk_of(Role.ACCOUNTANT)
    import_file(manager, shop.channel, ORDERS)
    order = order_of("W-1")
    assert press(warehouse, order, "confirm").status_code == 403
    assert press(accountant, order, "confirm").status_code == 403
    press(manager, order, "confirm")
    assert press(accountant, order, "ship", carrier="DHL").status_code == 403
    assert press(warehouse, order, "refund", amount="1", reason="other").status_code == 403
    assert order_of("W-1").status == OrderStatus.TO_SHIP
    assert not Shipment.objects.exists()
    assert not Payment.objects.filter(kind=PaymentKind.REFUND).exists()
    page = page_of(warehouse, order)
    assert "한솔" not in page
    assert "78,000" not in page
