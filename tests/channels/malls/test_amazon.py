"""Our client of Amazon against the loopback, and what it sends against Amazon's Swagger models."""

import json
from zipfile import ZipFile

import pytest

from channels.adapters.amazon import Amazon
from channels.adapters.asking import Access
from core.asking import RefusedError, UnansweredError
from tests.channels.malls.amazon import JAPAN, KEYS, AmazonTown
from tests.channels.malls.making import NUMBER, OTHER, parcel
from tests.contracts import CONTRACTS, fits

ORDER, SECOND = "250-1234567-1234567", "250-7654321-7654321"


@pytest.fixture
def town():
    return AmazonTown(items={ORDER: {"i1": 3, "i2": 1}, SECOND: {"i1": 1}})


@pytest.fixture
def mall(street):
    client = Amazon(Access(account=JAPAN, url=street.url, secrets=KEYS))
    yield client
    client.close()


def told(notice, order=ORDER, number=NUMBER, carrier="yamato", **pieces):
    over = {"tracking_number": number, "carrier": carrier, "carrier_name": "西濃運輸"}
    return parcel(notice, order, pieces.items(), **over)


def test_each_parcel_of_an_order_is_confirmed_once(mall, town):
    parcels = [told(1, i1=2), told(2, number=OTHER, carrier="seino", i1=1, i2=1)]

    assert mall.tell(parcels) == {1: "", 2: ""}
    assert mall.tell(parcels) == {1: "", 2: ""}

    assert [(one["packageReferenceId"], one["trackingNumber"], one["carrier"]) for one in town.packages[ORDER]] == [
        ("1", NUMBER, "Yamato Transport"),
        ("2", OTHER, "西濃運輸"),
    ]


def test_one_refused_parcel_keeps_no_other_back(mall):
    parcels = [told(1, i1=4), told(2, "250-0000000-0000000", i1=1), told(3, "../x", i1=1), told(4, **{"": 1})]

    answers = mall.tell([*parcels, told(5, i1=1)])

    assert answers == {
        1: "Order already fulfilled.",
        2: "No such order.",
        3: "The mall knows no such order.",
        4: "a line without the mall’s number of it",
        5: "",
    }


def test_a_cancelled_package_with_the_number_does_not_count(mall, town):
    town.packages[ORDER] = [{"trackingNumber": NUMBER, "packageStatus": {"status": "CANCELLED"}, "packageItems": []}]

    assert mall.tell([told(1, i1=1)]) == {1: ""}
    assert len(town.packages[ORDER]) == 2


@pytest.mark.parametrize("loss", ["lose_before", "lose_after"])
def test_a_lost_answer_is_owed_and_asked_again_without_harm(mall, town, street, loss):
    getattr(street, loss).add(2)  # after the token
    parcels = [told(1, i1=1), told(2, SECOND, i1=1)]

    assert mall.tell(parcels) == {2: ""}
    assert mall.tell(parcels) == {1: "", 2: ""}

    assert [len(town.packages[one]) for one in (ORDER, SECOND)] == [1, 1]


def test_wrong_keys_are_said_and_a_mall_that_is_down_is_no_answer(street, mall, town):
    wrong = Amazon(Access(account=JAPAN, url=street.url, secrets={**KEYS, "refresh_token": "no"}))
    with pytest.raises(RefusedError) as refusal:
        wrong.check()
    assert (refusal.value.http_status, refusal.value.code) == (401, "The refresh token is not valid.")
    wrong.close()
    mall.check()
    town.is_down = True
    with pytest.raises(UnansweredError):
        mall.tell([told(1, i1=1)])
    with pytest.raises(RefusedError, match="no such marketplace"):
        Amazon(Access(account="A1", secrets=KEYS))


@pytest.mark.skipif(CONTRACTS is None, reason="Amazon's models are not on this machine")
def test_what_is_sent_is_what_the_models_take(mall, street):
    with ZipFile(CONTRACTS / "amazon-sp-api-models.zip") as found:
        old, new = (
            json.loads(found.read(f"models/orders-api-model/{name}.json")) for name in ("ordersV0", "orders_2026-01-01")
        )
    mall.tell([told(1, i1=2), told(2, number=OTHER, carrier="seino", i1=1)])
    mall.check()

    confirm = old["paths"]["/orders/v0/orders/{orderId}/shipmentConfirmation"]["post"]
    schema = confirm["parameters"][1]["schema"]
    bodies = [one.body for one in street.asked if one.path.endswith("shipmentConfirmation")]
    assert len(bodies) == 2
    known = set(old["definitions"]["PackageDetail"]["properties"])
    for body in bodies:
        fits(schema, body, old["definitions"])
        assert set(body["packageDetail"]) <= known
        assert body["packageDetail"]["packageReferenceId"].isdigit()
    for place in ("/orders/2026-01-01/orders", "/orders/2026-01-01/orders/{orderId}"):
        wanted = {row["name"]: row for row in new["paths"][place]["get"]["parameters"]}
        path = place.replace("{orderId}", ORDER)
        for asked in (one for one in street.asked if one.path == path and one.method == "GET"):
            assert set(asked.query) <= set(wanted)
            assert asked.query.get("includedData", "PACKAGES") in wanted["includedData"]["items"]["enum"]
