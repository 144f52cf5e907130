"""Order files as a shop and a mall would send them, made here: no real people, no real orders."""

import csv
import io
import tomllib
from pathlib import Path

FORMATS = Path(__file__).resolve().parent.parent / "channels" / "formats"
PEOPLE = {
    "한솔": ("KR", "04524", "서울특별시", "중구", "세종대로 110"),
    "김하윤": ("KR", "47545", "부산광역시", "연제구", "중앙대로 1001"),
    "이서준": ("KR", "61945", "광주광역시", "서구", "내방로 111"),
}


def generic(*orders: tuple[str, str, list[tuple[str, str, int, int]]], day: str = "2026-05-01 10:15") -> bytes:
    """Return a generic order file, UTF-8 with BOM.

    An order is (number, recipient of PEOPLE, lines); a line is (SKU, name, quantity, unit price in won). All are paid.
    """
    columns = (
        "external_number line_id placed_at currency sku name quantity unit_price is_paid payment_method "
        "recipient_name country postcode region city address_1"
    ).split()
    rows = [
        [number, place, day, "KRW", sku, name, quantity, price, "yes", "카드", person, *PEOPLE[person]]
        for number, person, lines in orders
        for place, (sku, name, quantity, price) in enumerate(lines, 1)
    ]
    return _csv(columns, rows).encode("utf-8-sig")


def rakuten(*orders: tuple[str, tuple[str, str], tuple[str, str, int, int]]) -> bytes:
    """Return a file as Rakuten RMS writes it, in cp932, with all its columns.

    An order is (number, (family name, given name), line); a line is (item number, name, quantity, unit price in yen).
    """
    columns = tomllib.loads((FORMATS / "rakuten_orders.toml").read_text(encoding="utf-8"))["fingerprint"]
    rows = []
    for place, (number, (family, given), (sku, title, quantity, price)) in enumerate(orders, 1):
        total = quantity * price
        address = {"郵便番号1": "530", "郵便番号2": "0001", "住所都道府県": "大阪府", "住所郡市区": "大阪市北区"}
        name_and_address = {**address, "住所それ以降の住所": "梅田0-0-0", "姓": family, "名": given}
        money = {"商品合計金額": total, "請求金額": total, "合計金額": total}
        nothing = dict.fromkeys(["消費税合計", "送料合計", "代引料合計", "ポイント利用額", "クーポン利用総額"], 0)
        filled = {
            "注文番号": number,
            "ステータス": 300,
            "注文日時": "2026-05-02 09:30:00",
            "注文日": "2026-05-02",
            "注文時間": "09:30:00",
            "支払方法名": "クレジットカード",
            "注文者メールアドレス": f"buyer{place}@example.com",
            "商品明細ID": 5000000 + place,
            "商品ID": place,
            "商品名": title,
            "商品番号": sku,
            "商品管理番号": sku,
            "単価": price,
            "個数": quantity,
            "送料込別": 1,
            "税込別": 1,
            **money,
            **nothing,
            **{f"{who}{column}": value for who in ("注文者", "送付先") for column, value in name_and_address.items()},
        }
        rows.append([filled.get(column, "") for column in columns])
    return _csv(columns, rows).encode("cp932")


def _csv(columns: list[str], rows: list[list[object]]) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerows([columns, *rows])
    return text.getvalue()
