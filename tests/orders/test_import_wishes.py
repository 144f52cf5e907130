"""Wishes in order files: the day and time of delivery, and presents."""

from datetime import date

import pytest
from django.urls import reverse

from channels.services.formats import sync_formats
from core.imports.reasons import sentences
from core.models import ImportRow
from orders.importing.gifts import gift_of
from orders.models import Gift, Order, OrderStatus
from orders.selectors.checking import sentences as sentences_of_order
from orders.services import edit_order
from tests.factories import make_channel, make_order, make_user, make_variant
from tests.orders.intake_files import bring_in, row

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _formats(db):
    sync_formats()


@pytest.fixture
def channel():
    return make_channel(currency="JPY", country="JP")


class TestDeliveryDay:
    def test_day_and_slot_come_in(self, channel):
        bring_in([row("1", delivery_on="2026-12-24", delivery_slot="午前中")], channel)
        assert list(Order.objects.values_list("delivery_on", "delivery_slot")) == [(date(2026, 12, 24), "午前中")]

    @pytest.mark.parametrize("unreadable", ["24/12/2026", "クリスマス", "2026-02-30", "0001-01-01", "9999-12-31"])
    def test_one_that_cannot_be_read_refuses_its_order_only(self, channel, unreadable):
        rows = [row("1"), row("2", delivery_on=unreadable), row("2", sku="CAP"), row("3", delivery_on="2026-12-24")]

        batch = bring_in(rows, channel)

        assert batch.counts == {"created": 2, "refused": 2}
        assert list(Order.objects.order_by("pk").values_list("external_number", flat=True)) == ["1", "3"]
        refused = ImportRow.objects.filter(batch=batch, outcome="refused").order_by("number")
        assert [[reason["code"] for reason in one.reason] for one in refused] == [["not_date"], ["sibling"]]
        assert unreadable in sentences(refused[0].reason)[0]


class TestPresents:
    def test_a_present_comes_in_with_its_order(self, channel):
        make_variant(sku="SHIRT")
        wishes = {
            "gift_wrapping": "赤い紙",
            "noshi": "お歳暮",
            "noshi_name": "山田",
            "gift_message": "いつもありがとう",
        }
        bring_in([row("1", **wishes), row("1", sku="CAP"), row("2")], channel)

        [gift] = Gift.objects.select_related("order")
        assert (gift.order.external_number, gift.wrapping, gift.noshi_kind) == ("1", "赤い紙", "yearend")
        assert (gift.noshi_name, gift.message, gift.hides_prices) == ("山田", "いつもありがとう", True)

    def test_the_same_file_again_leaves_what_people_made_of_it(self, channel):
        rows = [row("1", gift_wrapping="Red paper")]
        bring_in(rows, channel)
        Gift.objects.update(wrapping="Blue paper")
        bring_in(rows, channel)
        assert list(Gift.objects.values_list("wrapping", flat=True)) == ["Blue paper"]

    def test_an_unknown_noshi_is_plain_and_a_person_looks_at_it(self, channel):
        make_variant(sku="SHIRT")
        bring_in([row("1", noshi="快気祝")], channel)
        order = Order.objects.get()
        assert (order.status, order.gift.noshi_kind) == (OrderStatus.NEW, "plain")
        assert "The noshi that the customer asked for is not known here: choose one." in sentences_of_order(order)

    @pytest.mark.parametrize(
        ("values", "wanted", "checks"),
        [
            ({}, {}, []),
            ({"noshi": "のしなし"}, {}, []),
            ({"noshi": "御 祝"}, {"noshi_kind": "plain"}, ["noshi"]),
            ({"noshi": "Thanks"}, {"noshi_kind": "thanks"}, []),
            ({"noshi": " 御祝 "}, {"noshi_kind": "celebration"}, []),
            ({"noshi_name": "山田"}, {"noshi_kind": "plain", "noshi_name": "山田"}, []),
            ({"gift_message": "Hello"}, {"message": "Hello"}, []),
        ],
    )
    def test_what_it_means(self, values, wanted, checks):
        told = {"gift_wrapping": None, "noshi": None, "noshi_name": None, "gift_message": None, **values}
        gift, codes = gift_of(told)
        assert ({name: text for name, text in gift.items() if text}, codes) == (wanted, checks)


class TestPhones:
    @pytest.mark.parametrize("asked", ["01012345678", "010-1234-5678", "5678", "0312345678"])
    def test_bare_digits_find_the_order(self, client, asked):
        order = make_order(recipient_phone="", country="KR")
        edit_order(order_id=order.pk, changes={"recipient_phone": "010-1234-5678", "buyer_phone": "+81 3-1234-5678"})
        make_order(recipient_phone="010-9999-0000")
        client.force_login(make_user(permissions=["orders.view_order", "customers.see_contact_data"]))

        page = client.get(reverse("admin:orders_order_changelist"), {"tab": "all", "q": asked})

        assert [row.pk for row in page.context["cl"].result_list] == [order.pk]
