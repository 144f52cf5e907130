"""Counts that come as a file: each row is a count, refused rows are named, the same file counts nothing twice."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from core.errors import InvalidInput, NotAllowed
from inventory.models import ShelfStock, StocktakeCount
from inventory.services.counting import count_from_file, read_counts
from tests.admin.pressing import press, said
from tests.factories import make_stock, make_user, make_variant
from tests.inventory.counting import COUNT, line_of, make_counter, make_stocktake

pytestmark = pytest.mark.django_db


def written(tmp_path, text, encoding="utf-8"):
    path = tmp_path / "counts.csv"
    path.write_bytes(text.encode(encoding))
    return path


def test_rows_become_counts_and_refused_ones_are_named(tmp_path):
    one, two = make_stock(make_variant(sku="TEE"), on_hand=10), make_stock(make_variant(sku="BAG"), on_hand=5)
    stocktake, kim = make_stocktake(one, two, tolerance_pieces=5), make_counter()
    rows = read_counts(written(tmp_path, "SKU,Counted\ntee,9\nBAG,many\nCAP,1\n\nBAG,5\n"))

    outcomes = [count_from_file(stocktake_id=stocktake.pk, counts=rows, actor=kim) for _time in range(2)]

    for outcome in outcomes:
        assert outcome.noted == 2
        assert [number for number, _why in outcome.refused] == [3, 4]
        assert outcome.refused[1][1] == "CAP is not in this stocktake."
    assert (line_of(stocktake, one).counted, line_of(stocktake, two).counted) == (9, 5)
    assert StocktakeCount.objects.count() == 2


@pytest.mark.parametrize(
    ("head", "encoding", "country"),
    [("품번,선반,수량", "cp949", "KR"), ("品番,棚番,数量", "cp932", "JP"), ("sku,bin,counted", "utf-8-sig", "")],
)
def test_three_languages_and_their_encodings(tmp_path, head, encoding, country):
    item = make_stock(make_variant(sku="TEE"), on_hand=10)
    for code in ("A-1", "A-2"):
        place = item.warehouse.bins.create(code=code)
        ShelfStock.objects.create(stock_item=item, bin=place, quantity=5)
    stocktake = make_stocktake(item, tolerance_pieces=5)
    rows = read_counts(written(tmp_path, f"{head}\nTEE,A-2,4\nTEE,,4\nTEE,B-9,4\n", encoding), country=country)

    outcome = count_from_file(stocktake_id=stocktake.pk, counts=rows, actor=make_counter())

    assert outcome.noted == 1
    assert [why for _number, why in outcome.refused] == [
        "TEE is counted in several places: name its bin and lot.",
        "TEE is not counted in this place.",
    ]
    assert stocktake.lines.get(bin__code="A-2").counted == 4


def test_a_file_without_the_columns_is_refused(tmp_path):
    with pytest.raises(InvalidInput, match="first row needs the columns"):
        read_counts(written(tmp_path, "name,pieces\nTEE,1\n"))


def test_who_may_not_count_brings_no_file(tmp_path):
    item = make_stock(make_variant(sku="TEE"), on_hand=10)
    stocktake = make_stocktake(item)

    with pytest.raises(NotAllowed):
        count_from_file(
            stocktake_id=stocktake.pk, counts=read_counts(written(tmp_path, "sku,counted\nTEE,1\n")), actor=make_user()
        )

    assert StocktakeCount.objects.count() == 0


def test_the_button_says_what_became_of_the_rows(client):
    client.force_login(make_user(permissions=[COUNT, "inventory.view_stocktake"]))
    stocktake = make_stocktake(make_stock(make_variant(sku="TEE"), on_hand=10))

    answer = press(
        client, stocktake, "counts_from_file", file=SimpleUploadedFile("c.csv", b"sku,counted\nTEE,10\nCAP,1\n")
    )

    assert said(answer) == ["1 done, 1 refused: CAP is not in this stocktake. (row 3)"]
