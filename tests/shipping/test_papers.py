"""Pick lists lead through the bins, packing slips speak the buyer's language and hide a present's price."""

import pytest

from core.errors import NotAllowed
from inventory.models import Bin, Lot, ShelfStock
from orders.models import Gift
from shipping.services import make_wave, print_slips
from shipping.services.papers import packing_slips, pick_list
from tests.core.papers.reading import page_texts
from tests.factories import make_channel, make_stock, make_user, make_variant
from tests.shipping.packing_table import criteria_of, ready_order, scan_all

pytestmark = pytest.mark.django_db


@pytest.fixture
def item():
    return make_stock(make_variant(sku="TEE", barcode="4901234567894"), on_hand=20)


def test_the_walk_takes_what_ends_first_bin_by_bin(item):
    far, near = (
        Bin.objects.create(warehouse=item.warehouse, code=code, zone="Z", pick_rank=rank)
        for code, rank in (("B-09", 9), ("A-01", 1))
    )
    old = Lot.objects.create(variant=item.variant, number="OLD", expires_on="2027-01-31")
    ShelfStock.objects.create(stock_item=item, bin=near, quantity=2)
    ShelfStock.objects.create(stock_item=item, bin=far, lot=old, quantity=3)
    cap = make_stock(make_variant(sku="CAP"), on_hand=5, warehouse=item.warehouse)
    orders = [ready_order((item, 2)), ready_order((item, 4), (cap, 1)), ready_order((cap, 1))]
    wave = make_wave(criteria=criteria_of(item))
    scan_all(orders[2].number, "CAP")  # packed: no longer on the list

    [page] = page_texts(pick_list(wave_id=wave.pk, language="en"))

    words = " ".join(page.split())
    assert words.index("A-01") < words.index("B-09") < words.index("CAP")
    for part in ("W-0000001", "4901234567894", "OLD", "1 × 2, 2", "2 × 2", "Pieces 7", orders[0].number):
        assert part in words
    assert orders[2].number not in words


def test_slips_speak_the_language_of_the_door_and_count_their_prints(item):
    here = ready_order((item, 1), recipient_name="김민준", country="KR", region="서울특별시", shipping=3000)
    japan = ready_order(
        (item, 2), recipient_name="佐藤花子", country="JP", postcode="1000001", delivery_on="2026-12-24",
        delivery_slot="19-21", sales_channel=make_channel(currency="JPY", country="JP", name="楽天"),
    )  # fmt: skip
    away = ready_order((item, 1), recipient_name="Ada", country="DE", city="Bonn", external_number="")
    Gift.objects.create(order=japan, wrapping="赤い包装", noshi_kind="yearend", noshi_name="佐藤", message="お元気で")
    ids = [here.pk, japan.pk, away.pk]
    assert print_slips(order_ids=ids[:2]) == []

    first, second, third = page_texts(packing_slips(order_ids=ids, with_prices=True, language="ko"))

    assert "김민준" in first
    assert "4,000" in first  # the goods and the way, in won
    for part in ("佐藤花子", "お元気で", "佐藤", "19-21", japan.number):
        assert part in second
    assert "2,000" not in second
    assert "Packing slip" in third
    assert "Reprint" not in third
    assert print_slips(order_ids=ids) == ids[:2]
    assert print_slips(order_ids=ids) == ids
    assert "Reprint" in page_texts(packing_slips(order_ids=[away.pk], language="en"))[0]
    assert "1,000" not in page_texts(packing_slips(order_ids=[here.pk], language="en"))[0]


def test_who_may_not_print_prints_nothing(item):
    order = ready_order((item, 1))
    with pytest.raises(NotAllowed):
        print_slips(order_ids=[order.pk], actor=make_user(permissions=["orders.ship_order"]))
    assert not hasattr(order, "packing_slip")


def test_statements_do_not_grow_with_the_slips(item, django_assert_num_queries):
    ids = [ready_order((item, 1)).pk for _ in range(7)]
    with django_assert_num_queries(4):
        assert len(page_texts(packing_slips(order_ids=ids, language="en"))) == 7


def test_presents_and_notes_are_marked_for_the_packer(item):
    plain = ready_order((item, 1), customer_note="문 앞에 놓아 주세요")
    present = ready_order((item, 1), customer_note="No price inside, please")
    told = ready_order((item, 1), staff_note="two boxes")
    Gift.objects.create(order=present, wrapping="red", message="Happy birthday")
    wave = make_wave(criteria=criteria_of(item))

    first, second, third = page_texts(packing_slips(order_ids=[plain.pk, present.pk, told.pk], language="en"))
    listed = " ".join(page_texts(pick_list(wave_id=wave.pk, language="en"))[0].split())

    assert "문 앞에 놓아 주세요" in " ".join(first.split())
    assert "포장대" not in first
    for hidden, slip in (("No price inside", second), ("two boxes", third)):
        assert hidden not in slip  # the one who opens the parcel is not the one who wrote it
        assert "포장대에서 메모 확인" in slip  # a slip speaks the customer's language
    assert listed.count("A present · Note") == 1
    assert listed.count("Note") == 3 + 1  # the wave's own heading is one
