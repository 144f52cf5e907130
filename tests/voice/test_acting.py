"""What one does about an alert in one step: each once, each with the rights of the service below; and who hears."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from catalog.models import Listing, ListingState
from core.errors import InvalidInput, InvalidTransition, NotAllowed
from core.models import EventRecord
from inventory.models import EntryKind, HoldKind, Lot, StockHold, StockItem, StockPolicy
from inventory.selectors.shelves import shop_day
from inventory.services import EntryLine, LotGiven, Need, StockRequest, post_entry, reserve_stock
from purchasing.models import SupplierReturn
from staff.models import Notification, Task
from tests.admin.pressing import press
from tests.factories import make_channel, make_user, make_variant, make_warehouse
from tests.orders.stories import assert_sound
from tests.purchasing.making import make_supplier, make_supplier_item
from voice.models import Alert, AlertRule, Hiding
from voice.services import (
    GivenReview,
    ask_hiding,
    claim_alert_from_supplier,
    count_voice,
    decide_hiding,
    open_alert_task,
    ring_alerts,
    seed_hiding_grounds,
    settle_alert,
    stop_alert_sale,
    take_reviews,
)

pytestmark = pytest.mark.django_db
ACT = "voice.act_on_voice"


def make_alert(**about):
    rule = AlertRule.objects.create(name=f"Rule {AlertRule.objects.count()}")
    today = timezone.localdate()
    return Alert.objects.create(
        rule=rule, first_day=today - timedelta(days=13), last_day=today, matter_count=5, before_count=1, piece_count=90,
        **about,
    )  # fmt: skip


@pytest.fixture
def lots():
    """Give two lots of one variant in a warehouse, ten and five pieces, that is sold on a channel."""
    variant, place = make_variant(), make_warehouse()
    StockPolicy.objects.create(variant=variant, tracks_lots=True)
    for number, pieces in (("BAD", 10), ("GOOD", 5)):
        lot = LotGiven(number=number, expires_on=shop_day() + timedelta(days=300))
        line = EntryLine(variant_id=variant.pk, warehouse_id=place.pk, quantity=pieces, lot=lot)
        post_entry(kind=EntryKind.RECEIPT, lines=[line])
    Listing.objects.create(product=variant.product, sales_channel=make_channel(), state=ListingState.LIVE)
    return Lot.objects.get(number="BAD"), Lot.objects.get(number="GOOD")


def item_of(lot):
    return StockItem.objects.get(variant=lot.variant_id)


def test_a_lot_is_held_back_and_the_product_is_sold_on(lots):
    bad, _good = lots
    boss = make_user(permissions=[ACT, "inventory.hold_stock"])
    alert = make_alert(lot=bad)
    done = stop_alert_sale(alert_id=alert.pk, reason="The seal leaks", actor=boss)
    assert (done.state, done.answer, done.stopped_at is None) == ("handled", "The seal leaks", False)
    hold = StockHold.objects.get()
    assert (hold.lot, hold.kind, hold.quantity, item_of(bad).available) == (bad, HoldKind.QUARANTINE, 10, 5)
    assert Listing.objects.get().state == ListingState.LIVE
    before = EventRecord.objects.count()
    stop_alert_sale(alert_id=alert.pk, reason="Again", actor=boss)
    assert (StockHold.objects.count(), EventRecord.objects.count()) == (1, before)
    with pytest.raises(InvalidInput):
        stop_alert_sale(alert_id=make_alert(lot=bad).pk, reason="Nothing is left of it", actor=boss)
    assert_sound()


def test_pieces_that_orders_have_reserved_stay_theirs(lots):
    bad, _good = lots
    need = Need(key="orderline:1", variant_id=bad.variant_id, quantity=8)
    reserve_stock(requests=[StockRequest(reference="order:1", needs=[need])])
    stop_alert_sale(alert_id=make_alert(lot=bad).pk, reason="It leaks", actor=make_user(is_superuser=True))
    assert (StockHold.objects.get().quantity, item_of(bad).available, item_of(bad).reserved) == (7, 0, 8)
    assert_sound()


def test_the_whole_product_only_on_request_or_without_a_lot(lots):
    bad, _good = lots
    boss = make_user(permissions=[ACT, "catalog.change_product"])
    stop_alert_sale(alert_id=make_alert(lot=bad).pk, reason="Danger", whole_product=True, actor=boss)
    assert (Listing.objects.get().state, StockHold.objects.count()) == (ListingState.PAUSED, 0)
    Listing.objects.update(state=ListingState.LIVE)
    stop_alert_sale(alert_id=make_alert(product=bad.variant.product).pk, reason="Danger", actor=boss)
    assert Listing.objects.get().state == ListingState.PAUSED
    with pytest.raises(InvalidInput):
        stop_alert_sale(alert_id=make_alert(supplier=make_supplier()).pk, reason="Danger", actor=boss)


def test_stopping_asks_for_the_rights_of_what_it_does(lots):
    bad, _good = lots
    alert, product = make_alert(lot=bad), make_alert(product=bad.variant.product)
    for rights in ([ACT], ["inventory.hold_stock"], [ACT, "catalog.change_product"]):
        with pytest.raises(NotAllowed):
            stop_alert_sale(alert_id=alert.pk, reason="x", actor=make_user(permissions=rights))
    with pytest.raises(NotAllowed):
        stop_alert_sale(
            alert_id=product.pk, reason="x", actor=make_user(permissions=[ACT, "inventory.hold_stock"])
        )  # fmt: skip
    assert (StockHold.objects.count(), Listing.objects.get().state) == (0, ListingState.LIVE)
    assert set(Alert.objects.values_list("state", flat=True)) == {"open"}


def test_the_buttons_are_offered_to_whom_the_service_lets(client, lots):
    bad, _good = lots
    make_supplier_item(bad.variant)
    alert = make_alert(lot=bad)
    view = ["voice.view_alert", ACT]
    shown = {
        (): set(),
        ("inventory.hold_stock",): {"stop"},
        ("purchasing.send_supplierreturn",): {"claim"},
        ("staff.add_task",): {"task"},
    }
    for rights, names in shown.items():
        client.force_login(make_user(permissions=[*view, *rights]))
        page = client.get(reverse("admin:voice_alert_change", args=[alert.pk])).content.decode()
        urls = {name: reverse("admin:voice_alert_press", args=[alert.pk, name]) for name in ("stop", "claim", "task")}
        found = {name for name, url in urls.items() if url in page}
        assert found == names, rights
    client.force_login(make_user(permissions=[*view, "inventory.hold_stock"]))
    press(client, alert, "stop", reason="It leaks")
    alert.refresh_from_db()
    assert (alert.answer, StockHold.objects.get().lot) == ("It leaks", bad)


def test_a_claim_against_the_supplier_is_drafted_once(lots):
    bad, _good = lots
    alert, other = make_alert(lot=bad), make_variant()
    wish = {"alert_id": alert.pk, "quantity": 4, "warehouse_id": item_of(bad).warehouse_id, "reason": "It leaks"}
    boss = make_user(permissions=[ACT, "purchasing.send_supplierreturn"])
    with pytest.raises(InvalidInput):
        claim_alert_from_supplier(**wish, variant_id=bad.variant_id, key="a", actor=boss)
    supplier = make_supplier_item(bad.variant).supplier
    with pytest.raises(InvalidInput):
        claim_alert_from_supplier(**wish, variant_id=other.pk, key="a", actor=boss)
    with pytest.raises(NotAllowed):
        claim_alert_from_supplier(**wish, variant_id=bad.variant_id, key="a", actor=make_user(permissions=[ACT]))
    for key in ("a", "b"):
        claim_alert_from_supplier(**wish, variant_id=bad.variant_id, key=key, actor=boss)
    document = SupplierReturn.objects.get()
    line = document.lines.get()
    assert (document.supplier, line.variant_id, line.quantity, line.lot_id) == (supplier, bad.variant_id, 4, bad.pk)


def test_a_task_is_opened_once_and_a_handled_alert_is_not_settled_again(lots):
    bad, _good = lots
    alert = make_alert(lot=bad)
    with pytest.raises(NotAllowed):
        open_alert_task(alert_id=alert.pk, title="Look", actor=make_user(permissions=[ACT]))
    boss = make_user(permissions=[ACT, "staff.add_task"])
    for _time in range(2):
        open_alert_task(alert_id=alert.pk, title="Look at the seal", actor=boss)
    assert Task.objects.get().title == "Look at the seal"
    with pytest.raises(InvalidTransition):
        settle_alert(alert_id=alert.pk, answer="Nothing", actor=boss)
    alert.refresh_from_db()
    assert alert.answer == "Look at the seal"


def test_the_bell_rings_once_and_is_quiet_when_somebody_has_handled_it():
    first, second = make_user(permissions=[ACT]), make_user(permissions=[ACT])
    make_user(permissions=["voice.view_alert"])
    product, channel = make_variant().product, make_channel()
    rows = [GivenReview(external_id=str(place), rating=1, product_code=product.code) for place in range(3)]
    take_reviews(sales_channel_id=channel.pk, rows=rows)
    count_voice()
    AlertRule.objects.create(name="Many complaints", least_count=3)
    assert (ring_alerts(), ring_alerts()) == (1, 0)
    told = Notification.objects.order_by("user_id")
    assert [row.user_id for row in told] == sorted([first.pk, second.pk])
    assert told[0].data["about"] == f"voice.alert:{Alert.objects.get().pk}"
    settle_alert(alert_id=Alert.objects.get().pk, answer="A bad day", actor=first)
    assert not Notification.objects.filter(read_at=None).exists()


def test_who_decides_hears_of_a_wish_to_hide_until_it_is_decided():
    seed_hiding_grounds()
    rights = ["voice.ask_hiding", "voice.decide_hiding"]
    asker, decider = make_user(permissions=rights), make_user(permissions=rights)
    [(review, _new)] = take_reviews(
        sales_channel_id=make_channel().pk, rows=[GivenReview(external_id="r1", rating=1, body="Mr Kim, 010")]
    )
    ground = review.hidings.model._meta.get_field("ground").related_model.objects.get(code="personal-data")
    ask_hiding(review_id=review.pk, ground_id=ground.pk, evidence="A name and a number", actor=asker)
    [told] = Notification.objects.all()
    assert (told.user, told.data["about"], told.read_at) == (decider, f"voice.hiding:{Hiding.objects.get().pk}", None)
    decide_hiding(hiding_id=Hiding.objects.get().pk, is_hidden=True, actor=decider)
    assert Notification.objects.get().read_at is not None
