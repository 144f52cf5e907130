"""Numbers that carriers issue: matched by our number, refused row by row, harmless when they come again."""

from pathlib import Path

import pytest
from django.core.files import File
from django.core.files.base import ContentFile

from channels.services.formats import sync_formats
from core.errors import NotAllowed
from core.imports.reasons import sentences
from core.imports.running import run_import
from core.imports.services import start_import, upload_file
from core.models import EventRecord, RowOutcome
from orders.models import Order, OrderStatus, Shipment
from orders.services import cancel_order, hold_orders, ship_orders
from shipping.services import make_carrier_file
from shipping.services.tracking.recording import Became, IssuedNumber, record_tracking
from tests.concurrency.race import race
from tests.factories import make_user
from tests.shipping.making import WANTED, carrier_of, format_of, ready_orders

RENDERED = Path(__file__).resolve().parents[3] / "shared" / "data" / "channel-formats" / "rendered-orders"
GOOD, OTHER = "400001000000", "400001000011"


def issued(order, number=GOOD, **over):
    return IssuedNumber(**{"order": order.number, "number": number, "carrier": "ヤマト運輸", **over})


def bring(text, *, target="shipping.tracking", **options):
    """Import a file as a person would and return the batch."""
    sync_formats()
    file = text if isinstance(text, File) else ContentFile(text.encode("utf-8"), name="numbers.csv")
    batch = upload_file(target=target, file=file, options=options, actor=None)
    start_import(batch_id=batch.pk, actor=None)
    return run_import(batch_id=batch.pk)


@pytest.fixture(autouse=True)
def _carriers(db):
    carrier_of("yamato")


def test_a_number_ships_its_order_and_names_the_parcel():
    [order] = ready_orders()

    [outcome] = record_tracking(rows=[issued(order, "4000-0100-0000")])

    order.refresh_from_db()
    shipment = order.shipments.get()
    assert (outcome.became, order.status) == (Became.SHIPPED, OrderStatus.SHIPPED)
    assert (shipment.carrier, shipment.tracking_number) == ("ヤマト運輸", GOOD)


def test_the_channels_number_will_do():
    [order] = ready_orders(external_number="200001-20110707-10001000")

    [outcome] = record_tracking(rows=[IssuedNumber(order="200001-20110707-10001000", number=GOOD)])

    assert outcome.became == Became.SHIPPED
    assert order.shipments.get().carrier == ""


def test_a_parcel_that_left_gets_its_number_and_the_timeline_tells():
    [order] = ready_orders()
    ship_orders(order_ids=[order.pk])

    [outcome] = record_tracking(rows=[issued(order)])

    shipment = order.shipments.get()
    assert outcome.became == Became.SET
    assert (shipment.carrier, shipment.tracking_number) == ("ヤマト運輸", GOOD)
    fact = EventRecord.objects.get(name="shipping.tracking_number_set")
    assert (fact.subject_id, fact.data["before"], fact.data["after"]) == (order.pk, "", GOOD)


def test_the_same_file_again_changes_nothing():
    orders = ready_orders(2)
    rows = [issued(orders[0]), issued(orders[1], OTHER), issued(orders[0])]
    assert [one.became for one in record_tracking(rows=rows)] == ["shipped", "shipped", "known"]
    facts = EventRecord.objects.count()

    assert {one.became for one in record_tracking(rows=rows)} == {Became.KNOWN}

    assert Shipment.objects.count() == 2
    assert EventRecord.objects.count() == facts


def test_what_does_not_fit_is_refused_by_row():
    good, held, off, named, wrong = ready_orders(5)
    hold_orders(order_ids=[held.pk], reason="customer", note="")
    cancel_order(order_id=off.pk, reason="changed their mind")
    ship_orders(order_ids=[named.pk], carrier="ヤマト運輸", tracking_numbers={named.pk: OTHER})

    outcomes = record_tracking(
        rows=[
            issued(good),
            issued(held),
            issued(off),
            issued(named),
            issued(wrong, "400001000001"),
            issued(wrong, "4E+11"),
            issued(wrong, ""),
            issued(wrong, carrier="Pigeon"),
            IssuedNumber(order="nobody", number=GOOD),
            issued(good, OTHER),
        ]
    )

    assert [one.became for one in outcomes] == ["shipped", *["refused"] * 9]
    assert [one.reason["code"].removeprefix("shipping.") for one in outcomes[1:]] == [
        "held", "cancelled", "other_number", "number_check", "number_letters", "number_empty", "unknown_carrier",
        "unknown_order", "second_number",
    ]  # fmt: skip
    assert Shipment.objects.count() == 2
    wrong.refresh_from_db()
    assert wrong.status == OrderStatus.TO_SHIP


def test_another_number_replaces_only_when_asked():
    [order] = ready_orders()
    record_tracking(rows=[issued(order)])

    [kept] = record_tracking(rows=[issued(order, OTHER)])
    [replaced] = record_tracking(rows=[issued(order, OTHER)], replaces=True)

    assert (kept.became, replaced.became) == (Became.REFUSED, Became.SET)
    assert order.shipments.get().tracking_number == OTHER
    assert EventRecord.objects.get(name="shipping.tracking_number_set").data["before"] == GOOD


def test_numbers_may_be_noted_without_shipping():
    [order] = ready_orders()

    [outcome] = record_tracking(rows=[issued(order)], ships=False)

    order.refresh_from_db()
    assert (outcome.became, order.status) == (Became.REFUSED, OrderStatus.TO_SHIP)


def test_nobody_records_numbers_without_the_right_to_ship():
    [order] = ready_orders()

    with pytest.raises(NotAllowed):
        record_tracking(rows=[issued(order)], actor=make_user())

    assert not Shipment.objects.exists()


def test_the_statements_do_not_grow_with_the_rows(django_assert_max_num_queries):
    orders = ready_orders(30)
    rows = [issued(order, f"{n}{n % 7}") for n, order in enumerate(orders, 40000100000)]

    with django_assert_max_num_queries(70):
        outcomes = record_tracking(rows=rows)

    assert {one.became for one in outcomes} == {Became.SHIPPED}


def test_a_file_of_yamato_ships_what_its_own_file_asked_for():
    orders = ready_orders(2)
    made = make_carrier_file(
        order_ids=[order.pk for order in orders], carrier_id=carrier_of("yamato").pk,
        format_id=format_of("yamato_b2").pk, wanted=WANTED, key="k",
    ).file  # fmt: skip
    with made.file.open("rb") as handle:
        lines = handle.read().decode("cp932").splitlines()
    filled = [
        lines[0],
        *[line.replace(",0,0,,", f",0,0,{number},", 1) for line, number in zip(lines[1:], (GOOD, OTHER), strict=True)],
    ]

    batch = bring(File(ContentFile("\r\n".join(filled).encode("cp932")), name="b2.csv"))

    assert batch.format.code == "yamato_b2_issued"
    assert batch.counts["created"] == 2
    assert set(Shipment.objects.values_list("tracking_number", flat=True)) == {GOOD, OTHER}
    assert set(Order.objects.filter(pk__in=[o.pk for o in orders]).values_list("status", flat=True)) == {"shipped"}


def test_a_plain_table_says_why_rows_were_refused():
    [order] = ready_orders()
    text = f"order_number,carrier,tracking_number,shipped_on\n{order.number},Pigeon,123,2026-01-02\nX-0,,,\n"

    batch = bring(text)

    refused = batch.rows.filter(outcome=RowOutcome.REFUSED).order_by("number")
    assert len(refused) == 2
    assert sentences(refused[0].reason) == ["“Pigeon” is no carrier that is known here. Add it to the carrier’s names."]


@pytest.mark.skipif(not RENDERED.exists(), reason="the rendered files are not beside the checkout")
def test_the_rendered_file_of_yamato_is_read_to_the_last_row():
    orders = ready_orders(2)
    for order, number in zip(orders, ("200001-20110707-10001000", "200001-20110818-10001001"), strict=True):
        Order.objects.filter(pk=order.pk).update(external_number=number)

    with (RENDERED / "yamato_b2_issued.csv").open("rb") as handle:
        batch = bring(File(handle, name="yamato_b2_issued.csv"))

    assert batch.format.code == "yamato_b2_issued"
    assert (batch.row_count, batch.counts["created"], batch.counts["refused"]) == (25, 2, 23)
    assert orders[0].shipments.get().tracking_number == "400001000000"


@pytest.mark.django_db(transaction=True)
def test_two_files_at_once_ship_an_order_once():
    orders = ready_orders(4)
    rows = [issued(order) for order in orders]

    results = race(
        lambda: sorted(one.became for one in record_tracking(rows=rows)),
        lambda: sorted(one.became for one in record_tracking(rows=rows)),
    )

    assert sorted(result.value for result in results) == [["known"] * 4, ["shipped"] * 4]
    assert Shipment.objects.count() == 4
