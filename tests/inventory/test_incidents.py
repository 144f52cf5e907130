"""What the nightly proof finds wrong becomes an incident that a person closes; nothing is repaired by itself."""

import pytest

from core import jobs
from core.errors import Conflict, InvalidInput, NotAllowed
from core.models import EventRecord
from core.tasks import prove_books, run_job
from core.verify import verify
from inventory.models import Reservation, StockIncident, StockItem
from inventory.selectors import last_agreeing
from inventory.services import (
    Need,
    StockRequest,
    close_incident,
    note_findings,
    reserve_stock,
    restate_counters,
)
from staff.models import Notification
from tests.factories import make_stock, make_user

pytestmark = pytest.mark.django_db
COUNTERS = "inventory.counters_equal_movements"


@pytest.fixture
def manager():
    return make_user(permissions=["inventory.close_stockincident"])


def prove():
    return note_findings(verify())


def break_counter(item, on_hand):
    """Change a counter as only somebody past the services can."""
    StockItem.objects.filter(pk=item.pk).update(on_hand=on_hand)


def test_the_nightly_job_opens_an_incident_for_each_rule_and_item(manager, monkeypatch):
    monkeypatch.setattr(jobs, "wake", lambda job_id: None)
    item = make_stock(on_hand=47)
    make_stock(on_hand=3)
    break_counter(item, 50)

    assert run_job(prove_books()) == "failed"

    [row] = StockIncident.objects.all()
    assert (row.rule, row.stock_item_id, row.gone_at, row.closed_at) == (COUNTERS, item.pk, None, None)
    assert row.found["count"] == 1
    assert (row.found["rows"][0]["on_hand"], row.found["rows"][0]["on_hand_by_movements"]) == (50, 47)
    item.refresh_from_db()
    assert item.on_hand == 50  # no silent repair
    assert list(Notification.objects.values_list("user", "topic", "data__reason")) == [
        (manager.pk, "stock", "incident")
    ]


def test_seen_again_gone_and_back_is_one_incident(manager):
    item = make_stock(on_hand=5)
    break_counter(item, 6)
    [pk] = prove()
    first = StockIncident.objects.get()
    break_counter(item, 8)
    assert prove() == []
    again = StockIncident.objects.get()
    assert again.seen_at > first.seen_at
    assert again.found["rows"][0]["on_hand"] == 8
    break_counter(item, 5)
    assert prove() == []
    assert StockIncident.objects.get(pk=pk).gone_at is not None
    break_counter(item, 9)
    assert prove() == []
    assert StockIncident.objects.get(pk=pk).gone_at is None
    assert Notification.objects.count() == 1


def test_a_breach_of_a_reservation_is_about_its_stock_item():
    item = make_stock(on_hand=5)
    need = Need(key="test:1", variant_id=item.variant_id, quantity=2)
    reserve_stock(requests=[StockRequest(reference="T-1", needs=[need])])
    Reservation.objects.update(quantity=3)
    prove()
    assert set(StockIncident.objects.values_list("rule", "stock_item")) == {
        ("inventory.reservations_equal_movements", item.pk),
        ("inventory.reserved_equals_reservations", item.pk),
    }


def test_counters_are_set_to_the_ledger_by_a_person_with_a_reason(manager):
    item = make_stock(on_hand=47)
    break_counter(item, 50)
    [pk] = prove()

    with pytest.raises(NotAllowed):
        restate_counters(incident_id=pk, note="restored", actor=make_user())
    with pytest.raises(InvalidInput):
        restate_counters(incident_id=pk, note=" ", actor=manager)
    item.refresh_from_db()
    assert item.on_hand == 50

    restate_counters(incident_id=pk, note="restored from a wrong copy", actor=manager)

    item.refresh_from_db()
    assert item.on_hand == 47
    told = EventRecord.objects.filter(name="inventory.counters_restated")
    assert [(row.actor, row.data["before"]["on_hand"], row.data["after"]["on_hand"]) for row in told] == [
        (manager, 50, 47)
    ] * 2
    with pytest.raises(Conflict):
        restate_counters(incident_id=pk, note="again", actor=manager)


def test_it_is_closed_with_a_note_once_it_is_gone(manager):
    item = make_stock(on_hand=47)
    break_counter(item, 50)
    [pk] = prove()
    with pytest.raises(Conflict, match="still found"):
        close_incident(incident_id=pk, note="fine", actor=manager)
    restate_counters(incident_id=pk, note="restored", actor=manager)
    prove()
    with pytest.raises(InvalidInput):
        close_incident(incident_id=pk, note="", actor=manager)
    with pytest.raises(NotAllowed):
        close_incident(incident_id=pk, note="fine", actor=make_user())
    assert StockIncident.objects.get().closed_at is None

    row = close_incident(incident_id=pk, note="A restored copy", actor=manager)

    assert (row.closed_by, row.note) == (manager, "A restored copy")
    assert Notification.objects.get().read_at is not None
    with pytest.raises(Conflict):
        close_incident(incident_id=pk, note="again", actor=manager)
    break_counter(item, 48)
    assert len(prove()) == 1  # another incident


def test_the_last_agreeing_movement():
    item = make_stock(on_hand=5)
    for n in range(3):
        need = Need(key=f"test:{n}", variant_id=item.variant_id, quantity=1)
        reserve_stock(requests=[StockRequest(reference=f"T-{n}", needs=[need])])
    assert last_agreeing(stock_item_id=item.pk) == item.movements.order_by("-pk").first().pk
    assert last_agreeing(stock_item_id=make_stock(on_hand=0).pk + 999) is None
