"""Reserving, releasing and shipping stock in batches."""

import pytest

from core.errors import Conflict
from core.models import EventRecord
from core.verify import verify
from inventory.models import Reservation, StockItem, StockMovement
from inventory.services import Need, Portion, Shortage, StockRequest, release_stock, reserve_stock, ship_stock
from tests.factories import make_stock, make_variant, make_warehouse

pytestmark = pytest.mark.django_db


def request(reference, *needs, country=""):
    return StockRequest(
        reference=reference,
        country=country,
        needs=[
            Need(key=f"{reference}:{n}", variant_id=variant.pk, quantity=quantity)
            for n, (variant, quantity) in enumerate(needs)
        ],
    )


def counters(item):
    return StockItem.objects.values_list("on_hand", "reserved").get(pk=item.pk)


def movements(item):
    rows = StockMovement.objects.filter(stock_item=item).order_by("id")
    return list(rows.values_list("kind", "on_hand_change", "reserved_change", "on_hand_after", "reserved_after"))


def events(*prefixes):
    names = EventRecord.objects.order_by("id").values_list("name", flat=True)
    return [name for name in names if name.startswith(prefixes)]


def assert_sound():
    assert [f.invariant.name for f in verify() if not f.holds] == []


def test_one_item_several_times_in_a_batch_keeps_a_running_balance():
    item = make_stock(on_hand=10)
    variant = item.variant

    answers = reserve_stock(requests=[request("A", (variant, 2), (variant, 3)), request("B", (variant, 4))])

    assert [a.is_served for a in answers] == [True, True]
    assert counters(item) == (10, 9)
    assert movements(item) == [
        ("counted", 10, 0, 10, 0),
        ("reserved", 0, 2, 10, 2),
        ("reserved", 0, 3, 10, 5),
        ("reserved", 0, 4, 10, 9),
    ]
    assert_sound()


def test_a_refused_request_takes_nothing_and_names_what_was_short():
    short, ample = make_stock(on_hand=1), make_stock(on_hand=10)

    big, small = reserve_stock(
        requests=[
            request("A", (ample.variant, 8), (short.variant, 2)),
            request("B", (ample.variant, 8), (short.variant, 1)),
        ]
    )

    assert big.shortages == [Shortage(short.variant.sku, 2, 1)]
    assert big.reservation_ids == {}
    assert big.warehouse_id is None
    assert small.is_served
    assert counters(short) == (1, 1)
    assert counters(ample) == (10, 8)
    assert_sound()


def test_the_first_warehouse_that_has_everything_serves_those_of_the_country_first():
    seoul, osaka = make_warehouse(rank=0, country="KR"), make_warehouse(rank=1, country="JP")
    shirt, cap = make_variant(), make_variant()
    for variant, place, pieces in [(shirt, seoul, 5), (cap, seoul, 1), (shirt, osaka, 5), (cap, osaka, 5)]:
        make_stock(variant, on_hand=pieces, warehouse=place)

    to_korea, to_japan, both, nowhere = reserve_stock(
        requests=[
            request("KR", (shirt, 1), country="KR"),
            request("JP", (shirt, 1), country="JP"),
            request("KR2", (shirt, 1), (cap, 2), country="KR"),
            request("KR3", (shirt, 4), (cap, 4), country="KR"),
        ]
    )

    assert to_korea.warehouse_id == seoul.pk
    assert to_japan.warehouse_id == osaka.pk
    assert both.warehouse_id == osaka.pk
    # Seoul lacks caps only, Osaka shirts and caps: the sentence speaks of the nearer miss
    assert nowhere.shortages == [Shortage(cap.sku, 4, 1)]
    assert_sound()


def test_an_inactive_warehouse_and_an_unknown_variant_serve_nobody():
    closed = make_stock(on_hand=5, warehouse=make_warehouse(is_active=False))
    never_stocked = make_variant()
    make_warehouse()

    answers = reserve_stock(requests=[request("A", (closed.variant, 1)), request("B", (never_stocked, 1))])

    assert [a.shortages for a in answers] == [
        [Shortage(closed.variant.sku, 1, 0)],
        [Shortage(never_stocked.sku, 1, 0)],
    ]
    assert not Reservation.objects.exists()


def ask(key, variant, quantity, **over):
    need = Need(key=key, variant_id=variant.pk, quantity=quantity)
    return reserve_stock(requests=[StockRequest(reference=key, needs=[need], **over)])[0]


def test_the_same_key_is_held_once_and_a_larger_one_gets_the_rest():
    item = make_stock(on_hand=10)
    first = ask("A", item.variant, 3)

    again = ask("A", item.variant, 3)
    more = ask("A", item.variant, 5)

    assert again.reservation_ids == more.reservation_ids == first.reservation_ids
    assert {again.warehouse_id, more.warehouse_id} == {item.warehouse_id}
    assert counters(item) == (10, 5)
    assert movements(item)[1:] == [("reserved", 0, 3, 10, 3), ("reserved", 0, 2, 10, 5)]
    assert_sound()


def test_less_than_the_key_has_or_another_variant_is_a_conflict_and_changes_nothing():
    item, other = make_stock(on_hand=10), make_stock(on_hand=10)
    ask("A", item.variant, 3)

    for variant, quantity in [(item.variant, 2), (other.variant, 3)]:
        with pytest.raises(Conflict):
            ask("A", variant, quantity)

    assert (counters(item), counters(other)) == ((10, 3), (10, 0))
    assert_sound()


def test_what_was_released_can_be_reserved_again_and_what_was_shipped_counts():
    item = make_stock(on_hand=10)
    [[held]] = ask("A", item.variant, 6).reservation_ids.values()
    ship_stock(portions=[Portion(held, 1)])
    release_stock(portions=[Portion(held, 2)])

    assert ask("A", item.variant, 6).reservation_ids == {"A": [held]}

    assert counters(item) == (9, 5)
    release_stock(portions=[Portion(held)])
    assert counters(item) == (9, 0)
    assert ask("A", item.variant, 1).reservation_ids == {"A": [held]}  # the shipped one: nothing is lacking
    assert counters(item) == (9, 0)
    assert_sound()


def test_a_key_whose_pieces_were_all_released_is_as_free_as_a_new_one(django_assert_num_queries):
    item = make_stock(on_hand=10)
    [[held]] = ask("A", item.variant, 6).reservation_ids.values()
    release_stock(portions=[Portion(held)])

    with django_assert_num_queries(1):
        assert ask("A", item.variant, 7).reservation_ids == {"A": [held]}

    assert counters(item) == (10, 7)
    assert_sound()


@pytest.mark.parametrize("needs", [[("A", 1), ("A", 1)], [("A", 0)]])
def test_a_key_twice_or_no_pieces_is_a_mistake_of_the_caller(needs):
    item = make_stock(on_hand=10)
    requests = [
        StockRequest(reference="x", needs=[Need(key=key, variant_id=item.variant_id, quantity=count)])
        for key, count in needs
    ]

    with pytest.raises(ValueError, match=r"twice|at least one"):
        reserve_stock(requests=requests)

    assert counters(item) == (10, 0)


def test_shipping_consumes_what_is_reserved_and_release_gives_it_back():
    item = make_stock(on_hand=10)
    [answer] = reserve_stock(requests=[request("A", (item.variant, 6))])
    [[held]] = answer.reservation_ids.values()

    assert ship_stock(portions=[Portion(held, 1), Portion(held, 1)]) == 2
    assert release_stock(portions=[Portion(held, 1)]) == 1
    assert ship_stock(portions=[Portion(held)]) == 3
    assert ship_stock(portions=[Portion(held)]) == 0

    assert counters(item) == (5, 0)
    assert movements(item)[2:] == [
        ("shipped", -2, -2, 8, 4),
        ("released", 0, -1, 8, 3),
        ("shipped", -3, -3, 5, 0),
    ]
    assert_sound()


@pytest.mark.parametrize("service", [release_stock, ship_stock])
def test_more_than_is_held_is_a_conflict_and_changes_nothing(service):
    item = make_stock(on_hand=10)
    [answer] = reserve_stock(requests=[request("A", (item.variant, 6))])
    [[held]] = answer.reservation_ids.values()
    before = movements(item)

    for portions in ([Portion(held, 7)], [Portion(held, 4), Portion(held, 3)], [Portion(held, -1)], [Portion(0, 1)]):
        with pytest.raises(Conflict):
            service(portions=portions)

    assert counters(item) == (10, 6)
    assert movements(item) == before


def test_facts_are_recorded_when_stock_runs_low_out_and_comes_back():
    item = make_stock(on_hand=5, low_at=2)
    [a] = reserve_stock(requests=[request("A", (item.variant, 2))])
    reserve_stock(requests=[request("B", (item.variant, 1))])
    reserve_stock(requests=[request("C", (item.variant, 2))])
    ship_stock(portions=[Portion(a.reservation_ids["A:0"][0], 1)])
    release_stock(portions=[Portion(a.reservation_ids["A:0"][0], 1)])

    assert events("inventory.stock_r") == [
        "inventory.stock_replenished",
        "inventory.stock_ran_low",
        "inventory.stock_ran_out",
        "inventory.stock_replenished",
    ]


def test_a_batch_takes_the_same_number_of_statements_whatever_its_size(django_assert_num_queries):
    variants = [make_stock(on_hand=100).variant for _ in range(6)]

    def batch(name, size):
        return [request(f"{name}{n}", (variants[n % 6], 1), (variants[(n + 1) % 6], 1)) for n in range(size)]

    for requests in (batch("few", 2), batch("many", 60)):
        with django_assert_num_queries(1):
            assert all(answer.is_served for answer in reserve_stock(requests=requests))
    assert_sound()


def test_the_long_way_takes_the_same_number_of_statements_whatever_its_size(django_assert_num_queries):
    variants = [make_stock(on_hand=100).variant for _ in range(6)]

    for name, size in (("few", 2), ("many", 60)):
        refused = request(f"{name}!", (variants[0], 1000))
        requests = [
            refused,
            *(request(f"{name}{n}", (variants[n % 6], 1), (variants[(n + 1) % 6], 1)) for n in range(size)),
        ]
        with django_assert_num_queries(8):  # plain, contents, items, keys, warehouses, write, ids, SKUs
            answers = reserve_stock(requests=requests)
        assert [answer.is_served for answer in answers] == [False, *[True] * size]
    assert_sound()


def test_both_ways_answer_alike():
    """What the long way decides one after the other is what the plain way does at once."""
    variants = [make_stock(on_hand=100).variant for _ in range(3)]
    wishes = [(variants[n % 3], 1 + n % 4) for n in range(9)]

    plain = reserve_stock(requests=[request(f"P{n}", wish) for n, wish in enumerate(wishes)])
    refused, *long = reserve_stock(
        requests=[request("!", (variants[0], 1000)), *(request(f"L{n}", wish) for n, wish in enumerate(wishes))]
    )

    assert not refused.is_served
    for one, other in zip(plain, long, strict=True):
        assert one.warehouse_id == other.warehouse_id
        assert (
            [len(ids) for ids in one.reservation_ids.values()]
            == [1]
            == [len(i) for i in other.reservation_ids.values()]
        )
    half = len(movements(StockItem.objects.get(variant=variants[0]))) // 2
    assert [m[2] for m in movements(StockItem.objects.get(variant=variants[0]))[1 : half + 1]] == [
        m[2] for m in movements(StockItem.objects.get(variant=variants[0]))[half + 1 :]
    ]
    assert_sound()


@pytest.mark.parametrize("country", ["", "JP"])
def test_one_need_is_answered_as_in_a_batch(country, django_assert_num_queries):
    """A single need has a function of its own in the database: same warehouse, same rows."""
    first, second = make_warehouse(country="KR", rank=1), make_warehouse(country="JP", rank=2)
    goods = [make_variant(), make_variant()]
    items = [make_stock(variant, on_hand=9, warehouse=place) for variant in goods for place in (first, second)]

    with django_assert_num_queries(1):
        [alone] = reserve_stock(requests=[request("A", (goods[0], 4), country=country)])
    with django_assert_num_queries(1):
        [batch] = reserve_stock(requests=[request("B", (goods[0], 4), (goods[1], 4), country=country)])

    assert alone.warehouse_id == batch.warehouse_id == (second if country else first).pk
    assert [len(ids) for ids in alone.reservation_ids.values()] == [1]
    assert [counters(item) for item in items] == (
        [(9, 0), (9, 8), (9, 0), (9, 4)] if country else [(9, 8), (9, 0), (9, 4), (9, 0)]
    )
    place = items[1] if country else items[0]
    assert movements(place)[1:] == [("reserved", 0, 4, 9, 4), ("reserved", 0, 4, 9, 8)]
    alone_row, batch_row = Reservation.objects.filter(stock_item=place).order_by("id")
    assert (alone_row.key, alone_row.reference, alone_row.quantity, alone_row.per_unit) == ("A:0", "A", 4, 1)
    assert (batch_row.quantity, batch_row.per_unit) == (4, 1)
    assert_sound()
