"""Tax invoices as the table in which Hometax takes many at once."""

from collections.abc import Iterable
from datetime import date
from io import BytesIO
from typing import Any

import xlsxwriter

from accounting.models import DocumentKind, IssuedDocument, TaxClass

MOST_ITEMS = 4
# The columns of 전자세금계산서 일괄발급 in their order: kind, day, supplier, buyer, sums, four items, how it is paid.
# Known from public programs that write this file; not compared with the sheet that Hometax offers today.
_PARTY = ("등록번호", "종사업장번호", "상호", "성명", "사업장주소", "업태", "종목")
_ITEM = ("일자", "품목", "규격", "수량", "단가", "공급가액", "세액", "품목비고")
COLUMNS = [
    "전자(세금)계산서 종류",
    "작성일자",
    *(f"공급자 {name}" for name in _PARTY),
    "공급자 이메일",
    *(f"공급받는자 {name}" for name in _PARTY),
    "공급받는자 이메일1",
    "공급받는자 이메일2",
    "공급가액 합계",
    "세액 합계",
    "비고",
    *(f"{name}{place}" for place in range(1, MOST_ITEMS + 1) for name in _ITEM),
    "현금",
    "수표",
    "어음",
    "외상미수금",
    "영수(01),청구(02)",
]


def hometax_file(documents: Iterable[IssuedDocument]) -> bytes:
    """Return tax invoices and amended ones as a workbook, all cells texts as they are."""
    out = BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    sheet = book.add_worksheet("엑셀업로드양식")
    for column, name in enumerate(COLUMNS):
        sheet.write_string(0, column, name)
    kinds = (DocumentKind.TAX_INVOICE, DocumentKind.AMENDED_TAX_INVOICE)
    for row, document in enumerate((one for one in documents if one.kind in kinds), 1):
        for column, cell in enumerate(hometax_row(document)):
            sheet.write_string(row, column, str(cell))
    book.close()
    return out.getvalue()


def hometax_row(document: IssuedDocument) -> list[Any]:
    """Return the cells of one tax invoice in the order of the columns."""
    data = document.data
    day = document.issued_on
    is_zero = all(one["tax_class"] == TaxClass.ZERO for one in data["taxes"])
    seller, buyer = data["seller"], data["recipient"]
    return [
        "02" if is_zero else "01",
        f"{day:%Y%m%d}",
        *_party(seller, seller["address"]),
        seller["email"],
        *_party(buyer, buyer["address"]),
        buyer["email"],
        "",
        document.net,
        document.tax,
        data.get("cites", data["order"]),
        *_items(document, day),
        "",
        "",
        "",
        "",
        "01",
    ]


def _party(who: dict[str, str], address: str) -> list[str]:
    number = who["registration_number"].replace("-", "")
    return [number, "", who["name"], who["representative"], address, who["business_type"], who["business_item"]]


def _items(document: IssuedDocument, day: date) -> list[Any]:
    """Return one item for each rate: lines have no tax of their own, because it is rounded once for each rate."""
    names = [line["name"] for line in document.data["lines"] if line["kind"] == "product"] or [""]
    more = f" 외 {len(names) - 1}건" if len(names) > 1 else ""
    cells: list[Any] = []
    for one in document.data["taxes"][:MOST_ITEMS]:
        cells += [f"{day:%d}", f"{names[0]}{more}"[:100], "", 1, one["net"], one["net"], one["tax"], ""]
    return cells + [""] * (len(_ITEM) * MOST_ITEMS - len(cells))
