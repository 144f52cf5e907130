"""Our client of Shopify against its published schema on the loopback."""

import pytest
from graphql import parse, validate

from channels.adapters.asking import Access
from channels.adapters.shopify import CHECK, FULFIL, ORDER, Shopify
from core.asking import RefusedError, UnansweredError
from tests.channels.malls.making import NUMBER, OTHER, parcel
from tests.channels.malls.shopify import KEYS, ShopifyTown, schema
from tests.contracts import CONTRACTS

pytestmark = pytest.mark.skipif(CONTRACTS is None, reason="Shopify's published schema is not on this machine")
SHOP = "our-shop.myshopify.com"


@pytest.fixture
def town():
    return ShopifyTown()


@pytest.fixture
def mall(street):
    client = Shopify(Access(account=SHOP, url=street.url, secrets=KEYS))
    yield client
    client.close()


def told(notice, order="#1001", number=NUMBER, carrier="yamato", **pieces):
    return parcel(
        notice, order, pieces.items(), by_sku=True, tracking_number=number, carrier=carrier, carrier_name="CJ대한통운",
        tracking_url="https://carrier.example/?n=1",
    )  # fmt: skip


@pytest.mark.parametrize("document", [CHECK, ORDER, FULFIL])
def test_each_document_is_one_that_the_shop_takes(document):
    assert validate(schema(), parse(document)) == []


def test_a_parcel_becomes_a_fulfilment_once(mall, town):
    town.add_order("#1001", CAP=2, MUG=1)
    town.add_order("#10011", CAP=1)
    parcel = told(1, CAP=2, MUG=1)

    assert mall.tell([parcel]) == {1: ""}
    assert mall.tell([parcel]) == {1: ""}

    assert town.made == [
        {"order": "#1001", "number": NUMBER, "company": "Yamato (JA)", "pieces": {"CAP": 2, "MUG": 1},
         "url": "https://carrier.example/?n=1", "status": "SUCCESS"},
    ]  # fmt: skip


def test_an_order_in_two_parcels_tells_each_with_its_pieces(mall, town):
    town.add_order("#1001", CAP=3)

    answers = mall.tell([told(1, CAP=1), told(2, number=OTHER, carrier="cjlogistics", CAP=2)])

    assert answers == {1: "", 2: ""}
    assert [(one["number"], one["pieces"], one["company"]) for one in town.made] == [
        (NUMBER, {"CAP": 1}, "Yamato (JA)"),
        (OTHER, {"CAP": 2}, "CJ대한통운"),
    ]


def test_one_refused_parcel_keeps_no_other_back(mall, town):
    for name in ("#1001", "#1002", "#1003"):
        town.add_order(name, CAP=1)
    town.orders["#1002"]["is_locked"] = True
    town.orders["#1003"]["waiting"][0]["status"] = "ON_HOLD"

    answers = mall.tell(
        [
            told(1, "#1002", CAP=1),
            told(2, "#1003", CAP=1),
            told(3, "#9", CAP=1),
            told(4, CAP=2),
            told(5, '#1001" OR name:"#1002', CAP=1),
            told(6, CAP=1),
        ]
    )

    assert answers == {
        1: "The order is archived",
        2: "CAP does not wait to be shipped in the shop.",
        3: "The shop knows no such order.",
        4: "CAP does not wait to be shipped in the shop.",
        5: "The shop knows no such order.",
        6: "",
    }


def test_a_parcel_is_of_one_location(mall, town):
    town.add_order("#1001", CAP=1, MUG=1)
    town.add_place("#1001", 2, CAP=2)

    answers = mall.tell([told(1, CAP=2), told(2, number=OTHER, CAP=1, MUG=1)])
    assert answers == {1: "", 2: ""}
    assert [one["pieces"] for one in town.made] == [{"CAP": 2}, {"CAP": 1, "MUG": 1}]

    town.add_order("#1002", CAP=1)
    town.add_place("#1002", 2, MUG=1)
    assert mall.tell([told(3, "#1002", CAP=1, MUG=1)]) == {
        3: "The shop sends this parcel from several places: fulfil it there."
    }


def test_a_cancelled_fulfilment_with_the_number_does_not_count(mall, town):
    town.add_order("#1001", CAP=1)
    town.made.append({"order": "#1001", "number": NUMBER, "status": "CANCELLED"})

    assert mall.tell([told(1, CAP=1)]) == {1: ""}
    assert len(town.made) == 2


@pytest.mark.parametrize("loss", ["lose_before", "lose_after"])
def test_a_lost_answer_is_owed_and_asked_again_without_harm(mall, town, street, loss):
    town.add_order("#1001", CAP=1)
    town.add_order("#1002", CAP=1)
    getattr(street, loss).add(2)
    parcels = [told(1, CAP=1), told(2, "#1002", CAP=1)]

    assert mall.tell(parcels) == {2: ""}
    assert mall.tell(parcels) == {1: "", 2: ""}

    assert sorted(one["order"] for one in town.made) == ["#1001", "#1002"]


def test_wrong_keys_are_said_a_busy_shop_is_no_answer_and_the_token_goes_nowhere_else(street, mall, town):
    wrong = Shopify(Access(account=SHOP, url=street.url, secrets={"access_token": "no"}))
    with pytest.raises(RefusedError) as refusal:
        wrong.check()
    assert refusal.value.http_status == 401
    wrong.close()
    mall.check()
    town.throttled = True
    with pytest.raises(UnansweredError, match="THROTTLED"):
        mall.check()
    for account in ("evil.example", "our-shop.myshopify.com.evil.example", "our-shop.myshopify.com/x", ""):
        with pytest.raises(RefusedError, match="myshopify"):
            Shopify(Access(account=account, secrets=KEYS))
