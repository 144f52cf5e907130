"""Lists of postcodes: recognised, merged, and never torn by half a file."""

import lzma
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection, transaction

from addresses.models import Place, PlaceName, Postcode, PostcodeSource
from addresses.services import load_postcodes
from addresses.spelling import place_key, place_names, postcode_key
from addresses.spelling.places import DROPPED, SAME
from core.errors import InvalidInput
from tests.addresses.making import JAPAN, KOREA, load_few

CODES = Path(__file__).resolve().parents[3] / "shared" / "data" / "codes"
pytestmark = pytest.mark.django_db


def rows(**chosen):
    return list(Postcode.objects.filter(**chosen).order_by("pk").values_list("code", "place__city", "area", "office"))


def test_lists_of_both_countries_come_in_and_come_in_again(tmp_path):
    load_few(tmp_path)

    assert rows(code="1008798") == [("1008798", "千代田区", "霞が関", "役所の例")]
    assert sorted(rows(code="04520")) == [("04520", "중구", "다동", ""), ("04520", "중구", "무교동", "")]
    assert Place.objects.get(city="千代田区").city_kana == "チヨダク"
    before = (Postcode.objects.count(), Place.objects.count(), PlaceName.objects.count())

    again = load_postcodes(path=tmp_path / "japan.csv")

    assert (again.added, again.changed, again.removed, again.total) == (0, 0, 0, 9)
    assert (Postcode.objects.count(), Place.objects.count(), PlaceName.objects.count()) == before == (18, 12, 61)


def test_a_newer_list_changes_what_changed_and_keeps_the_other_lists(tmp_path):
    load_few(tmp_path)
    newer = JAPAN.replace("5300001,27127,大阪府,大阪市北区,梅田,オオサカフ,オオサカシキタク,ウメダ\n", "").replace(
        "チヨダ\n", "チヨダマチ\n"
    )
    path = tmp_path / "newer.csv.xz"
    path.write_bytes(lzma.compress(newer.encode()))

    done = load_postcodes(path=path)

    assert (done.added, done.changed, done.removed, done.total) == (0, 1, 1, 8)
    assert Postcode.objects.get(code="1000001").area_kana == "チヨダマチ"
    assert not Place.objects.filter(city="大阪市北区").exists()
    assert Postcode.objects.filter(source=PostcodeSource.JP_OFFICES).count() == 1


def test_the_official_list_is_read_with_its_brackets(tmp_path):
    sapporo = '"ﾎｯｶｲﾄﾞｳ","ｻｯﾎﾟﾛｼﾁｭｳｵｳｸ","{}","北海道","札幌市中央区","{}",0,0,0,0,0,0'
    lines = [
        '01101,"064  ","0640941",' + sapporo.format("ｱｻﾋｶﾞｵｶ", "旭ケ丘"),
        '01101,"060  ","0600000",' + sapporo.format("ｲｶﾆｹｲｻｲｶﾞﾅｲﾊﾞｱｲ", "以下に掲載がない場合"),
        '01101,"060  ","0600042",' + sapporo.format("ｵｵﾄﾞｵﾘﾆｼ(1-", "大通西（１～"),
        '01101,"060  ","0600042",' + sapporo.format("19ﾁｮｳﾒ)", "１９丁目）"),
    ]
    path = tmp_path / "KEN_ALL.CSV"
    path.write_bytes("\r\n".join(lines).encode("cp932"))

    load_postcodes(path=path)

    assert sorted(rows()) == [
        ("0600000", "札幌市中央区", "", ""),
        ("0600042", "札幌市中央区", "大通西", ""),
        ("0640941", "札幌市中央区", "旭ケ丘", ""),
    ]
    assert Postcode.objects.get(code="0600042").area_kana == "オオドオリニシ"
    assert Place.objects.get().region_kana == "ホッカイドウ"


def test_half_a_list_and_other_files_change_nothing(tmp_path):
    load_few(tmp_path)
    torn, strange, wrong = tmp_path / "torn.csv", tmp_path / "strange.csv", tmp_path / "wrong.csv"
    torn.write_text("".join(JAPAN.splitlines(keepends=True)[:3]), encoding="utf-8")
    strange.write_text("a,b\n1,2\n", encoding="utf-8")
    wrong.write_text(KOREA + "123,서울특별시,중구,다동,1,x\n", encoding="utf-8")
    before = rows()

    for path in (torn, strange, wrong, tmp_path / "missing.csv"):
        with pytest.raises(InvalidInput), transaction.atomic():
            load_postcodes(path=path)
    with pytest.raises(CommandError, match="looks torn"):
        call_command("load_postcodes", torn)

    assert rows() == before
    out = StringIO()
    call_command("load_postcodes", torn, "--replace-all", stdout=out)
    assert out.getvalue() == "jp_areas: 0 new, 0 changed, 7 gone, 2 in all\n"


def test_names_fold_the_same_here_and_in_the_database():
    texts = ["霞ヶ関", "霞が関 ", "龍ｹ崎市", "Ｔｏｋｙｏ 1－2", "東京都　千代田区", "서울특별시 중구", "ｶﾞ〒100-0001"]
    texts += [*SAME, DROPPED]
    with connection.cursor() as cursor:
        for text in texts:
            cursor.execute("SELECT addresses_key(%s), addresses_code(%s)", [text, text])
            assert cursor.fetchone() == (place_key(text), postcode_key(text)), text


def test_a_place_has_many_names():
    assert place_names("JP", "東京都", "西多摩郡奥多摩町") == {
        "東京都西多摩郡奥多摩町",
        "東京西多摩郡奥多摩町",
        "東京都奥多摩町",
        "東京奥多摩町",
        "西多摩郡奥多摩町",
        "奥多摩町",
    }
    assert place_names("KR", "서울특별시", "중구") == {"서울특별시중구", "서울시중구", "서울중구", "중구"}
    assert place_names("KR", "세종특별자치시", "") == {"세종특별자치시", "세종시", "세종"}
    assert place_names("JP", "北海道", "札幌市北区") == {"北海道札幌市北区", "札幌市北区"}
    assert "浜松市中区" in place_names("JP", "静岡県", "浜松市中央区", [("静岡県", "浜松市中区")])


def test_the_tables_refuse_what_is_no_postcode(tmp_path):
    load_few(tmp_path)
    row = Postcode.objects.get(code="1000001")
    for change in ({"code": "12345"}, {"country": "KR"}, {"source": "nobody"}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Postcode.objects.filter(pk=row.pk).update(**change)
    with pytest.raises(IntegrityError), transaction.atomic():
        Place.objects.filter(pk=row.place_id).update(country="jp")
    with pytest.raises(IntegrityError), transaction.atomic():
        PlaceName.objects.filter(place=row.place_id).update(key="")


@pytest.mark.skipif(not CODES.exists(), reason="the shared lists of postcodes are not on this machine")
def test_the_real_lists_come_in():
    out = StringIO()
    call_command("load_postcodes", CODES / "JIGYOSYO.CSV.xz", CODES / "kr-postcodes.csv.xz", stdout=out)

    assert out.getvalue().splitlines()[0] == "jp_offices: 22418 new, 0 changed, 0 gone, 22418 in all"
    assert Postcode.objects.filter(country="KR").values("code").distinct().count() == 34352
    assert Place.objects.filter(country="KR").count() == 250
