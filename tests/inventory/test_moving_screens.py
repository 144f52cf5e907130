"""The pages of transfers, kits and labels, as people press them."""

import pytest
from django.test import Client
from django.urls import reverse

from inventory.models import Assembly, Bin, EntryKind, SerialNumber, StockItem, StockPolicy, Transfer
from inventory.services import EntryLine, post_entry
from inventory.services.labelling import LabelSize, Wanted, product_labels
from inventory.services.moving import send_transfer
from tests.admin.pressing import opened, press, said
from tests.core.papers.reading import page_sizes, page_texts, picture, read_ean13
from tests.factories import make_channel, make_stock, make_user, make_variant, make_warehouse
from tests.inventory.moving import make_bundle, make_transfer, numbers, stock_at

pytestmark = pytest.mark.django_db

RIGHTS = [
    "inventory.view_transfer",
    "inventory.add_transfer",
    "inventory.change_transfer",
    "inventory.move_stock",
    "inventory.view_warehouse",
    "inventory.view_stockitem",
    "inventory.assemble_kits",
    "inventory.view_assembly",
    "inventory.view_stockmovement",
    "inventory.view_bin",
    "catalog.view_variant",
]


def client_with(*permissions: str) -> Client:
    client = Client()
    client.force_login(make_user(permissions=permissions))
    return client


@pytest.fixture
def mover() -> Client:
    return client_with(*RIGHTS)


def test_a_draft_is_made_filled_sent_and_received(mover):
    item = make_stock(make_variant(sku="TEE-M"), on_hand=10)
    there = make_warehouse()
    form = {"source": item.warehouse_id, "destination": there.pk, "expected_on": "2026-08-01", "note": "Sale"}
    answer = mover.post(reverse("admin:inventory_transfer_add"), {**form, "_save": "1"})
    assert answer.status_code == 302
    transfer = Transfer.objects.get()
    assert (transfer.note, transfer.lines.count()) == ("Sale", 0)

    lines = reverse("admin:inventory_transfer_lines", args=[transfer.pk])
    mover.post(lines, {"code": "TEE-M", "quantity": "2"})
    line = transfer.lines.get()
    mover.post(lines, {f"line_{line.pk}": "6"})
    press(mover, transfer, "send")
    assert numbers(item) == (4, 0, 0)

    page = mover.get(reverse("admin:inventory_transfer_press", args=[transfer.pk, "receive"])).content.decode()
    assert f'name="pieces_{line.pk}" value="6"' in page
    answer = press(mover, transfer, "receive", **{f"pieces_{line.pk}": "5", f"pieces_{line.pk}_damaged": "1"})
    assert said(answer)[-1] == "5 pieces received; 1 are still in transit."
    assert stock_at(item.variant, there) == (5, 0, 1)
    press(mover, transfer, "close", reason="Lost by the carrier")
    transfer.refresh_from_db()
    assert (transfer.state, transfer.loss_reason) == ("received", "Lost by the carrier")


@pytest.fixture
def phones() -> StockItem:
    """Three numbered pieces in stock."""
    item = make_stock(make_variant(sku="PHONE"), on_hand=0)
    StockPolicy.objects.create(variant=item.variant, tracks_serials=True)
    line = EntryLine(
        variant_id=item.variant_id, warehouse_id=item.warehouse_id, quantity=3, serials=("S-1", "S-2", "S-3")
    )
    post_entry(kind=EntryKind.RECEIPT, lines=[line])
    return item


def test_numbers_are_ticked_or_scanned_when_they_leave_and_when_they_arrive(mover, phones):
    transfer = make_transfer((phones, 3))
    name = f"serials_{transfer.lines.get().pk}"
    dialog = mover.get(reverse("admin:inventory_transfer_press", args=[transfer.pk, "send"])).content.decode()
    assert [f'value="S-{number}"' in dialog for number in (1, 2, 3, 4)] == [True, True, True, False]

    refused = press(mover, transfer, "send", **{name: ["S-1", "S-2"]}).content.decode()
    assert "Give one serial number for each of the 3 pieces of PHONE" in refused
    assert 'value="S-2" checked' in refused
    press(mover, transfer, "send", **{name: ["S-3\nS-1\n", "S-1", "S-2"]})

    line = transfer.lines.get()
    assert (line.sent, line.serials.count()) == (3, 3)
    name = f"pieces_{line.pk}"
    dialog = mover.get(reverse("admin:inventory_transfer_press", args=[transfer.pk, "receive"])).content.decode()
    assert f'name="{name}" value="S-2"' in dialog
    assert f'type="number" inputmode="numeric" min="0" max="3" name="{name}"' not in dialog
    wrong = press(mover, transfer, "receive", **{name: ["S-2", "S-9"]}).content.decode()
    assert "not on their way with this line: S-9" in wrong
    answer = press(mover, transfer, "receive", **{name: ["S-2", "S-3"], f"{name}_damaged": "1"})
    assert said(answer)[-1] == "2 pieces received; 1 are still in transit."
    press(mover, transfer, "close", reason="Lost by the carrier")
    page = mover.get(reverse("admin:inventory_transfer_change", args=[transfer.pk])).content.decode()
    assert [f'badge number {colour}"' in page for colour in ("green", "red", "blue")] == [True, True, False]
    note = mover.get(reverse("admin:inventory_transfer_note", args=[transfer.pk]))
    assert "S-1, S-2, S-3" in page_texts(b"".join(note.streaming_content) if note.streaming else note.content)[0]


def test_the_page_of_a_number_says_where_it_is(phones):
    reader = client_with("inventory.view_serialnumber", "catalog.view_variant")
    transfer = make_transfer((phones, 1))
    way = f"{transfer.source} → {transfer.destination}"
    send_transfer(transfer_id=transfer.pk, serials={transfer.lines.get().pk: ["S-2"]})
    serial = SerialNumber.objects.get(number="S-2")

    page = reader.get(reverse("admin:inventory_serialnumber_change", args=[serial.pk])).content.decode()
    rows = reader.get(reverse("admin:inventory_serialnumber_changelist")).content.decode()

    assert (page.count(way) > 0, transfer.number in page, way in rows) == (True, True, True)


def test_a_new_draft_can_begin_with_a_suggestion(mover):
    variant, here, there = make_variant(), make_warehouse(), make_warehouse()
    make_stock(variant, on_hand=50, warehouse=here)
    make_stock(variant, on_hand=1, warehouse=there, low_at=5)
    form = {"source": here.pk, "destination": there.pk, "suggest": "on", "_save": "1"}
    mover.post(reverse("admin:inventory_transfer_add"), form)
    assert list(Transfer.objects.get().lines.values_list("variant", "quantity")) == [(variant.pk, 9)]


def test_the_same_warehouse_twice_is_said_beside_the_field(mover):
    here = make_warehouse()
    form = {"source": here.pk, "destination": here.pk, "_save": "1"}
    page = mover.post(reverse("admin:inventory_transfer_add"), form)
    assert "Choose two different warehouses." in page.content.decode()
    assert not Transfer.objects.exists()


@pytest.mark.parametrize(
    ("typed", "reason"),
    [
        (("11", "0"), "at most 6 can arrive"),
        (("2", "3"), "no more be damaged than arrived"),
        (("", ""), "Write how many pieces arrived."),
        (("two", "0"), "is no number of pieces"),
    ],
)
def test_what_cannot_have_arrived_is_asked_again(mover, typed, reason):
    item = make_stock(on_hand=10)
    transfer = make_transfer((item, 6))
    send_transfer(transfer_id=transfer.pk)
    line = transfer.lines.get()
    data = {f"pieces_{line.pk}": typed[0], f"pieces_{line.pk}_damaged": typed[1]}
    assert reason in press(mover, transfer, "receive", **data).content.decode()
    assert transfer.lines.get().received == 0


def test_lines_are_changed_by_movers_only_and_wrong_numbers_are_refused(mover):
    transfer = make_transfer((make_stock(), 2))
    lines = reverse("admin:inventory_transfer_lines", args=[transfer.pk])
    assert client_with("inventory.view_transfer").post(lines, {"code": "x"}).status_code == 403
    assert mover.post(lines, {"code": "x", "quantity": "-1"}).status_code == 400
    assert mover.post(reverse("admin:inventory_transfer_lines", args=[0]), {}).status_code == 404
    assert said(mover.post(lines, {"code": "NOPE"})) == ["Nobody knows “NOPE”. Scan a barcode or write a SKU."]
    mover.post(lines, {f"line_{transfer.lines.get().pk}": "0"})
    assert transfer.lines.count() == 0


def test_day_and_note_change_on_the_page(mover):
    transfer = make_transfer((make_stock(), 2))
    url = reverse("admin:inventory_transfer_change", args=[transfer.pk])
    answer = mover.post(url, {**opened(mover, transfer), "expected_on": "2026-09-01", "note": "Later", "_save": "1"})
    assert answer.status_code == 302
    transfer.refresh_from_db()
    assert (str(transfer.expected_on), transfer.note) == ("2026-09-01", "Later")


def test_what_is_in_transit_shows_on_stock_and_variant(mover):
    item = make_stock(on_hand=10)
    there = make_stock(item.variant, on_hand=1, warehouse=make_warehouse())
    transfer = make_transfer((item, 6), destination=there.warehouse)
    send_transfer(transfer_id=transfer.pk)
    for row in (there, item.variant):
        opts = row._meta
        page = mover.get(reverse(f"admin:{opts.app_label}_{opts.model_name}_change", args=[row.pk])).content.decode()
        assert transfer.number in page


def test_the_note_is_a_pdf_in_the_readers_language(mover):
    item = make_stock(make_variant(sku="TEE-M"), on_hand=10)
    transfer = make_transfer((item, 6), note="여름 세일")
    url = reverse("admin:inventory_transfer_note", args=[transfer.pk])
    answer = mover.get(url)
    assert answer["Content-Disposition"] == f'attachment; filename="{transfer.number}.pdf"'
    [text] = page_texts(b"".join(answer.streaming_content))
    for part in ("TEE-M", "여름 세일", transfer.number, transfer.source.name, "Page 1 of 1"):
        assert part in text
    assert mover.get(reverse("admin:inventory_transfer_note", args=[0])).status_code == 404


# --- kits


def test_kits_are_packed_and_unpacked_by_buttons(mover):
    cup = make_stock(on_hand=10)
    bundle = make_bundle((cup.variant, 2))
    answer = press(mover, bundle, "pack_kits", warehouse=cup.warehouse_id, quantity="3")
    assert said(answer) == ["K-0000001: 3 kits packed."]
    item = StockItem.objects.get(variant=bundle)
    press(mover, item, "pack_kits_here", quantity="1")
    press(mover, item, "unpack_kits_here", quantity="2")
    assert (numbers(cup), numbers(item)) == ((6, 0, 0), (2, 0, 0))
    page = mover.get(reverse("admin:inventory_assembly_change", args=[Assembly.objects.first().pk])).content.decode()
    assert "−2" in page
    shown = mover.get(reverse("admin:catalog_variant_change", args=[cup.variant_id])).content.decode()
    assert "pack_kits" not in shown  # no bundle


# --- labels


def test_labels_of_variants_carry_name_code_and_bars(mover):
    pan = make_variant(sku="PAN-1", barcode="4006381333931", name="검정 / 黒")
    tee = make_variant(sku="TEE-M")
    url = f"{reverse('admin:inventory_labels')}?list=variant&ids={pan.pk},{tee.pk}"
    assert "4006381333931" in mover.get(url).content.decode()

    data = {"size": "60x40", "skip": "0", f"copies_{pan.pk}": "1", f"copies_{tee.pk}": "2"}
    answer = mover.post(url, data)
    pdf = b"".join(answer.streaming_content)

    assert answer["Content-Disposition"] == 'attachment; filename="Labels.pdf"'
    assert page_sizes(pdf) == [(60, 40)] * 3
    texts = page_texts(pdf)
    for part in (pan.product.name, "검정 / 黒", "4006381333931", "PAN-1"):
        assert part in texts[0]
    assert "TEE-M" in texts[1]
    assert read_ean13(picture(pdf)) == "4006381333931"


@pytest.mark.parametrize(
    ("size", "skip", "pages"), [("a4_24", 0, 2), ("a4_44", 0, 1), ("a4_44", 20, 2), ("40x30", 0, 25)]
)
def test_sheets_hold_so_many_labels(mover, size, skip, pages):
    tee = make_variant(sku="TEE-M")
    url = f"{reverse('admin:inventory_labels')}?list=variant&ids={tee.pk}"
    answer = mover.post(url, {"size": size, "skip": skip, f"copies_{tee.pk}": "25"})
    texts = page_texts(b"".join(answer.streaming_content))
    assert len(texts) == pages
    assert sum(text.count("TEE-M") for text in texts) == 25


def test_the_price_of_a_channel_needs_the_right_to_see_prices(mover):
    tee, channel = make_variant(), make_channel()
    tee.prices.create(sales_channel=channel, currency="KRW", amount=12_000)
    url = f"{reverse('admin:inventory_labels')}?list=variant&ids={tee.pk}"
    data = {"size": "60x40", f"copies_{tee.pk}": "1", "channel": channel.pk}
    seller = client_with(*RIGHTS, "catalog.view_price")
    assert "₩12,000" in page_texts(b"".join(seller.post(url, data).streaming_content))[0]
    assert "12,000" not in page_texts(b"".join(mover.post(url, data).streaming_content))[0]


def test_stock_items_and_transfers_lead_to_labels_of_their_variants(mover):
    item = make_stock(on_hand=10)
    other = make_stock(item.variant, warehouse=make_warehouse())
    page = mover.get(f"{reverse('admin:inventory_labels')}?list=stock&ids={item.pk},{other.pk}").content.decode()
    assert f'name="copies_{item.variant_id}"' in page
    assert page.count('name="copies_') == 1

    transfer = make_transfer((item, 6))
    leads = mover.get(reverse("admin:inventory_transfer_press", args=[transfer.pk, "labels"]))
    page = mover.get(leads["Location"]).content.decode()
    assert 'value="6"' in page


def test_scanned_codes_come_onto_the_page_of_labels(mover):
    tee = make_variant(sku="TEE-M")
    url = f"{reverse('admin:inventory_labels')}?list=variant&ids={tee.pk}&pieces=3&code="
    assert 'value="4"' in mover.get(url + "TEE-M").content.decode()
    assert "Nobody knows" in mover.get(url + "NOPE").content.decode()


def test_bins_get_labels_with_their_codes(mover):
    place = Bin.objects.create(warehouse=make_warehouse(name="김포"), code="A-03-2", zone="냉장")
    url = f"{reverse('admin:inventory_labels')}?list=bin&ids={place.pk}"
    assert "A-03-2" in mover.get(url).content.decode()
    answer = mover.post(url, {"size": "40x30", f"copies_{place.pk}": "1"})
    [text] = page_texts(b"".join(answer.streaming_content))
    for part in ("A-03-2", "김포", "냉장"):
        assert part in text


@pytest.mark.parametrize("query", ["list=x", "ids=a", "ids=1&pieces=1,2", f"ids={'1,' * 1000}1", "ids=-1"])
def test_odd_addresses_are_refused(mover, query):
    assert mover.get(f"{reverse('admin:inventory_labels')}?{query}").status_code == 400


def test_no_labels_and_too_many_are_refused_in_words(mover):
    tee = make_variant()
    url = f"{reverse('admin:inventory_labels')}?list=variant&ids={tee.pk}"
    for copies in ("0", "5001"):
        page = mover.post(url, {"size": "60x40", f"copies_{tee.pk}": copies}).content.decode()
        assert "Print between 1 and 5000 labels at once." in page


def test_names_that_look_like_markup_stay_names(mover):
    tee = make_variant(sku="TEE-1", name='#panic("x") *bold*')
    url = f"{reverse('admin:inventory_labels')}?list=variant&ids={tee.pk}"
    answer = mover.post(url, {"size": "60x40", f"copies_{tee.pk}": "1"})
    assert '#panic("x") *bold*' in page_texts(b"".join(answer.streaming_content))[0]


def test_a_sku_that_no_barcode_can_hold_still_gets_a_label(mover):
    tee = make_variant(sku="티셔츠-M")
    url = f"{reverse('admin:inventory_labels')}?list=variant&ids={tee.pk}"
    answer = mover.post(url, {"size": "60x40", f"copies_{tee.pk}": "1"})
    assert "티셔츠-M" in page_texts(b"".join(answer.streaming_content))[0]


def test_goods_are_called_as_in_the_readers_language(mover):
    tee = make_variant(sku="TEE-1")
    tee.product.texts.create(language="ko", title="티셔츠")
    pdf = product_labels(wanted=[Wanted(pk=tee.pk, copies=1)], size=LabelSize.LARGE, language="ko")
    assert "티셔츠" in page_texts(pdf)[0]


def test_in_transit_is_a_state_wherever_stock_is_read():
    item = make_stock(on_hand=10)
    there = make_stock(item.variant, on_hand=1, warehouse=make_warehouse())
    send_transfer(transfer_id=make_transfer((item, 6), destination=there.warehouse).pk)
    reader = client_with("inventory.view_stockitem", "catalog.view_variant", "catalog.view_product")

    def shown(name, row):
        page = reader.get(reverse(f"admin:{name}_change", args=[row.pk])).content.decode()
        return "In transit" in page

    assert [shown("inventory_stockitem", row) for row in (there, item)] == [True, False]
    assert (shown("catalog_variant", item.variant), shown("catalog_product", item.variant.product)) == (True, True)
    assert "In transit" in reader.get(reverse("admin:inventory_stockitem_changelist")).content.decode()
