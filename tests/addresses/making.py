"""What tests of addresses start from: a few public places, as the lists of the post offices write them."""

from pathlib import Path

from addresses.services import load_postcodes

JAPAN = """postal_code,jisx0402,prefecture,city,neighborhood,prefecture_kana,city_kana,neighborhood_kana
1000001,13101,東京都,千代田区,千代田,トウキョウト,チヨダク,チヨダ
1000005,13101,東京都,千代田区,丸の内,トウキョウト,チヨダク,マルノウチ
1000013,13101,東京都,千代田区,霞が関,トウキョウト,チヨダク,カスミガセキ
1980212,13308,東京都,西多摩郡奥多摩町,氷川,トウキョウト,ニシタマグンオクタママチ,ヒカワ
6020881,26102,京都府,京都市上京区,京都御苑,キョウトフ,キョウトシカミギョウク,キョウトギョエン
5300001,27127,大阪府,大阪市北区,梅田,オオサカフ,オオサカシキタク,ウメダ
3010000,08208,茨城県,龍ケ崎市,,イバラキケン,リュウガサキシ,
9000015,47201,沖縄県,那覇市,久茂地,オキナワケン,ナハシ,クモジ
4308652,22138,静岡県,浜松市中央区,元城町,シズオカケン,ハママツシチュウオウク,モトシロチョウ
"""
OFFICES = '13101,"ﾕｳｾｲｼﾖｳ","役所の例","東京都","千代田区","霞が関","１丁目３－２","1008798","100  ","銀座",0,0,0\r\n'
KOREA = """zip,sido,sigungu,dongs,road_address_count,sample_road_address
04524,서울특별시,중구,태평로1가,1,세종대로 110
04520,서울특별시,중구,무교동|다동,10,무교로 6
06236,서울특별시,강남구,역삼동,36,논현로85길 22
30151,세종특별자치시,,보람동|소담동,33,소담3로 26
24266,강원도,춘천시,중앙로1가,12,중앙로 1
63002,제주특별자치도,제주시,한림읍 귀덕리,3,귀덕로 1
"""


def load_few(folder: Path) -> None:
    """Load the few postcodes above."""
    for name, text, encoding in (
        ("japan.csv", JAPAN, "utf-8"),
        ("offices.csv", OFFICES, "cp932"),
        ("korea.csv", KOREA, "utf-8"),
    ):
        path = folder / name
        path.write_bytes(text.encode(encoding))
        load_postcodes(path=path)
