"""Product files of the malls become flat rows: real catalogues, real headers, every row accounted for."""

# ruff: noqa: E501 wide letters
import csv
import io
import tomllib
import zipfile
from pathlib import Path

import pytest

from catalog.importing.columns import base_of, is_of_variant
from catalog.importing.flattening import Flat, flatten, made_sku
from catalog.importing.formats import FOLDER, detect, format_of, product_formats, read_format
from catalog.importing.shapes import SHAPES
from core.errors import InvalidInput

DATA = Path(__file__).resolve().parents[3] / "shared" / "data"
CATALOGUES = DATA / "shopify-catalogues" / "shopify_partner_catalogues.zip"
HEADERS = DATA / "channel-formats" / "headers"
ECCUBE = DATA / "channel-formats" / "fixtures" / "eccube_product_import_cp932.csv"
needs_catalogues = pytest.mark.skipif(not CATALOGUES.exists(), reason="shopify-catalogues is not beside the checkout")
needs_headers = pytest.mark.skipif(not HEADERS.exists(), reason="channel-formats is not beside the checkout")


def flat_of(headers, rows, *, language="en", channel="shop", code=""):
    """Detect the format and flatten."""
    chosen = format_of(code) if code else detect(headers)
    return flatten(format=chosen, headers=headers, rows=rows, language=language, channel=channel)


def real(name: str) -> Flat:
    """Flatten one of the real catalogues."""
    with zipfile.ZipFile(CATALOGUES) as archive:
        text = archive.read(f"{name}.csv").decode("utf-8-sig")
    header, *rows = csv.reader(io.StringIO(text, newline=""))
    return flat_of(header, rows)


def column(flat: Flat, name: str) -> list[str]:
    """Return the cells of a column, empty ones without it."""
    return [row[flat.headers.index(name)] if name in flat.headers else "" for row in flat.rows]


def filled(flat: Flat, *names: str) -> int:
    """Return how many cells of the columns hold something."""
    return sum(bool(cell) for name in names for cell in column(flat, name))


def records(flat: Flat) -> list[dict[str, str]]:
    """Return the filled cells of each row."""
    return [{name: cell for name, cell in zip(flat.headers, row, strict=True) if cell} for row in flat.rows]


@needs_catalogues
@pytest.mark.parametrize(
    ("name", "products", "variants", "skus", "options", "pictures", "prices", "before", "notices"),
    [
        (
            "fashion",
            997,
            3684,
            3676,
            7387,
            4742,
            3684,
            40,
            {"no_gtin": 3682, "compare_not_higher": 2, "shared_barcode": 28},
        ),
        ("apparel", 25, 96, 96, 142, 55, 96, 9, {"made_sku": 1}),
        ("jewelry", 19, 24, 24, 6, 25, 24, 4, {"made_sku": 24}),
        ("product_template_2025", 3, 16, 16, 27, 11, 16, 1, {"mangled_barcode": 16, "compare_not_higher": 3}),
        ("product_template_2020", 1, 3, 3, 3, 1, 3, 2, {"made_sku": 1}),
        ("product_template_2017", 2, 4, 4, 3, 2, 4, 2, {"no_gtin": 1, "made_sku": 2}),
    ],
)
def test_real_shopify_catalogues_row_by_row(name, products, variants, skus, options, pictures, prices, before, notices):
    flat = real(name)
    assert len(set(column(flat, "code"))) == products
    assert len(flat.rows) == variants
    assert len(set(column(flat, "sku"))) == skus  # a shop that used an SKU twice: the import refuses the second
    assert filled(flat, *(f"option{n}_value" for n in (1, 2, 3))) == options
    assert filled(flat, *(f"image_{n}" for n in range(1, 21))) == pictures
    assert filled(flat, "price[shop]") == prices
    assert filled(flat, "compare_at[shop]") == before
    assert {code: len(rows) for code, rows in flat.notices.items()} == notices
    assert flat.unknown == []
    assert flat.stock == ["Variant Inventory Tracker", "Variant Inventory Qty", "Variant Inventory Policy"]


@needs_catalogues
def test_a_real_product_of_five_pictures_and_two_options():
    first = records(real("fashion"))[0]
    assert first["code"] == "s14-onl-li-4184l-navy"
    assert first["sku"] == "30235"  # the file says '30235, so that no spreadsheet makes a number of it
    assert (first["option1_name"], first["option1_value"]) == ("COLOR", "Navy")
    assert (first["option2_name"], first["option2_value"]) == ("SIZE", "Small")
    assert first["price[shop]"] == "78.00"
    assert "other_code" not in first  # its barcode is the SKU once more


@needs_headers
def test_headers_are_recognised_and_files_of_other_kinds_are_not():
    found, refused = {}, []
    for path in sorted(HEADERS.glob("*.csv")):
        header = next(csv.reader(io.StringIO(path.read_text(encoding="utf-8"))))
        try:
            layout = detect(header)
        except InvalidInput as error:
            refused.append(str(error))
        else:
            found[path.stem] = (layout.code, [name for name in header if not layout.knows(name)])
    assert all("it lacks: " in sentence for sentence in refused)
    assert found == {
        "cafe24_product_csv": ("cafe24_products", []),
        "eccube4_products": ("eccube4_products", []),
        "rakuten_normal_item_csv_2023": ("rakuten_items", []),
        "shopify_product_csv_2025": ("shopify_products", []),
    }


@needs_headers
def test_the_eccube_upload_fixture_of_three_products_without_a_code():
    header, *rows = csv.reader(io.StringIO(ECCUBE.read_bytes().decode("cp932"), newline=""))
    flat = flat_of(header, rows, language="ja")
    assert column(flat, "name") == ["アップロード商品1", "アップロード商品2", "アップロード商品3"]
    assert column(flat, "price[shop]") == ["100", "200", "300"]
    assert filled(flat, "code", "sku") == 0  # nobody guesses a code: the rows are refused and can be filled in
    assert flat.stock == ["在庫数", "在庫数無制限フラグ"]


class TestShopify:
    HEADER = ["Handle", "Title", "Option1 Name", "Option1 Value", "Variant SKU", "Variant Price", "Image Src",
              "Image Position", "Variant Image", "Variant Grams", "Variant Barcode"]  # fmt: skip

    def test_rows_of_pictures_alone_fill_the_product_in_the_order_of_their_positions(self):
        rows = [
            ["mug", "Mug", "Colour", "Red", "M-R", "9", "http://x.test/2.jpg", "2", "http://x.test/red.jpg", "226.8", ""],
            ["mug", "", "", "", "", "", "http://x.test/1.jpg", "1", "", "", ""],
            ["mug", "", "", "Blue", "M-B", "9", "", "", "http://x.test/2.jpg", "", "4006381333931"],
        ]  # fmt: skip
        flat = flat_of(self.HEADER, rows)
        assert records(flat) == [
            {"code": "mug", "name": "Mug", "title_en": "Mug", "option1_name": "Colour", "option1_value": "Red",
             "sku": "M-R", "price[shop]": "9", "weight_g": "227", "image_1": "http://x.test/1.jpg",
             "image_2": "http://x.test/2.jpg", "image_3": "http://x.test/red.jpg",
             "variant_image": "http://x.test/red.jpg"},
            {"code": "mug", "name": "Mug", "title_en": "Mug", "option1_name": "Colour", "option1_value": "Blue", "sku": "M-B", "price[shop]": "9",
             "barcode": "4006381333931", "variant_image": "http://x.test/2.jpg"},
        ]  # fmt: skip
        assert flat.numbers == [2, 4]

    def test_an_unknown_column_is_told_and_a_missing_one_refuses(self):
        flat = flat_of([*self.HEADER, "Colour of the box"], [])
        assert flat.unknown == ["Colour of the box"]
        with pytest.raises(InvalidInput, match="it lacks: Handle"):
            detect([name for name in self.HEADER if name != "Handle"])

    def test_without_a_channel_no_price_is_taken(self):
        flat = flat_of(self.HEADER, [["mug", "Mug", "", "", "M", "9", "", "", "", "", ""]], channel="")
        assert "price" not in {base_of(name) for name in flat.headers}

    def test_the_renamed_columns_of_2025(self):
        header = ["Title", "URL handle", "SKU", "Option1 name", "Option1 value", "Price", "Compare-at price",
                  "Product image URL", "Inventory quantity", "Price / International"]  # fmt: skip
        flat = flat_of(
            header, [["Mug", "mug", "M", "Title", "Default Title", "9", "9", "http://x.test/1.jpg", "4", ""]]
        )
        assert records(flat) == [
            {
                "code": "mug",
                "name": "Mug",
                "title_en": "Mug",
                "sku": "M",
                "price[shop]": "9",
                "image_1": "http://x.test/1.jpg",
            }
        ]
        assert flat.notices == {"compare_not_higher": [2]}
        assert (flat.stock, flat.unused) == (["Inventory quantity"], ["Price / International"])


class TestRakuten:
    HEADER = ["商品管理番号（商品URL）", "商品番号", "商品名", "商品画像パス1", "商品画像名（ALT）1", "バリエーション項目キー定義",
              "バリエーション項目名定義", "商品オプション項目名", "商品オプション選択肢1", "商品オプション選択肢2",
              "商品オプション選択必須", "SKU管理番号", "システム連携用SKU番号", "販売価格",
              "バリエーション項目キー1", "バリエーション項目選択肢1", "バリエーション項目キー2", "バリエーション項目選択肢2", "在庫数",
              "カタログID"]  # fmt: skip

    def row(self, **cells):
        """Return a row of the file."""
        return [cells.get(name, "") for name in self.HEADER]

    def test_item_wishes_and_skus_are_three_kinds_of_rows(self):
        item = {"商品管理番号（商品URL）": "shirt"}
        rows = [
            self.row(**item, 商品名="シャツ", 商品画像パス1="/a/1.jpg", **{"商品画像名（ALT）1": "前"},
                     バリエーション項目キー定義="c|s", バリエーション項目名定義="カラー|サイズ"),
            self.row(**item, 商品オプション項目名="名入れ; 有料"),
            self.row(**item, 商品オプション項目名="リボン", 商品オプション選択肢1="赤", 商品オプション選択肢2="青", 商品オプション選択必須="1"),
            self.row(**item, 商品オプション項目名="ラッピング", 商品オプション選択肢1="希望する"),
            self.row(**item, 商品オプション項目名="メッセージ"),
            # the second row tells its keys in another order
            self.row(**item, SKU管理番号="r", システム連携用SKU番号="SH-R", 販売価格="1980", バリエーション項目キー1="c",
                     バリエーション項目選択肢1="赤", バリエーション項目キー2="s", バリエーション項目選択肢2="M", 在庫数="3"),
            self.row(**item, SKU管理番号="b", 販売価格="2080", バリエーション項目キー1="s", バリエーション項目選択肢1="L",
                     バリエーション項目キー2="c", バリエーション項目選択肢2="青", カタログID="4901234567894"),
        ]  # fmt: skip
        flat = flat_of(self.HEADER, rows, language="ja")
        wishes = "リボン*: 赤 | 青; ラッピング: yes/no; メッセージ: text"
        assert records(flat) == [
            {"code": "shirt", "name": "シャツ", "title_ja": "シャツ", "image_1": "/a/1.jpg", "image_1_alt": "前",
             "wishes": wishes, "option1_name": "カラー", "option2_name": "サイズ", "sku": "SH-R", "price[shop]": "1980",
             "option1_value": "赤", "option2_value": "M"},
            {"code": "shirt", "name": "シャツ", "title_ja": "シャツ", "wishes": wishes, "option1_name": "カラー",
             "option2_name": "サイズ", "sku": "shirt-b", "price[shop]": "2080", "option1_value": "青", "option2_value": "L", "barcode": "4901234567894"},
        ]  # fmt: skip
        assert flat.numbers == [7, 8]
        assert flat.notices == {"wish": [3]}

    def test_an_item_with_one_sku_is_called_as_its_orders_call_it(self):
        rows = [
            self.row(**{"商品管理番号（商品URL）": "cup"}, 商品番号="C-1", 商品名="カップ"),
            self.row(**{"商品管理番号（商品URL）": "cup"}, SKU管理番号="normal-inventory", 販売価格="500"),
        ]
        [row] = records(flat_of(self.HEADER, rows, language="ja"))
        assert (row["code"], row["sku"], row["price[shop]"]) == ("cup", "C-1", "500")

    def test_values_without_their_columns_are_told(self):
        rows = [
            self.row(**{"商品管理番号（商品URL）": "cup"}, 商品名="カップ", バリエーション項目キー定義="c", バリエーション項目名定義="カラー"),
            self.row(**{"商品管理番号（商品URL）": "cup"}, SKU管理番号="r", 販売価格="500"),
            self.row(**{"商品管理番号（商品URL）": "cup"}, SKU管理番号="b", 販売価格="500"),
        ]  # fmt: skip
        assert flat_of(self.HEADER, rows, language="ja").notices == {"no_option_values": [2]}


class TestCafe24:
    HEADER = ["상품코드", "자체 상품코드", "상품명", "영문 상품명", "판매가", "소비자가", "옵션입력", "성인인증", "브랜드", "상품 전체중량(kg)",
              "이미지등록(상세)", "이미지등록(추가)"]  # fmt: skip

    def test_options_in_one_cell_mean_every_combination(self):
        cells = ["P000000A", "TEE", "티셔츠", "Tee", "19000.00", "0.00", "색상{블랙|화이트}//사이즈{S|M}", "T", "B0000000",
                 "0.25", "a.jpg", "b.jpg|c.jpg"]  # fmt: skip
        flat = flat_of(self.HEADER, [cells], language="ko")
        assert [(row["sku"], row["option1_value"], row["option2_value"]) for row in records(flat)] == [
            ("TEE-블랙-S", "블랙", "S"),
            ("TEE-블랙-M", "블랙", "M"),
            ("TEE-화이트-S", "화이트", "S"),
            ("TEE-화이트-M", "화이트", "M"),
        ]
        first = records(flat)[0]
        assert {name: first.get(name, "") for name in ("age_limit", "brand", "list_price[shop]", "title_en", "title_ko")} == {
            "age_limit": "19", "brand": "", "list_price[shop]": "", "title_en": "Tee", "title_ko": "티셔츠",
        }  # fmt: skip
        assert column(flat, "weight_g") == ["250"] * 4
        assert [first[f"image_{n}"] for n in (1, 2, 3)] == ["a.jpg", "b.jpg", "c.jpg"]

    def test_a_product_without_options_is_its_own_sku(self):
        cells = ["P000000B", "", "컵", "", "9000", "", "", "F", "", "", "", ""]
        [row] = records(flat_of(self.HEADER, [cells], language="ko"))
        assert (row["code"], row["sku"], row["age_limit"]) == ("P000000B", "P000000B", "0")

    def test_a_fourth_option_is_told(self):
        cells = ["P1", "", "컵", "", "9000", "", "가{1}//나{2}//다{3}//라{4}", "F", "", "", "", ""]
        assert flat_of(self.HEADER, [cells], language="ko").notices["too_many_options"] == [2]


class TestNextEngine:
    HEADER = ["syohin_code", "syohin_name", "genka_tnk", "baika_tnk", "daihyo_syohin_code", "jan_code", "zaiko_su"]

    def test_rows_of_one_representative_are_one_product_and_keep_what_sets_their_names_apart(self):
        rows = [
            ["sh-r", "シャツ 赤", "800", "1980", "sh", "4901234567894", "3"],
            ["sh", "シャツ", "800", "1980", "sh", "", "0"],
            ["cup", "カップ", "0", "500", "", "", "1"],
        ]
        flat = flat_of(self.HEADER, rows, language="ja")
        assert records(flat) == [
            {"code": "sh", "name": "シャツ", "title_ja": "シャツ", "sku": "sh-r", "variant_name": "赤", "price[shop]": "1980",
             "cost[shop]": "800", "barcode": "4901234567894"},
            {"code": "sh", "name": "シャツ", "title_ja": "シャツ", "sku": "sh", "price[shop]": "1980", "cost[shop]": "800"},
            {"code": "cup", "name": "カップ", "title_ja": "カップ", "sku": "cup", "price[shop]": "500"},
        ]  # fmt: skip
        assert flat.stock == ["zaiko_su"]


def test_the_generic_format_passes_as_it_is():
    flat = flat_of(["code", "name", "sku"], [["a", "A", "a-1"], ["a", None, "a-2"]])
    assert (flat.headers, flat.rows) == (["code", "name", "sku"], [["a", "A", "a-1"], ["a", "", "a-2"]])


def test_a_made_sku_is_the_same_each_time_and_fits():
    cells = {"option1_value": "Sea blue", "option2_value": "M"}
    assert made_sku("tee", cells) == "tee-Sea-blue-M"
    assert made_sku("", cells) == ""
    long = made_sku("tee", {"option1_value": "x" * 100})
    assert len(long) == 80
    assert long == made_sku("tee", {"option1_value": "x" * 100}) != made_sku("tee", {"option1_value": "x" * 101})


def test_every_data_file_names_a_shape_and_what_it_requires_exists():
    for one in product_formats().values():
        assert one.shape in SHAPES
        assert one.missing(one.required) == []
        assert (FOLDER / f"{one.code}.toml").exists()
    with pytest.raises(InvalidInput):
        format_of("nothing")


def test_an_unknown_key_in_a_data_file_is_a_mistake(tmp_path):
    data = (FOLDER / "generic.toml").read_text(encoding="utf-8")
    assert "colour" not in tomllib.loads(data)
    path = tmp_path / "bad.toml"
    path.write_text(f"colour = 1\n{data}", encoding="utf-8")
    with pytest.raises(TypeError, match="colour"):
        read_format(path)


def test_columns_of_the_variant_and_of_the_product():
    assert [is_of_variant(name) for name in ("sku", "price[kr]", "code[kr]", "option1_value", "is_active")] == [
        True
    ] * 5
    assert [is_of_variant(name) for name in ("code", "title_ko", "title[kr]", "option1_name", "image_1")] == [False] * 5
